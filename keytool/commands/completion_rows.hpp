#pragma once

#include <string>
#include <vector>

#include "commands/command.hpp"
#include "completion/option.hpp"

/// What a shell can be told of keytool's command line, taken from the rows of the command table.
namespace kerbgate::commands {

struct CompletedCommand {
  std::string name, about;
  std::vector<completion::Option> options;  ///< with --help
  std::string operand;                      ///< "KEYTAB"; empty: none
  completion::Candidates operands;
  bool many = false;        ///< more than one operand
  bool then_files = false;  ///< `operands` are for the first alone: a step, and what stands behind it are files
};

using CompletedTable = std::vector<CompletedCommand>;

CompletedTable completed(Table table);

/// A script that makes the shell complete kerbgate-keytool, the name that keytool is installed under.
std::string bash_completion(const CompletedTable& table);
std::string zsh_completion(const CompletedTable& table);
std::string fish_completion(const CompletedTable& table);

}  // namespace kerbgate::commands
