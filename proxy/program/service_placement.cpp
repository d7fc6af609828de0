// Servers that are elsewhere than they were: what DNS says, put in force while connections go on.
#include "net/standing.hpp"
#include "program/service.hpp"

namespace kerbgate::program {
namespace {

/// One server of the configuration in force, about to be moved.
struct Move {
  net::LiveBackend& backend;
  balance::ServerIndex index;
  const keeper::Placement& placement;

  [[nodiscard]] net::LiveServer& server() const { return backend.servers[index]; }
  [[nodiscard]] const config::Server& conf() const { return backend.conf.servers[index]; }
  [[nodiscard]] std::string title() const { return backend.conf.name + '/' + server().name; }
  void say(log::Priority priority, const std::string& text) const {
    if (backend.logger) backend.logger->send(priority, text);
  }
};

// The lines are HAProxy's.
void leave(const Move& move, net::Now now) {
  if (!move.backend.pool->found(move.index)) return;
  move.server().moved->nowhere();
  move.backend.pool->set_found(move.index, false, now);
  const balance::ServerView view = move.backend.pool->view_of(move.index);
  const bool was_down = !view.up || view.admin == balance::Admin::maint;
  net::log_server(move.backend, move.index, log::Priority::notice,
                  (was_down ? " was DOWN and now enters maintenance (" : " is going DOWN for maintenance (") +
                      move.placement.why + ')',
                  was_down ? net::Tail::none : net::Tail::left);
  net::pass_on(move.backend, move.index, false, true, now, '(' + move.placement.why + ')');
}

void arrive(const Move& move, net::Now now) {
  const keeper::Placement& to = move.placement;
  net::LiveServer& server = move.server();
  const bool was_there = server.has_address();
  const net::SocketAddress old = server.address(0);
  const net::SocketAddress address(*to.address, to.port != 0 ? to.port : move.conf().port);
  const std::string old_host = server.moved->host();
  const std::string by = " by " + to.why;
  if (!was_there || !(old.ip() == address.ip()))
    move.say(log::Priority::notice, move.title() + " changed its IP from " + (was_there ? old.ip().str() : "(none)") +
                                        " to " + address.ip().str() + by);
  if (was_there && old.port() != address.port())
    move.say(log::Priority::notice, move.title() + " changed its port from " + std::to_string(old.port()) + " to " +
                                        std::to_string(address.port()) + by);
  if (!to.host.empty() && !old_host.empty() && old_host != to.host)
    move.say(log::Priority::notice, move.title() + " changed its FQDN from " + old_host + " to " + to.host + by);
  server.moved->to(address, to.host, net::Moved::By::look_up);
  server.moved->say_quiescing(to.quiescing);
  if (move.conf().from_template && !to.key.empty()) move.backend.pool->set_key(move.index, to.key);
  if (to.weight) move.backend.pool->set_weight(move.index, *to.weight, now);
  if (move.backend.pool->found(move.index)) return;
  // Whatever checks knew of it before is of no use now.
  server.orders->give(net::HealthOrders::Order::start_anew);
  move.backend.pool->set_up(move.index, true, now);
  move.backend.pool->set_found(move.index, true, now);
  move.say(log::Priority::notice, "Server " + move.title() + " ('" + to.host + "') is UP/READY (resolves again).");
  net::pass_on(move.backend, move.index, false, true, now);
}

}  // namespace

void Service::place_server(const keeper::Placement& placement) {
  const auto found = backends_.find(placement.backend);
  if (found == backends_.end()) return;
  net::LiveBackend& backend = *found->second;
  for (std::size_t i = 0; i < backend.servers.size(); ++i) {
    if (backend.servers[i].name != placement.server) continue;
    const Move move{backend, balance::ServerIndex(i), placement};
    placement.address ? arrive(move, loops_[0]->now()) : leave(move, loops_[0]->now());
  }
}

}  // namespace kerbgate::program
