#include "config/nearest.hpp"

#include "kerbgate/nearest.hpp"

namespace kerbgate::config {

std::string did_you_mean(std::string_view word, std::span<const std::string_view> known) {
  const auto near = nearest(word, known);
  return near ? "; did you mean '" + std::string(*near) + "' maybe ?" : std::string();
}

}  // namespace kerbgate::config
