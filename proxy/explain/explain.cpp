#include "explain/explain.hpp"

#include <algorithm>
#include <tuple>

#include "config/log_line.hpp"
#include "explain/sight.hpp"

namespace kerbgate::explain {
namespace {

using config::Backend;
using config::Balance;
using config::Bind;
using config::Frontend;
using config::Login;
using config::LogTarget;
using config::Server;

/// One line of it, whatever the file's words hold.
std::string plain(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }, '?');
  return text;
}

/// `  word       text`
std::string row(const std::string& word, const std::string& text) {
  constexpr std::size_t kColumn = 11;
  return "  " + word + std::string(word.size() < kColumn ? kColumn - word.size() : 1, ' ') + plain(text) + '\n';
}

std::string counted(std::size_t count, const char* one, const char* many) {
  return std::to_string(count) + ' ' + (count == 1 ? one : many);
}

std::string destination(const LogTarget& target) {
  switch (target.kind) {
    case LogTarget::Kind::out:
      return "stdout";
    case LogTarget::Kind::err:
      return "stderr";
    case LogTarget::Kind::unix_socket:
      return target.address;
    case LogTarget::Kind::udp:
      break;
  }
  const bool v6 = target.address.find(':') != std::string::npos;
  return "UDP " + (v6 ? '[' + target.address + ']' : target.address) + ':' + std::to_string(target.port);
}

std::string describe(const LogTarget& target) {
  return destination(target) + " (" + std::string(config::facility_word(target.facility)) + ')';
}

/// Lines of connections are of the level info.
bool takes_lines(const LogTarget& target) { return target.level >= 6; }

std::string describe(const Bind& bind) {
  std::string out;
  if (!bind.path.empty())
    out = "UNIX socket " + bind.path;
  else if (bind.inherited_fd >= 0)
    out = "descriptor " + std::to_string(bind.inherited_fd) + ", which is inherited";
  else if (bind.host.empty() || bind.host == "*")
    out = "port " + std::to_string(bind.port) + " of every " + (bind.ipv6_any ? "IPv6 address" : "IPv4 address");
  else
    out = bind.key();
  if (bind.tls.on) out += ", by TLS";
  if (bind.tls.on && bind.tls.verify == config::TlsVerify::required) out += " with a client certificate";
  if (bind.accept_proxy) out += ", after a PROXY header";
  if (bind.maxconn != 0) out += ", at most " + std::to_string(bind.maxconn) + " at a time";
  return out;
}

std::string describe(const Backend& backend) {
  switch (backend.balance) {
    case Balance::leastconn:
      return "leastconn: the server with the fewest connections; fits impala-shell, impyla and jobs";
    case Balance::source:
      return "source: one address, one server; fits Hue, JDBC and ODBC, which need their connections together";
    case Balance::principal:
      return "principal: one user, one server; fits all, as logins are read";
    case Balance::leastqueries:
      return "leastqueries: the server that has the fewest queries to do; fits impala-shell and jobs";
    case Balance::first:
      return "first: the first server that has room; fits clusters whose other coordinators may sleep";
    case Balance::random:
      return "random(" + std::to_string(backend.random_draws) + "): the less busy of servers drawn by lot; fits " +
             "impala-shell and jobs, with several proxies";
    case Balance::static_rr:
    case Balance::roundrobin:
      break;
  }
  return "roundrobin: each server in its turn, however busy; fits short queries alone (leastconn fits more)";
}

std::string port_words(std::uint16_t port) {
  switch (port) {
    case kBeeswax:
      return " (Beeswax: impala-shell --protocol=beeswax)";
    case kHs2:
      return " (HS2: impala-shell, impyla, Hue, JDBC, ODBC)";
    case kHs2Http:
      return " (HS2 over HTTP)";
    default:
      return "";
  }
}

std::string way_of_check(const check::Script& script, bool tls) {
  switch (script.kind) {
    case check::Script::Kind::http:
      return "an HTTP request";
    case check::Script::Kind::ssl_hello:
      return "a TLS hello";
    case check::Script::Kind::tcp:
      if (script.steps.size() > 1) return counted(script.steps.size(), "step", "steps") + " (tcp-check)";
      break;
    case check::Script::Kind::plain:
      break;
  }
  return tls ? "a TLS handshake" : "a connection that impalad does not see";
}

std::string checks(const Backend& backend) {
  const auto checked = pick(backend, [](const Server& s) { return s.check; });
  if (checked.empty()) return "none: a server that is down is found out by its clients";
  const config::CheckTiming& timing = checked.front()->timing;
  const bool tls = checked.front()->check_tls.value_or(checked.front()->tls.on);
  std::string out = checked.size() == backend.servers.size()
                        ? std::string("every server")
                        : std::to_string(checked.size()) + " of " + std::to_string(backend.servers.size()) + " servers";
  out += " every " + span(timing.inter) + " by " + way_of_check(backend.check, tls) + "; down after " +
         counted(std::size_t(timing.fall), "failure", "failures") + ", up after " +
         counted(std::size_t(timing.rise), "success", "successes");
  if (backend.kerberos_check.on) out += "; by a real login every " + span(backend.kerberos_check.inter);
  if (backend.impala_check.on)
    out += "; by the web page at port " + std::to_string(backend.impala_check.port) + " every " +
           span(backend.impala_check.inter);
  return out;
}

std::string timeouts(const Frontend& front, const Backend& backend) {
  std::string out = "connect " + span(backend.connect_timeout);
  if (backend.tunnel_timeout.count() != 0)
    return out + "; a session ends after " + span(backend.tunnel_timeout) + " of silence (tunnel)";
  config::Millis limit = front.client_timeout;
  if (limit.count() == 0 || (backend.server_timeout.count() != 0 && backend.server_timeout < limit))
    limit = backend.server_timeout;
  return out + (limit.count() == 0 ? "; sessions may be silent for ever"
                                   : "; a session ends after " + span(limit) + " of silence");
}

std::string servers_tls(const Backend& backend) {
  const auto secured = pick(backend, [](const Server& s) { return s.tls.on; });
  if (secured.empty()) return "in clear";
  const bool all = secured.size() == backend.servers.size();
  return std::string(all ? "by TLS" : "by TLS to " + std::to_string(secured.size()) + " of them") +
         (secured.front()->tls.verify == config::TlsVerify::none ? ", whoever answers" : ", certificates verified");
}

std::string behind(const Frontend& front, const Backend& backend) {
  std::string out;
  const std::string place = backend.name == front.name ? "" : "'" + backend.name + "' (" + where(backend.at) + "): ";
  out += row("servers", place + std::to_string(backend.servers.size()) + ", " + servers_tls(backend));
  std::size_t width = 0;
  for (const Server& server : backend.servers) width = std::max(width, server.name.size());
  for (const Server& server : backend.servers) {
    const std::string padded = server.name + std::string(width - server.name.size() + 2, ' ');
    const std::string host = server.host.find(':') == std::string::npos ? server.host : '[' + server.host + ']';
    out += row("", padded + host + ':' + std::to_string(server.port) + port_words(server.port) +
                       (server.by_impala  ? ", as Impala lists them"
                        : server.is_srv() ? ", as SRV records say"
                                          : "") +
                       (server.backup ? ", backup" : "") + (server.disabled ? ", in maintenance" : "") +
                       (server.maxconn != 0 ? ", maxconn " + std::to_string(server.maxconn) : ""));
  }
  out += row("balance", describe(backend));
  for (const config::StickRule& stick : backend.sticks)
    if (stick.match)
      out += row("", std::string("a client stays where it was (stick on ") +
                         (stick.key == config::StickRule::Key::source ? "src)" : "req.ssl_sni)"));
  out += row("checks", checks(backend));
  out += row("timeouts", timeouts(front, backend));
  return out;
}

std::string kerberos(const Frontend& front) {
  const config::Kerberos& conf = front.kerberos;
  if (front.tls_passthrough) return row("Kerberos", "TLS is passed through: logins cannot be read");
  if (conf.fqdn.empty()) return row("Kerberos", "bytes are passed on unread: the proxy knows no name of its own");
  std::string how;
  switch (conf.effective_login()) {
    case Login::pass:
      how = "pass: logins are passed on unread";
      break;
    case Login::inspect:
      how = "inspect: a coordinator is dialled once the login has come; the next one is asked when it refuses";
      break;
    case Login::verify:
      how = "verify: the ticket is checked with the keytab, and only then a coordinator is dialled";
      break;
    case Login::late:
      how = "late: the proxy finishes the login itself, and chooses the coordinator by the first request";
      break;
  }
  std::vector<std::string> principals = conf.effective_principals();
  std::string out = row("Kerberos", how);
  out +=
      row("", "clients ask the KDC for " + names(principals) + (conf.keytab.empty() ? "" : ", keytab " + conf.keytab));
  out += row("", "impala-shell -k -i " + conf.fqdn +
                     (front.binds.empty() ? "" : ":" + std::to_string(front.binds[0].port)) +
                     (conf.service == "impala" ? "" : " -s " + conf.service));
  return out;
}

std::string logging(const Frontend& front) {
  if (front.log.empty()) return row("log", "none");
  std::vector<std::string> targets;
  for (const LogTarget& target : front.log)
    if (takes_lines(target)) targets.push_back(describe(target));
  if (targets.empty()) return row("log", "none: its targets take no lines of the level info");
  const char* line = front.log_format ? "a line by log-format"
                     : front.tcplog   ? "tcplog"
                                      : "one short line a connection";
  return row("log", names(targets) + ": " + line);
}

std::string heading(const config::Config& config, const Frontend& front) {
  const Backend* same = config.backend(front.name);
  const bool listen = same != nullptr && same->at.line == front.at.line && same->at.file == front.at.file;
  return '\n' + std::string(listen ? "listen " : "frontend ") + front.name + "  (" + where(front.at) + ")\n" +
         (front.description.empty() ? "" : row("", front.description));
}

std::string listener(const config::Config& config, const Sight& sight, const Frontend& front) {
  std::string out = heading(config, front);
  for (std::size_t i = 0; i < front.binds.size(); ++i) out += row(i == 0 ? "clients" : "", describe(front.binds[i]));
  if (front.maxconn != 0) out += row("", "at most " + std::to_string(front.maxconn) + " at a time");
  const std::size_t rules = front.connection_rules.size() + front.session_rules.size() + front.content_rules.size();
  if (rules != 0)
    out += row("rules", counted(rules, "tcp-request line decides", "tcp-request lines decide") + " who is let in");
  if (!front.routes.empty())
    out +=
        row("", counted(front.routes.size(), "use_backend line chooses", "use_backend lines choose") + " the servers");
  out += kerberos(front);
  const auto backends = sight.behind(front);
  if (backends.empty()) out += row("servers", "none: connections are closed");
  for (const Backend* backend : backends) out += behind(front, *backend);
  return out + logging(front);
}

std::string page(const config::Config& config, const Frontend& front) {
  std::string out = heading(config, front);
  for (std::size_t i = 0; i < front.binds.size(); ++i) out += row(i == 0 ? "browsers" : "", describe(front.binds[i]));
  const std::size_t users = front.stats.auth.size();
  out += row("page",
             (front.stats.uri.empty() ? std::string("/ and /haproxy?stats") : front.stats.uri) +
                 (users == 0 ? ", for everyone" : ", for " + counted(users, "user", "users") + " with a password"));
  return out + row("", front.stats.admin.empty() ? "servers cannot be changed on it"
                                                 : "servers can be changed on it, by whom stats admin lets");
}

std::string process(const config::Global& global) {
  std::string who = global.user.empty() ? "whoever starts it" : "user " + global.user;
  if (!global.group.empty()) who += ", group " + global.group;
  if (!global.chroot.empty()) who += ", in " + global.chroot;
  std::string out = "process\n" + row("runs as", who + (global.daemon ? ", in the background" : ""));
  out += row("clients", global.maxconn == 0 ? "as many at a time as there are descriptors for"
                                            : "at most " + std::to_string(global.maxconn) + " at a time");
  for (const config::RuntimeSocket& socket : global.runtime_sockets) out += row("runtime", describe(socket.bind));
  if (!global.state_file.empty())
    out += row("sessions", "of login late are kept over a restart in " + global.state_file);
  return out;
}

std::string printed(const std::vector<Advice>& all) {
  if (all.empty()) return "\nnothing unwise found\n";
  std::string out = "\nunwise\n";
  for (const Advice& advice : all)
    out += "  " + plain(where(advice.at) + ": " + advice.what) + "\n      better: " + plain(advice.remedy) + '\n';
  return out;
}

}  // namespace

std::vector<Look> all_looks() {
  std::vector<Look> out;
  for (const auto& part : {client_looks(), server_looks(), operation_looks()})
    out.insert(out.end(), part.begin(), part.end());
  return out;
}

std::vector<Advice> advise(const config::Config& config, const Outside& outside) {
  const Sight sight(config, outside);
  std::vector<Advice> out;
  for (const Look& look : all_looks()) look.find(sight, out);
  std::stable_sort(out.begin(), out.end(), [](const Advice& a, const Advice& b) {
    return std::tie(a.at.file, a.at.line) < std::tie(b.at.file, b.at.line);
  });
  return out;
}

std::string explain(const config::Config& config, const Outside& outside) {
  const Sight sight(config, outside);
  std::string out = process(config.global);
  for (const Frontend& front : config.frontends) {
    if (front.disabled)
      out += heading(config, front) + row("", "disabled: nobody can come to it");
    else
      out += front.stats.enabled ? page(config, front) : listener(config, sight, front);
  }
  return out + printed(advise(config, outside));
}

}  // namespace kerbgate::explain
