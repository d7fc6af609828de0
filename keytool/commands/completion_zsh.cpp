#include "commands/completion_rows.hpp"

namespace kerbgate::commands {
namespace {

using Kind = Candidates::Kind;

/// `text` with a backslash before each of `special`.
std::string escaped(const std::string& text, std::string_view special) {
  std::string out;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// ":MESSAGE:ACTION" of _arguments.
std::string value_spec(const std::string& value, const Candidates& candidates) {
  const auto action = [&]() -> std::string {
    switch (candidates.kind) {
      case Kind::nothing:
        return " ";
      case Kind::words:
        return "(" + spaced(candidates.words) + ")";
      case Kind::files:
        return "_files";
      case Kind::directories:
        return "_files -/";
    }
    return {};
  };
  return ":" + escaped(value, ":") + ":" + action();
}

/// One line for each spelling, each of which rules out the others.
std::string option_lines(const CompletedOption& option) {
  std::string text;
  for (const std::string& spelling : option.spellings) {
    std::string spec = option.repeats ? "*" : "(" + spaced(option.spellings) + ")";
    spec += spelling;
    if (!option.value.empty()) spec += spelling.starts_with("--") ? "=" : "+";
    spec += "[" + escaped(option.about, "\\[]:") + "]";
    if (!option.value.empty()) spec += value_spec(option.value, option.candidates);
    text += "        " + quoted(spec) + " \\\n";
  }
  return text;
}

std::string command_case(const CompletedCommand& command) {
  std::string text = "    " + command.name + ")\n      _arguments -s -S \\\n";
  for (const auto& option : command.options) text += option_lines(option);
  if (!command.operand.empty()) {
    const bool each = command.many && !command.then_files;
    text += "        " + quoted((each ? "*" : "1") + value_spec(command.operand, command.operands)) + " \\\n";
  }
  if (command.then_files) {
    text += "        " + quoted("*" + value_spec("FILE", {Kind::files, {}})) + " \\\n";
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
  for (const auto& command : table) text += "    " + quoted(command.name + ":" + command.about) + "\n";
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
         "}\n"
         "# Read as a file of $fpath it is the function itself; sourced, it has to be registered.\n"
         "if [[ $funcstack[1] == _kerbgate-keytool ]]; then\n"
         "  _kerbgate_keytool \"$@\"\n"
         "else\n"
         "  compdef _kerbgate_keytool kerbgate-keytool\n"
         "fi\n";
}

}  // namespace kerbgate::commands
