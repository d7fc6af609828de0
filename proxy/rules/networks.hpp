#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "kerbgate/resolver.hpp"
#include "kerbgate/result.hpp"

namespace kerbgate::rules {

/// Addresses and networks. IPv4 and IPv4-mapped IPv6 are one; a look-up costs log2 of how many there are.
class Networks {
 public:
  /// "10.0.0.1", "10.0.0.0/8", "10.0.0.0/255.0.0.0", "2001:db8::/32". What follows the length is not looked at, as in
  /// HAProxy. Errc::invalid otherwise.
  Result<void> add(std::string_view text);
  /// After the last add().
  void finish();
  [[nodiscard]] bool contains(const IpAddress& address) const;
  [[nodiscard]] bool empty() const noexcept { return ranges_.empty(); }

 private:
  using Key = std::array<std::uint8_t, 16>;  ///< IPv4 in its mapped form
  struct Range {
    Key first, last;
  };
  static Key key_of(const IpAddress& address);
  std::vector<Range> ranges_;
};

}  // namespace kerbgate::rules
