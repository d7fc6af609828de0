#include "rotate/span.hpp"

#include <charconv>

#include "kerbgate/quoted.hpp"

namespace kerbgate::rotate {
namespace {

constexpr std::int64_t kLongest = 100LL * 366 * 24 * 3600;

/// Seconds of a unit; 0: there is none of that name.
std::int64_t unit(char letter) {
  switch (letter) {
    case 's':
      return 1;
    case 'm':
      return 60;
    case 'h':
      return 3600;
    case 'd':
      return 86400;
    default:
      return 0;
  }
}

}  // namespace

std::string span_words(std::chrono::seconds span) {
  const auto seconds = span.count();
  if (seconds < 60) return std::to_string(seconds) + " s";
  const auto minutes = (seconds + 59) / 60;
  if (minutes < 60) return std::to_string(minutes) + " min";
  const auto hours = minutes / 60;
  const std::string rest = minutes % 60 == 0 ? "" : ' ' + std::to_string(minutes % 60) + " min";
  if (hours < 48) return std::to_string(hours) + " h" + rest;
  const auto all_hours = (minutes + 59) / 60;
  return std::to_string(all_hours / 24) + " d" +
         (all_hours % 24 == 0 ? "" : ' ' + std::to_string(all_hours % 24) + " h");
}

Result<std::chrono::seconds> parse_span(const std::string& text) {
  const Error wrong(Errc::invalid, quoted(text) + " is no span of time; write 3600, 90m, 24h, 7d or 1d12h");
  std::int64_t total = 0;
  const char* at = text.data();
  const char* const end = at + text.size();
  if (at == end) return wrong;
  while (at != end) {
    std::int64_t number = 0;
    const auto [rest, problem] = std::from_chars(at, end, number);
    if (problem != std::errc() || number < 0 || number > kLongest) return wrong;
    const bool bare = rest == end;
    if (bare && at != text.data()) return wrong;
    const std::int64_t factor = bare ? 1 : unit(*rest);
    total += number * factor;
    if (factor == 0 || total > kLongest) return wrong;
    at = bare ? rest : rest + 1;
  }
  return std::chrono::seconds(total);
}

}  // namespace kerbgate::rotate
