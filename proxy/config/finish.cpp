#include "config/finish.hpp"

#include <algorithm>

#include "config/tls.hpp"

namespace kerbgate::config {
namespace {

/// A rule that names no table means that of its own section, which for one in a defaults section is known only now.
std::vector<Rule> own_rules(const Proxy& proxy, std::vector<Rule> rules) {
  for (Rule& rule : rules)
    if (rule.action == Rule::Action::track && rule.table.empty()) rule.table = proxy.name;
  return rules;
}

std::vector<LogTarget> resolve_log(const Draft& draft, const Settings& settings) {
  std::vector<LogTarget> out;
  if (settings.log_global) out = draft.global.log;
  out.insert(out.end(), settings.log.begin(), settings.log.end());
  return out;
}

Frontend make_frontend(const Draft& draft, const Proxy& proxy, Report& report) {
  const Settings& settings = proxy.settings;
  Frontend front;
  front.at = proxy.at;
  front.name = proxy.name;
  front.mode = settings.mode;
  front.disabled = settings.disabled;
  front.binds = proxy.binds;
  for (Bind& bind : front.binds) finish_tls(bind, draft, report);
  front.default_backend = settings.default_backend;
  if (front.default_backend.empty() && proxy.has_back()) front.default_backend = proxy.name;
  front.maxconn = settings.maxconn;
  front.backlog = settings.backlog;
  front.log = resolve_log(draft, settings);
  front.tcplog = settings.tcplog;
  front.dontlognull = settings.dontlognull;
  front.dontlog_normal = settings.dontlog_normal;
  front.logasap = settings.logasap;
  front.log_separate_errors = settings.log_separate_errors;
  front.keepalive = settings.client_keepalive;
  front.connection_rules = own_rules(proxy, settings.connection_rules);
  front.session_rules = own_rules(proxy, settings.session_rules);
  front.content_rules = own_rules(proxy, settings.content_rules);
  front.inspect_delay = settings.inspect_delay;
  front.tls_passthrough = settings.tls_passthrough;
  for (const BackendUse& use : proxy.uses) front.routes.push_back({use.name, use.when});
  front.client_timeout = settings.client_timeout;
  front.client_fin_timeout = settings.client_fin_timeout;
  front.login_timeout = settings.login_timeout;
  front.handshake_timeout = settings.handshake_timeout;
  front.kerberos = resolve_kerberos(draft, proxy, report);
  if (proxy.is_page()) front.stats = settings.stats;  // a defaults' stats page must not hide a TCP listener
  front.request_timeout = settings.request_timeout;
  front.socket_stats = settings.socket_stats;
  front.description = proxy.description;
  return front;
}

Backend make_backend(const Draft& draft, const Proxy& proxy, Report& report) {
  const Settings& settings = proxy.settings;
  Backend back;
  back.at = proxy.at;
  back.name = proxy.name;
  back.mode = settings.mode;
  back.disabled = settings.disabled;
  back.balance = settings.balance;
  back.random_draws = settings.random_draws;
  back.servers = proxy.servers;
  for (Server& server : back.servers) finish_tls(server, proxy.name, draft, report);
  back.retries = settings.retries;
  back.redispatch = settings.redispatch;
  back.keepalive = settings.server_keepalive;
  back.sticks = proxy.sticks;
  back.kerberos_check = settings.kerberos_check;
  back.impala_check = settings.impala_check;
  if (!proxy.has_front()) {
    back.content_rules = own_rules(proxy, settings.content_rules);
    back.inspect_delay = settings.inspect_delay;
  }
  for (Server& server : back.servers)
    if (server.source.host.empty()) server.source = settings.source;
  back.log_health_checks = settings.log_health_checks;
  back.log = resolve_log(draft, settings);
  back.connect_timeout = settings.connect_timeout;
  back.server_timeout = settings.server_timeout;
  back.queue_timeout = settings.queue_timeout;
  back.check_timeout = settings.check_timeout;
  back.tunnel_timeout = settings.tunnel_timeout;
  back.client_fin_timeout = settings.client_fin_timeout;
  back.server_fin_timeout = settings.server_fin_timeout;
  back.login_answer_timeout = settings.login_answer_timeout;
  return back;
}

}  // namespace

Config finish(const Draft& draft, Report& report) {
  Config config;
  config.global = draft.global;
  // Only for what is not of a listener: the program's own FQDN check, and what it shows.
  Proxy nobody;
  config.global.kerberos = resolve_kerberos(draft, nobody, report);
  std::uint32_t number = 1;  // as HAProxy counts them: its own section for the runtime socket is 1
  for (const Proxy& proxy : draft.proxies) {
    ++number;
    if (proxy.has_front() && !proxy.binds.empty()) {
      config.frontends.push_back(make_frontend(draft, proxy, report));
      config.frontends.back().number = number;
    }
    if (!proxy.has_back()) continue;
    config.backends.push_back(make_backend(draft, proxy, report));
    config.backends.back().number = number;
  }
  for (const Proxy& proxy : draft.proxies)
    if (proxy.table) config.tables.emplace(proxy.name, *proxy.table);
  check_sections(draft, report);
  if (!report.has_alert()) check_coordinator_checks(config, report);  // what could not be read is not missing
  return config;
}

}  // namespace kerbgate::config
