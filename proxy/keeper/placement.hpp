#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "kerbgate/resolver.hpp"

namespace kerbgate::keeper {

/// Where a server is that is looked up while the proxy runs.
struct Placement {
  std::string backend, server;
  std::optional<IpAddress> address{};     ///< unset: it has none, and `why`
  std::uint16_t port = 0;                 ///< 0: the server line's
  std::optional<std::uint32_t> weight{};  ///< unset: the server line's
  std::string key{};                      ///< who that is: `host:port`, or the address where it has no name
  std::string host{};                     ///< its name, where it is not the server line's
  std::string why{};                      ///< with an address: who says so
  bool quiescing = false;                 ///< it is being shut down
  friend bool operator==(const Placement&, const Placement&) = default;
};

}  // namespace kerbgate::keeper
