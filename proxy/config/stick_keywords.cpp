// What is remembered of clients: stick-table, stick.
#include "config/acl.hpp"
#include "config/nearest.hpp"
#include "config/value.hpp"

namespace kerbgate::config {
namespace {

using rules::TableConf;

/// HAProxy counts these too; no rule here can ask for them.
constexpr std::string_view kUncounted[] = {
    "server_id",     "gpc",           "gpc0",          "gpc0_rate",     "gpc1",           "gpc1_rate",
    "gpt",           "gpt0",          "conn_cum",      "sess_cnt",      "sess_rate",      "http_req_cnt",
    "http_req_rate", "http_err_cnt",  "http_err_rate", "http_fail_cnt", "http_fail_rate", "bytes_in_cnt",
    "bytes_in_rate", "bytes_out_cnt", "bytes_out_rate"};

class TableReader {
 public:
  explicit TableReader(const Statement& line) : line_(line) {}

  std::optional<TableConf> read() {
    for (std::size_t at = 0; at < line_.args.size() && !failed_; ++at) {
      const Word& word = line_.args[at];
      if (word.text == "nopurge") {
        table_.nopurge = true;
        continue;
      }
      static constexpr std::string_view kKnown[] = {"type", "size", "expire", "store", "nopurge", "peers", "len"};
      if (std::find(std::begin(kKnown), std::end(kKnown), word.text) == std::end(kKnown)) {
        fail(word, "unknown argument " + quoted(word.text) + did_you_mean(word.text, kKnown));
      } else if (at + 1 == line_.args.size()) {
        fail(word, "missing argument after " + quoted(word.text));
      } else {
        read_pair(word, line_.args[++at]);
      }
    }
    if (!failed_ && !typed_)
      fail(line_.head, "missing type; expects type ip|ipv6|string size N [expire TIME] [store LIST]");
    if (!failed_ && table_.size == 0) fail(line_.head, "missing size");
    if (failed_) return std::nullopt;
    return table_;
  }

 private:
  void fail(const Word& word, const std::string& what) {
    line_.place.alert(word, what);
    failed_ = true;
  }

  void read_pair(const Word& word, const Word& value) {
    if (word.text == "type") return read_type(value);
    if (word.text == "size") return read_size(value);
    if (word.text == "store") return read_store(value);
    if (word.text == "len") {
      const auto length = line_.place.number(value, 1, 4096);
      failed_ = failed_ || !length;
      table_.length = std::size_t(length.value_or(32));
    } else if (word.text == "expire") {
      const auto time = line_.place.time(value, false);
      failed_ = failed_ || !time;
      table_.expire = time.value_or(Millis(0));
    } else {
      line_.place.say(Level::note, word, "'peers' does nothing here: tables are this process's own");
    }
  }

  void read_type(const Word& value) {
    typed_ = true;
    if (value.text == "ip") return void(table_.type = TableConf::Type::ip);
    if (value.text == "ipv6") return void(table_.type = TableConf::Type::ipv6);
    if (value.text == "string") return void(table_.type = TableConf::Type::string);
    static constexpr std::string_view kKnown[] = {"ip", "ipv6", "string"};
    fail(value,
         "unknown type " + quoted(value.text) + "; ip, ipv6 and string are known" + did_you_mean(value.text, kKnown));
  }

  void read_size(const Word& value) {
    const auto size = parse_size(value.text);
    if (!size) return fail(value, size.error().what);
    if (*size == 0 || *size > 100'000'000) return fail(value, "a table holds 1 to 100m entries");
    table_.size = *size;
  }

  void read_store(const Word& value) {
    std::string_view rest = value.text;
    while (!rest.empty() && !failed_) {
      const std::size_t comma = rest.find(',');
      read_counter(value, rest.substr(0, comma));
      rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    }
  }

  void read_counter(const Word& value, std::string_view text) {
    const std::size_t open = text.find('(');
    const std::string_view name = text.substr(0, open);
    if (name == "conn_cur") return void(table_.current = true);
    if (name == "conn_cnt") return void(table_.total = true);
    if (name == "conn_rate") {
      if (open == std::string_view::npos || text.back() != ')')
        return fail(value, "missing argument to store option 'conn_rate': its period, as in conn_rate(10s)");
      const auto period = parse_time(text.substr(open + 1, text.size() - open - 2));
      if (!period || period->count() == 0)
        return fail(value,
                    "'conn_rate' : " + (period ? std::string("a period is at least 1 ms") : period.error().what));
      table_.rate_period = *period;
      return;
    }
    if (std::find(std::begin(kUncounted), std::end(kUncounted), name) != std::end(kUncounted)) {
      if (line_.place.report.first("note store " + std::string(name)))
        line_.place.say(Level::note, value, "nothing counts " + quoted(name) + " here");
      return;
    }
    static constexpr std::string_view kKnown[] = {"conn_cur", "conn_rate", "conn_cnt"};
    fail(value, "unknown store option " + quoted(name) + did_you_mean(name, kKnown));
  }

  const Statement& line_;
  TableConf table_;
  bool typed_ = false, failed_ = false;
};

void set_table(const Statement& line) {
  Proxy& proxy = line.proxy();
  if (proxy.table) return line.place.alert(line.head, "stick-table name " + quoted(proxy.name) + " is declared twice");
  proxy.table_at = line.place.at(line.head);
  if (auto table = TableReader(line).read()) proxy.table = *table;
}

template <bool Match, bool Store>
void add_stick(const Statement& line) {
  StickRule rule;
  rule.at = line.place.at(line.head);
  rule.match = Match;
  rule.store = Store;
  const std::size_t at = find_condition(line.args);
  const std::span<const Word> words = line.args.first(at);
  if (words.empty()) return line.place.alert(line.head, "'stick' expects a fetch method");
  if (words[0].text == "principal") {
    rule.key = StickRule::Key::principal;
  } else if (words[0].text == "req.ssl_sni" || words[0].text == "req_ssl_sni") {
    rule.key = StickRule::Key::server_name;
  } else if (words[0].text != "src") {
    return line.place.alert(
        words[0], "unknown fetch method " + quoted(words[0].text) + "; 'src', 'req.ssl_sni' and 'principal' are known");
  }
  const bool table = words.size() == 3 && words[1].text == "table";
  if (words.size() != 1 && !table)
    return line.place.alert(words[1],
                            "only accepts 'table NAME', 'if' and 'unless' (got " + quoted(words[1].text) + ")");
  rule.table = table ? words[2].text : line.proxy().name;
  line.proxy().tables_used.push_back({rule.table, "stick", line.place.at(words[0])});
  auto when = parse_condition(line, line.args.subspan(at), "a 'stick' rule", true);
  if (!when) return;
  rule.when = std::move(*when);
  line.proxy().sticks.push_back(std::move(rule));
}

constexpr Keyword kRows[] = {
    {kL | kF | kB, "stick-table", "type T size N [expire TIME] [store LIST]", State::working, 2, -1, set_table,
     "a table of clients; T: ip, ipv6, string [len N]; LIST: conn_cur, conn_rate(TIME), conn_cnt", ""},
    {kL | kB, "stick on", "KEY [table NAME] [if|unless CONDITION]", State::working, 0, -1, add_stick<true, true>,
     "keeps a client with its server; KEY: src, req.ssl_sni, principal", ""},
    {kL | kB, "stick match", "KEY [table NAME] [if|unless CONDITION]", State::working, 0, -1, add_stick<true, false>,
     "looks for the client's server", ""},
    {kL | kB, "stick store-request", "KEY [table NAME] [if|unless CONDITION]", State::working, 0, -1,
     add_stick<false, true>, "remembers the client's server", ""},
};

}  // namespace

std::span<const Keyword> stick_keywords() { return kRows; }

}  // namespace kerbgate::config
