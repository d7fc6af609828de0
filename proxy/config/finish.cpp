#include "config/finish.hpp"

#include <algorithm>

#include "config/check_connection.hpp"
#include "config/check_script.hpp"
#include "config/server_dns.hpp"
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
  front.tcplog = settings.tcplog || (settings.log_format && settings.mode == Mode::http);
  front.log_format = finish_log_format(draft, proxy, "log-format", settings.log_format, report);
  front.error_log_format = finish_log_format(draft, proxy, "error-log-format", settings.error_log_format, report);
  front.log_tag = settings.log_tag;
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
  front.said = settings.said;
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
  back.is_listen = proxy.has_front();
  back.check = make_script(proxy, report);
  for (Server& server : back.servers)
    if (server.tls.on || server.check_tls == true || is_checked_by_tls(server, back.check))
      finish_tls(server, proxy.name, draft, report);
    else if (server.tls != Tls{})
      report.say(Level::warning, server.at,
                 "'server " + proxy.name + '/' + server.name +
                     "' : certificate and TLS words do nothing without 'ssl': the connection to it is in clear");
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
  for (Server& server : back.servers) {
    if (server.source.host.empty()) server.source = settings.source;
    if (!server.track_server.empty() && server.track_backend.empty()) server.track_backend = proxy.name;
  }
  back.log_health_checks = settings.log_health_checks;
  back.log = resolve_log(draft, settings);
  back.log_tag = settings.log_tag;
  back.said = settings.said;
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

/// Why a backend has to know who its clients are; empty: it need not.
std::string asks_for_principal(const Backend& backend) {
  if (backend.balance == Balance::principal) return "balance principal";
  for (const StickRule& stick : backend.sticks)
    if (stick.key == StickRule::Key::principal) return "stick on principal";
  return {};
}

void check_principals(const Config& config, Report& report) {
  for (const Frontend& frontend : config.frontends) {
    if (frontend.kerberos.verifies()) continue;
    std::vector<std::string> names{frontend.default_backend};
    for (const Route& route : frontend.routes) names.push_back(route.backend);
    for (const std::string& name : names) {
      const Backend* backend = config.backend(name);
      const std::string what = backend == nullptr ? "" : asks_for_principal(*backend);
      if (!what.empty())
        report.say(Level::alert, frontend.at,
                   "'" + what + "' of '" + name + "' needs to know who logs in: write 'kerberos login verify' in '" +
                       frontend.name + "'");
    }
  }
}

}  // namespace

Config finish(const Draft& draft, Report& report) {
  Config config;
  config.global = draft.global;
  // Only for what is not of a listener: the program's own FQDN check, and what it shows.
  Proxy nobody;
  config.global.kerberos = resolve_kerberos(draft, nobody, report);
  // As HAProxy counts them: its own section for the runtime socket, where there is one, is 1.
  std::uint32_t number = draft.global.runtime_sockets.empty() ? 0 : 1;
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
  for (const Resolvers& section : draft.resolvers) config.resolvers.emplace(section.name, section);
  if (!config.resolvers.contains("default")) {
    Resolvers& system = config.resolvers["default"];
    system.name = "default";
    system.system = true;
  }
  check_sections(draft, report);
  check_principals(config, report);
  check_resolvers(draft, config, report);
  if (!report.has_alert()) check_coordinator_checks(config, report);  // what could not be read is not missing
  return config;
}

}  // namespace kerbgate::config
