#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kerbgate/result.hpp"

namespace kerbgate::config {

/// One file as read: the parser never opens files itself.
struct SourceText {
  std::string name;  ///< as it is to be named in messages
  std::string text;
  bool is_list = false;  ///< values of an acl (`-f`), not lines of the configuration
};

/// The contents of the file that `acl -f` names; the error says why they cannot be had.
using ListReader = std::function<Result<std::string>(const std::string& path)>;

/// The value of an environment variable, nullopt when it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

struct Position {
  std::string file;
  int line = 0;    ///< from 1; 0 = from nowhere (a default, or the command-line option that `file` names)
  int column = 0;  ///< from 1, of the word meant; 0 = the whole line
};

enum class Level { note, warning, alert };

/// What the parser has to say about one place. Printed in HAProxy's form, then the line and a caret under the word:
///   [ALERT]    : config : parsing [FILE:LINE] : unknown keyword 'x' in 'listen' section; did you mean 'y' maybe ?
struct Diagnostic {
  Level level = Level::alert;
  Position at;
  std::string message;
  std::string source_line;  ///< empty when there is none to show, or when it is longer than 2,048 octets

  [[nodiscard]] std::string str() const;  ///< one to three lines, each ended by a newline; printable ASCII only
};

/// A word of the text inside single quotes, cut when it is long; still to be escaped (Diagnostic::str() does).
std::string quoted(std::string_view word);

}  // namespace kerbgate::config
