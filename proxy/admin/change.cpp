#include "admin/change.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>

#include "net/standing.hpp"

namespace kerbgate::admin {

void set_state(Site& site, const ServerPlace& place, balance::Admin admin) {
  net::order_server(*place.backend, place.index, admin, site.home().now());
}

std::string set_weight(Site& site, const ServerPlace& place, const std::string& text) {
  if (text.empty()) return "Require <weight> or <weight%>.\n";
  std::int64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end == text.data()) return "Empty weight string empty or preceded by garbage";
  const std::string_view rest(end, std::size_t(text.data() + text.size() - end));
  if (rest != "" && rest != "%") return "Trailing garbage in weight string";
  if (rest == "%") {
    if (value < 0 || failed != std::errc{}) return "Relative weight must be positive.\n";
    value = std::min<std::int64_t>(std::min<std::int64_t>(value, 1'000'000) * place.conf().weight / 100, 256);
  } else if (failed != std::errc{} || value < 0 || value > 256) {
    return "Absolute weight can only be between 0 and 256 inclusive.\n";
  }
  const bool fixed = place.backend->conf.balance == config::Balance::static_rr;
  if (fixed && value != 0 && value != std::int64_t(place.conf().weight))
    return "Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.\n";
  place.backend->pool->set_weight(place.index, std::uint32_t(value), site.home().now());
  return "";
}

void set_health(Site& site, const ServerPlace& place, bool up) {
  place.server().orders->give(up ? net::HealthOrders::Order::up : net::HealthOrders::Order::down);
  if (place.backend->pool->view_of(place.index).connects == up) return;
  net::turn_server(*place.backend, place.index, up, ", changed from CLI", site.home().now());
}

void end_sessions(Site& site, std::function<bool(const net::Listed&)> which, std::function<void(std::size_t)> done) {
  auto ended = std::make_shared<std::atomic<std::size_t>>(0);
  site.each_session(
      [which = std::move(which), ended](net::Loop&, net::Listed& one) {
        if (!which(one)) return;
        ++*ended;
        one.kill(log::Cause::killed);
      },
      [ended, done = std::move(done)] { done(*ended); });
}

bool pause(Site& site, net::LiveFrontend& frontend, bool paused) {
  if (frontend.paused->exchange(paused) == paused) return false;
  for (const Opened& opened : site.generation().listeners)
    if (opened.frontend.get() == &frontend)
      opened.loop->post([listener = opened.listener, paused] { listener->shut(paused); });
  if (frontend.logger)
    frontend.logger->send(log::Priority::warning,
                          (paused ? "Paused proxy " : "Resumed proxy ") + frontend.conf.name + '.');
  return true;
}

void clear_counters(Site& site, bool all) {
  const Generation& generation = site.generation();
  stats::clear(site.process().counts, all);
  for (const auto& front : generation.frontends) stats::clear(*front->counts, all);
  for (const PageSection& page : generation.pages) stats::clear(page.counts->front, all);
  for (const auto& door : generation.doors) stats::clear(*door->counts, all);
  for (const auto& back : generation.backends) {
    stats::clear(*back->counts, all);
    back->pool->clear(all);
    for (const net::LiveServer& server : back->servers) stats::clear(*server.counts, all);
  }
}

}  // namespace kerbgate::admin
