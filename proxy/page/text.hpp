#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Values as the stats page writes them. Pure.
namespace kerbgate::page {

/// Any bytes as the content of an element or of a quoted attribute: `& < > " '` by name, what is not UTF-8, controls
/// and marks that turn the direction of text as U+FFFD. Of longer text the first `max` bytes and an ellipsis.
std::string escaped(std::string_view text, std::size_t max = 400);
/// As part of a URL's query or fragment.
std::string url_escaped(std::string_view text);

std::string count(std::uint64_t value);      ///< "1,234,567", "12.3 M"
std::string bytes(std::uint64_t value);      ///< "512 B", "3.4 MiB"
std::string duration(std::int64_t seconds);  ///< "45 s", "3 m 5 s", "2 h 10 m", "5 d 3 h"

}  // namespace kerbgate::page
