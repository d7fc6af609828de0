#pragma once

#include <optional>
#include <string>

#include "keeper/sources.hpp"
#include "kerbgate/result.hpp"

namespace kerbgate::program {

/// What the proxy was asked to do. The options are HAProxy's (its management guide, section 3) and our own long ones.
struct CommandLine {
  enum class Task { run, check, check_names, explain, version, build_info, completion, help };
  Task task = Task::run;
  keeper::Sources sources;
  std::string pidfile, folder, shell;
  std::uint32_t maxconn = 0;
  unsigned memory_mb = 0;
  bool daemon = false, foreground = false, verbose = false, quiet = false;
};

/// Errc::invalid says which word is wrong.
Result<CommandLine> parse_command_line(int argc, const char* const* argv);
std::string usage();
/// The script that makes bash, zsh or fish complete the options of kerbgate-proxy.
std::string completion_script(const std::string& shell);

}  // namespace kerbgate::program
