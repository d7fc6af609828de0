#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "kerbgate/canonical.hpp"

namespace kerbgate::stats {

/// One configured name under the FQDN check, as it was last seen.
struct NameState {
  std::string service, keytab;  ///< keytab empty: none is configured
  NameReport report;
  std::uint32_t kvno = 0;             ///< the newest of service/fqdn in the keytab; 0: not there
  std::vector<std::string> troubles;  ///< the keytab's; and that DNS did not answer in time
};

struct NameStates {
  std::string mode;                               ///< "strict", "warn", "off"
  std::chrono::system_clock::time_point checked;  ///< when the last check ended
  std::vector<NameState> names;
};

/// For people: the name, its addresses and PTRs, and the principal that each kind of client will ask for.
std::string describe(const NameReport& report, bool with_keytab);

}  // namespace kerbgate::stats
