#include "config/log_template.hpp"

#include <algorithm>

#include "config/nearest.hpp"
#include "config/source.hpp"

namespace kerbgate::config {
namespace {

using F = LogField;

constexpr LogFieldRow kFields[] = {
    {"ci", F::client_address, "client's address; after a PROXY header the announced one"},
    {"cp", F::client_port, "its port"},
    {"fi", F::frontend_address, "address that the client came to"},
    {"fp", F::frontend_port, "its port"},
    {"f", F::frontend, "listener"},
    {"ft", F::frontend_transport, "listener, with ~ when the client came by TLS"},
    {"b", F::backend, "backend"},
    {"bi", F::backend_address, "address that the server was connected from"},
    {"bp", F::backend_port, "its port: impalad knows the client by this one alone"},
    {"s", F::server, "server, <NOSRV> when none was chosen"},
    {"si", F::server_address, "server's address"},
    {"sp", F::server_port, "its port"},
    {"t", F::date_local_ms, "when the client was accepted, local time with milliseconds"},
    {"Tl", F::date_local, "the same with the zone's offset"},
    {"T", F::date_gmt, "the same in UTC"},
    {"Ts", F::seconds, "the same in seconds since 1970"},
    {"ms", F::milliseconds, "and its milliseconds"},
    {"Th", F::handshake_time, "ms for the PROXY header and the TLS handshake"},
    {"Tw", F::queue_time, "ms in queues"},
    {"Tc", F::connect_time, "ms to connect to the server"},
    {"Tt", F::total_time, "ms in all"},
    {"Tu", F::total_time, "the same"},
    {"Td", F::data_time, "ms of data, after the connect"},
    {"B", F::bytes_out, "bytes from server to client"},
    {"U", F::bytes_in, "bytes from client to server"},
    {"ts", F::termination, "termination state"},
    {"tsc", F::termination_cookie, "the same and --"},
    {"ac", F::active, "connections of the process"},
    {"fc", F::frontend_current, "of the listener"},
    {"bc", F::backend_current, "of the backend"},
    {"sc", F::server_current, "of the server"},
    {"rc", F::retries, "retries, with + when another server was tried"},
    {"sq", F::server_queue, "clients before this one in the server's queue"},
    {"bq", F::backend_queue, "in the backend's"},
    {"H", F::host, "host's name"},
    {"pid", F::pid, "process number"},
    {"rt", F::number, "number of the connection in this process, from 0"},
    {"lc", F::log_number, "number of the line of this listener, from 0"},
    {"sslc", F::tls_cipher, "cipher of the client's TLS"},
    {"sslv", F::tls_version, "version of the client's TLS"},
    {"ID", F::unique_id, "always missing: HTTP only"},
    {"ST", F::http_status, "always 0: HTTP only"},
    {"hr", F::nothing, "always empty: HTTP only"},
    {"hrl", F::nothing, "always empty: HTTP only"},
    {"hs", F::nothing, "always empty: HTTP only"},
    {"hsl", F::nothing, "always empty: HTTP only"},
};

constexpr LogFetchRow kFetches[] = {
    {"fe_name", LogFetch::frontend, "listener"},
    {"be_name", LogFetch::backend, "backend"},
    {"srv_name", LogFetch::server, "server"},
    {"ssl_fc", LogFetch::tls, "1: the client came by TLS, 0: in clear"},
    {"ssl_fc_sni", LogFetch::tls_name, "name that the client asked for by TLS"},
    {"ssl_fc_protocol", LogFetch::tls_version, "version of the client's TLS"},
    {"ssl_fc_cipher", LogFetch::tls_cipher, "its cipher"},
    {"ssl_c_s_dn", LogFetch::tls_subject, "subject of the client's certificate"},
    {"fc_err_str", LogFetch::error, "why the connection came to nothing, in error-log-format"},
    {"kerbgate.NAME", LogFetch::own, "one of kerbgate's own fields, by its name in the other lines"},
    {"kerbgate.fields", LogFetch::own_all, "all that there are, as NAME=VALUE"},
};

constexpr std::string_view kHttpOnly[] = {"CC", "CS", "Ta", "TR", "Ti", "Tq",  "Tr",  "HM",  "HP", "HPO",
                                          "HQ", "HU", "HV", "r",  "tr", "trg", "trl", "Trg", "Trl"};

/// The names of the fields that lines carry after HAProxy's.
constexpr std::string_view kOwn[] = {"client",   "service",    "enctype", "kvno",        "mechanism",
                                     "protocol", "local_port", "reason",  "ssl_version", "ssl_c_s_dn"};

constexpr std::string_view kOwnPrefix = "kerbgate.";

bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

Error wrong(std::string what) { return Error{Errc::invalid, std::move(what)}; }

/// How pieces are written from here on.
struct Flags {
  bool quoted = false, escaped = false, hex = false;
};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Result<LogTemplate> read() {
    while (at_ < text_.size()) {
      if (blank(text_[at_])) {
        add_blank();
      } else if (text_[at_] != '%') {
        literal() += text_[at_++];
      } else if (Result<void> read = variable(); !read) {
        return std::move(read).error();
      }
    }
    return std::move(out_);
  }

 private:
  // As HAProxy, several in a row are one.
  void add_blank() {
    while (at_ < text_.size() && blank(text_[at_])) ++at_;
    out_.pieces.emplace_back().kind = LogPiece::Kind::blank;
  }
  std::string& literal() {
    if (out_.pieces.empty() || out_.pieces.back().kind != LogPiece::Kind::text) out_.pieces.emplace_back();
    return out_.pieces.back().text;
  }
  LogPiece& piece(LogPiece::Kind kind, const Flags& flags) {
    LogPiece& out = out_.pieces.emplace_back();
    out.kind = kind;
    out.quoted = flags.quoted;
    out.escaped = flags.escaped;
    out.hex = flags.hex;
    return out;
  }

  /// From a '%' on.
  Result<void> variable() {
    ++at_;
    if (at_ == text_.size()) return wrong("it ends in a single %: write %% for the character");
    if (text_[at_] == '%') {
      literal() += text_[at_++];
      return {};
    }
    Flags flags = flags_;
    if (text_[at_] == '{') {
      const std::size_t end = text_.find('}', at_);
      if (end == std::string_view::npos) return wrong("missing '}' after " + quoted(text_.substr(at_)));
      if (Result<void> read = change(flags, text_.substr(at_ + 1, end - at_ - 1)); !read) return read;
      at_ = end + 1;
    }
    if (at_ < text_.size() && text_[at_] == '[') return fetch(flags);
    const std::size_t begin = at_;
    while (at_ < text_.size() && letter(text_[at_])) ++at_;
    return field(flags, text_.substr(begin, at_ - begin), begin);
  }

  /// `+Q,-X`
  static Result<void> change(Flags& flags, std::string_view list) {
    while (!list.empty()) {
      const std::string_view one = list.substr(0, list.find(','));
      list.remove_prefix(std::min(one.size() + 1, list.size()));
      const bool on = one.substr(0, 1) == "+";
      if (one == "+Q" || one == "-Q")
        flags.quoted = on;
      else if (one == "+E" || one == "-E")
        flags.escaped = on;
      else if (one == "+X" || one == "-X")
        flags.hex = on;
      else if (one != "+M" && one != "-M")
        return wrong("unknown flag " + quoted(one) +
                     " in braces: there are +Q quoted, +E escaped, +X hexadecimal, and - to take them back");
    }
    return {};
  }

  Result<void> field(const Flags& flags, std::string_view name, std::size_t begin) {
    if (name.empty())
      return wrong("no variable after % at character " + std::to_string(begin) + ": write %% for the character");
    if (name == "o") {
      flags_ = flags;
      return {};
    }
    for (const LogFieldRow& row : kFields) {
      if (row.name != name) continue;
      piece(LogPiece::Kind::field, flags).field = row.field;
      return {};
    }
    const std::string word = "'%" + std::string(name) + "'";
    if (std::find(std::begin(kHttpOnly), std::end(kHttpOnly), name) != std::end(kHttpOnly))
      return wrong("variable " + word + " is of HTTP alone: take it out");
    std::vector<std::string_view> known;
    for (const LogFieldRow& row : kFields) known.push_back(row.name);
    return wrong("no such variable " + word + did_you_mean(name, known) + "; write %% for the character");
  }

  /// From a '[' on: to the bracket that is not within parentheses.
  Result<void> fetch(const Flags& flags) {
    const std::size_t begin = ++at_;
    int depth = 0;
    while (at_ < text_.size() && (depth > 0 || text_[at_] != ']')) {
      depth += text_[at_] == '(' ? 1 : text_[at_] == ')' ? -1 : 0;
      ++at_;
    }
    if (at_ == text_.size()) return wrong("missing ']' after " + quoted(text_.substr(begin)));
    const std::string_view expression = text_.substr(begin, at_++ - begin);
    if (expression.find(',') != std::string_view::npos)
      return wrong("converters are not supported: " + quoted(expression));
    std::string_view name = expression, argument;
    if (rules::find_fetch(expression) != nullptr) return look(piece(LogPiece::Kind::fetch, flags), expression, "");
    if (const std::size_t open = expression.find('('); open != std::string_view::npos && expression.back() == ')') {
      name = expression.substr(0, open);
      argument = expression.substr(open + 1, expression.size() - open - 2);
    }
    LogPiece& out = piece(LogPiece::Kind::fetch, flags);
    return argument.empty() && own(out, name) ? Result<void>{} : look(out, name, argument);
  }

  static bool own(LogPiece& out, std::string_view name) {
    for (const LogFetchRow& row : kFetches) {
      if (row.name != name || row.fetch == LogFetch::own) continue;
      out.fetch = row.fetch;
      return true;
    }
    if (!name.starts_with(kOwnPrefix)) return false;
    name.remove_prefix(kOwnPrefix.size());
    out.fetch = LogFetch::own;
    out.text = name;
    return std::find(std::begin(kOwn), std::end(kOwn), name) != std::end(kOwn);
  }

  static Result<void> look(LogPiece& out, std::string_view name, std::string_view argument) {
    const rules::FetchRow* row = rules::find_fetch(name);
    if (row == nullptr) return wrong("unknown fetch " + quoted(name) + nearest_fetch(name));
    if (row->reads)
      return wrong(quoted(name) + " reads bytes that are gone when the line is written" +
                   (row->fetch == rules::Fetch::ssl_sni ? ": 'ssl_fc_sni' is the name of a TLS that ends here" : ""));
    if (row->argument == rules::FetchRow::Argument::none && !argument.empty())
      return wrong(quoted(name) + " has no argument");
    out.fetch = LogFetch::rule;
    out.rule = row->fetch;
    out.text = argument;
    return {};
  }

  static std::string nearest_fetch(std::string_view name) {
    std::vector<std::string> names;
    for (const std::string_view one : kOwn) names.push_back(std::string(kOwnPrefix) + std::string(one));
    for (const LogFetchRow& row : kFetches)
      if (row.fetch != LogFetch::own) names.emplace_back(row.name);
    for (const rules::FetchRow& row : rules::fetch_rows())
      if (!row.reads) names.emplace_back(row.name);
    const std::vector<std::string_view> known(names.begin(), names.end());
    return did_you_mean(name, known);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Flags flags_;
  LogTemplate out_;
};

}  // namespace

std::span<const LogFieldRow> log_field_rows() { return kFields; }
std::span<const LogFetchRow> log_fetch_rows() { return kFetches; }

bool LogTemplate::has(LogField field) const {
  return std::any_of(pieces.begin(), pieces.end(), [field](const LogPiece& piece) {
    return piece.kind == LogPiece::Kind::field && piece.field == field;
  });
}

Result<LogTemplate> parse_log_template(std::string_view text) {
  if (text != "json") return Reader(text).read();
  LogTemplate out;
  out.json = true;
  return out;
}

}  // namespace kerbgate::config
