#pragma once

#include "commands/command.hpp"

namespace kerbgate::commands {

/// A subcommand's line as values. Abbreviated options are refused: a script must not change its meaning when an option
/// is added. With `--help` on the line nothing else is required of it. Errors are Errc::invalid and name the option.
Result<Values> parse_line(const Command& command, std::span<const std::string> arguments);

}  // namespace kerbgate::commands
