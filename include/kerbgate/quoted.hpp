#pragma once

#include <string>
#include <string_view>

namespace kerbgate {

/// As much of a name as a message needs to point at what is meant: its first `width` bytes, printable (printable.hpp),
/// then "..." when there are more.
std::string brief(std::string_view bytes, std::size_t width = 80);
/// The same within single quotes: a word that somebody typed, a name out of a file.
std::string quoted(std::string_view bytes, std::size_t width = 80);

}  // namespace kerbgate
