#include "config/value.hpp"

#include <charconv>
#include <limits>
#include <string>

namespace kerbgate::config {
namespace {

constexpr std::uint64_t kLongestMillis = 2'147'483'647;

Error invalid(std::string_view text, const std::string& why) { return {Errc::invalid, quoted(text) + " " + why}; }

struct Split {
  std::uint64_t number = 0;
  bool overflow = false;
  std::string_view rest;  ///< what follows the digits; the whole text when there are none
};

Split split_digits(std::string_view text) {
  Split out;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out.number);
  out.overflow = code == std::errc::result_out_of_range;
  out.rest = text.substr(static_cast<std::size_t>(end - text.data()));
  return out;
}

/// Microseconds in a unit, 0 for one that there is not.
std::uint64_t unit_micros(std::string_view unit) {
  static constexpr struct {
    std::string_view name;
    std::uint64_t micros;
  } kUnits[] = {{"us", 1},         {"ms", 1'000},        {"s", 1'000'000},
                {"m", 60'000'000}, {"h", 3'600'000'000}, {"d", 86'400'000'000}};
  for (const auto& row : kUnits) {
    if (row.name == unit) return row.micros;
  }
  return 0;
}

}  // namespace

Result<Millis> parse_time(std::string_view text, Millis bare_unit) {
  const Split split = split_digits(text);
  if (split.rest.size() == text.size()) return invalid(text, "is no time: digits and one of us, ms, s, m, h, d");
  const std::uint64_t micros =
      split.rest.empty() ? static_cast<std::uint64_t>(bare_unit.count()) * 1'000 : unit_micros(split.rest);
  if (micros == 0)
    return invalid(text, "is no time: unexpected character '" + std::string(1, split.rest[0]) +
                             "' after the number (units: us, ms, s, m, h, d)");
  if (split.overflow || split.number > kLongestMillis * 1'000 / micros)
    return invalid(text, "is too long a time: at most 2147483647 ms (24.8 days)");
  const std::uint64_t total = split.number * micros;
  if (total > 0 && total < 1'000) return invalid(text, "is too short a time: at least 1 ms, or 0");
  return Millis(static_cast<std::int64_t>(total / 1'000));
}

Result<std::uint64_t> parse_size(std::string_view text) {
  const Split split = split_digits(text);
  unsigned shift = 0;
  if (split.rest == "k" || split.rest == "K") shift = 10;
  if (split.rest == "m" || split.rest == "M") shift = 20;
  if (split.rest == "g" || split.rest == "G") shift = 30;
  if (split.rest.size() == text.size() || (!split.rest.empty() && shift == 0))
    return invalid(text, "is no size: digits and one of k, m, g");
  if (split.overflow || split.number > (std::numeric_limits<std::uint64_t>::max() >> shift))
    return invalid(text, "is too large a size");
  return split.number << shift;
}

Result<std::int64_t> parse_number(std::string_view text, std::int64_t least, std::int64_t most) {
  std::int64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = end == text.data() + text.size() && !text.empty();
  if (code != std::errc{} || !whole || number < least || number > most)
    return invalid(text, "is not a number from " + std::to_string(least) + " to " + std::to_string(most));
  return number;
}

}  // namespace kerbgate::config
