#include "config/bind.hpp"
#include "config/keyword.hpp"
#include "config/log_line.hpp"
#include "config/nearest.hpp"
#include "config/server.hpp"
#include "config/value.hpp"

namespace kerbgate::config {
namespace {

void set_mode(const Statement& line) {
  const std::string& mode = line.args[0].text;
  if (mode == "tcp" || mode == "http") {
    line.settings().mode = mode == "tcp" ? Mode::tcp : Mode::http;
  } else {
    line.place.alert(line.args[0], "supports 'tcp' and 'http', not " + quoted(mode));
  }
}

void add_bind(const Statement& line) { add_binds(line.draft, line.place, line.args[0], line.args.subspan(1)); }

/// "random(2)" -> the draws; nullopt after saying what is wrong.
std::optional<int> random_draws(const Statement& line, std::string_view word) {
  if (word == "random") return 2;
  word.remove_prefix(std::string_view("random(").size());
  const auto draws = parse_number(word.substr(0, word.find(')')), 1, 100);
  if (draws && word.find(')') == word.size() - 1) return static_cast<int>(*draws);
  line.place.alert(line.args[0], quoted(line.args[0].text) + " is not random(N) with N from 1 to 100");
  return std::nullopt;
}

void set_balance(const Statement& line) {
  static constexpr struct {
    std::string_view name;
    Balance value;
  } kNames[] = {{"roundrobin", Balance::roundrobin}, {"static-rr", Balance::static_rr},
                {"leastconn", Balance::leastconn},   {"source", Balance::source},
                {"first", Balance::first},           {"leastqueries", Balance::leastqueries},
                {"principal", Balance::principal}};
  Settings& settings = line.settings();
  if (line.args.empty()) {
    settings.balance = Balance::roundrobin;
    return line.place.warning(line.head, "alone is a dead form; write 'balance roundrobin'");
  }
  const Word& word = line.args[0];
  for (const auto& row : kNames) {
    if (row.name == word.text) {
      settings.balance = row.value;
      return;
    }
  }
  if (word.text == "random" || word.text.substr(0, 7) == "random(") {
    if (const auto draws = random_draws(line, word.text)) {
      settings.balance = Balance::random;
      settings.random_draws = *draws;
    }
    return;
  }
  static constexpr std::string_view kKnown[] = {"roundrobin", "static-rr", "leastconn", "source",
                                                "first",      "random",    "principal", "leastqueries"};
  line.place.alert(
      word, "supports roundrobin, static-rr, leastconn, leastqueries, source, first, random(N) and principal (got " +
                quoted(word.text) + ")" + did_you_mean(word.text, kKnown));
}

void set_maxconn(const Statement& line) {
  if (const auto n = line.place.number(line.args[0], 0, kMostConnections))
    line.settings().maxconn = static_cast<std::uint32_t>(*n);
}
void set_backlog(const Statement& line) {
  if (const auto n = line.place.number(line.args[0], 0, kMostConnections))
    line.settings().backlog = static_cast<int>(*n);
}
void set_retries(const Statement& line) {
  if (const auto n = line.place.number(line.args[0], 0, 1000)) line.settings().retries = static_cast<int>(*n);
}
void set_disabled(const Statement& line) { line.settings().disabled = true; }
void set_enabled(const Statement& line) { line.settings().disabled = false; }
void set_description(const Statement& line) { line.proxy().description = line.joined_args(); }

void set_default_backend(const Statement& line) {
  line.settings().default_backend = line.args[0].text;
  line.settings().default_backend_at = line.place.at(line.args[0]);
}

void set_log(const Statement& line) {
  Settings& settings = line.settings();
  if (line.negated) {
    settings.log.clear();
    settings.log_global = false;
  } else if (line.args.size() == 1 && line.args[0].text == "global") {
    settings.log_global = true;
  } else if (auto target = parse_log(line.place, line.args)) {
    settings.log.push_back(std::move(*target));
  }
}

constexpr Keyword kRows[] = {
    {kProxy, "mode", "tcp|http", State::working, 1, 1, set_mode,
     "tcp; http is for the stats page, anything else in it is relayed unread", ""},
    {kL | kF, "bind", "[ADDR]:PORT[-PORT][,...] [options]", State::working, 1, -1, add_bind,
     "an address to listen on; also unix@PATH, /PATH, fd@N, ipv4@, ipv6@", ""},
    {kBack, "balance", "[leastconn|source|roundrobin|static-rr|first|random(N)|leastqueries|principal]", State::working,
     0, 1, set_balance,
     "how a server is chosen (roundrobin); alone it is a dead form; principal: with kerberos login verify", ""},
    {kL | kB, "server", "NAME HOST:PORT [options]", State::working, 2, -1, add_server, "where connections go", ""},
    {kL | kB, "server-template", "PREFIX N|A-B HOST[:PORT] [options]", State::working, 3, -1, add_template,
     "so many servers PREFIX1, PREFIX2, ..., filled from DNS; with SRV records without a port", ""},
    {kBack, "default-server", "[options]", State::working, 1, -1, change_template,
     "options of the server lines after it", ""},
    {kFront, "default_backend", "NAME", State::working, 1, 1, set_default_backend, "the backend that connections go to",
     ""},
    {kFront, "maxconn", "N", State::working, 1, 1, set_maxconn, "connections at once; 0 or none: global's alone", ""},
    {kFront, "backlog", "N", State::working, 1, 1, set_backlog,
     "connections that the kernel keeps until they are accepted", ""},
    {kBack, "retries", "N", State::working, 1, 1, set_retries, "attempts to connect after the first (3)", ""},
    {kL | kF | kB, "description", "TEXT", State::working, 1, -1, set_description, "free text", ""},
    {kProxy, "disabled", "", State::working, 0, 0, set_disabled, "the section is read and not run", ""},
    {kProxy, "enabled", "", State::working, 0, 0, set_enabled, "take back a defaults' disabled", ""},
    {kProxy, "log", "global | TARGET [len N] [format F] FACILITY [LEVEL [MINLEVEL]]", State::working, 1, -1, set_log,
     "global: the targets of the global section; 'no log' takes all away", ""},
    {kProxy, "id", "N", State::note, 1, 1, nullptr, "sections have names", ""},
    {kBack, "fullconn", "N", State::note, 1, 1, nullptr, "a server's maxconn alone is its limit", ""},
    {kBack, "hash-type", "METHOD [FUNCTION]", State::note, 1, -1, nullptr, "a weighted rendezvous hash is always used",
     ""},
    {kProxy, "bind-process", "SET", State::note, 1, -1, nullptr, "every thread serves every listener", ""},
    {kFront, "grace", "TIME", State::note, 1, 1, nullptr, "a soft stop closes the listeners at once", ""},
    {kProxy, "load-server-state-from-file", "WORD", State::note, 1, 1, nullptr, "a reload keeps states in the process",
     ""},
};

}  // namespace

std::span<const Keyword> listening_keywords() { return kRows; }

}  // namespace kerbgate::config
