#include "program/loading.hpp"

#include <iostream>

namespace kerbgate::program {
namespace {

bool worth_saying(const CommandLine& line, config::Level level) {
  if (level == config::Level::alert) return true;
  if (line.quiet) return false;
  return level == config::Level::warning || line.verbose || line.task == CommandLine::Task::check;
}

}  // namespace

// Never destroyed: a late look-up's thread may be in it while the process ends.
SystemResolver& resolver() {
  static SystemResolver& instance = *new SystemResolver;
  return instance;
}

std::optional<Loaded> load(const CommandLine& line) {
  Result<std::vector<config::SourceText>> texts = keeper::read_texts(line.sources);
  if (!texts) {
    std::cerr << "[ALERT]    : " << texts.error().what << '\n';
    return std::nullopt;
  }
  config::Parsed parsed = keeper::parse_with_lists(line.sources, *texts);
  std::size_t alerts = 0, warnings = 0;
  for (const config::Diagnostic& diagnostic : parsed.diagnostics) {
    alerts += diagnostic.level == config::Level::alert;
    warnings += diagnostic.level == config::Level::warning;
    if (worth_saying(line, diagnostic.level)) std::cerr << diagnostic.str();
  }
  if (parsed.ok()) return Loaded{std::move(parsed.config), std::move(*texts), warnings};
  std::cerr << "[ALERT]    : config : " << alerts << (alerts == 1 ? " error" : " errors")
            << " in the configuration; nothing was started\n";
  return std::nullopt;
}

}  // namespace kerbgate::program
