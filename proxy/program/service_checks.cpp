// What the keeper has seen of coordinators, and what that makes of servers.
#include <algorithm>

#include "log/record.hpp"
#include "net/standing.hpp"
#include "program/service.hpp"

namespace kerbgate::program {
namespace {

using check::Deep;
using Kind = stats::CoordinatorCheck::Kind;

constexpr std::size_t kLongestReason = 1000;

check::Verdict verdict_on(const net::LiveServer& server) {
  // Somewhere else than where the keeper looks.
  if (server.moved->ordered()) return {};
  const auto state = [&](Kind kind) {
    const auto look = server.counts->last_look(kind);
    return look ? look->state : Deep::unknown;
  };
  check::Verdict out = check::verdict_of(state(Kind::login), state(Kind::web));
  out.quiescing = !out.barred && (out.quiescing || server.moved->quiescing());
  return out;
}

}  // namespace

// Looks of targets that are not looked at any more count no more.
void Service::adopt_checks(const std::vector<keeper::LookedAt>& looks) {
  std::map<std::pair<std::string, std::string>, Place> places;
  for (const auto& [name, backend] : backends_)
    for (std::size_t i = 0; i < backend->servers.size(); ++i)
      places.emplace(std::pair(name, backend->servers[i].name), Place(backend, balance::ServerIndex(i)));
  looked_at_.clear();
  std::set<std::pair<const net::LiveServer*, std::string>> wanted;
  for (const keeper::LookedAt& look : looks)
    for (const auto& server : look.servers) {
      const auto found = places.find(server);
      if (found == places.end()) continue;
      const auto& [backend, index] = found->second;
      wanted.emplace(&backend->servers[index], look.key);
      looked_at_.emplace(look.key, found->second);
    }
  for (const auto& [name, place] : places) {
    const auto& [backend, index] = place;
    const net::LiveServer& server = backend->servers[index];
    for (const Kind kind : {Kind::login, Kind::web})
      if (const auto look = server.counts->last_look(kind); look && !wanted.contains({&server, look->key}))
        server.counts->forget_look(kind);
    judge_anew(*backend, index);
  }
}

// Of a place that is another one now, or is not looked at any more, nothing is known but what the TCP check says.
void Service::judge_anew(net::LiveBackend& backend, balance::ServerIndex index) {
  const net::Now now = loops_[0]->now();
  const balance::ServerView was = backend.pool->view_of(index);
  const check::Verdict verdict = verdict_on(backend.servers[index]);
  backend.pool->set_verdict(index, verdict.barred, verdict.quiescing, now);
  const balance::ServerView is = backend.pool->view_of(index);
  if (was.up == is.up && was.quiescing == is.quiescing) return;
  net::log_server(backend, index, log::Priority::notice,
                  (!is.up         ? " is DOWN, reason: "
                   : is.quiescing ? " is stopping (NOLB), reason: "
                                  : " is UP, reason: ") +
                      (backend.servers[index].moved->quiescing() ? std::string("Impala lists it as quiescing")
                       : was.up == is.up ? std::string("Impala does not list it as quiescing any more")
                                         : std::string("it is another place, or is looked at no more")),
                  is.up ? net::Tail::online : net::Tail::left);
  net::pass_on(backend, index, was.up != is.up, was.quiescing != is.quiescing, now);
}

void Service::take_checks(std::vector<stats::CoordinatorCheck> checks) {
  for (const stats::CoordinatorCheck& check : checks) {
    const auto [first, last] = looked_at_.equal_range(check.key);
    for (auto at = first; at != last; ++at) take_check(*at->second.first, at->second.second, check);
  }
}

void Service::take_check(net::LiveBackend& backend, balance::ServerIndex index, const stats::CoordinatorCheck& check) {
  const net::LiveServer& server = backend.servers[index];
  const auto before = server.counts->last_look(check.kind);
  server.counts->looked(check);
  if (check.kind == Kind::login && check.passed) server.blame->accepted();
  const net::Now now = loops_[0]->now();
  const balance::ServerView was = backend.pool->view_of(index);
  const check::Verdict verdict = verdict_on(server);
  backend.pool->set_verdict(index, verdict.barred, verdict.quiescing, now);
  if (check.queries) backend.pool->set_queries(index, *check.queries, now + check.fresh_for);
  const balance::ServerView is = backend.pool->view_of(index);
  if (was.up != is.up || was.quiescing != is.quiescing) {
    announce_check(backend, index, check, is);
    if (!is.up) net::cut_sessions(backend, index);
    net::pass_on(backend, index, was.up != is.up, was.quiescing != is.quiescing, now);
  }
  if (check.state == Deep::unknown)
    say_blind(backend, check);
  else if (before && before->state == Deep::unknown)
    blind_.erase({backend.conf.name, check.kind});
}

// Of many servers the reason is one and the same: it is said once.
void Service::say_blind(const net::LiveBackend& backend, const stats::CoordinatorCheck& check) {
  if (std::exchange(blind_[{backend.conf.name, check.kind}], check.found) == check.found || !backend.logger) return;
  backend.logger->send(log::Priority::warning,
                       std::string(stats::kind_word(check.kind)) + " of backend " + backend.conf.name +
                           " cannot look at its servers, they stand as the TCP check finds them: " +
                           log::printable(stats::describe(check), kLongestReason));
}

void Service::announce_check(const net::LiveBackend& backend, balance::ServerIndex index,
                             const stats::CoordinatorCheck& check, const balance::ServerView& is) {
  const bool drains = is.up && is.quiescing;
  const std::string reason =
      std::string(stats::kind_word(check.kind)) + ", " + log::printable(stats::describe(check), kLongestReason);
  const auto priority = !is.up ? log::Priority::alert : drains ? log::Priority::warning : log::Priority::notice;
  net::log_server(backend, index, priority,
                  (!is.up   ? " is DOWN"
                   : drains ? " is stopping (NOLB)"
                            : " is UP") +
                      (", reason: " + reason) + ", check duration: " + std::to_string(check.took.count()) + "ms",
                  is.up ? net::Tail::online : net::Tail::left);
}

}  // namespace kerbgate::program
