#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kerbgate/check_result.hpp"
#include "kerbgate/daemon_flags.hpp"
#include "kerbgate/resolver.hpp"

namespace kerbgate::diagnosis {

/// One keytab, one daemon.
struct VerifyInput {
  std::string keytab;         ///< the file to look at; "-" is standard input
  std::string keytab_path{};  ///< where the daemon reads it; empty: `keytab`. When it differs, mode, owner and /var/tmp
                              ///< are not looked at: the file is a copy
  std::string proxy{};        ///< as it was written; may be empty unless the role is coordinator
  std::string host{};         ///< as it was written
  Role role = Role::coordinator;
  std::string service = "impala";
  std::string realm{};
  std::string flagfile{};         ///< empty: not looked at
  std::string user{};             ///< whom the daemon runs as; empty: `service`, where this host has such a user
  std::string hostname_output{};  ///< the host's gethostname(), where it is known
  std::string var_tmp = "/var/tmp";
  std::uint32_t now = 0;  ///< seconds since 1970
  bool names = true;      ///< look the names up
};

/// Every check that needs neither the KDC nor a connection; never throws on what a file holds. The row "keytab file" is
/// a skip when the file could not be looked at by this process.
std::vector<CheckResult> verify(const VerifyInput& input, Resolver& resolver);

/// Whether the keytab could be looked at.
bool looked_at_keytab(const std::vector<CheckResult>& results);

}  // namespace kerbgate::diagnosis
