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

/// A line as gflags cuts it: blanks in front are gone. Comments and empty lines are none.
struct FlagfileLine {
  enum class Kind { flag, programs };  ///< programs: it begins with neither '-' nor '#'
  Kind kind = Kind::flag;
  std::string_view text;  ///< part of the text that was given; with LFs inside as long as a CR follows
  std::size_t line = 0;   ///< where it begins, counted by LF; from 1
  bool counts = true;     ///< of a flag: the programs named before it include this one; of programs: this one is named
};

/// The lines of a flagfile for a daemon called `program` (argv[0]). A NUL ends the file.
std::vector<FlagfileLine> flagfile_lines(std::string_view text, const std::string& program);

/// The flag of a line of that kind.
FileFlag flag_of(const FlagfileLine& line);

/// What a daemon called `program` (argv[0]) reads from a flagfile, in order; of one name the last counts. gflags'
/// rules, surprises included: no quoting and no trimming at the end of a value; '#' only as a line's first character; a
/// line that begins with neither is a list of program-name patterns and switches the flags after it off for every other
/// program; as long as a CR follows anywhere, lines end at CR only, so that the LFs before it are part of a value.
std::vector<FileFlag> read_flagfile(std::string_view text, const std::string& program);

}  // namespace kerbgate
