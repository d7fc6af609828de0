#include "admin/collect.hpp"

#include <algorithm>

namespace kerbgate::admin {
namespace {

using stats::get;

std::int64_t seconds(balance::Clock::duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

std::uint64_t sum_of_refusals(const net::Process& process) { return process.counts.refusals.total(); }

TimeFact fact(const stats::Average& average) { return {average.value(), average.peak()}; }

LoginFacts facts_of(const stats::Logins& logins) {
  static constexpr const char* kKinds[stats::kKinds] = {"none", "sasl", "tls", "http", "thrift", "garbage"};
  LoginFacts out;
  out.taken = get(logins.taken);
  for (const login::Words& row : login::refusal_table())
    if (const std::uint64_t count = get(logins.refused[std::size_t(row.cause)]); count != 0) {
      out.refusals.emplace_back(row.name, count);
      out.refused += count;
    }
  for (std::size_t kind = 0; kind < stats::kKinds; ++kind)
    if (const std::uint64_t count = get(logins.openings[kind]); count != 0)
      out.openings.emplace_back(kKinds[kind], count);
  return out;
}

/// What servers and backends count alike.
void fill(ServingFacts& out, const stats::Serving& counts, const balance::Standing& standing, stats::Now now) {
  out.bytes_in = get(counts.bytes.in);
  out.bytes_out = get(counts.bytes.out);
  out.failed_connections = get(counts.failed_connections);
  out.failed_responses = get(counts.failed_responses);
  out.retries = get(counts.retries);
  out.redispatches = get(counts.redispatches);
  out.client_aborts = get(counts.client_aborts);
  out.server_aborts = get(counts.server_aborts);
  out.downs = standing.downs;
  out.last_change = std::max<std::int64_t>(seconds(now - standing.changed), 0);
  out.downtime = seconds(standing.down(now));
  if (const auto last = counts.last_session.get()) out.last_session = std::max<std::int64_t>(seconds(now - *last), 0);
  out.rate = {counts.rate.read(now), std::uint32_t(counts.rate.peak())};
  out.queue_ms = fact(counts.queue_ms);
  out.connect_ms = fact(counts.connect_ms);
  out.total_ms = fact(counts.total_ms);
}

/// 64ths of a weight as HAProxy shows them: rounded up.
std::uint32_t whole_weight(std::uint32_t effective) { return (effective + 63) / 64; }

const char* admin_word(balance::Admin admin) {
  switch (admin) {
    case balance::Admin::drain:
      return "drain";
    case balance::Admin::maint:
      return "maint";
    case balance::Admin::ready:
      break;
  }
  return "ready";
}

const char* balance_word(config::Balance balance) {
  static constexpr const char* kWords[] = {"roundrobin", "static-rr", "leastconn", "source",
                                           "first",      "random",    "principal", "leastqueries"};
  return kWords[std::size_t(balance)];
}

/// The outcome that decides over a server that tracks another, which may itself track one.
std::optional<stats::CheckOutcome> check_of_tracked(const net::LiveServer& server) {
  const auto backend = server.tracked.backend.lock();
  if (!backend) return server.counts->last_check();
  return check_of_tracked(backend->servers[server.tracked.server]);
}

/// What keeps a server out is its check's outcome, in HAProxy's columns.
void take_looks(ServerFacts& out, const stats::Server& counts) {
  using Kind = stats::CoordinatorCheck::Kind;
  for (const Kind kind : {Kind::login, Kind::web}) {
    auto look = counts.last_look(kind);
    if (!look) continue;
    const bool failed = out.check && out.check->standing.starts_with("UP") && look->state == check::Deep::down;
    if (failed && out.looks.size() == 0) {
      out.check->status = "L7RSP";
      out.check->words = "Layer7 invalid response";
      out.check->info = std::string(stats::kind_word(kind)) + ": " + log::printable(stats::describe(*look), 1000);
      out.check->milliseconds = look->took.count();
      out.check->health = 0;
      out.check->code = -1;
      out.check->time = look->when;
    }
    out.looks.push_back(std::move(*look));
  }
}

ServerFacts facts_of(const net::LiveBackend& live, std::size_t index, const balance::ServerView& view, stats::Now now) {
  const config::Server& conf = live.conf.servers[index];
  const net::LiveServer& server = live.servers[index];
  ServerFacts out;
  fill(out, *server.counts, view.standing, now);
  out.name = server.name;
  out.id = std::uint32_t(index) + 1;
  out.host = conf.host;
  out.port = conf.port;
  if (server.moved->address()) {
    out.addresses.push_back(server.address(0).str());
  } else {
    for (const net::SocketAddress& address : server.addresses) out.addresses.push_back(address.str());
  }
  out.up = view.up;
  out.found = view.found;
  if (conf.is_srv()) out.service = conf.host;
  if (const std::string host = server.moved->host(); !host.empty()) out.host = host;
  out.configured_disabled = conf.disabled;
  out.checked = conf.check && !live.conf.disabled;
  out.backup_server = view.backup;
  out.admin = admin_word(view.admin);
  out.check = server.counts->last_check();
  out.status = status_of(view, out.checked, out.check);
  take_looks(out, *server.counts);
  if (!conf.track_server.empty()) {
    out.tracked = conf.track_backend + '/' + conf.track_server;
    out.inherited = view.admin != server.own_admin->load();
    out.status = status_of(view, true, check_of_tracked(server));
    if (out.inherited && view.admin == balance::Admin::maint) out.status += " (via " + out.tracked + ')';
  }
  out.queued = view.queued;
  out.queued_most = view.queue_peak;
  out.current = view.current;
  out.most = view.peak;
  out.limit = view.maxconn;
  out.queue_limit = view.maxqueue;
  out.total = out.balanced = view.total;
  out.weight = whole_weight(view.effective);
  out.user_weight = view.weight;
  out.configured_weight = conf.weight;
  out.throttle =
      view.weight == 0
          ? 100
          : std::uint32_t(std::min<std::uint64_t>(view.effective * std::uint64_t{100} / (view.weight * 64), 100));
  out.active = view.backup ? 0 : 1;
  out.backup = view.backup ? 1 : 0;
  out.failed_checks = get(server.counts->failed_checks);
  out.rise = conf.timing.rise;
  out.fall = conf.timing.fall;
  for (const login::OutcomeWords& row : login::outcome_table())
    if (const std::uint64_t count = get(server.counts->passed_over[std::size_t(row.outcome)]); count != 0)
      out.passed_over.emplace_back(row.name, count);
  out.last_passed_over = server.counts->last_passed_over();
  out.keys = server.counts->keys_taken();
  out.history = server.counts->history.samples();
  return out;
}

std::uint32_t limit_of(const net::LiveFrontend& live) {
  return live.maxconn() != 0 ? live.maxconn() : live.process->maxconn.load();
}

}  // namespace

std::string status_of(const balance::ServerView& view, bool checked, const std::optional<stats::CheckOutcome>& check) {
  if (view.admin == balance::Admin::maint) return "MAINT";
  if (!view.found) return "MAINT (resolution)";
  std::string standing = view.up ? "UP" : "DOWN";
  // The check's count, "UP 1/3", as long as it speaks of the state that the pool is in.
  if (checked && check && check->standing.starts_with(standing)) standing = check->standing;
  if (!view.up) return standing;
  if (view.admin == balance::Admin::drain) return "DRAIN" + standing.substr(2);
  if (view.quiescing) return "NOLB" + standing.substr(2);
  return checked ? standing : "no check";
}

FrontFacts facts_of(const net::LiveFrontend& live, const Generation& generation, stats::Now now) {
  const stats::Front& counts = *live.counts;
  FrontFacts out;
  out.current = *live.connections;
  out.most = std::uint32_t(counts.most.value());
  out.limit = limit_of(live);
  out.status = live.paused->load() ? "STOP" : out.current >= out.limit ? "FULL" : "OPEN";
  out.total = get(counts.connections);
  out.bytes_in = get(counts.bytes.in);
  out.bytes_out = get(counts.bytes.out);
  out.denied = get(counts.denied);
  out.request_errors = get(counts.request_errors);
  out.denied_connections = get(counts.denied_connections);
  out.denied_sessions = get(counts.denied_sessions);
  out.rate = {counts.rate.read(now), std::uint32_t(counts.rate.peak())};
  out.logins = facts_of(counts.logins);
  out.socket_stats = live.conf.socket_stats;
  for (std::size_t i = 0; const auto& door : generation.doors) {
    if (door->frontend.get() != &live || i >= live.conf.binds.size()) continue;
    const config::Bind& bind = live.conf.binds[i++];
    out.listeners.push_back({bind.name.empty() ? "sock-" + std::to_string(i) : bind.name, bind.key(), door->connections,
                             std::uint32_t(door->counts->most.value()), bind.maxconn, get(door->counts->connections),
                             get(door->counts->bytes.in), get(door->counts->bytes.out)});
  }
  out.history = counts.history.samples();
  return out;
}

FrontFacts facts_of(const PageSection& page, stats::Now now) {
  const stats::Front& counts = page.counts->front;
  FrontFacts out;
  out.current = page.counts->current;
  out.most = std::uint32_t(counts.most.value());
  out.limit = page.limit;
  out.status = out.current >= out.limit ? "FULL" : "OPEN";
  out.total = get(counts.connections);
  out.bytes_in = get(counts.bytes.in);
  out.bytes_out = get(counts.bytes.out);
  out.rate = {counts.rate.read(now), std::uint32_t(counts.rate.peak())};
  return out;
}

BackFacts facts_of(const net::LiveBackend& live, const Generation& generation, stats::Now now) {
  const stats::Back& counts = *live.counts;
  const balance::PoolView whole = live.pool->whole();
  const std::vector<balance::ServerView> views = live.pool->view();
  BackFacts out;
  fill(out, counts, whole.standing, now);
  out.balance = balance_word(live.conf.balance);
  out.status = live.conf.servers.empty() || whole.usable_active + whole.usable_backup != 0 ? "UP" : "DOWN";
  out.queued = whole.queued;
  out.queued_most = whole.queue_peak;
  out.current = counts.current;
  out.most = std::uint32_t(counts.most.value());
  // HAProxy's fullconn: a tenth of what the frontends that lead here may hold.
  std::uint64_t frontends = 0;
  for (const auto& front : generation.frontends)
    if (front->backend.get() == &live) frontends += limit_of(*front);
  out.limit = std::uint32_t((frontends + 9) / 10);
  out.total = get(counts.connections);
  out.balanced = whole.total;
  out.active = whole.usable_active;
  out.backup = whole.usable_backup;
  out.denied = get(counts.denied);
  for (std::size_t i = 0; i < views.size(); ++i) {
    out.servers.push_back(facts_of(live, i, views[i], now));
    const ServerFacts& server = out.servers.back();
    const bool counted = whole.usable_active != 0 ? !views[i].backup : views[i].backup;
    if (!counted || !views[i].standing.up || views[i].admin != balance::Admin::ready) continue;
    out.weight += server.weight;
    out.user_weight += server.user_weight;
  }
  out.history = counts.history.samples();
  return out;
}

stats::Totals totals_of(const net::LiveFrontend& live) {
  const stats::Front& counts = *live.counts;
  return {get(counts.connections),
          get(counts.bytes.in),
          get(counts.bytes.out),
          get(counts.logins.taken),
          counts.logins.refused_in_all(),
          *live.connections,
          0};
}

stats::Totals totals_of(const net::LiveBackend& live) {
  const stats::Back& counts = *live.counts;
  return {get(counts.connections), get(counts.bytes.in), get(counts.bytes.out), 0, 0,
          counts.current,          live.pool->queued()};
}

stats::Totals totals_of(const net::Process& process) {
  const stats::Whole& counts = process.counts;
  return {get(counts.connections),
          get(counts.bytes.in),
          get(counts.bytes.out),
          get(counts.logins),
          sum_of_refusals(process),
          process.connections,
          0};
}

std::vector<stats::Totals> server_totals_of(const net::LiveBackend& live) {
  std::vector<stats::Totals> out;
  const std::vector<balance::ServerView> views = live.pool->view();
  for (std::size_t i = 0; i < views.size(); ++i) {
    const stats::Server& counts = *live.servers[i].counts;
    out.push_back(
        {views[i].total, get(counts.bytes.in), get(counts.bytes.out), 0, 0, views[i].current, views[i].queued});
  }
  return out;
}

}  // namespace kerbgate::admin
