#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/draft.hpp"
#include "config/lexer.hpp"
#include "config/place.hpp"

/// The table that the language is made of. A line's meaning, the nearest known word and the documentation's
/// completeness all come from its rows.
namespace kerbgate::config {

enum class State {
  working,
  note,     ///< HAProxy's, does nothing here: said once
  not_yet,  ///< accepted, and a warning says what happens instead
  refused,  ///< as not_yet, but going on without it would be dangerous: an alert
  dead,     ///< a form that HAProxy no longer takes: done, and a warning gives the modern one
};

const char* state_word(State state);

/// Sets of sections.
inline constexpr unsigned kG = 1, kD = 2, kL = 4, kF = 8, kB = 16, kR = 64;
inline constexpr unsigned kFront = kD | kL | kF, kBack = kD | kL | kB, kProxy = kD | kL | kF | kB;

struct Keyword;

/// One line of a section, cut into a keyword and its arguments.
struct Statement {
  Draft& draft;
  const Keyword& keyword;
  Place place;       ///< "'timeout client'"
  const Word& head;  ///< the keyword's last word
  std::span<const Word> args;
  bool negated = false;  ///< `no` before it

  [[nodiscard]] Global& global() const { return draft.global; }
  [[nodiscard]] Proxy& proxy() const { return *draft.proxy; }
  [[nodiscard]] Settings& settings() const { return draft.proxy->settings; }
  [[nodiscard]] Resolvers& resolvers() const { return draft.resolvers.back(); }
  [[nodiscard]] std::string joined_args() const;
  /// The "not yet" message, as a warning or, where going on would be dangerous, an alert.
  void not_yet(Level level, const Word& word, const std::string& instead) const;
};

struct Keyword {
  unsigned sections = 0;    ///< kG, kR, or any of kProxy
  std::string_view name;    ///< one word, or a family and a member: "timeout client"; a last '*' stands for anything
  std::string_view syntax;  ///< its arguments; empty: none
  State state = State::working;
  int least = 0, most = 0;                    ///< number of arguments; most -1: any
  void (*apply)(const Statement&) = nullptr;  ///< null: nothing to keep
  std::string_view summary;                   ///< for the documentation, one line
  std::string_view instead;                   ///< not_yet and refused: what happens now; empty: `apply` says it itself
};

std::span<const Keyword> global_keywords();
std::span<const Keyword> listening_keywords();  ///< what a section is, what it listens on, where it sends to
std::span<const Keyword> timeout_keywords();
std::span<const Keyword> option_keywords();
std::span<const Keyword> check_keywords();  ///< how servers are checked
std::span<const Keyword> kerberos_keywords();
std::span<const Keyword> coordinator_check_keywords();  ///< checks that know Impala
std::span<const Keyword> rule_keywords();               ///< who is let in, and to which backend
std::span<const Keyword> stick_keywords();              ///< what is remembered of clients
std::span<const Keyword> socket_keywords();  ///< keepalive's numbers, the address that connections leave from
std::span<const Keyword> stats_keywords();
std::span<const Keyword> log_keywords();    ///< what a connection's line looks like
std::span<const Keyword> http_keywords();   ///< of proxies: what only HTTP has
std::span<const Keyword> resolvers_keywords();

/// All of them, in that order.
const std::vector<Keyword>& all_keywords();

/// Whether a line of such a section begins with a keyword or a keyword's family.
bool begins_with_keyword(SectionKind section, std::span<const Word> words);
/// The first words of all keywords of such a section.
std::vector<std::string_view> first_words(SectionKind section);

/// Finds the keyword of a line, checks section, `no` and number of arguments, and applies it; says what is wrong.
/// `words` is not empty.
void apply_line(Draft& draft, Report& report, const Position& line, std::span<const Word> words);

}  // namespace kerbgate::config
