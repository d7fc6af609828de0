#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "config/config.hpp"
#include "kerbgate/result.hpp"

/// The language's values. Each refusal (Errc::invalid) says what was wrong with the text and what would be right.
namespace kerbgate::config {

/// Digits and an optional unit: us ms s m h d. A bare number has `bare_unit`. Below a millisecond but not 0 is refused,
/// as is more than 2,147,483,647 ms (24.8 days), HAProxy's bounds.
Result<Millis> parse_time(std::string_view text, Millis bare_unit = Millis(1));

/// Digits and an optional k, m or g (1024 each; upper case too).
Result<std::uint64_t> parse_size(std::string_view text);

/// A decimal number from `least` to `most`.
Result<std::int64_t> parse_number(std::string_view text, std::int64_t least, std::int64_t most);

}  // namespace kerbgate::config
