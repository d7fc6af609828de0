#include "ktutil/words.hpp"

#include <charconv>
#include <cstdint>
#include <cstdlib>

namespace kerbgate::ktutil {

std::optional<std::vector<std::string>> words_of(std::string_view line) {
  std::vector<std::string> words;
  bool in_word = false, quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (!quoted && (c == ' ' || c == '\t')) {
      in_word = false;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    if (c != '"') {
      words.back() += c;
    } else if (quoted && i + 1 < line.size() && line[i + 1] == '"') {
      words.back() += '"';
      ++i;
    } else {
      quoted = !quoted;
    }
  }
  if (quoted) return std::nullopt;
  return words;
}

std::int32_t leading_number(const std::string& text) {
  return static_cast<std::int32_t>(std::strtol(text.c_str(), nullptr, 10));
}

bool is_plain_number(const std::string& text) {
  std::uint32_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  return problem == std::errc() && end == text.data() + text.size();
}

}  // namespace kerbgate::ktutil
