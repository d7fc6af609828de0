#pragma once

#include <functional>
#include <string>

#include "admin/find.hpp"

/// What changes a running proxy, as the runtime socket and the stats page do it; logged through the backend's or the
/// frontend's own targets. On the site's home loop.
namespace kerbgate::admin {

/// Drain: no new connection goes there, those that are there go on. Maintenance likewise, and it is not checked.
/// Ready: checks decide again, beginning from up. Nothing ends a running connection. Outlives reloads.
void set_state(Site& site, const ServerPlace& place, balance::Admin admin);
/// "3" or "50%" (of the configured weight). The error, empty when there is none. Until the next reload.
std::string set_weight(Site& site, const ServerPlace& place, const std::string& text);
void set_health(Site& site, const ServerPlace& place, bool up);
/// Ends sessions by RST, with the termination state K, then calls `done` with their number.
void end_sessions(Site& site, std::function<bool(const net::Listed&)> which, std::function<void(std::size_t)> done);

/// Refuses clients of a frontend (its ports are closed) or lets them in again. False: it was so already.
bool pause(Site& site, net::LiveFrontend& frontend, bool paused);

void clear_counters(Site& site, bool all);

}  // namespace kerbgate::admin
