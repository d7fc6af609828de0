#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "config/config.hpp"
#include "config/lexer.hpp"
#include "config/report.hpp"

namespace kerbgate::config {

/// Where something is read and as part of what: says what is wrong there, and reads values saying so when they are.
struct Place {
  Report& report;
  Position line;    ///< column 0
  std::string who;  ///< "'server impala/s1' : 'inter'"; begins each message

  void alert(const Word& word, const std::string& what) const { say(Level::alert, word, what); }
  void warning(const Word& word, const std::string& what) const { say(Level::warning, word, what); }
  void say(Level level, const Word& word, const std::string& what) const;

  [[nodiscard]] Position at(const Word& word) const { return {line.file, line.line, word.column}; }

  /// nullopt: out of its bounds or no number, and an alert has said so.
  [[nodiscard]] std::optional<std::int64_t> number(const Word& word, std::int64_t least, std::int64_t most) const;
  /// nullopt likewise.
  [[nodiscard]] std::optional<Millis> time(const Word& word, bool zero_allowed, Millis bare_unit = Millis(1)) const;
};

/// The largest count of connections that a limit can name.
inline constexpr std::int64_t kMostConnections = 2'147'483'647;

}  // namespace kerbgate::config
