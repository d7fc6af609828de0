#include "coordinator/flagfile.hpp"

#include <fnmatch.h>

#include <sstream>

namespace kerbgate::e2e {
namespace {

bool names(const std::string& patterns, const std::string& program) {
  std::istringstream words(patterns);
  for (std::string pattern; words >> pattern;)
    if (fnmatch(pattern.c_str(), program.c_str(), FNM_PATHNAME) == 0) return true;
  return false;
}

/// One line off the front of `text`.
std::string_view next_line(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  auto end = text.find('\r');
  if (end == text.npos) end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(line.size());
  return line;
}

}  // namespace

std::map<std::string, std::string> read_flagfile(std::string_view text, const std::string& program) {
  std::map<std::string, std::string> flags;
  bool ours = true, in_names = false;
  while (!text.empty()) {
    std::string_view line = next_line(text);
    if (line.empty() || line[0] == '#') continue;
    if (line[0] != '-') {
      ours = (in_names && ours) || names(std::string(line), program);
      in_names = true;
      continue;
    }
    in_names = false;
    line.remove_prefix(line.starts_with("--") ? 2 : 1);
    const auto equals = line.find('=');
    if (ours && equals != line.npos) flags[std::string(line.substr(0, equals))] = line.substr(equals + 1);
  }
  return flags;
}

}  // namespace kerbgate::e2e
