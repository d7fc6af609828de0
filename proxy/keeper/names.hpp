#pragma once

#include <string>
#include <vector>

#include "config/config.hpp"
#include "keeper/outfit.hpp"
#include "stats/names.hpp"

namespace kerbgate::keeper {

/// One configured name under the FQDN check.
struct NameToCheck {
  std::string fqdn, service, keytab;
  friend bool operator==(const NameToCheck&, const NameToCheck&) = default;
};
/// Global's and every listener's, each once.
std::vector<NameToCheck> names_of(const config::Config& config);

/// What the check of all names came to.
struct NameVerdict {
  stats::NameStates states;
  std::vector<Notice> notices;  ///< findings and keytab troubles, by gravity; what a `strict` check refuses is an alert
  bool refused = false;         ///< `dns-check strict` and a name that clients cannot use
};

/// check_name() of each within one limit of time: no answer by then is a warning, never a refusal. A keytab that cannot
/// be read is a warning too: in login pass and inspect the proxy works without.
NameVerdict check_names(const config::Config& config, Resolver& resolver, std::chrono::milliseconds limit);

}  // namespace kerbgate::keeper
