#include "probe/target.hpp"

#include <algorithm>
#include <map>

#include "login/proxy_header.hpp"

namespace kerbgate::probe {
namespace {

constexpr std::string_view kSystemCa = "@system-ca";

std::string preface_of(const config::Server& server) {
  if (server.send_proxy_v2) return login::proxy_header_v2({}, true);
  return server.send_proxy ? login::proxy_header_v1({}, true) : "";
}

void take_trust(Target& target, const config::Tls& tls) {
  target.ca_file = tls.ca_file == kSystemCa ? "" : tls.ca_file;
  target.crt_file = tls.crt.empty() ? "" : tls.crt.front();
}

/// Who is asked: host, port, and of one that is looked up its address.
Target place_of(const config::Server& server, const Whereabouts* where) {
  Target out;
  out.host = server.host;
  out.port = server.port;
  if (where == nullptr) return out;
  out.found = true;
  out.addresses = {where->address};
  if (where->port != 0) out.port = where->port;
  // Of a template with one name for all, no host has that name.
  out.host = server.from_template && !server.names_hosts() ? where->address.str() : where->host;
  return out;
}

Target login_target(const config::Config& config, const config::Backend& backend, const config::Server& server,
                    Target out) {
  const config::CheckedService service = config::service_to_check(config, backend);
  out.kind = Target::Kind::login;
  out.tls = server.tls.on;
  if (server.tls.on) take_trust(out, server.tls);
  out.tls_passes = !server.tls.on && service.in_clear;
  out.inter = backend.kerberos_check.inter;
  if (!service.principals.empty()) out.service = service.principals.front();
  if (!server.spn.empty()) out.service = server.spn;
  out.fqdn = service.fqdn;
  out.client = config.global.check_principal.empty() ? out.service : config.global.check_principal;
  out.keytab = config.global.check_keytab.empty() ? service.keytab : config.global.check_keytab;
  out.preface = preface_of(server);
  return out;
}

Target web_target(const config::Backend& backend, const config::Server& server, Target out) {
  out.kind = Target::Kind::web;
  out.port = backend.impala_check.port;
  out.tls = backend.impala_check.tls;
  if (out.tls) take_trust(out, server.tls);
  out.inter = backend.impala_check.inter;
  out.auth_file = backend.impala_check.auth_file;
  out.counts = backend.balance == config::Balance::leastqueries;
  return out;
}

}  // namespace

std::string Target::key() const {
  std::string out(stats::kind_word(kind));
  for (const std::string* part : {&host, &ca_file, &crt_file, &service, &client, &keytab, &preface, &auth_file})
    out += '\n' + *part;
  out += '\n' + std::to_string(port) + (tls ? " tls" : tls_passes ? " any" : "");
  return found && !addresses.empty() ? out + '\n' + addresses.front().str() : out;
}

std::vector<Target> targets_of(const config::Config& config, const Found& found) {
  std::vector<Target> out;
  std::map<std::string, std::size_t> known;
  const auto add = [&](Target target, const config::Backend& backend, const config::Server& server) {
    if (backend.check_timeout.count() != 0) target.limit = backend.check_timeout;
    const auto [at, is_new] = known.emplace(target.key(), out.size());
    if (is_new) out.push_back(target);
    Target& one = out[at->second];
    one.inter = std::min(one.inter, target.inter);
    one.limit = std::min(one.limit, target.limit);
    one.counts = one.counts || target.counts;
    one.servers.emplace_back(backend.name, server.name);
  };
  for (const config::Backend& backend : config.backends) {
    if (backend.disabled) continue;
    for (const config::Server& server : backend.servers) {
      const auto where = found.find({backend.name, server.name});
      if (!server.check || (!server.resolvers.empty() && where == found.end())) continue;
      const Target place = place_of(server, where == found.end() ? nullptr : &where->second);
      if (place.port == 0) continue;
      if (backend.kerberos_check.on)
        if (Target target = login_target(config, backend, server, place);
            !target.service.empty() && !target.keytab.empty())
          add(std::move(target), backend, server);
      if (backend.impala_check.on) add(web_target(backend, server, place), backend, server);
    }
  }
  return out;
}

}  // namespace kerbgate::probe
