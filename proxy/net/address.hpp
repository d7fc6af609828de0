#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "kerbgate/resolver.hpp"

namespace kerbgate::net {

/// An IP endpoint in the form that the socket calls take.
class SocketAddress {
 public:
  SocketAddress() = default;
  SocketAddress(const IpAddress& address, std::uint16_t port);
  /// From what accept(2), getpeername(2) or getsockname(2) filled; a UNIX socket's address becomes 0.0.0.0:0.
  static SocketAddress from(const sockaddr_storage& raw);
  static SocketAddress local(int fd);
  static SocketAddress peer(int fd);

  [[nodiscard]] const sockaddr* data() const noexcept { return reinterpret_cast<const sockaddr*>(&raw_); }
  [[nodiscard]] socklen_t size() const noexcept;
  [[nodiscard]] int family() const noexcept { return raw_.ss_family; }
  [[nodiscard]] IpAddress ip() const;
  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::string str() const;  ///< `10.0.0.7:21050`, `[::1]:21050`

 private:
  sockaddr_storage raw_{};
};

}  // namespace kerbgate::net
