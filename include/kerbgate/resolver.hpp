#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kerbgate/result.hpp"

namespace kerbgate {

/// An IPv4 or IPv6 address. IPv4-mapped IPv6 is kept as it came; unmapped() makes it IPv4.
struct IpAddress {
  bool v6 = false;
  std::array<std::uint8_t, 16> bytes{};  ///< network order; IPv4 in the first four
  std::uint32_t scope = 0;               ///< IPv6 link-local

  static Result<IpAddress> parse(std::string_view text);
  [[nodiscard]] std::string str() const;
  [[nodiscard]] IpAddress unmapped() const;
  friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

/// Names and addresses, as getaddrinfo(3) and getnameinfo(3) give them: files, DNS, whatever the host is set up for.
/// A fake in tests; SystemResolver in programs. Calls block; implementations are usable from several threads.
class Resolver {
 public:
  struct Forward {
    std::vector<IpAddress> addresses;  ///< in the system's order, without duplicates
    std::string canonical;             ///< AI_CANONNAME; the name asked for when there is none
  };
  virtual ~Resolver() = default;
  /// Errc::not_found when the name has no address, Errc::dns_no_answer when nobody answered.
  virtual Result<Forward> forward(const std::string& host) = 0;
  /// The name of an address (NI_NAMEREQD), as the resolver writes it. nullopt when there is none,
  /// Errc::dns_no_answer when nobody answered.
  virtual Result<std::optional<std::string>> reverse(const IpAddress& address) = 0;
};

class SystemResolver : public Resolver {
 public:
  Result<Forward> forward(const std::string& host) override;
  Result<std::optional<std::string>> reverse(const IpAddress& address) override;
};

}  // namespace kerbgate
