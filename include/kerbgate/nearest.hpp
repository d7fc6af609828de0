#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace kerbgate {

/// How many slips (a letter missing, added, wrong or two swapped; case does not count) lie between two words. The time
/// is the product of their lengths.
std::size_t slips(std::string_view a, std::string_view b);

/// The word of `known` that `word` was most likely meant to be: the fewest slips, at most a third of the word's length and at least one. nullopt when nothing is near.
/// Of two equally near ones the first.
std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> known);

/// "; did you mean 'X'?", or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);

}  // namespace kerbgate
