#pragma once

#include "completion/option.hpp"

/// Scripts for a program that has options alone, and the pieces that scripts for programs with commands are made of
/// too.
namespace kerbgate::completion {

struct Program {
  std::string name;        ///< as it is installed
  std::string written_by;  ///< the line that prints the script
  std::vector<Option> options;
};

/// `shell` is one of shell_names().
std::string script(std::string_view shell, const Program& program);

namespace bash {
/// Head and variables of the function that completes `program`: word, before, take and words.
std::string begin(const std::string& program, const std::string& written_by);
/// What it does when these are the candidates.
std::string choose(const Candidates& candidates);
/// Lines of `case $before in`: what follows an option that takes a value.
std::string value_cases(const std::vector<Option>& options, const std::string& indent);
std::string all_spellings(const std::vector<Option>& options);
/// The function's end, and its registration.
std::string end(const std::string& program);
}  // namespace bash

namespace zsh {
std::string quoted(const std::string& text);
/// ":MESSAGE:ACTION" of _arguments.
std::string value_spec(const std::string& value, const Candidates& candidates);
/// Lines of _arguments, each ended by a backslash: one for each spelling, which rules out the others.
std::string option_lines(const Option& option);
std::string end(const std::string& program);
}  // namespace zsh

namespace fish {
std::string quoted(const std::string& text);
/// `when`: the condition's words, " -n '...'".
std::string option_line(const std::string& program, const std::string& when, const Option& option);
}  // namespace fish

}  // namespace kerbgate::completion
