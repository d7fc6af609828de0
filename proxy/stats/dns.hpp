#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kerbgate::stats {

/// What became of the questions to one nameserver: HAProxy's counters that have a meaning here.
struct NameserverCounts {
  std::uint64_t sent = 0, send_error = 0, valid = 0, update = 0, nx = 0, timeout = 0, refused = 0, other = 0,
                invalid = 0, outdated = 0;
  friend bool operator==(const NameserverCounts&, const NameserverCounts&) = default;
};

struct Nameserver {
  std::string section, id;
  NameserverCounts counts;
  std::string answer{};  ///< of a page of Impala's: the last one, in words
  friend bool operator==(const Nameserver&, const Nameserver&) = default;
};

}  // namespace kerbgate::stats
