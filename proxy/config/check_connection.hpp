#pragma once

#include <optional>

#include "config/config.hpp"

/// How the connections of a check are made.
namespace kerbgate::config {

/// The TLS of such a connection of a check, nullopt: in clear. A check elsewhere (`port`, `addr`) does not take the
/// server's TLS over, as in HAProxy: a web port beside an encrypted one is in clear.
std::optional<Tls> tls_of_check(const Server& server, const check::Connect& connect);
/// Whether some connection of its check is made by TLS.
bool is_checked_by_tls(const Server& server, const check::Script& script);
/// Whether such a connection begins with a PROXY header.
bool check_sends_proxy(const Server& server, const check::Script& script, const check::Connect& connect);

}  // namespace kerbgate::config
