#pragma once

#include "commands/command.hpp"

namespace kerbgate::commands {

extern const Command kList, kRead, kMerge, kWrite, kKtutil, kRotate;
extern const Command kFlags;
extern const Command kPlan, kVerify, kDoctor;
extern const Command kClient;
extern const Command kCompletion;

/// Every subcommand, in the order of `keytool --help`.
Table all_commands();

}  // namespace kerbgate::commands
