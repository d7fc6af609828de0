#include "diagnosis/written_flags.hpp"

#include <algorithm>

namespace kerbgate::diagnosis {
namespace {

constexpr std::string_view kBlanks = " \t\r\v\f";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool quoted(std::string_view text) {
  return text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front();
}

/// A line's value without its CR.
std::string_view without_cr(std::string_view text) {
  while (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

WrittenFlag flag_of_line(std::string_view line, std::size_t number) {
  line.remove_prefix(line.starts_with("--") ? 2 : 1);
  WrittenFlag flag;
  flag.line = number;
  const std::size_t end = line.find_first_of("= \t");
  const std::size_t equals = line.find('=');
  flag.name = std::string(line.substr(0, end));
  std::replace(flag.name.begin(), flag.name.end(), '-', '_');
  flag.joined = end != std::string_view::npos && end == equals;
  std::string_view value;
  if (end != std::string_view::npos) value = without_cr(line.substr(end + 1));
  flag.blanks = flag.joined && trimmed(value) != value;
  value = trimmed(value);
  // "--flag = value"
  if (!flag.joined && value.starts_with('=')) value = trimmed(value.substr(1));
  flag.quotes = quoted(value);
  flag.value = std::string(flag.quotes ? value.substr(1, value.size() - 2) : value);
  return flag;
}

}  // namespace

std::vector<WrittenFlag> written_flags(std::string_view text) {
  std::vector<WrittenFlag> all;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    ++number;
    std::string_view line = text.substr(0, end);
    const std::size_t first = line.find_first_not_of(kBlanks);
    if (first != std::string_view::npos && line[first] == '-') all.push_back(flag_of_line(line.substr(first), number));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return all;
}

}  // namespace kerbgate::diagnosis
