#pragma once

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include <sys/types.h>

/// What the kernel says of a process.
namespace kerbgate::e2e {

/// A number of /proc/PID/status: "VmHWM" in KiB, "voluntary_ctxt_switches".
inline long status_of(pid_t pid, const std::string& field) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(field + ":")) return std::stol(line.substr(field.size() + 1));
  return -1;
}

/// Ticks of CPU that it has used, of which there are a hundred a second.
inline long ticks_of(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string text{std::istreambuf_iterator<char>(in), {}};
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  long user = 0, system = 0;
  fields >> user >> system;
  return user + system;
}

}  // namespace kerbgate::e2e
