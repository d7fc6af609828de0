#pragma once

#include <string>

#include "net/live.hpp"
#include "net/timer_wheel.hpp"

/// A server's state as several may change it (its check, an operator, the server that it tracks), and what the log
/// tells of it in HAProxy's lines. On any thread.
namespace kerbgate::net {

/// What a line ends with: who is left, who is there now, or nothing.
enum class Tail { left, online, none };

/// "Server impala/host1 is DOWN, reason: ... 1 active and 0 backup servers left. ..."; `what` is " is DOWN, ...".
void log_server(const LiveBackend& backend, balance::ServerIndex server, log::Priority priority,
                const std::string& what, Tail tail);

/// `on-marked-down shutdown-sessions`, where the server's line says so; not for those that track it.
void cut_sessions(const LiveBackend& backend, balance::ServerIndex server);

/// Takes the server and all that track it up or down. `why` follows " is DOWN": ", reason: ...".
void turn_server(LiveBackend& backend, balance::ServerIndex server, bool up, const std::string& why, Now now);

/// What has become of the server becomes of those that track it: `turned`, it went up or down; `ordered`, its orders
/// are others, it is being shut down, or it has an address now or none. `why` stands in their lines: "(DNS NX status)".
void pass_on(LiveBackend& backend, balance::ServerIndex server, bool turned, bool ordered, Now now,
             const std::string& why = {});

/// Puts the server, and all that track it, in or out of maintenance or drain.
void order_server(LiveBackend& backend, balance::ServerIndex server, balance::Admin admin, Now now);

/// A server that tracks another, and those that track it, take its present state, and nothing is logged: at a start and
/// a reload.
void follow(LiveBackend& backend, balance::ServerIndex server, Now now);

}  // namespace kerbgate::net
