#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kerbgate::ktutil {

/// A line's words, parted by blanks and tabs. Double quotes keep blanks together and may stand within a word; two in a
/// row inside quotes are one quote. No other character is special. nullopt: a quote is not closed.
std::optional<std::vector<std::string>> words_of(std::string_view line);

/// The number at the beginning of `text` as C's atoi reads it, cut to 32 bits: 0 when there is none.
std::int32_t leading_number(const std::string& text);
/// True when `text` is digits alone and nothing is cut: what a person meant is what leading_number() gives.
bool is_plain_number(const std::string& text);

}  // namespace kerbgate::ktutil
