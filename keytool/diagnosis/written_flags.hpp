#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kerbgate::diagnosis {

/// A flag as the person who wrote the line meant it.
struct WrittenFlag {
  std::string name, value;  ///< blanks and quotes around the value are gone; '-' in the name is '_'
  std::size_t line = 0;     ///< from 1
  bool joined = true;       ///< by '='; false: by a blank, or there is no value
  bool blanks = false;      ///< there were blanks around the value
  bool quotes = false;      ///< there were quotes around it
};

/// The flags of a text, line by line: CR, blanks around, comments and lines that name programs do not count.
std::vector<WrittenFlag> written_flags(std::string_view text);

}  // namespace kerbgate::diagnosis
