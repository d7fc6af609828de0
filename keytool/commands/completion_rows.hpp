#pragma once

#include <string>
#include <vector>

#include "commands/command.hpp"

/// What a shell can be told of the command line, taken from the rows of the command table.
namespace kerbgate::commands {

/// What may stand where a value is expected.
struct Candidates {
  enum class Kind { nothing, words, files, directories };
  Kind kind = Kind::nothing;
  std::vector<std::string> words;  ///< letters, digits and '-' only
};

struct CompletedOption {
  std::vector<std::string> spellings;  ///< "--output", "-o"
  std::string about;
  std::string value;  ///< "FILE"; empty: a switch
  Candidates candidates;
  bool repeats = false;
};

struct CompletedCommand {
  std::string name, about;
  std::vector<CompletedOption> options;  ///< with --help
  std::string operand;                   ///< "KEYTAB"; empty: none
  Candidates operands;
  bool many = false;        ///< more than one operand
  bool then_files = false;  ///< `operands` are for the first alone: a step, and what stands behind it are files
};

using CompletedTable = std::vector<CompletedCommand>;

CompletedTable completed(Table table);

/// The shells that there is a script for.
std::vector<std::string_view> shell_names();

/// A script that makes the shell complete kerbgate-keytool, the name that keytool is installed under.
std::string bash_completion(const CompletedTable& table);
std::string zsh_completion(const CompletedTable& table);
std::string fish_completion(const CompletedTable& table);

/// The words with blanks between them.
std::string spaced(const std::vector<std::string>& words);

}  // namespace kerbgate::commands
