#include "kerbgate/daemon_flags.hpp"

#include <algorithm>

#include "kerbgate/nearest.hpp"
#include "kerbgate/quoted.hpp"

namespace kerbgate {
namespace {

/// impalad copies host names into buffers of 64 bytes (KUDU-2989, IMPALA-9116).
constexpr std::size_t kHostBuffer = 64;

Error invalid(std::string what) { return {Errc::invalid, std::move(what)}; }

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

Error macro_refused(std::string_view what, std::string_view text) {
  return invalid(std::string(what) + " " + quoted(text) +
                 " cannot be used: impalad replaces _HOST with gethostname() as it stands, often short or in capitals, "
                 "and the principal is then not the one in the keytab; give the literal name");
}

Result<void> check_keytab(const std::string& path) {
  if (!path.starts_with('/')) {
    return invalid("keytab path " + quoted(path) + " is not absolute: the daemon's working directory is not yours");
  }
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::any_of(path.begin(), path.end(), control)) return invalid("the keytab path holds a control character");
  return {};
}

Result<void> check_setup(const KerberosSetup& setup) {
  if (auto checked = check_principal_part(setup.service, "service"); !checked) return checked;
  if (auto checked = check_principal_part(setup.realm, "realm"); !checked) return checked;
  return check_keytab(setup.keytab);
}

Result<void> check_coordinator(const KerberosSetup& setup, const Fqdn& host) {
  if (!setup.proxy) return invalid("coordinator " + host.str() + " needs the proxy's name: give --proxy FQDN");
  if (*setup.proxy != host || setup.proxy_on_coordinator) return {};
  return invalid("coordinator " + host.str() +
                 " carries the proxy's own name, so every coordinator would hold the key with which this host talks to "
                 "the other daemons, and moving the proxy would rename the host: give the proxy a name and an address "
                 "of its own, or accept it with --allow-proxy-host");
}

std::vector<std::string> warnings(const KerberosSetup& setup, const Fqdn& host, Role role) {
  std::vector<std::string> said;
  if (host.str().size() >= kHostBuffer) {
    said.push_back(host.str() + ": the name has " + std::to_string(host.str().size()) +
                   " characters and impalad cuts host names at 63 (KUDU-2989): its logins will fail; give the host a "
                   "shorter name");
  }
  if (std::string odd = realm_warning(setup.realm); !odd.empty()) said.push_back(std::move(odd));
  if (setup.proxy && *setup.proxy == host) {
    said.push_back(host.str() + ": the proxy has the same name, so the key of this " + std::string(role_name(role)) +
                   " is in every coordinator's keytab");
  }
  return said;
}

}  // namespace

std::string_view role_name(Role role) {
  switch (role) {
    case Role::coordinator:
      return "coordinator";
    case Role::executor:
      return "executor";
    case Role::statestored:
      return "statestored";
    case Role::catalogd:
      return "catalogd";
    case Role::admissiond:
      return "admissiond";
  }
  return "";
}

std::string_view daemon_name(Role role) {
  return role == Role::coordinator || role == Role::executor ? "impalad" : role_name(role);
}

Result<Role> parse_role(std::string_view text) {
  std::vector<std::string_view> names;
  for (const Role role : kRoles) {
    if (role_name(role) == text) return role;
    names.push_back(role_name(role));
  }
  const std::string hint = did_you_mean(text, names);
  return invalid("unknown role " + quoted(text) +
                 (hint.empty() ? ": it is coordinator, executor, statestored, catalogd or admissiond" : hint));
}

Result<Fqdn> literal_host(std::string_view text) {
  if (text.find("_HOST") != std::string_view::npos) return macro_refused("host name", text);
  return Fqdn::parse(text);
}

Result<void> check_principal_part(const std::string& word, const std::string& kind) {
  if (word.empty()) return invalid("the " + kind + " is empty");
  if (!std::all_of(word.begin(), word.end(), is_plain)) {
    return invalid(kind + " " + quoted(word) + ": it may hold letters, digits, '.', '-' and '_' only");
  }
  if (word.find("_HOST") != std::string::npos) return macro_refused(kind, word);
  return {};
}

std::string realm_warning(const std::string& realm) {
  const bool lower = std::any_of(realm.begin(), realm.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  return lower ? "realm " + realm + " is not in capitals, and case counts: is this its name at the KDC?" : "";
}

std::string DaemonFlags::value(std::string_view flag) const {
  for (const auto& [name, value] : flags) {
    if (name == flag) return value;
  }
  return {};
}

Result<DaemonFlags> daemon_flags(const KerberosSetup& setup, const Fqdn& host, Role role) {
  if (auto checked = check_setup(setup); !checked) return checked.error();
  const auto principal = [&](const Fqdn& name) { return setup.service + "/" + name.str() + "@" + setup.realm; };
  DaemonFlags result{host.str(), role, {}, {}};
  if (role == Role::coordinator) {
    if (auto checked = check_coordinator(setup, host); !checked) return checked.error();
    result.flags = {{"principal", principal(*setup.proxy)}, {"be_principal", principal(host)}};
  } else {
    result.flags = {{"principal", principal(host)}};
  }
  result.flags.emplace_back("keytab_file", setup.keytab);
  result.warnings = warnings(setup, host, role);
  return result;
}

std::vector<Role> daemons(std::vector<Role> roles) {
  std::sort(roles.begin(), roles.end());
  roles.erase(std::unique(roles.begin(), roles.end()), roles.end());
  if (!roles.empty() && roles.front() == Role::coordinator) std::erase(roles, Role::executor);
  return roles;
}

}  // namespace kerbgate
