#include "config/keyword.hpp"
#include "config/nearest.hpp"
#include "config/value.hpp"

namespace kerbgate::config {
namespace {

constexpr std::string_view kNoStats = "the stats page is not served";
constexpr std::string_view kConnectCheck = "servers are checked by a TCP connection that leaves at once";

void check_refresh(const Statement& line) {
  if (const auto time = line.place.time(line.args[0], true, Millis(1000))) line.settings().stats.refresh = *time;
}

void stats_enable(const Statement& line) { line.settings().stats.enabled = true; }
void stats_hide_version(const Statement& line) {
  line.settings().stats.enabled = line.settings().stats.hide_version = true;
}
void stats_uri(const Statement& line) {
  line.settings().stats.enabled = true;
  line.settings().stats.uri = line.args[0].text;
}
void stats_realm(const Statement& line) {
  line.settings().stats.enabled = true;
  line.settings().stats.realm = line.joined_args();
}
void stats_auth(const Statement& line) {
  const std::size_t colon = line.args[0].text.find(':');
  // The word holds a password: it is not repeated in the message.
  if (colon == std::string::npos || colon == 0) return line.place.alert(line.args[0], "expects USER:PASSWORD");
  line.settings().stats.enabled = true;
  line.settings().stats.auth.push_back(line.args[0].text);
}

void note_template(const Statement& line) { line.proxy().takes_servers_elsewhere = true; }

constexpr Keyword kRows[] = {
    {kProxy, "stats enable", "", State::not_yet, 0, 0, stats_enable, "the stats page on this listener", kNoStats},
    {kProxy, "stats uri", "PATH", State::not_yet, 1, 1, stats_uri, "its path (/ and /haproxy?stats)", kNoStats},
    {kProxy, "stats auth", "USER:PASSWORD", State::not_yet, 1, 1, stats_auth, "who may see it; may repeat", kNoStats},
    {kProxy, "stats refresh", "TIME", State::not_yet, 1, 1, check_refresh,
     "it loads itself anew; bare numbers are seconds", kNoStats},
    {kProxy, "stats hide-version", "", State::not_yet, 0, 0, stats_hide_version, "no version on it", kNoStats},
    {kProxy, "stats realm", "TEXT", State::not_yet, 1, -1, stats_realm,
     "what a browser shows when it asks for a password", kNoStats},
    {kProxy, "stats admin", "if|unless CONDITION", State::not_yet, 2, -1, nullptr, "servers can be changed on it",
     kNoStats},
    {kProxy, "stats show-node", "[NAME]", State::not_yet, 0, 1, nullptr, "shows the node's name", kNoStats},
    {kProxy, "stats show-desc", "[TEXT]", State::not_yet, 0, -1, nullptr, "shows the description", kNoStats},
    {kProxy, "stats show-legends", "", State::not_yet, 0, 0, nullptr, "shows more on hovering", kNoStats},
    {kProxy, "stats scope", "NAME|.", State::not_yet, 1, 1, nullptr, "shows these sections only", kNoStats},
    {kProxy, "stats http-request", "ACTION [if|unless CONDITION]", State::not_yet, 1, -1, nullptr, "who may see it",
     kNoStats},
    {kBack, "tcp-check connect", "[port N] [ssl] ...", State::not_yet, 0, -1, nullptr, "a step of option tcp-check",
     kConnectCheck},
    {kBack, "tcp-check send", "TEXT", State::not_yet, 1, -1, nullptr, "a step of option tcp-check", kConnectCheck},
    {kBack, "tcp-check send-binary", "HEX", State::not_yet, 1, -1, nullptr, "a step of option tcp-check",
     kConnectCheck},
    {kBack, "tcp-check expect", "[!] MATCH PATTERN", State::not_yet, 1, -1, nullptr, "a step of option tcp-check",
     kConnectCheck},
    {kBack, "http-check send", "[meth M] [uri URI] ...", State::not_yet, 0, -1, nullptr, "a step of option httpchk",
     kConnectCheck},
    {kBack, "http-check expect", "[!] MATCH PATTERN", State::not_yet, 1, -1, nullptr, "a step of option httpchk",
     kConnectCheck},
    {kL | kB, "server-template", "PREFIX N HOST:PORT [options]", State::not_yet, 3, -1, note_template,
     "servers from DNS", "servers from DNS; none is made: write server lines"},
};

}  // namespace

std::span<const Keyword> later_keywords() { return kRows; }

}  // namespace kerbgate::config
