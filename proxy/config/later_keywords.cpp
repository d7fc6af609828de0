#include "config/keyword.hpp"
#include "config/nearest.hpp"
#include "config/value.hpp"

namespace kerbgate::config {
namespace {

constexpr std::string_view kNoStats = "the stats page is not served";
constexpr std::string_view kNoTable = "stick tables; 'balance source' keeps a client's address with its server";
constexpr std::string_view kConnectCheck = "servers are checked by a TCP connection that leaves at once";

/// What stands before `if` or `unless`, which must have a condition after it.
std::span<const Word> without_condition(const Statement& line) {
  for (std::size_t i = 0; i < line.args.size(); ++i) {
    if (line.args[i].text != "if" && line.args[i].text != "unless") continue;
    if (i + 1 == line.args.size())
      line.place.alert(line.args[i], "expects a condition after '" + line.args[i].text + "'");
    return line.args.first(i);
  }
  return line.args;
}

/// `accept`, `track-sc0 src`: harmless to leave out. `reject` and `expect-proxy` are not.
void check_rule(const Statement& line) {
  const auto action = without_condition(line);
  if (action.empty())
    return line.place.alert(line.head, "expects accept, reject, track-sc0 src or expect-proxy layer4");
  const Word& word = action[0];
  if (word.text == "reject")
    return line.not_yet(Level::alert, word,
                        "rules; those who are to be rejected would be let in, so the configuration is refused: use a "
                        "firewall and take the line away");
  if (word.text == "expect-proxy")
    return line.not_yet(Level::alert, word,
                        "PROXY headers from clients; their bytes would be taken for a login, so the "
                        "configuration is refused");
  if (word.text != "accept" && word.text != "track-sc0") {
    static constexpr std::string_view kKnown[] = {"accept", "reject", "track-sc0", "expect-proxy"};
    return line.place.alert(word, "supports accept, reject, track-sc0 src and expect-proxy layer4 (got " +
                                      quoted(word.text) + ")" + did_you_mean(word.text, kKnown));
  }
  line.not_yet(Level::warning, word, "rules; every connection is accepted");
}

void check_delay(const Statement& line) { (void)line.place.time(line.args[0], true); }
void check_refresh(const Statement& line) {
  if (const auto time = line.place.time(line.args[0], true, Millis(1000))) line.settings().stats.refresh = *time;
}

/// `type T size N [expire TIME] ...`, in any order.
void check_stick_table(const Statement& line) {
  bool typed = false, sized = false;
  for (std::size_t i = 0; i + 1 < line.args.size(); i += 2) {
    const std::string& word = line.args[i].text;
    const Word& value = line.args[i + 1];
    typed = typed || word == "type";
    sized = sized || word == "size";
    if (word == "expire") (void)line.place.time(value, true);
    if (word != "size") continue;
    if (const auto size = parse_size(value.text); !size) line.place.alert(value, size.error().what);
  }
  if (!typed || !sized) line.place.alert(line.head, "expects type T size N [expire TIME] [store LIST]");
}

void use_backend(const Statement& line) {
  const auto name = without_condition(line);
  if (name.size() != 1) return line.place.alert(line.head, "expects NAME [if|unless CONDITION]");
  line.proxy().uses.push_back({name[0].text, line.place.at(name[0])});
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
    {kL | kF | kB, "acl", "NAME TEST [-f FILE] [VALUE...]", State::not_yet, 2, -1, nullptr, "names a condition",
     "conditions; nothing depends on them"},
    {kL | kF, "use_backend", "NAME [if|unless CONDITION]", State::not_yet, 1, -1, use_backend,
     "a backend for some connections", "every connection goes to default_backend"},
    {kFront | kB, "tcp-request connection", "ACTION [if|unless CONDITION]", State::not_yet, 1, -1, check_rule,
     "rules before anything is read; reject and expect-proxy: refused", ""},
    {kFront | kB, "tcp-request session", "ACTION [if|unless CONDITION]", State::not_yet, 1, -1, check_rule,
     "rules after the PROXY header; reject: refused", ""},
    {kFront | kB, "tcp-request content", "ACTION [if|unless CONDITION]", State::not_yet, 1, -1, check_rule,
     "rules after the first bytes; reject: refused", ""},
    {kFront | kB, "tcp-request inspect-delay", "TIME", State::not_yet, 1, 1, check_delay,
     "how long content rules wait for bytes", "'timeout login' is what limits the wait for a client's first bytes"},
    {kFront, "tls-passthrough", "", State::not_yet, 0, 0, nullptr, "no bytes read but SNI; kerbgate's own",
     "TLS is known by its first bytes and relayed unread, whatever its SNI"},
    {kBack, "stick-table", "type T size N [expire TIME] [store LIST]", State::not_yet, 2, -1, check_stick_table,
     "a table of clients", kNoTable},
    {kBack, "stick on", "KEY [table NAME] [if|unless CONDITION]", State::not_yet, 1, -1, nullptr,
     "keeps a client with its server", kNoTable},
    {kBack, "stick match", "KEY [table NAME]", State::not_yet, 1, -1, nullptr, "keeps a client with its server",
     kNoTable},
    {kBack, "stick store-request", "KEY [table NAME]", State::not_yet, 1, -1, nullptr, "keeps a client with its server",
     kNoTable},
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
