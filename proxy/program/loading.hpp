#pragma once

#include <optional>
#include <vector>

#include "kerbgate/resolver.hpp"
#include "program/command_line.hpp"

namespace kerbgate::program {

struct Loaded {
  config::Config config;
  std::vector<config::SourceText> texts;
  std::size_t warnings = 0;
};

/// Reads and parses the configuration, and says on stderr all that is wrong with it: alerts always, warnings unless
/// quiet, notes at -c or when verbose. Nothing when it is not right.
std::optional<Loaded> load(const CommandLine& line);

/// The system's, for as long as the process lives: a look-up that comes late still refers to it.
SystemResolver& resolver();

}  // namespace kerbgate::program
