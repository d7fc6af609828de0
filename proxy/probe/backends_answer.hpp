#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kerbgate/resolver.hpp"

namespace kerbgate::probe {

/// A coordinator as Impala lists it.
struct Coordinator {
  std::string host;                    ///< its --hostname, lower case; a name or an address
  std::optional<IpAddress> address{};  ///< where its peers reach it, where the list says so
  bool quiescing = false;              ///< it is being shut down
  friend bool operator==(const Coordinator&, const Coordinator&) = default;
};

/// What `/backends?json` says: of those that are coordinators each host once, in the list's order. Errc::invalid when
/// that is no such list or names no coordinator. Pure.
Result<std::vector<Coordinator>> coordinators_in(std::string_view json);

}  // namespace kerbgate::probe
