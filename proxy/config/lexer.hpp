#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/source.hpp"

/// One line of text -> its words, by HAProxy's rules (configuration manual, 2.2 quoting and escaping, 2.3 environment).
namespace kerbgate::config {

struct Word {
  std::string text;
  int column = 0;  ///< from 1, where the word begins in the line (its quote, if it begins with one)
};

struct LexProblem {
  Level level = Level::alert;
  int column = 0;
  std::string message;
};

struct LexedLine {
  std::vector<Word> words;  ///< empty for a blank line, a comment, and a line with an alert
  std::vector<LexProblem> problems;
};

/// Blanks divide words; `#` begins a comment wherever it is not quoted or escaped. Single quotes: all literal. Double
/// quotes: backslash escapes, `$NAME`, `${NAME}` and `${NAME-default}`. Outside single quotes `\ ` `\#` `\\` `\"` `\'`
/// `\n` `\r` `\t` `\xHH` are escapes (`\$` between double quotes), any other backslash stays. A line never continues on
/// the next. An empty word ends the line's words, as in HAProxy, and is warned of.
LexedLine lex(std::string_view line, const Environment& environment);

}  // namespace kerbgate::config
