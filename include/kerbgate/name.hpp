#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "kerbgate/result.hpp"

namespace kerbgate {

/// A host's name as Kerberos compares it: lower case, at least two labels, no trailing dot, letters, digits, '-' and
/// '_' (RFC 1123 plus the underscore that real zones hold), labels of 1 to 63 octets, at most 253 in all. Never an
/// address.
class Fqdn {
 public:
  /// Upper case is folded, one trailing dot dropped. Anything else that is not of the form is Errc::invalid, with the
  /// reason: empty, an IP address, not fully qualified, a bad character and its position, a label too long.
  static Result<Fqdn> parse(std::string_view text);

  [[nodiscard]] const std::string& str() const noexcept { return text_; }
  friend auto operator<=>(const Fqdn&, const Fqdn&) = default;

 private:
  explicit Fqdn(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// True for a dotted-quad or an IPv6 address (with or without brackets), as getaddrinfo's AI_NUMERICHOST takes them.
bool is_ip_address(std::string_view text);

/// `host:port`, `[v6]:port`. The host is as written but lower case; it may be a short name or an address.
struct HostPort {
  std::string host;  ///< without brackets
  std::uint16_t port = 0;

  /// Port 1 to 65535. `default_port` 0 means that the port must be written.
  static Result<HostPort> parse(std::string_view text, std::uint16_t default_port = 0);
  [[nodiscard]] std::string str() const;  ///< `host:port`, brackets around IPv6
  friend auto operator<=>(const HostPort&, const HostPort&) = default;
};

}  // namespace kerbgate
