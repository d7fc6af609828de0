#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kerbgate::page {

/// What is asked for the chosen servers of one backend.
struct Change {
  enum class Word { drain, maint, ready, shutdown };
  Word word = Word::drain;
  std::string backend;
  std::vector<std::string> servers;
};

/// A posted form: `b`, `s` (may repeat), `action`, `token`.
struct Form {
  std::optional<Change> change;  ///< nothing when the action is unknown or fields are missing
  std::string token;
};
/// From application/x-www-form-urlencoded. Never fails: what cannot be read is left out.
Form parse_form(std::string_view body);

/// What came of it, as the page's address says it: HAProxy's words.
namespace outcome {
inline constexpr std::string_view kDone = "DONE", kNothing = "NONE", kPart = "PART", kError = "ERRP", kDenied = "DENY";
}
/// For people; empty when the word is none of them.
std::string_view notice_words(std::string_view outcome);

}  // namespace kerbgate::page
