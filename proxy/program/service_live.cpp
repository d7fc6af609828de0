// A configuration joined with the counters, pools and loggers of the one before it.

#include <algorithm>

#include "config/check_connection.hpp"
#include "net/observer.hpp"
#include "net/socket.hpp"
#include "net/standing.hpp"
#include "program/service.hpp"

namespace kerbgate::program {
namespace {

balance::Algorithm algorithm_of(config::Balance balance) {
  switch (balance) {
    case config::Balance::static_rr:
      return balance::Algorithm::static_rr;
    case config::Balance::leastconn:
      return balance::Algorithm::leastconn;
    case config::Balance::leastqueries:
      return balance::Algorithm::leastqueries;
    case config::Balance::source:
    case config::Balance::principal:
      return balance::Algorithm::source;
    case config::Balance::first:
      return balance::Algorithm::first;
    case config::Balance::random:
      return balance::Algorithm::random;
    case config::Balance::roundrobin:
      break;
  }
  return balance::Algorithm::roundrobin;
}

std::uint32_t weight_of(const config::Server& server, const keeper::Placement* placement) {
  return placement != nullptr && placement->weight ? *placement->weight : server.weight;
}

using Placements = std::map<std::string, const keeper::Placement*>;  ///< by server

Placements placements_of(const config::Backend& backend, const keeper::Outfit& outfit) {
  Placements out;
  for (const keeper::Placement& placement : outfit.placements)
    if (placement.backend == backend.name) out[placement.server] = &placement;
  return out;
}

const keeper::Placement* placement_of(const Placements& placements, const config::Server& server) {
  const auto found = placements.find(server.name);
  return found == placements.end() ? nullptr : found->second;
}

/// What source hashing sees: of a template's slot whoever is in it, so that two proxies agree.
std::string key_of(const config::Server& server, const keeper::Placement* placement) {
  if (server.from_template && placement != nullptr && !placement->key.empty()) return placement->key;
  return server.host + ':' + std::to_string(server.port);
}

balance::PoolConf pool_conf(const config::Backend& backend, const Placements& placements) {
  balance::PoolConf out;
  out.name = backend.name;
  out.algorithm = algorithm_of(backend.balance);
  out.random_draws = backend.random_draws;
  for (const config::Server& server : backend.servers)
    out.servers.push_back({server.name, key_of(server, placement_of(placements, server)),
                           weight_of(server, placement_of(placements, server)), server.backup, server.disabled,
                           server.maxconn, server.maxqueue, server.slowstart});
  return out;
}

std::vector<IpAddress> addresses_of(const config::Server& server, const keeper::Outfit& outfit) {
  std::vector<IpAddress> out;
  const auto found = outfit.hosts.find(server.host);
  if (server.asks_system() && found != outfit.hosts.end()) out = found->second;
  if (const Result<IpAddress> other = IpAddress::parse(server.init_address); other && out.empty()) out = {*other};
  return out;
}

/// Only principals with connections are kept, so that it cannot be fuller than the proxy.
std::shared_ptr<rules::StickTable> principal_counts() {
  rules::TableConf conf;
  conf.type = rules::TableConf::Type::string;
  conf.size = 100'000'000;
  conf.expire = std::chrono::seconds(1);
  conf.current = true;
  return std::make_shared<rules::StickTable>(conf);
}

void set_check_address(net::LiveServer& live, const config::Server& server, const keeper::Outfit& outfit) {
  IpAddress ip = live.address(0).ip();
  const auto found = outfit.hosts.find(server.check_host);
  if (found != outfit.hosts.end() && !found->second.empty()) ip = found->second.front();
  live.check_address = net::SocketAddress(ip, server.check_port != 0 ? server.check_port : server.port);
}

/// The server of a line and where it is.
net::LiveServer located(const config::Server& server, const keeper::Placement* placement,
                        const keeper::Outfit& outfit) {
  net::LiveServer out{server.name, server.host + ':' + std::to_string(server.port), {}, {}, {}, {}};
  if (placement == nullptr)
    for (const IpAddress& address : addresses_of(server, outfit)) out.addresses.emplace_back(address, server.port);
  else if (placement->address)
    out.moved->to({*placement->address, placement->port != 0 ? placement->port : server.port}, placement->host,
                  net::Moved::By::look_up);
  if (placement != nullptr) out.moved->say_quiescing(placement->quiescing);
  set_check_address(out, server, outfit);
  if (const auto source = IpAddress::parse(server.source.host); source)
    out.source = net::SocketAddress(*source, server.source.port);
  return out;
}

/// A template's slot keeps its counts and its health, whoever has come to be in it.
void keep_slots(const config::Backend& conf, const balance::PoolConf& pool, const net::LiveBackend& old) {
  for (std::size_t i = 0; i < conf.servers.size(); ++i) {
    if (!conf.servers[i].from_template) continue;
    for (std::size_t n = 0; n < old.servers.size(); ++n)
      if (old.servers[n].name == conf.servers[i].name && old.conf.servers[n].from_template)
        old.pool->set_key(balance::ServerIndex(n), pool.servers[i].key);
  }
}

}  // namespace

std::shared_ptr<net::LiveBackend> Service::make_backend(const config::Backend& conf, const keeper::Outfit& outfit) {
  auto live = std::make_shared<net::LiveBackend>();
  live->conf = conf;
  live->logger = logger_for(conf.log, conf.log_tag);
  live->process = process_;
  const auto before = backends_.find(conf.name);
  const net::LiveBackend* old = before == backends_.end() ? nullptr : before->second.get();
  const net::Now now = loops_[0]->now();
  const Placements placements = placements_of(conf, outfit);
  const balance::PoolConf pool = pool_conf(conf, placements);
  if (old != nullptr) keep_slots(conf, pool, *old);
  live->pool = balance::Pool::make(pool, old == nullptr ? nullptr : old->pool, now);
  if (old != nullptr) live->counts = old->counts;
  for (std::size_t i = 0; i < conf.servers.size(); ++i) {
    const config::Server& server = conf.servers[i];
    const keeper::Placement* const placement = placement_of(placements, server);
    net::LiveServer target = located(server, placement, outfit);
    live->pool->set_found(balance::ServerIndex(i), placement == nullptr || target.has_address(), now);
    if (server.observe && server.check) target.observer = std::make_shared<net::Observer>(server.error_limit);
    if (server.tls.on) target.tls = secured(server.tls, "");
    add_check_tls(target, server, conf.check);
    // Which of the file and an operator has the last word is the pool's to say.
    if (server.track_server.empty())
      *target.own_admin = live->pool->admin(balance::ServerIndex(i));
    else
      *target.own_admin = server.disabled ? balance::Admin::maint : balance::Admin::ready;
    if (old != nullptr)
      for (std::size_t n = 0; n < old->servers.size(); ++n) {
        const net::LiveServer& was = old->servers[n];
        if (was.name != target.name) continue;
        target.counts = was.counts;
        if (was.where == target.where) target.blame = was.blame;
        if (!server.track_server.empty() && old->conf.servers[n].disabled == server.disabled)
          *target.own_admin = was.own_admin->load();
      }
    if (!target.has_address() && placement == nullptr) live->pool->set_up(balance::ServerIndex(i), false, now);
    // Without a check nothing would ever bring it back.
    else if (!server.check && server.track_server.empty())
      live->pool->set_up(balance::ServerIndex(i), true, now);
    live->someone_avoided_until = std::max(live->someone_avoided_until.load(), target.blame->until());
    live->servers.push_back(std::move(target));
  }
  return live;
}

void Service::add_check_tls(net::LiveServer& live, const config::Server& server, const check::Script& script) {
  if (!server.check) return;
  for (const check::Step& step : script.steps) {
    auto& current = live.check_tls.emplace_back();
    if (step.kind != check::Step::Kind::connect) continue;
    const std::optional<config::Tls> tls = config::tls_of_check(server, step.connect);
    if (tls) current = live.tls && *tls == server.tls ? live.tls : secured(*tls, "");
  }
}

// Once all of them are there: who tracks whom, and in what state that leaves them.
void Service::link_followers() {
  for (const auto& [name, backend] : backends_)
    for (std::size_t i = 0; i < backend->servers.size(); ++i) {
      const config::Server& conf = backend->conf.servers[i];
      const auto found = backends_.find(conf.track_backend);
      if (conf.track_server.empty() || found == backends_.end()) continue;
      net::LiveBackend& other = *found->second;
      for (std::size_t n = 0; n < other.servers.size(); ++n) {
        if (other.servers[n].name != conf.track_server) continue;
        backend->servers[i].tracked = {found->second, balance::ServerIndex(n)};
        other.servers[n].followers.push_back({backend, balance::ServerIndex(i)});
      }
    }
  for (const auto& [name, backend] : backends_)
    for (const net::LiveServer& server : backend->servers)
      if (server.tracked.backend.expired())
        for (const net::ServerRef& follower : server.followers)
          net::follow(*follower.backend.lock(), follower.server, loops_[0]->now());
}

// A table that keeps its name and type keeps its entries.
std::shared_ptr<const net::Directory> Service::make_directory(const config::Config& config) {
  auto directory = std::make_shared<net::Directory>();
  for (const auto& [name, conf] : config.tables) {
    const auto before = tables_.find(name);
    const bool keeps = before != tables_.end() && before->second->conf().type == conf.type;
    std::shared_ptr<rules::StickTable> table = keeps ? before->second : std::make_shared<rules::StickTable>(conf);
    if (keeps) table->configure(conf);
    directory->tables.emplace(name, std::move(table));
  }
  for (const auto& [name, backend] : backends_) directory->pools.emplace(name, backend->pool);
  tables_ = directory->tables;
  return directory;
}

std::shared_ptr<net::LiveFrontend> Service::make_frontend(const config::Frontend& conf,
                                                          const std::shared_ptr<const net::Directory>& directory) {
  auto live = std::make_shared<net::LiveFrontend>();
  live->conf = conf;
  live->login = conf.tls_passthrough ? config::Login::pass : conf.kerberos.effective_login();
  live->directory = directory;
  for (const config::Route& route : conf.routes)
    if (const auto backend = backends_.find(route.backend); backend != backends_.end())
      live->routes.push_back({route.when, backend->second});
  live->policy.principals = conf.kerberos.effective_principals();
  live->policy.mechanisms = conf.kerberos.mechanisms;
  live->policy.plain_allowed = conf.kerberos.plain_in_clear;
  live->policy_over_tls = live->policy;
  live->policy_over_tls.plain_allowed = true;
  if (!conf.kerberos.keytab.empty()) live->keys = keys_of(conf.kerberos.keytab);
  live->krb5 = krb5_;
  for (const config::Bind& bind : conf.binds)
    live->secured.push_back(bind.tls.on ? secured(bind.tls, conf.name + ' ' + bind.key()) : nullptr);
  live->logger = logger_for(conf.log, conf.log_tag);
  live->process = process_;
  if (const auto before = frontends_.find(conf.name); before != frontends_.end()) {
    live->connections = before->second->connections;
    live->paused = before->second->paused;
    live->shut_down = before->second->shut_down;
    live->counts = before->second->counts;
    live->per_principal = before->second->per_principal;
  }
  if (conf.kerberos.maxconn_per_principal != 0 && !live->per_principal) live->per_principal = principal_counts();
  if (const auto backend = backends_.find(conf.default_backend); backend != backends_.end())
    live->backend = backend->second;
  const bool passes_tls = std::any_of(conf.binds.begin(), conf.binds.end(), [](const auto& b) { return !b.tls.on; });
  const auto see_name = [&conf](net::LiveBackend& backend) {
    std::vector<std::string>& names = backend.passed_names;
    if (std::find(names.begin(), names.end(), conf.kerberos.fqdn) == names.end()) names.push_back(conf.kerberos.fqdn);
  };
  if (!passes_tls || conf.kerberos.fqdn.empty()) return live;
  if (live->backend) see_name(*live->backend);
  // A route by SNI serves other names than the listener's own.
  for (const net::LiveFrontend::Route& route : live->routes)
    if (!route.when.reads()) see_name(*route.backend);
  return live;
}

}  // namespace kerbgate::program
