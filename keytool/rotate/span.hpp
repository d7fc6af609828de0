#pragma once

#include <chrono>
#include <string>

#include "kerbgate/result.hpp"

namespace kerbgate::rotate {

/// "23 h 41 min", "12 s": rounded up, two units at most.
std::string span_words(std::chrono::seconds span);

/// "90", "90s", "10m", "24h", "7d", "1d12h". Errc::invalid otherwise, and for more than a hundred years.
Result<std::chrono::seconds> parse_span(const std::string& text);

}  // namespace kerbgate::rotate
