// A configuration joined with the counters, pools and loggers of the one before it.

#include <algorithm>

#include "net/observer.hpp"
#include "net/socket.hpp"
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

balance::PoolConf pool_conf(const config::Backend& backend) {
  balance::PoolConf out;
  out.name = backend.name;
  out.algorithm = algorithm_of(backend.balance);
  out.random_draws = backend.random_draws;
  for (const config::Server& server : backend.servers)
    out.servers.push_back({server.name, server.host + ':' + std::to_string(server.port), server.weight, server.backup,
                           server.disabled, server.maxconn, server.maxqueue, server.slowstart});
  return out;
}

void set_check_address(net::LiveServer& live, const config::Server& server, const keeper::Outfit& outfit) {
  if (live.addresses.empty()) return;
  IpAddress ip = live.addresses.front().ip();
  const auto found = outfit.hosts.find(server.check_host);
  if (found != outfit.hosts.end() && !found->second.empty()) ip = found->second.front();
  live.check_address = net::SocketAddress(ip, server.check_port != 0 ? server.check_port : server.port);
}

}  // namespace

std::shared_ptr<net::LiveBackend> Service::make_backend(const config::Backend& conf, const keeper::Outfit& outfit) {
  auto live = std::make_shared<net::LiveBackend>();
  live->conf = conf;
  live->logger = logger_for(conf.log);
  live->process = process_;
  const auto before = backends_.find(conf.name);
  const net::LiveBackend* old = before == backends_.end() ? nullptr : before->second.get();
  const net::Now now = loops_[0]->now();
  live->pool = balance::Pool::make(pool_conf(conf), old == nullptr ? nullptr : old->pool, now);
  if (old != nullptr) live->counts = old->counts;
  for (std::size_t i = 0; i < conf.servers.size(); ++i) {
    const config::Server& server = conf.servers[i];
    net::LiveServer target{server.name, server.host + ':' + std::to_string(server.port), {}, {}, {}, {}};
    if (const auto found = outfit.hosts.find(server.host); found != outfit.hosts.end())
      for (const IpAddress& address : found->second) target.addresses.emplace_back(address, server.port);
    set_check_address(target, server, outfit);
    if (const auto source = IpAddress::parse(server.source.host); source)
      target.source = net::SocketAddress(*source, server.source.port);
    if (server.observe && server.check) target.observer = std::make_shared<net::Observer>(server.error_limit);
    if (server.tls.on) target.tls = secured(server.tls, "");
    if (server.check_tls.value_or(server.tls.on)) target.check_tls = target.tls ? target.tls : secured(server.tls, "");
    if (old != nullptr)
      for (const net::LiveServer& was : old->servers)
        if (was.name == target.name) target.counts = was.counts;
    if (target.addresses.empty()) live->pool->set_up(balance::ServerIndex(i), false, now);
    // Without a check nothing would ever bring it back.
    else if (!server.check)
      live->pool->set_up(balance::ServerIndex(i), true, now);
    live->servers.push_back(std::move(target));
  }
  return live;
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
  for (const config::Bind& bind : conf.binds)
    live->secured.push_back(bind.tls.on ? secured(bind.tls, conf.name + ' ' + bind.key()) : nullptr);
  live->logger = logger_for(conf.log);
  live->process = process_;
  if (const auto before = frontends_.find(conf.name); before != frontends_.end()) {
    live->connections = before->second->connections;
    live->paused = before->second->paused;
    live->shut_down = before->second->shut_down;
    live->counts = before->second->counts;
  }
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
