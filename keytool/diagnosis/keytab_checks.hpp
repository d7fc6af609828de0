#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kerbgate/check_result.hpp"
#include "kerbgate/keytab.hpp"
#include "kerbgate/resolver.hpp"

namespace kerbgate::diagnosis {

/// What one daemon needs of its keytab.
struct KeytabNeeds {
  std::string file;  ///< its name in results and remedies
  std::string host;
  std::optional<Principal> external;  ///< the proxy's, of a coordinator
  Principal internal;                 ///< the host's own
  std::uint32_t now = 0;              ///< seconds since 1970
};

/// Records sound, no slot with two keys, both principals there with strong keys, none made in the future. DNS is asked
/// only whether a name that is nearly the wanted one is a host.
std::vector<CheckResult> keytab_checks(const keytab::Scan& scan, const KeytabNeeds& needs, Resolver& resolver);

}  // namespace kerbgate::diagnosis
