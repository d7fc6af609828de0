#pragma once

#include <map>
#include <string>
#include <string_view>

#include "config/parse.hpp"

/// What the tests of the configuration language share: a text in, everything said out.
namespace kerbgate::config {

inline Parsed parse_text(const std::string& text, const std::map<std::string, std::string>& environment = {}) {
  const SourceText file{"f.cfg", text};
  return parse(std::span(&file, 1), [&](const std::string& name) -> std::optional<std::string> {
    const auto found = environment.find(name);
    return found == environment.end() ? std::nullopt : std::optional(found->second);
  });
}

/// All diagnostics as they are printed.
inline std::string printed(const Parsed& parsed) {
  std::string out;
  for (const Diagnostic& d : parsed.diagnostics) out += d.str();
  return out;
}

/// Whether something of this level is said about this line (0: any) that holds `part`.
inline bool says(const Parsed& parsed, Level level, int line, std::string_view part) {
  for (const Diagnostic& d : parsed.diagnostics) {
    if (d.level == level && (line == 0 || d.at.line == line) && d.message.find(part) != std::string::npos) return true;
  }
  return false;
}

inline std::size_t count(const Parsed& parsed, Level level) {
  std::size_t out = 0;
  for (const Diagnostic& d : parsed.diagnostics) out += d.level == level ? 1 : 0;
  return out;
}

/// Line 1: a defaults section that leaves nothing to be warned of.
inline const std::string kDefaults =
    "defaults\n timeout connect 5s\n timeout client 1h\n timeout server 1h\n";  // lines 1 to 4

/// A whole configuration of one listener; `lines` begin at line 8 of the text.
inline Parsed parse_listen_with(const std::string& lines) {
  return parse_text(kDefaults + "listen a\n bind :25003\n server s1 h1.example.com:21000\n" + lines);
}

/// One server line in a backend that a frontend uses; it stands in line 8.
inline Parsed parse_server(const std::string& words) {
  return parse_text(kDefaults + "listen a\n bind :25003\n balance leastconn\n server " + words + "\n");
}

/// One bind line, in line 6.
inline Parsed parse_bind(const std::string& words) {
  return parse_text(kDefaults + "listen a\n bind " + words + "\n server s1 h1.example.com:21000\n");
}

/// Lines of a global section, from line 2 on, and a listener after them.
inline Parsed parse_global(const std::string& lines) {
  return parse_text("global\n" + lines + kDefaults + "listen a\n bind :25003\n server s1 h1.example.com:21000\n");
}

}  // namespace kerbgate::config
