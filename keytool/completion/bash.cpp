#include "completion/shell.hpp"

namespace kerbgate::completion::bash {
namespace {

std::string patterns(const Option& option) {
  std::string text;
  for (const auto& spelling : option.spellings) text += (text.empty() ? "" : "|") + spelling;
  return text;
}

}  // namespace

std::string begin(const std::string& program, const std::string& written_by) {
  return "# bash completion of " + program + ", written by: " + written_by + "\n" + function_name(program) +
         "() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
         "  local take=words words=''\n"
         "  COMPREPLY=()\n"
         "  # The = of --option=value is a word of its own to bash.\n"
         "  if [[ $word == '=' ]]; then\n"
         "    word=''\n"
         "  elif [[ $before == '=' ]]; then\n"
         "    before=${COMP_WORDS[COMP_CWORD-2]}\n"
         "  fi\n";
}

std::string choose(const Candidates& candidates) {
  switch (candidates.kind) {
    case Candidates::Kind::nothing:
      return "return";
    case Candidates::Kind::words:
      return "words='" + spaced(candidates.words) + "'";
    case Candidates::Kind::files:
      return "take=files";
    case Candidates::Kind::directories:
      return "take=directories";
  }
  return {};
}

std::string value_cases(const std::vector<Option>& options, const std::string& indent) {
  std::string chosen, free;
  for (const auto& option : options) {
    if (option.value.empty()) continue;
    if (option.candidates.kind == Candidates::Kind::nothing) {
      free += (free.empty() ? "" : "|") + patterns(option);
    } else {
      chosen += indent + patterns(option) + ") " + choose(option.candidates) + " ;;\n";
    }
  }
  if (!free.empty()) chosen += indent + free + ") " + choose({}) + " ;;\n";
  return chosen;
}

std::string all_spellings(const std::vector<Option>& options) {
  std::string all;
  for (const auto& option : options) all += (all.empty() ? "" : " ") + spaced(option.spellings);
  return all;
}

std::string end(const std::string& program) {
  const std::string function = function_name(program);
  return "  case $take in\n"
         "    words) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\") ;;\n"
         "    files) mapfile -t COMPREPLY < <(compgen -f -- \"$word\") ;;\n"
         "    directories) mapfile -t COMPREPLY < <(compgen -d -- \"$word\") ;;\n"
         "  esac\n"
         "  [[ $take == words ]] || compopt -o filenames 2>/dev/null\n"
         "  return 0\n"
         "}\n"
         "complete -F " +
         function + " " + program + "\n";
}

}  // namespace kerbgate::completion::bash
