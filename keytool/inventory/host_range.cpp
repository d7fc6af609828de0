#include <algorithm>
#include <charconv>
#include <optional>

#include "inventory/inventory_file.hpp"
#include "kerbgate/quoted.hpp"

namespace kerbgate {
namespace {

struct Range {
  std::uint64_t first = 0, last = 0, step = 1;
  std::size_t width = 0;  ///< digits, with zeros in front; 0: as they come
  bool letters = false;
};

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  // Nine digits: no sum of two overflows.
  if (text.empty() || text.size() > 9) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_letter(std::string_view text) {
  return text.size() == 1 && ((text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z'));
}

Error bad_range(std::string_view text, const std::string& why) {
  return {Errc::invalid, "host range [" + brief(text) + "] " + why};
}

/// "01:40", "a:c", "1:9:2"; an empty first is 0.
Result<Range> parse_range(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return bad_range(text, "has no colon; write [FIRST:LAST]");
  const std::size_t second = std::min(text.find(':', colon + 1), text.size());
  const std::string_view first = colon == 0 ? "0" : text.substr(0, colon);
  const std::string_view last = text.substr(colon + 1, second - colon - 1);
  Range range;
  if (second < text.size()) {
    const auto step = number(text.substr(second + 1));
    if (!step || *step == 0) return bad_range(text, "has a step that is no number above 0");
    range.step = *step;
  }
  if (is_letter(first) && is_letter(last)) {
    range.letters = true;
    range.first = static_cast<unsigned char>(first[0]);
    range.last = static_cast<unsigned char>(last[0]);
  } else {
    const auto from = number(first), to = number(last);
    if (!from || !to) return bad_range(text, "needs two numbers or two letters");
    if (first.size() > 1 && first[0] == '0') range.width = first.size();
    if (range.width != 0 && last.size() != range.width) return bad_range(text, "has ends of different width");
    range.first = *from;
    range.last = *to;
  }
  if (range.first > range.last) return bad_range(text, "runs backwards");
  return range;
}

std::string member(const Range& range, std::uint64_t value) {
  if (range.letters) return std::string(1, static_cast<char>(value));
  const std::string digits = std::to_string(value);
  return std::string(range.width > digits.size() ? range.width - digits.size() : 0, '0') + digits;
}

}  // namespace

Result<std::vector<std::string>> expand_hosts(std::string_view pattern, std::size_t limit) {
  std::vector<std::string> made{""};
  while (!pattern.empty()) {
    const std::size_t open = std::min(pattern.find('['), pattern.size());
    for (std::string& name : made) name += pattern.substr(0, open);
    pattern.remove_prefix(open);
    if (pattern.empty()) break;
    const std::size_t close = pattern.find(']');
    if (close == std::string_view::npos) {
      return Error(Errc::invalid, "host range " + quoted(pattern) + " has no closing bracket");
    }
    const auto range = parse_range(pattern.substr(1, close - 1));
    if (!range) return range.error();
    const std::uint64_t count = (range->last - range->first) / range->step + 1;
    if (count > limit / made.size()) {
      return bad_range(pattern.substr(1, close - 1), "makes more than " + std::to_string(limit) + " hosts");
    }
    std::vector<std::string> longer;
    for (const std::string& name : made) {
      for (std::uint64_t i = 0; i < count; ++i) longer.push_back(name + member(*range, range->first + i * range->step));
    }
    made = std::move(longer);
    pattern.remove_prefix(close + 1);
  }
  return made;
}

}  // namespace kerbgate
