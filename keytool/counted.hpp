#pragma once

#include <cstddef>
#include <string>

namespace kerbgate {

/// "1 entry", "2 entries". Without a plural an s is added.
inline std::string counted(std::size_t n, const char* one, const char* many = nullptr) {
  const std::string noun = n == 1 ? one : many != nullptr ? many : std::string(one) + 's';
  return std::to_string(n) + ' ' + noun;
}

}  // namespace kerbgate
