#include "completion/shell.hpp"

namespace kerbgate::completion::fish {
namespace {

/// How the value is completed: -x takes no files, -F does although there are none by default.
std::string value_words(const Candidates& candidates) {
  switch (candidates.kind) {
    case Candidates::Kind::nothing:
      return " -x";
    case Candidates::Kind::words:
      return " -x -a " + quoted(spaced(candidates.words));
    case Candidates::Kind::files:
      return " -r -F";
    case Candidates::Kind::directories:
      return " -x -a '(__fish_complete_directories)'";
  }
  return {};
}

/// -db is one option to fish (-o), as -d is one (-s).
std::string switch_word(const std::string& spelling) {
  if (spelling.starts_with("--")) return " -l " + spelling.substr(2);
  return (spelling.size() == 2 ? " -s " : " -o ") + spelling.substr(1);
}

}  // namespace

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string option_line(const std::string& program, const std::string& when, const Option& option) {
  std::string text = "complete -c " + program + when;
  for (const std::string& spelling : option.spellings) text += switch_word(spelling);
  if (!option.value.empty()) text += value_words(option.candidates);
  return text + " -d " + quoted(option.about) + "\n";
}

}  // namespace kerbgate::completion::fish
