#pragma once

#include <optional>
#include <span>

#include "config/place.hpp"

namespace kerbgate::config {

/// `TARGET [len N] [format F] FACILITY [LEVEL [MINLEVEL]]`, the words after `log`. nullopt when something was wrong or
/// the target cannot be used, and that was said.
std::optional<LogTarget> parse_log(const Place& place, std::span<const Word> words);

/// "local0" of its number.
std::string_view facility_word(int number);

}  // namespace kerbgate::config
