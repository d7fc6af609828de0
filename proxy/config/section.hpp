#pragma once

#include <span>

#include "config/draft.hpp"
#include "config/lexer.hpp"
#include "config/report.hpp"

namespace kerbgate::config {

/// Reads a line that begins a section and makes that section the current one; false when the line begins none. Sections
/// that do nothing here are skipped after a word about it.
bool open_section(Draft& draft, Report& report, const Position& line, std::span<const Word> words);

/// Whether a line that is no keyword was meant to begin a section: it is near the word for one, or stands at the margin
/// in a text whose keywords are indented. Then it is said so, and its lines are skipped.
bool skip_unknown_section(Draft& draft, Report& report, const Position& line, std::span<const Word> words,
                          bool keywords_are_indented);

}  // namespace kerbgate::config
