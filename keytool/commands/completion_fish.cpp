#include "commands/completion_rows.hpp"

namespace kerbgate::commands {
namespace {

using Kind = Candidates::Kind;

const std::string kComplete = "complete -c kerbgate-keytool";

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string when(const std::string& command) { return " -n '__kerbgate_keytool_in " + command + "'"; }

/// How the value is completed: -x takes no files, -F does although there are none by default.
std::string value_words(const Candidates& candidates) {
  switch (candidates.kind) {
    case Kind::nothing:
      return " -x";
    case Kind::words:
      return " -x -a " + quoted(spaced(candidates.words));
    case Kind::files:
      return " -r -F";
    case Kind::directories:
      return " -x -a '(__fish_complete_directories)'";
  }
  return {};
}

std::string option_line(const std::string& command, const CompletedOption& option) {
  std::string text = kComplete + when(command);
  for (const std::string& spelling : option.spellings) {
    text += spelling.starts_with("--") ? " -l " + spelling.substr(2) : " -s " + spelling.substr(1);
  }
  if (!option.value.empty()) text += value_words(option.candidates);
  return text + " -d " + quoted(option.about) + "\n";
}

std::string operand_line(const CompletedCommand& command) {
  if (command.then_files) {
    const std::string first =
        " -n '__kerbgate_keytool_in " + command.name + "; and test (count (commandline -opc)) -eq 2'";
    return kComplete + first + " -a " + quoted(spaced(command.operands.words)) + "\n" + kComplete + " -n '" +
           "__kerbgate_keytool_in " + command.name + "; and test (count (commandline -opc)) -gt 2' -F\n";
  }
  if (command.operands.kind == Kind::words) {
    return kComplete + when(command.name) + " -a " + quoted(spaced(command.operands.words)) + "\n";
  }
  return command.operands.kind == Kind::files ? kComplete + when(command.name) + " -F\n" : "";
}

}  // namespace

std::string fish_completion(const CompletedTable& table) {
  std::string text =
      "# fish completion of kerbgate-keytool, written by: kerbgate-keytool completion fish\n"
      "function __kerbgate_keytool_in\n"
      "    set -l words (commandline -opc)\n"
      "    test (count $words) -ge 2; and test \"$words[2]\" = $argv[1]\n"
      "end\n"
      "function __kerbgate_keytool_begins\n"
      "    test (count (commandline -opc)) -eq 1\n"
      "end\n";
  text += std::string(kComplete) + " -f\n";
  const std::string begins = std::string(kComplete) + " -n __kerbgate_keytool_begins";
  text += begins + " -l help -d 'what each command does'\n" + begins + " -l version -d 'the version'\n";
  for (const auto& command : table) {
    text += begins + " -a " + command.name + " -d " + quoted(command.about) + "\n";
    text += kComplete + when("help") + " -a " + command.name + " -d " + quoted(command.about) + "\n";
    for (const auto& option : command.options) text += option_line(command.name, option);
    text += operand_line(command);
  }
  return text;
}

}  // namespace kerbgate::commands
