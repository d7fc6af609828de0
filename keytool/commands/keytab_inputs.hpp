#pragma once

#include <optional>

#include "commands/command.hpp"
#include "kerbgate/keytab.hpp"

namespace kerbgate::commands {

/// One KEYTAB of the line: what was read, or why it could not be.
struct Input {
  std::string name;  ///< as it was typed; "-" is standard input
  keytab::Scan scan;
  std::optional<Error> error;
};

/// Reads each in turn; a file that cannot be read does not keep the others from it. Errc::invalid when standard input
/// is named twice.
Result<std::vector<Input>> read_inputs(const std::vector<std::string>& names);

/// What a keytab that could not be read means: one whose bytes are no keytab has failed the check, the rest is as
/// exit_for() says.
Exit status_of(const Error& error);
Exit worse(Exit a, Exit b);

/// The name in messages.
std::string shown_name(const Input& input);

}  // namespace kerbgate::commands
