#include "net/standing.hpp"

#include <algorithm>

#include "net/loop.hpp"

namespace kerbgate::net {
namespace {

using balance::Admin;

std::string name_of(const LiveBackend& backend, balance::ServerIndex server) {
  return backend.conf.name + '/' + backend.servers[server].name;
}

/// What holds for those that track it: where it is, nobody knows; a coordinator that is being shut down takes nobody
/// new by any way.
Admin order_on(const balance::ServerView& view) {
  if (!view.found) return Admin::maint;
  return view.quiescing ? std::max(view.admin, Admin::drain) : view.admin;
}

/// What of an order this server has: its own, or that of the one it tracks, whichever goes further. `via` is empty
/// when the order was its own.
void settle(LiveBackend& backend, balance::ServerIndex server, const std::string& via, Now now) {
  LiveServer& live = backend.servers[server];
  const auto tracked = live.tracked.backend.lock();
  const Admin own = live.own_admin->load(), before = backend.pool->admin(server),
              inherited = tracked ? order_on(tracked->pool->view_of(live.tracked.server)) : Admin::ready,
              after = std::max(own, inherited);
  if (before == Admin::maint && after != Admin::maint && live.has_address()) {
    // What was down when it was put in maintenance has been mended meanwhile, or a check will tell.
    live.orders->give(HealthOrders::Order::start_anew);
    backend.pool->set_up(server, !tracked || tracked->pool->view_of(live.tracked.server).up, now);
  }
  backend.pool->set_admin(server, after, now);
  const auto say = [&](const std::string& what, Tail tail) {
    log_server(backend, server, log::Priority::notice, what, tail);
  };
  if (before == after) {
    if (!via.empty() && inherited == Admin::ready && own == Admin::maint)
      say(" remains in forced maintenance", Tail::none);
    return;
  }
  if (after == Admin::maint)
    say(" is going DOWN for maintenance" + via, Tail::left);
  else if (after == Admin::drain)
    say(" enters drain state" + via, Tail::online);
  else if (before == Admin::maint)
    say(via.empty() ? " is UP/READY (leaving forced maintenance)" : " is UP/READY (leaving maintenance)", Tail::none);
  else
    say(" is UP (leaving forced drain)", Tail::none);
  pass_on(backend, server, false, true, now);
}

}  // namespace

void cut_sessions(const LiveBackend& backend, balance::ServerIndex server) {
  if (!backend.conf.servers[server].shutdown_on_down || !backend.process) return;
  backend.process->each_session([backend = backend.conf.name, server = backend.servers[server].name](Listed& one) {
    if (one.on(backend, server)) one.kill(log::Cause::server_down);
  });
}

void log_server(const LiveBackend& backend, balance::ServerIndex server, log::Priority priority,
                const std::string& what, Tail tail) {
  if (!backend.logger) return;
  const balance::PoolView whole = backend.pool->whole();
  const balance::ServerView view = backend.pool->view_of(server);
  const bool backup = backend.conf.servers[server].backup;
  std::string text = (backup ? "Backup Server " : "Server ") + name_of(backend, server) + what + '.';
  if (tail != Tail::none) {
    text += ' ' + std::to_string(whole.usable_active) + " active and " + std::to_string(whole.usable_backup) +
            " backup servers " + (tail == Tail::left ? "left." : "online.");
    if (whole.usable_active == 0 && whole.usable_backup != 0) text += " Running on backup.";
    text += tail == Tail::left ? ' ' + std::to_string(view.current) + " sessions active, 0 requeued, " +
                                     std::to_string(view.queued) + " remaining in queue."
                               : " 0 sessions requeued, " + std::to_string(whole.queued) + " total in queue.";
  }
  backend.logger->send(priority, text);
  if (tail != Tail::none && whole.usable_active + whole.usable_backup == 0)
    backend.logger->send(log::Priority::emerg, (backend.conf.is_listen ? "proxy " : "backend ") + backend.conf.name +
                                                   " has no server available!");
}

void turn_server(LiveBackend& backend, balance::ServerIndex server, bool up, const std::string& why, Now now) {
  LiveServer& live = backend.servers[server];
  if (up && !live.has_address()) return;
  backend.pool->set_up(server, up, now);
  if (up && !backend.pool->view_of(server).up) return;  // a deeper check keeps it out, and says when it no longer does
  if (backend.pool->admin(server) != Admin::maint)
    log_server(backend, server, up ? log::Priority::notice : log::Priority::alert, (up ? " is UP" : " is DOWN") + why,
               up ? Tail::online : Tail::left);
  if (!up) cut_sessions(backend, server);
  pass_on(backend, server, true, false, now);
}

void pass_on(LiveBackend& backend, balance::ServerIndex server, bool turned, bool ordered, Now now,
             const std::string& why) {
  const std::string via = (why.empty() ? "" : ' ' + why) + " via " + name_of(backend, server);
  const bool up = backend.pool->view_of(server).up;
  for (const ServerRef& follower : backend.servers[server].followers) {
    const auto other = follower.backend.lock();
    if (other && turned) turn_server(*other, follower.server, up, via, now);
    if (other && ordered) settle(*other, follower.server, via, now);
  }
}

void order_server(LiveBackend& backend, balance::ServerIndex server, Admin admin, Now now) {
  if (backend.servers[server].own_admin->exchange(admin) != admin) settle(backend, server, "", now);
}

void follow(LiveBackend& backend, balance::ServerIndex server, Now now) {
  LiveServer& live = backend.servers[server];
  const auto tracked = live.tracked.backend.lock();
  if (!tracked) return;
  const balance::ServerView view = tracked->pool->view_of(live.tracked.server);
  backend.pool->set_up(server, view.up && live.has_address(), now);
  backend.pool->set_admin(server, std::max(live.own_admin->load(), order_on(view)), now);
  for (const ServerRef& follower : live.followers)
    if (const auto other = follower.backend.lock()) follow(*other, follower.server, now);
}

}  // namespace kerbgate::net
