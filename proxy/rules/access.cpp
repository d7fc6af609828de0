#include "rules/access.hpp"

#include <algorithm>

namespace kerbgate::rules {

bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, taken = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++taken;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool admits(const std::vector<Access>& lines, std::string_view principal) {
  for (const Access& line : lines)
    if (std::any_of(line.patterns.begin(), line.patterns.end(),
                    [&](const std::string& pattern) { return matches(pattern, principal); }))
      return line.allow;
  return std::none_of(lines.begin(), lines.end(), [](const Access& line) { return line.allow; });
}

}  // namespace kerbgate::rules
