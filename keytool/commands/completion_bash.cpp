#include "commands/completion_rows.hpp"

namespace kerbgate::commands {
namespace {

using Kind = Candidates::Kind;

std::string command_names(const CompletedTable& table) {
  std::string text;
  for (const auto& command : table) text += (text.empty() ? "" : " ") + command.name;
  return text;
}

/// What the script does when these are the candidates.
std::string choose(const Candidates& candidates) {
  switch (candidates.kind) {
    case Kind::nothing:
      return "return";
    case Kind::words:
      return "words='" + spaced(candidates.words) + "'";
    case Kind::files:
      return "take=files";
    case Kind::directories:
      return "take=directories";
  }
  return {};
}

std::string patterns(const CompletedOption& option) {
  std::string text;
  for (const auto& spelling : option.spellings) text += (text.empty() ? "" : "|") + spelling;
  return text;
}

std::string command_case(const CompletedCommand& command) {
  std::string all, chosen, free;
  for (const auto& option : command.options) {
    all += (all.empty() ? "" : " ") + spaced(option.spellings);
    if (option.value.empty()) continue;
    if (option.candidates.kind == Kind::nothing) {
      free += (free.empty() ? "" : "|") + patterns(option);
    } else {
      chosen += "        " + patterns(option) + ") " + choose(option.candidates) + " ;;\n";
    }
  }
  if (!free.empty()) chosen += "        " + free + ") " + choose({}) + " ;;\n";
  std::string text = "    " + command.name + ")\n      case $before in\n" + chosen;
  text += "        *)\n          words='" + all + "'\n";
  if (!command.operand.empty()) text += "          [[ $word == -* ]] || " + choose(command.operands) + "\n";
  if (command.then_files) text += "          [[ $word == -* ]] || ((COMP_CWORD == 2)) || take=files\n";
  return text + "          ;;\n      esac\n      ;;\n";
}

}  // namespace

std::string bash_completion(const CompletedTable& table) {
  const std::string commands = command_names(table);
  std::string text =
      "# bash completion of kerbgate-keytool, written by: kerbgate-keytool completion bash\n"
      "_kerbgate_keytool() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}\n"
      "  local take=words words=''\n"
      "  COMPREPLY=()\n"
      "  # The = of --option=value is a word of its own to bash.\n"
      "  if [[ $word == '=' ]]; then\n"
      "    word=''\n"
      "  elif [[ $before == '=' ]]; then\n"
      "    before=${COMP_WORDS[COMP_CWORD-2]}\n"
      "  fi\n"
      "  ((COMP_CWORD > 1)) || command=''\n"
      "  case $command in\n"
      "    '') words='" +
      commands + " help --help --version' ;;\n    help) words='" + commands + "' ;;\n";
  for (const auto& command : table) text += command_case(command);
  return text +
         "  esac\n"
         "  case $take in\n"
         "    words) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\") ;;\n"
         "    files) mapfile -t COMPREPLY < <(compgen -f -- \"$word\") ;;\n"
         "    directories) mapfile -t COMPREPLY < <(compgen -d -- \"$word\") ;;\n"
         "  esac\n"
         "  [[ $take == words ]] || compopt -o filenames 2>/dev/null\n"
         "  return 0\n"
         "}\n"
         "complete -F _kerbgate_keytool kerbgate-keytool\n";
}

}  // namespace kerbgate::commands
