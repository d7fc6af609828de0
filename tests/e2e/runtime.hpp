#pragma once

#include <chrono>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "support/socket.hpp"

/// What a script does with a runtime socket.
namespace kerbgate::e2e {

/// One line and the whole answer.
inline std::string ask(const std::string& path, const std::string& line) {
  Socket socket = Socket::connect_unix(path);
  socket.send(line + "\n");
  return socket.read_all();
}

/// Asks until the answer holds that; the answer.
inline std::string ask_until(const std::string& path, const std::string& line, const std::string& part) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    std::string answer = ask(path, line);
    if (answer.find(part) != std::string::npos) return answer;
    if (std::chrono::steady_clock::now() > deadline) throw TimedOut(line + " never said \"" + part + "\":\n" + answer);
  }
}

/// `show stat` as rows by "px/sv", each by column.
using StatRows = std::map<std::string, std::map<std::string, std::string>>;

inline std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> out;
  std::istringstream in(line);
  for (std::string field; std::getline(in, field, ',');) out.push_back(field);
  return out;
}

inline StatRows stat_rows(const std::string& csv) {
  std::istringstream in(csv);
  std::string line;
  std::getline(in, line);
  const std::vector<std::string> names = fields_of(line.substr(2));
  StatRows out;
  // A line of one field ends the table where HAProxy sends it in chunks.
  while (std::getline(in, line) && line.find(',') != std::string::npos) {
    const std::vector<std::string> values = fields_of(line);
    auto& row = out[values.at(0) + "/" + values.at(1)];
    for (std::size_t i = 0; i < values.size() && i < names.size(); ++i) row[names[i]] = values[i];
  }
  return out;
}

inline StatRows show_stat(const std::string& path) { return stat_rows(ask(path, "show stat")); }

}  // namespace kerbgate::e2e
