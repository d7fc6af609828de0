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

bool Server::asks_system() const { return (init_libc && !is_srv()) || IpAddress::parse(host); }

const Backend* Config::backend(const std::string& name) const {
  const auto found = std::find_if(backends.begin(), backends.end(), [&](const Backend& b) { return b.name == name; });
  return found == backends.end() ? nullptr : &*found;
}

}  // namespace kerbgate::config
