#include "commands/completion_rows.hpp"
#include "completion/shell.hpp"

namespace kerbgate::commands {
namespace {

namespace zsh = completion::zsh;

std::string command_case(const CompletedCommand& command) {
  std::string text = "    " + command.name + ")\n      _arguments -s -S \\\n";
  for (const auto& option : command.options) text += zsh::option_lines(option);
  if (!command.operand.empty()) {
    const bool each = command.many && !command.then_files;
    text += "        " + zsh::quoted((each ? "*" : "1") + zsh::value_spec(command.operand, command.operands)) + " \\\n";
  }
  if (command.then_files) {
    text +=
        "        " + zsh::quoted("*" + zsh::value_spec("FILE", {completion::Candidates::Kind::files, {}})) + " \\\n";
  }
  text.resize(text.size() - 3);
  return text + "\n      ;;\n";
}

}  // namespace

std::string zsh_completion(const CompletedTable& table) {
  std::string text =
      "#compdef kerbgate-keytool\n"
      "# zsh completion of kerbgate-keytool, written by: kerbgate-keytool completion zsh\n"
      "_kerbgate_keytool() {\n"
      "  local -a commands=(\n";
  for (const auto& command : table) text += "    " + zsh::quoted(command.name + ":" + command.about) + "\n";
  text +=
      "  )\n"
      "  if ((CURRENT == 2)); then\n"
      "    _describe -t commands command commands\n"
      "    _arguments '--help[what each command does]' '--version[the version]'\n"
      "    return\n"
      "  fi\n"
      "  shift words\n"
      "  ((CURRENT--))\n"
      "  case $words[1] in\n"
      "    help) _describe -t commands command commands ;;\n";
  for (const auto& command : table) text += command_case(command);
  return text +
         "  esac\n"
         "}\n" +
         zsh::end("kerbgate-keytool");
}

}  // namespace kerbgate::commands
