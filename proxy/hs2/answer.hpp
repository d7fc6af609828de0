#pragma once

#include <string_view>

#include "hs2/follower.hpp"

namespace kerbgate::hs2 {

/// The reply to a call that failed at the proxy, in a frame of its own: OpenSession's own status with ERROR_STATUS, a
/// TApplicationException for the rest. The text is made plain and cut. Nothing to a call that wants no answer.
std::vector<std::uint8_t> failure(const Message& call, std::string_view text);

}  // namespace kerbgate::hs2
