#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kerbgate {

/// A flag as gflags takes it from a flagfile.
struct FileFlag {
  std::string name;                  ///< without dashes; '-' inside is '_', as gflags looks it up
  std::optional<std::string> value;  ///< nullopt: no '='. gflags then sets a boolean and drops anything else in silence
  std::size_t line = 0;              ///< where it begins, counted by LF; from 1

  friend bool operator==(const FileFlag&, const FileFlag&) = default;
};

/// What a daemon called `program` (argv[0]) reads from a flagfile, in order; of one name the last counts. gflags'
/// rules, surprises included: no quoting and no trimming at the end of a value; '#' only as a line's first character; a
/// line that begins with neither is a list of program-name patterns and switches the flags after it off for every other
/// program; as long as a CR follows anywhere, lines end at CR only, so that the LFs before it are part of a value.
std::vector<FileFlag> read_flagfile(std::string_view text, const std::string& program);

}  // namespace kerbgate
