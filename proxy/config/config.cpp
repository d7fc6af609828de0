#include "config/config.hpp"

#include <algorithm>
#include <tuple>

#include "kerbgate/resolver.hpp"

namespace kerbgate::config {

std::string Bind::key() const {
  if (inherited_fd >= 0) return "fd@" + std::to_string(inherited_fd);
  if (!inherited_name.empty()) return "fd@" + inherited_name;
  if (!path.empty()) return path;
  std::string out = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (ipv6_any) out = "::";
  out += ":" + std::to_string(port);
  if (!interface.empty()) out += "%" + interface;
  return out;
}

std::vector<std::string> Kerberos::effective_principals() const {
  if (!principals.empty()) return principals;
  if (fqdn.empty()) return {};
  return {service + "/" + fqdn};
}

// An address of IPv6 may name its interface behind a '%'.
bool LogTarget::by_name() const { return kind == Kind::udp && !IpAddress::parse(address.substr(0, address.find('%'))); }

std::vector<LogTarget> Config::log_targets() const {
  std::vector<LogTarget> out = global.log;
  for (const Frontend& frontend : frontends) out.insert(out.end(), frontend.log.begin(), frontend.log.end());
  for (const Backend& backend : backends) out.insert(out.end(), backend.log.begin(), backend.log.end());
  return out;
}

bool Server::asks_system() const { return (init_libc && !names_hosts()) || IpAddress::parse(host); }

void Resolvers::fill_in_for_impala() {
  using namespace std::chrono_literals;
  constexpr Millis kForEver = 24h * 36'500;
  const std::tuple<const char*, Millis*, Millis> kTimes[] = {
      {"hold nx", &nx, kForEver},       {"hold timeout", &timeout, kForEver}, {"hold refused", &refused, kForEver},
      {"hold other", &other, kForEver}, {"hold obsolete", &obsolete, 30s},    {"timeout resolve", &resolve, 5s},
      {"timeout retry", &retry, 5s}};
  for (const auto& [word, field, time] : kTimes)
    if (!said.contains(word)) *field = time;
}

const Backend* Config::backend(const std::string& name) const {
  const auto found = std::find_if(backends.begin(), backends.end(), [&](const Backend& b) { return b.name == name; });
  return found == backends.end() ? nullptr : &*found;
}

}  // namespace kerbgate::config
