#include "commands/completion_rows.hpp"
#include "completion/shell.hpp"

namespace kerbgate::commands {
namespace {

namespace bash = completion::bash;

std::string command_names(const CompletedTable& table) {
  std::string text;
  for (const auto& command : table) text += (text.empty() ? "" : " ") + command.name;
  return text;
}

std::string command_case(const CompletedCommand& command) {
  std::string text = "    " + command.name + ")\n      case $before in\n";
  text += bash::value_cases(command.options, "        ");
  text += "        *)\n          words='" + bash::all_spellings(command.options) + "'\n";
  if (!command.operand.empty()) text += "          [[ $word == -* ]] || " + bash::choose(command.operands) + "\n";
  if (command.then_files) text += "          [[ $word == -* ]] || ((COMP_CWORD == 2)) || take=files\n";
  return text + "          ;;\n      esac\n      ;;\n";
}

}  // namespace

std::string bash_completion(const CompletedTable& table) {
  const std::string commands = command_names(table);
  std::string text = bash::begin("kerbgate-keytool", "kerbgate-keytool completion bash") +
                     "  local command=${COMP_WORDS[1]}\n"
                     "  ((COMP_CWORD > 1)) || command=''\n"
                     "  case $command in\n"
                     "    '') words='" +
                     commands + " help --help --version' ;;\n    help) words='" + commands + "' ;;\n";
  for (const auto& command : table) text += command_case(command);
  return text + "  esac\n" + bash::end("kerbgate-keytool");
}

}  // namespace kerbgate::commands
