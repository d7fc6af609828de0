// Who is let in, and to which backend: acl, use_backend, tcp-request.
#include "config/acl.hpp"
#include "config/nearest.hpp"

namespace kerbgate::config {
namespace {

constexpr std::string_view kActions[] = {"accept", "reject", "track-sc0", "expect-proxy"};
constexpr const char* kMembers[] = {"connection", "session", "content"};
enum class Moment { connection, session, content };

void add_acl(const Statement& line) {
  const Word& name = line.args[0];
  const Place place{line.place.report, line.place.line, "error detected while parsing ACL " + quoted(name.text)};
  constexpr std::string_view kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:";
  if (const std::size_t bad = name.text.find_first_not_of(kAllowed); bad != std::string::npos)
    return line.place.alert(
        name, "character " + quoted(name.text.substr(bad, 1)) + " is not permitted in acl name " + quoted(name.text));
  if (name.text == "or") return line.place.alert(name, "'or' is no name for an acl: it divides conditions");
  auto& tests = line.proxy().acls[name.text];  // known even when it is wrong: its uses are not
  if (auto test = parse_test(line, place, line.args.subspan(1))) tests.push_back(std::move(test));
}

void use_backend(const Statement& line) {
  const Word& name = line.args[0];
  if (name.text.find("%[") != std::string::npos)
    return line.place.alert(name, "a name made of the connection is not supported: write a line for each backend");
  const std::size_t at = find_condition(line.args);
  if (at > 1)
    return line.place.alert(line.args[1], "unexpected keyword " + quoted(line.args[1].text) +
                                              " after switching rule, only 'if' and 'unless' are allowed");
  if (auto when = parse_condition(line, line.args.subspan(at), "switching rule", true))
    line.proxy().uses.push_back({name.text, line.place.at(name), std::move(*when)});
}

bool read_track(const Statement& line, std::span<const Word> words, Rule& rule) {
  if (words.size() < 2) {
    line.place.alert(words[0], "'track-sc0' : missing fetch method; write 'track-sc0 src [table NAME]'");
    return false;
  }
  const bool table = words.size() == 4 && words[2].text == "table";
  if (words[1].text != "src" || (words.size() != 2 && !table)) {
    line.place.alert(words[1], "'track-sc0' supports 'src [table NAME]'");
    return false;
  }
  rule.action = Rule::Action::track;
  if (table) rule.table = words[3].text;
  return true;
}

bool read_action(const Statement& line, Moment moment, std::span<const Word> words, Rule& rule) {
  const Word& word = words[0];
  const auto only = [&](std::size_t count) {
    if (words.size() <= count) return true;
    line.place.alert(words[count],
                     "'" + word.text + "' only accepts 'if' or 'unless' (got " + quoted(words[count].text) + ")");
    return false;
  };
  if (word.text == "track-sc0") return read_track(line, words, rule);
  if (word.text == "accept" || word.text == "reject") {
    rule.action = word.text == "accept" ? Rule::Action::accept : Rule::Action::reject;
    return only(1);
  }
  if (word.text == "expect-proxy" && moment == Moment::connection) {
    rule.action = Rule::Action::expect_proxy;
    if (words.size() > 1 && words[1].text == "layer4") return only(2);
    line.place.alert(word, "'expect-proxy' only supports 'layer4'");
    return false;
  }
  line.place.alert(word, std::string("expects accept, reject, track-sc0 src") +
                             (moment == Moment::connection ? " or expect-proxy layer4" : "") + " (got " +
                             quoted(word.text) + ")" + did_you_mean(word.text, kActions));
  return false;
}

template <Moment When>
void add_rule(const Statement& line) {
  Rule rule;
  rule.at = line.place.at(line.head);
  const std::size_t at = find_condition(line.args);
  if (at == 0) return line.place.alert(line.args[0], "expects an action before " + quoted(line.args[0].text));
  if (!read_action(line, When, line.args.first(at), rule)) return;
  auto when = parse_condition(line, line.args.subspan(at),
                              std::string("a 'tcp-request ") + kMembers[int(When)] + "' rule", When == Moment::content);
  if (!when) return;
  rule.when = std::move(*when);
  Settings& settings = line.settings();
  (When == Moment::connection ? settings.connection_rules
   : When == Moment::session  ? settings.session_rules
                              : settings.content_rules)
      .push_back(std::move(rule));
}

void set_delay(const Statement& line) {
  if (const auto time = line.place.time(line.args[0], true)) line.settings().inspect_delay = *time;
}

void set_passthrough(const Statement& line) { line.settings().tls_passthrough = true; }

constexpr Keyword kRows[] = {
    {kL | kF | kB, "acl", "NAME TEST [-f FILE] [VALUE...]", State::working, 2, -1, add_acl,
     "names a condition; lines of one name are or-ed", ""},
    {kL | kF, "use_backend", "NAME [if|unless CONDITION]", State::working, 1, -1, use_backend,
     "a backend for some connections; the first that fits", ""},
    {kFront, "tcp-request connection", "ACTION [if|unless CONDITION]", State::working, 1, -1,
     add_rule<Moment::connection>, "rules before anything is read: accept, reject, track-sc0 src, expect-proxy layer4",
     ""},
    {kFront, "tcp-request session", "ACTION [if|unless CONDITION]", State::working, 1, -1, add_rule<Moment::session>,
     "rules after the PROXY header: accept, reject, track-sc0 src", ""},
    {kFront | kB, "tcp-request content", "ACTION [if|unless CONDITION]", State::working, 1, -1,
     add_rule<Moment::content>, "rules after the first bytes: accept, reject, track-sc0 src", ""},
    {kFront | kB, "tcp-request inspect-delay", "TIME", State::working, 1, 1, set_delay,
     "how long content rules wait for bytes (timeout login)", ""},
    {kFront, "tls-passthrough", "", State::working, 0, 0, set_passthrough, "no bytes read but SNI; kerbgate's own", ""},
};

}  // namespace

std::span<const Keyword> rule_keywords() { return kRows; }

}  // namespace kerbgate::config
