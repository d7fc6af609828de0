#pragma once

#include <optional>
#include <string>
#include <vector>

#include "diagnosis/cause.hpp"
#include "kerbgate/resolver.hpp"

namespace kerbgate::diagnosis {

/// What DNS says of one name, forward and reverse, and what Kerberos clients make of it under each rdns and
/// dns_canonicalize_hostname setting. `name` is as typed and may be anything. `hosts` are the coordinators' names: a
/// proxy whose PTR is one of them is told apart.
struct DnsChecks {
  std::vector<CheckResult> rows;
  std::optional<Cause> fault;  ///< why clients ask for another principal than service/name
};
DnsChecks dns_checks(const std::string& name, const std::string& service, const std::vector<std::string>& hosts,
                     Resolver& resolver);

}  // namespace kerbgate::diagnosis
