#include "commands/completion_rows.hpp"
#include "completion/shell.hpp"

namespace kerbgate::commands {
namespace {

using completion::Candidates;
using completion::spaced;
using Kind = Candidates::Kind;

const std::string kComplete = "complete -c kerbgate-keytool";

std::string when(const std::string& command) { return " -n '__kerbgate_keytool_in " + command + "'"; }

std::string operand_line(const CompletedCommand& command) {
  if (command.then_files) {
    const std::string first =
        " -n '__kerbgate_keytool_in " + command.name + "; and test (count (commandline -opc)) -eq 2'";
    return kComplete + first + " -a " + completion::fish::quoted(spaced(command.operands.words)) + "\n" + kComplete +
           " -n '" + "__kerbgate_keytool_in " + command.name + "; and test (count (commandline -opc)) -gt 2' -F\n";
  }
  if (command.operands.kind == Kind::words) {
    return kComplete + when(command.name) + " -a " + completion::fish::quoted(spaced(command.operands.words)) + "\n";
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
    text += begins + " -a " + command.name + " -d " + completion::fish::quoted(command.about) + "\n";
    text += kComplete + when("help") + " -a " + command.name + " -d " + completion::fish::quoted(command.about) + "\n";
    for (const auto& option : command.options)
      text += completion::fish::option_line("kerbgate-keytool", when(command.name), option);
    text += operand_line(command);
  }
  return text;
}

}  // namespace kerbgate::commands
