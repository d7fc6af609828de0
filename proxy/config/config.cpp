#include "config/config.hpp"

#include <algorithm>

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

bool Server::asks_system() const { return (init_libc && !is_srv()) || IpAddress::parse(host); }

const Backend* Config::backend(const std::string& name) const {
  const auto found = std::find_if(backends.begin(), backends.end(), [&](const Backend& b) { return b.name == name; });
  return found == backends.end() ? nullptr : &*found;
}

}  // namespace kerbgate::config
