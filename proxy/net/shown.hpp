#pragma once

#include <cstddef>
#include <string>

namespace kerbgate::net {

/// Of a name that a client sent, what logs, pages, metrics and lists show: real ones are far shorter, and what stands
/// behind it in a line is to stay there.
inline constexpr std::size_t kShown = 256;

/// Cut, not escaped.
inline std::string shown(const std::string& name) {
  return name.size() <= kShown ? name : name.substr(0, kShown) + "...";
}

}  // namespace kerbgate::net
