#pragma once

#include <string>

#include "net/live.hpp"

namespace kerbgate::net {

/// What a line about a server's state ends in, as HAProxy's: who is left, and what the server still has.
std::string servers_left(const LiveBackend& backend, balance::ServerIndex server);
/// Those of the backend that take connections: active ones, backups.
std::pair<std::uint32_t, std::uint32_t> count_left(const LiveBackend& backend);

}  // namespace kerbgate::net
