#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rotate/holders.hpp"

/// Where a rotation stands. Pure.
namespace kerbgate::rotate {

/// As much of the KDC as could be seen.
struct KdcView {
  std::optional<std::uint32_t> kvno;  ///< of the tickets that it issues
  std::vector<std::uint32_t> kvnos;   ///< all that it has; empty: not seen
};

enum class Phase { unknown, steady, staging, staged, committed, broken };
const char* phase_word(Phase phase);

struct HostStanding {
  std::vector<std::uint32_t> kvnos;
  std::string words;  ///< "staged", "lacks kvno 2, the key in force"
  bool wrong = false;
};

struct Standing {
  Phase phase = Phase::unknown;
  std::vector<HostStanding> hosts;  ///< as the keytabs
  std::vector<std::string> differences;
  std::string next;  ///< what to do, in one line
};

Standing standing(std::span<const HostKeytab> keytabs, const Principal& principal, const KdcView& kdc);

}  // namespace kerbgate::rotate
