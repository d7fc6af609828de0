// The stats page's lines: of sections in mode http.
#include <algorithm>

#include "config/acl.hpp"
#include "config/keyword.hpp"

namespace kerbgate::config {
namespace {

/// Any stats line turns the page on.
StatsSettings& stats_of(const Statement& line) {
  line.settings().stats.enabled = true;
  return line.settings().stats;
}

void enable(const Statement& line) { (void)stats_of(line); }
void hide_version(const Statement& line) { stats_of(line).hide_version = true; }
void show_legends(const Statement& line) { stats_of(line).show_legends = true; }

void set_uri(const Statement& line) {
  const std::string& uri = line.args[0].text;
  if (uri.empty() || uri[0] != '/') return line.place.alert(line.args[0], "expects a path that begins with '/'");
  stats_of(line).uri = uri;
}

void set_realm(const Statement& line) { stats_of(line).realm = line.joined_args(); }

void set_refresh(const Statement& line) {
  if (const auto time = line.place.time(line.args[0], true, Millis(1000))) stats_of(line).refresh = *time;
}

void add_auth(const Statement& line) {
  const std::size_t colon = line.args[0].text.find(':');
  // The word holds a password: it is not repeated in the message.
  if (colon == std::string::npos || colon == 0) return line.place.alert(line.args[0], "expects USER:PASSWORD");
  if (colon + 1 == line.args[0].text.size())
    return line.place.alert(line.args[0], "has no password: whoever knows the name would be let in");
  stats_of(line).auth.push_back(line.args[0].text);
}

void show_node(const Statement& line) {
  StatsSettings& stats = stats_of(line);
  stats.show_node = true;
  if (!line.args.empty()) stats.node = line.args[0].text;
}

void show_description(const Statement& line) {
  StatsSettings& stats = stats_of(line);
  stats.show_description = true;
  stats.description = line.joined_args();
}

void add_scope(const Statement& line) { stats_of(line).scope.push_back(line.args[0].text); }

/// Addresses and ports are all that is known of whoever asks. A test of anything else is an error: that it never
/// matches would let everybody in behind `unless`.
bool is_of_addresses(const rules::Test& test) {
  using rules::Fetch;
  switch (test.fetch) {
    case Fetch::always_true:
    case Fetch::always_false:
    case Fetch::src:
    case Fetch::src_port:
    case Fetch::dst:
    case Fetch::dst_port:
      return true;
    default:
      return false;
  }
}

void allow_admin(const Statement& line) {
  if (line.args[0].text != "unless" && line.args[0].text != "if")
    return line.place.alert(line.args[0], "expects 'if' or 'unless' and a condition");
  StatsSettings& stats = stats_of(line);
  auto condition = parse_condition(line, line.args, "a 'stats admin' rule", true);
  if (!condition) return;
  for (const auto& all_of : condition->any_of)
    for (const rules::Term& term : all_of)
      for (const auto& test : term.any_of)
        if (!is_of_addresses(*test))
          return line.place.alert(line.args[1], quoted(test->name) +
                                                    " is not known where the page is asked for: src, "
                                                    "src_port, dst and dst_port are, and TRUE, FALSE and LOCALHOST");
  stats.admin.push_back(std::move(*condition));
}

constexpr std::string_view kShownToAll =
    "who may see the page by its request; it would be shown to all, so the configuration is refused: use 'stats auth'";

constexpr Keyword kRows[] = {
    {kProxy, "stats enable", "", State::working, 0, 0, enable, "the stats page on this listener (docs/stats.md)", ""},
    {kProxy, "stats uri", "PATH", State::working, 1, 1, set_uri, "its path (/ and /haproxy?stats)", ""},
    {kProxy, "stats auth", "USER:PASSWORD", State::working, 1, 1, add_auth, "who may see it; may repeat", ""},
    {kProxy, "stats refresh", "TIME", State::working, 1, 1, set_refresh,
     "it loads itself anew; bare numbers are seconds", ""},
    {kProxy, "stats hide-version", "", State::working, 0, 0, hide_version, "no version on it", ""},
    {kProxy, "stats realm", "TEXT", State::working, 1, -1, set_realm,
     "what a browser shows when it asks for a password", ""},
    {kProxy, "stats admin", "if|unless CONDITION", State::working, 2, -1, allow_admin,
     "servers can be changed on it, by whom the condition lets: src, dst, their ports, LOCALHOST, TRUE", ""},
    {kProxy, "stats show-node", "[NAME]", State::working, 0, 1, show_node, "shows the node's name", ""},
    {kProxy, "stats show-desc", "[TEXT]", State::working, 0, -1, show_description, "shows the description", ""},
    {kProxy, "stats show-legends", "", State::working, 0, 0, show_legends, "explains states and columns", ""},
    {kProxy, "stats scope", "NAME|.", State::working, 1, 1, add_scope, "shows these sections only; '.': its own", ""},
    {kProxy, "stats http-request", "ACTION [if|unless CONDITION]", State::refused, 1, -1, nullptr, "who may see it",
     kShownToAll},
};

}  // namespace

std::span<const Keyword> stats_keywords() { return kRows; }

}  // namespace kerbgate::config
