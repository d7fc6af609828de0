#pragma once

#include <span>

#include "commands/command.hpp"
#include "kerbgate/check_result.hpp"

namespace kerbgate::commands {

/// What verify and doctor print: a row a check, below each warning and failure its cause and remedy, then a line of
/// counts. Texts are escaped, since they hold what came from files and the wire.
void print_checks(std::span<const CheckResult> results, Environment& environment);

/// The same for machines: {"checks": [{subject, check, verdict, found, cause, remedy}...], "summary": {...}}; cause and
/// remedy are null where there is none.
void print_checks_json(std::span<const CheckResult> results, Environment& environment);

}  // namespace kerbgate::commands
