#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kerbgate/name.hpp"
#include "kerbgate/result.hpp"

namespace kerbgate {

/// What a daemon does in an Impala cluster.
enum class Role { coordinator, executor, statestored, catalogd, admissiond };

inline constexpr std::array kRoles{Role::coordinator, Role::executor, Role::statestored, Role::catalogd,
                                   Role::admissiond};

std::string_view role_name(Role role);
/// The program: impalad for coordinator and executor, else the role's own name.
std::string_view daemon_name(Role role);
Result<Role> parse_role(std::string_view text);

/// Fqdn::parse for a name that goes into a principal. `_HOST` is refused with the reason: impalad puts gethostname()
/// there as it is, short or in capitals, so that the principal would not be the one in the keytab.
Result<Fqdn> literal_host(std::string_view text);

/// A service or a realm as it may stand in a principal: letters, digits, '.', '-' and '_'; `kind` ("realm") is what the
/// message calls it. Errc::invalid otherwise, and for _HOST.
Result<void> check_principal_part(const std::string& word, const std::string& kind);

/// What is odd in a realm that is allowed all the same, in one line; empty: nothing.
std::string realm_warning(const std::string& realm);

/// What the daemons of a cluster share.
struct KerberosSetup {
  std::optional<Fqdn> proxy;  ///< coordinators need it
  std::string service = "impala";
  std::string realm;
  std::string keytab;  ///< absolute path on the daemon's host
  /// Accept a coordinator whose host carries the proxy's own name.
  bool proxy_on_coordinator = false;
};

/// The Kerberos flags of one daemon, in the order they are written.
struct DaemonFlags {
  std::string host;
  Role role = Role::coordinator;
  std::vector<std::pair<std::string, std::string>> flags;  ///< without dashes: {"principal", "impala/proxy@R"}
  std::vector<std::string> warnings;                       ///< one line each

  /// Empty when there is no such flag.
  [[nodiscard]] std::string value(std::string_view flag) const;
};

/// A coordinator logs clients in as the proxy (principal) and talks to other daemons as its host (be_principal); every
/// other daemon is its host in both. Principals are literal lower-case names with a realm. Errc::invalid: no proxy for
/// a coordinator, a coordinator on the proxy's own name, a service, realm or keytab path that cannot stand in a flag.
Result<DaemonFlags> daemon_flags(const KerberosSetup& setup, const Fqdn& host, Role role);

/// The daemons that a host with these roles runs: a coordinator and an executor are one impalad with the coordinator's
/// flags. Order of kRoles.
std::vector<Role> daemons(std::vector<Role> roles);

}  // namespace kerbgate
