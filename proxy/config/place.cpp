#include "config/place.hpp"

#include "config/value.hpp"

namespace kerbgate::config {

void Place::say(Level level, const Word& word, const std::string& what) const {
  report.say(level, at(word), who + " : " + what);
}

std::optional<std::int64_t> Place::number(const Word& word, std::int64_t least, std::int64_t most) const {
  const auto value = parse_number(word.text, least, most);
  if (value) return *value;
  alert(word, value.error().what);
  return std::nullopt;
}

std::optional<Millis> Place::time(const Word& word, bool zero_allowed, Millis bare_unit) const {
  const auto value = parse_time(word.text, bare_unit);
  if (!value) {
    alert(word, value.error().what);
    return std::nullopt;
  }
  if (*value == Millis(0) && !zero_allowed) {
    alert(word, quoted(word.text) + " is too short a time: at least 1 ms");
    return std::nullopt;
  }
  return *value;
}

}  // namespace kerbgate::config
