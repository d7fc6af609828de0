// How servers are checked: option tcp-check, httpchk and ssl-hello-chk, and the lines of their steps.
#include <algorithm>

#include "config/address.hpp"
#include "config/keyword.hpp"
#include "config/nearest.hpp"
#include "config/tls.hpp"
#include "config/value.hpp"

namespace kerbgate::config {
namespace {

using check::Expect;
using check::Script;
using check::Step;

template <Script::Kind Which>
void choose(const Statement& line) {
  CheckDraft& check = line.settings().check;
  if (!line.negated)
    check.kind = Which;
  else if (check.kind == Which)
    check.kind = Script::Kind::plain;
}

/// HAProxy's old way to say headers: `HTTP/1.1\r\nHost:\ www`, and a body after an empty line.
void take_version(const Statement& line, const Word& word, check::Request& request) {
  const std::string& text = word.text;
  request.version = text.substr(0, text.find("\r\n"));
  if (request.version.size() == text.size()) return;
  std::string modern = "http-check send";
  const std::size_t end = text.find("\r\n\r\n");
  std::size_t at = request.version.size() + 2;
  while (at < std::min(end, text.size())) {
    const std::size_t stop = std::min(text.find("\r\n", at), text.size()), colon = text.find(':', at);
    if (colon >= stop) return line.place.alert(word, "expects NAME: VALUE after \\r\\n in the version");
    std::string value = text.substr(colon + 1, stop - colon - 1);
    value.erase(0, value.find_first_not_of(' '));
    modern += " hdr " + text.substr(at, colon - at) + " '" + value + "'";
    request.headers.emplace_back(text.substr(at, colon - at), value);
    at = stop + 2;
  }
  if (end != std::string::npos && end + 4 < text.size()) {
    request.body = text.substr(end + 4);
    modern += " body ...";
  }
  line.place.warning(word, "headers behind the version are a dead form; write '" + modern + "'");
}

void set_httpchk(const Statement& line) {
  choose<Script::Kind::http>(line);
  if (line.negated) return;
  check::Request& request = line.settings().check.request;
  request = {};
  if (line.args.size() == 1) request.uri = line.args[0].text;
  if (line.args.size() < 2) return;
  request.method = line.args[0].text;
  request.uri = line.args[1].text;
  if (line.args.size() == 3) take_version(line, line.args[2], request);
}

std::optional<std::string> octets_of(const Place& place, const Word& word) {
  std::string out;
  const std::string& text = word.text;
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
  };
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    const int high = digit(text[i]), low = digit(text[i + 1]);
    if (high < 0 || low < 0) break;
    out += char(high * 16 + low);
  }
  if (!out.empty() && out.size() * 2 == text.size()) return out;
  place.alert(word, "expects octets of two hexadecimal digits each (got " + quoted(text) + ")");
  return std::nullopt;
}

/// Reads the words of one line; the first that is wrong ends it.
class LineReader {
 public:
  LineReader(const Statement& line, bool http) : line_(line), http_(http), rest_(line.args) {
    out_.at = line.place.at(line.head);
  }

  void connect() {
    out_.step.kind = Step::Kind::connect;
    while (const Word* word = next()) connect_word(*word);
    keep();
  }
  void send(bool binary) {
    out_.step.kind = Step::Kind::send;
    const Word* text = next();
    if (binary) {
      if (const auto octets = octets_of(line_.place, *text)) out_.step.bytes = *octets;
    } else {
      out_.step.bytes = text->text;
    }
    while (const Word* word = next())
      if (word->text != "comment" || !comment(*word)) unknown(*word, {"comment"});
    keep();
  }
  void request() {
    out_.step.kind = Step::Kind::send;
    while (const Word* word = next()) request_word(*word);
    keep();
  }
  void expect() {
    out_.step.kind = Step::Kind::expect;
    while (const Word* word = next()) expect_word(*word);
    if (!failed_ && !matched_) fail(line_.head, "expects what is to be found: " + list(matches()));
    keep();
  }
  void comment_line() {
    out_.is_comment = true;
    out_.step.comment = next()->text;
    keep();
  }

 private:
  using Words = std::vector<std::string_view>;

  void fail(const Word& word, const std::string& what) {
    line_.place.alert(word, what);
    failed_ = true;
  }
  void unknown(const Word& word, const Words& known) {
    if (!failed_) fail(word, "unknown word " + quoted(word.text) + did_you_mean(word.text, known));
  }
  static std::string list(const Words& words) {
    std::string out;
    for (const std::string_view word : words) out += (out.empty() ? "'" : ", '") + std::string(word) + "'";
    return out;
  }

  const Word* next() {
    if (failed_ || rest_.empty()) return nullptr;
    const Word* word = &rest_.front();
    rest_ = rest_.subspan(1);
    return word;
  }
  /// The word after `of`; null after saying that there is none.
  const Word* value(const Word& of) {
    const Word* word = next();
    if (word == nullptr && !failed_) fail(of, quoted(of.text) + " expects a value after it");
    return word;
  }

  void keep() {
    if (failed_) return;
    CheckDraft& check = line_.settings().check;
    bool& inherited = http_ ? check.http_inherited : check.tcp_inherited;
    std::vector<CheckLine>& lines = http_ ? check.http : check.tcp;
    if (inherited) lines.clear();
    inherited = false;
    lines.push_back(std::move(out_));
  }

  bool comment(const Word& word) {
    const Word* text = value(word);
    if (text != nullptr) out_.step.comment = text->text;
    return true;
  }

  void connect_word(const Word& word) {
    check::Connect& connect = out_.step.connect;
    const std::string& text = word.text;
    if (text == "default") {
      connect.as_server = true;
    } else if (text == "ssl") {
      connect.ssl = true;
    } else if (text == "send-proxy") {
      connect.send_proxy = true;
    } else if (text == "linger") {
      connect.linger = true;
    } else if (text == "port") {
      if (const Word* port = value(word)) set_port(*port);
    } else if (text == "addr") {
      if (const Word* address = value(word)) set_address(*address);
    } else if (text == "sni") {
      if (const Word* name = value(word)) connect.sni = name->text;
    } else if (text == "alpn") {
      if (const Word* names = value(word)) connect.alpn = parse_alpn(line_.place, *names).value_or(connect.alpn);
    } else if (text == "proto") {
      if (value(word) != nullptr && line_.place.report.first("note check proto"))
        line_.place.say(Level::note, word, "'proto' does nothing here: checks speak HTTP/1");
    } else if (text != "comment" || !comment(word)) {
      unknown(word, {"default", "port", "addr", "send-proxy", "ssl", "sni", "alpn", "linger", "proto", "comment"});
    }
  }

  void set_port(const Word& word) {
    const auto port = line_.place.number(word, 1, 65535);
    failed_ = failed_ || !port;
    out_.step.connect.port = std::uint16_t(port.value_or(0));
  }

  void set_address(const Word& word) {
    const auto address = IpAddress::parse(word.text);
    if (!address) return fail(word, "'addr' expects a numeric address (got " + quoted(word.text) + ")");
    out_.step.connect.address = address->str();
  }

  void request_word(const Word& word) {
    check::Request& request = out_.request;
    const std::string& text = word.text;
    if (text == "meth") {
      if (const Word* method = value(word)) request.method = method->text;
    } else if (text == "uri") {
      if (const Word* uri = value(word)) request.uri = uri->text;
    } else if (text == "ver") {
      if (const Word* version = value(word)) request.version = version->text;
    } else if (text == "body") {
      if (const Word* body = value(word)) request.body = body->text;
    } else if (text == "hdr") {
      const Word* name = value(word);
      const Word* content = name == nullptr ? nullptr : value(word);
      if (content != nullptr && is_plain(*content)) request.headers.emplace_back(name->text, content->text);
    } else if (text != "comment" || !comment(word)) {
      unknown(word, {"meth", "uri", "ver", "hdr", "body", "comment"});
    }
    for (const std::string* one : {&request.method, &request.uri, &request.version})
      if (one->find_first_of(" \t\r\n") != std::string::npos) fail(word, "expects one word without blanks after it");
  }

  /// HAProxy puts values of the connection in where it reads %[...].
  bool is_plain(const Word& word) {
    if (word.text.find("%[") == std::string::npos && word.text.find("\r") == std::string::npos) return true;
    fail(word, "expects plain text: neither %[...] nor a line end (got " + quoted(word.text) + ")");
    return false;
  }

  [[nodiscard]] Words matches() const {
    return http_ ? Words{"status", "rstatus", "string", "rstring"} : Words{"string", "rstring", "binary", "rbinary"};
  }

  void expect_word(const Word& word) {
    Expect& expect = out_.step.expect;
    const std::string& text = word.text;
    const Words known = matches();
    if (std::find(known.begin(), known.end(), text) != known.end()) return expect_match(word);
    if (text == "!") {
      expect.inverse = !expect.inverse;
    } else if (text == "min-recv") {
      const Word* count = value(word);
      if (count == nullptr) return;
      const auto least = line_.place.number(*count, -1, 16 * 1024);
      failed_ = failed_ || !least;
      expect.least = int(least.value_or(-1));
    } else if (text == "on-success" || text == "on-error") {
      const Word* words = value(word);
      if (words == nullptr || !is_plain(*words)) return;
      (text == "on-error" ? expect.says_when_wrong : expect.says_when_ok) = words->text;
    } else if (text == "ok-status") {
      set_status(word, expect.when_ok, {"L7OK", "L6OK", "L4OK"});
    } else if (text == "error-status") {
      set_status(word, expect.when_wrong, {"L7RSP", "L7STS", "L6RSP", "L4CON"});
    } else if (text == "tout-status") {
      set_status(word, expect.when_silent, {"L7TOUT", "L6TOUT", "L4TOUT"});
    } else if (text != "comment" || !comment(word)) {
      Words all = matches();
      for (const char* more :
           {"!", "min-recv", "comment", "ok-status", "error-status", "tout-status", "on-success", "on-error"})
        all.emplace_back(more);
      if (!failed_) fail(word, "supports " + list(all) + " (got " + quoted(text) + ")" + did_you_mean(text, all));
    }
  }

  void set_status(const Word& word, std::optional<check::Status>& status, const Words& known) {
    const Word* name = value(word);
    if (name == nullptr) return;
    if (std::find(known.begin(), known.end(), name->text) == known.end())
      return fail(*name, quoted(word.text) + " supports " + list(known) + " (got " + quoted(name->text) + ")");
    status = check::status_named(name->text);
  }

  void expect_match(const Word& word) {
    if (matched_) return fail(word, "one line expects one thing: write another line for " + quoted(word.text));
    matched_ = true;
    const Word* pattern = value(word);
    if (pattern == nullptr) return;
    Expect& expect = out_.step.expect;
    if (word.text == "status") return set_codes(*pattern);
    if (word.text == "string") {
      expect.text = pattern->text;
    } else if (word.text == "binary") {
      expect.binary = true;
      const auto octets = octets_of(line_.place, *pattern);
      failed_ = failed_ || !octets;
      expect.text = octets.value_or("");
    } else {
      expect.what = word.text == "rstatus"   ? Expect::What::status_regex
                    : word.text == "rbinary" ? Expect::What::hex_regex
                                             : Expect::What::regex;
      Result<rules::Regex> regex = rules::Regex::compile(pattern->text, word.text == "rbinary");
      if (!regex) return fail(*pattern, regex.error().what);
      expect.regex = std::move(*regex);
    }
  }

  /// 200,300-399
  void set_codes(const Word& word) {
    Expect& expect = out_.step.expect;
    expect.what = Expect::What::status;
    std::string_view rest = word.text;
    while (!failed_) {
      const std::string_view one = rest.substr(0, rest.find(','));
      const std::size_t dash = one.find('-');
      const auto from = parse_number(one.substr(0, dash), 0, 999),
                 to = dash == std::string_view::npos ? from : parse_number(one.substr(dash + 1), 0, 999);
      if (!from || !to || *to < *from)
        return fail(word,
                    "expects codes and ranges with commas between, as in 200,300-399 (got " + quoted(word.text) + ")");
      expect.codes.emplace_back(int(*from), int(*to));
      if (one.size() == rest.size()) return;
      rest.remove_prefix(one.size() + 1);
    }
  }

  const Statement& line_;
  bool http_;
  std::span<const Word> rest_;
  CheckLine out_;
  bool failed_ = false, matched_ = false;
};

template <bool Http>
void add_connect(const Statement& line) {
  LineReader(line, Http).connect();
}
template <bool Http>
void add_expect(const Statement& line) {
  LineReader(line, Http).expect();
}
template <bool Http>
void add_comment(const Statement& line) {
  LineReader(line, Http).comment_line();
}
template <bool Binary>
void add_send(const Statement& line) {
  LineReader(line, false).send(Binary);
}
void add_request(const Statement& line) { LineReader(line, true).request(); }

constexpr std::string_view kConnect = "[default] [port N] [addr A] [ssl] [sni NAME] [alpn LIST] [send-proxy] [linger]";

constexpr Keyword kRows[] = {
    {kBack, "option tcp-check", "", State::working, 0, 0, choose<Script::Kind::tcp>,
     "checks by the steps of tcp-check lines; without lines by a connection alone", ""},
    {kBack, "option httpchk", "[[METHOD] URI [VERSION]]", State::working, 0, 3, set_httpchk,
     "checks by an HTTP request (OPTIONS / HTTP/1.0); good: status 200 to 399", ""},
    {kBack, "option ssl-hello-chk", "", State::working, 0, 0, choose<Script::Kind::ssl_hello>,
     "checks by a ClientHello, good: any TLS record", ""},
    {kBack, "tcp-check connect", kConnect, State::working, 0, -1, add_connect<false>, "a step: a new connection", ""},
    {kBack, "tcp-check send", "TEXT [comment TEXT]", State::working, 1, -1, add_send<false>, "a step: says this", ""},
    {kBack, "tcp-check send-binary", "HEX [comment TEXT]", State::working, 1, -1, add_send<true>,
     "a step: says these octets", ""},
    {kBack, "tcp-check expect", "[OPTION...] [!] string|rstring|binary|rbinary PATTERN", State::working, 1, -1,
     add_expect<false>, "a step: waits for this in the answer; with ! it must not be there", ""},
    {kBack, "tcp-check comment", "TEXT", State::working, 1, 1, add_comment<false>,
     "named in the log when a step after it fails", ""},
    {kBack, "http-check connect", kConnect, State::working, 0, -1, add_connect<true>, "a step: a new connection", ""},
    {kBack, "http-check send", "[meth M] [uri URI] [ver V] [hdr NAME VALUE]... [body TEXT] [comment TEXT]",
     State::working, 1, -1, add_request, "a step: an HTTP request; the first one changes that of option httpchk", ""},
    {kBack, "http-check expect", "[OPTION...] [!] status|rstatus|string|rstring PATTERN", State::working, 1, -1,
     add_expect<true>, "a step: waits for this status, or this in the body", ""},
    {kBack, "http-check comment", "TEXT", State::working, 1, 1, add_comment<true>,
     "named in the log when a step after it fails", ""},
};

}  // namespace

std::span<const Keyword> check_keywords() { return kRows; }

}  // namespace kerbgate::config
