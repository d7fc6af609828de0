#pragma once

#include <iosfwd>

#include "commands/command.hpp"

namespace kerbgate::commands {

/// What `keytool` alone prints: how to call it and the commands' names.
void print_usage(std::ostream& out, Table table);
/// `keytool --help`: every command with its line, by group, and the exit statuses.
void print_help(std::ostream& out, Table table);
/// `keytool COMMAND --help`.
void print_command_help(std::ostream& out, const Command& command);
/// `keytool --version`.
void print_version(std::ostream& out);

/// Every option of `options` as a person writes it: "--output", "-o".
std::vector<std::string> spellings(const po::options_description& options);

}  // namespace kerbgate::commands
