#include "completion/shell.hpp"

namespace kerbgate::completion::zsh {
namespace {

/// `text` with a backslash before each of `special`.
std::string escaped(const std::string& text, std::string_view special) {
  std::string out;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string value_spec(const std::string& value, const Candidates& candidates) {
  const auto action = [&]() -> std::string {
    switch (candidates.kind) {
      case Candidates::Kind::nothing:
        return " ";
      case Candidates::Kind::words:
        return "(" + spaced(candidates.words) + ")";
      case Candidates::Kind::files:
        return "_files";
      case Candidates::Kind::directories:
        return "_files -/";
    }
    return {};
  };
  return ":" + escaped(value, ":") + ":" + action();
}

std::string option_lines(const Option& option) {
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

std::string end(const std::string& program) {
  const std::string function = function_name(program);
  return "# Read as a file of $fpath it is the function itself; sourced, it has to be registered.\n"
         "if [[ $funcstack[1] == _" +
         program + " ]]; then\n  " + function + " \"$@\"\nelse\n  compdef " + function + " " + program + "\nfi\n";
}

}  // namespace kerbgate::completion::zsh
