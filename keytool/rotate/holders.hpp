#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kerbgate/keytab.hpp"

/// Two-phase rotation of a key that many hosts share: what the keytabs hold of it. Pure.
namespace kerbgate::rotate {

/// One keytab of the rotation.
struct HostKeytab {
  std::string place;  ///< whose it is, for people: the host, or the file where no host is known
  std::string host;   ///< name of its folder in --keytabs; empty for a file named on the command line
  std::string path;
  std::vector<keytab::Entry> entries;  ///< of all principals
  std::optional<keytab::FileState> state;
};

/// The kvnos of `principal` in it, ascending.
std::vector<std::uint32_t> kvnos(const HostKeytab& keytab, const Principal& principal);
bool holds(const HostKeytab& keytab, const Principal& principal);

/// One kvno of the principal, over all keytabs.
struct Spread {
  std::vector<std::size_t> holding, lacking;  ///< indexes of keytabs
  std::vector<keytab::Entry> keys;            ///< one an enctype, from the first keytab that has it
  /// What is not alike: "host3 has another aes256-cts-hmac-sha1-96 key than host1", "host2 has no ... key".
  std::vector<std::string> differences;

  [[nodiscard]] bool everywhere() const { return lacking.empty() && !holding.empty() && differences.empty(); }
};

Spread spread(std::span<const HostKeytab> keytabs, const Principal& principal, std::uint32_t kvno);

/// The places of these keytabs, all of them when they are few: "host1, host2, host3 and 12 more".
std::string listed(std::span<const HostKeytab> keytabs, std::span<const std::size_t> which);
std::string listed(const std::vector<std::string>& words);

}  // namespace kerbgate::rotate
