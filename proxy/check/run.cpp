#include "check/run.hpp"

#include <algorithm>

namespace kerbgate::check {
namespace {

std::string hexadecimal(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) out += {kDigits[static_cast<unsigned char>(c) >> 4], kDigits[c & 15]};
  return out;
}

/// "(expect string 'hello')"
std::string title(const Expect& expect) {
  switch (expect.what) {
    case Expect::What::text:
      return expect.binary ? "binary '" + hexadecimal(expect.text) + "'" : "string '" + printable(expect.text) + "'";
    case Expect::What::regex:
      return "regex";
    case Expect::What::hex_regex:
      return "binary regex";
    case Expect::What::status:
      return "HTTP status codes";
    case Expect::What::status_regex:
      break;
  }
  return "HTTP status regex";
}

/// As HAProxy names what did not match.
std::string content(const Expect& expect) {
  if (expect.what == Expect::What::hex_regex) return "(binary regex)";
  if (expect.what == Expect::What::regex) return "(regex)";
  return expect.binary ? "(binary)" : "'" + printable(expect.text) + "'";
}

constexpr const char* kTooMuchWork = "the regular expression takes too much work on this answer";

}  // namespace

void Run::connected(bool tls) {
  tls_ = tls;
  ended_ = false;
  answer_.clear();
  advance();
}

void Run::sent() {
  answer_.clear();
  advance();
}

void Run::received(std::string_view bytes) {
  answer_ += bytes.substr(0, room());
  look();
}

void Run::ended() {
  ended_ = true;
  look();
}

void Run::advance() {
  if (last()) return pass();
  ++at_;
  switch (step().kind) {
    case Step::Kind::connect:
      next_ = Next::connect;
      return;
    case Step::Kind::send:
      next_ = Next::send;
      return;
    case Step::Kind::expect:
      next_ = Next::receive;
      if (!answer_.empty() || no_more()) look();
  }
}

/// At an expectation, with more of the answer than before.
void Run::look() {
  if (next_ != Next::receive) return;
  const Expect& expect = step().expect;
  if (answer_.empty()) {
    const bool http = script_.kind == Script::Kind::http;
    return conclude(
        expect.when_wrong.value_or(Status::l7rsp),
        script_.kind == Script::Kind::tcp
            ? "TCPCHK got an empty response at step " + std::to_string(step().number)
            : std::string("the server ended the connection without ") + (http ? "an HTTP" : "any") + " answer");
  }
  if (look_at(expect) == Outcome::met) advance();
}

Run::Outcome Run::look_at(const Expect& expect) {
  return script_.kind == Script::Kind::http ? look_at_http(expect) : look_at_octets(expect);
}

std::optional<bool> Run::holds(const Expect& expect, std::string_view text) const {
  switch (expect.what) {
    case Expect::What::hex_regex:
      return expect.regex->find_in(hexadecimal(text));
    case Expect::What::regex:
    case Expect::What::status_regex:
      return expect.regex->find_in(text);
    case Expect::What::text:
    case Expect::What::status:
      break;
  }
  return text.find(expect.text) != std::string_view::npos;
}

Run::Outcome Run::look_at_octets(const Expect& expect) {
  if (!no_more() && expect.least > 0 && answer_.size() < std::size_t(expect.least)) return Outcome::wait;
  const std::optional<bool> held = holds(expect, answer_);
  const Status status = expect.when_wrong.value_or(Status::l7rsp);
  if (!held) return wrong(status, kTooMuchWork);
  if (!*held && !no_more() && expect.least < 0) return Outcome::wait;
  if (*held != expect.inverse) return Outcome::met;
  if (script_.kind != Script::Kind::tcp) return wrong(status, "");
  return wrong(status, std::string("TCPCHK ") + (*held ? "matched unwanted content " : "did not match content ") +
                           content(expect) + " at step " + std::to_string(step().number));
}

Run::Outcome Run::look_at_http(const Expect& expect) {
  const HttpAnswer answer = HttpAnswer::read(answer_);
  if (answer.state == HttpAnswer::State::partial && !no_more()) return Outcome::wait;
  if (answer.state == HttpAnswer::State::partial)
    return wrong(Status::l7rsp,
                 ended_ ? "the HTTP answer ends within its head" : "the head of the HTTP answer is longer than 16 KiB");
  if (answer.state == HttpAnswer::State::wrong)
    return wrong(Status::l7rsp, "the answer is " + answer.what + ": '" + printable(answer_.substr(0, 40)) + "'");
  verdict_.code = answer.code;
  const bool of_head = expect.what == Expect::What::status || expect.what == Expect::What::status_regex;
  return of_head ? look_at_status(expect, answer) : look_at_body(expect, answer);
}

Run::Outcome Run::look_at_status(const Expect& expect, const HttpAnswer& answer) {
  std::optional<bool> held;
  if (expect.what == Expect::What::status) {
    held = std::any_of(expect.codes.begin(), expect.codes.end(),
                       [&](const auto& range) { return answer.code >= range.first && answer.code <= range.second; });
  } else {
    std::string digits = std::to_string(answer.code);
    held = holds(expect, std::string(3 - digits.size(), '0') + digits);
  }
  const Status status = expect.when_wrong.value_or(Status::l7sts);
  if (!held) return wrong(status, kTooMuchWork);
  return *held != expect.inverse ? Outcome::met : wrong(status, printable(answer.reason));
}

Run::Outcome Run::look_at_body(const Expect& expect, const HttpAnswer& answer) {
  const bool whole = answer.complete || no_more();
  const Status status = expect.when_wrong.value_or(Status::l7rsp);
  if (!whole && (answer.body.empty() || (expect.least > 0 && answer.body.size() < std::size_t(expect.least))))
    return Outcome::wait;
  if (answer.body.empty()) return wrong(status, "HTTP content check could not find a response body");
  const std::optional<bool> held = holds(expect, answer.body);
  if (!held) return wrong(status, kTooMuchWork);
  if (!*held && !whole && expect.least < 0) return Outcome::wait;
  if (*held != expect.inverse) return Outcome::met;
  return wrong(status, *held ? "HTTP check matched unwanted content" : "HTTP content check did not match");
}

Run::Outcome Run::wrong(Status status, std::string info) {
  const Expect& expect = step().expect;
  if (!expect.says_when_wrong.empty()) info = expect.says_when_wrong;
  if (!step().comment.empty()) info += " comment: " + step().comment;
  conclude(status, std::move(info));
  return Outcome::over;
}

void Run::conclude(Status status, std::string info) {
  verdict_.status = status;
  verdict_.info = std::move(info);
  next_ = Next::done;
}

void Run::pass() {
  const bool tcp = script_.kind == Script::Kind::tcp;
  const std::string done = tcp ? "(tcp-check)" : "";
  if (step().kind == Step::Kind::connect)
    return conclude(tls_ ? Status::l6ok : Status::l4ok, step().number == 0 ? "" : done);
  if (step().kind == Step::Kind::send) return conclude(Status::l7ok, done);
  const Expect& expect = step().expect;
  conclude(expect.when_ok.value_or(Status::l7ok), expect.says_when_ok.empty() ? done : expect.says_when_ok);
}

/// " at step 2 of tcp-check (expect string 'hello') comment: 'greeting'"
std::string Run::where() const {
  if (script_.kind != Script::Kind::tcp) return "";
  const Step& step = script_.steps[at_];
  if (step.number == 0) return " at initial connection step of tcp-check";
  std::string out = " at step " + std::to_string(step.number) + " of tcp-check";
  if (step.kind == Step::Kind::connect)
    out += step.connect.port != 0 ? " (connect port " + std::to_string(step.connect.port) + ")" : " (connect)";
  if (step.kind == Step::Kind::send) out += " (send)";
  if (step.kind == Step::Kind::expect) out += " (expect " + title(step.expect) + ")";
  if (!step.comment.empty()) out += " comment: '" + step.comment + "'";
  return out;
}

void Run::failed(Layer layer, const std::string& why) {
  static constexpr Status kStatus[] = {Status::l4con, Status::l6rsp, Status::sockerr};
  conclude(kStatus[int(layer)], printable(why) + where());
}

void Run::timed_out(Layer layer) {
  static constexpr Status kStatus[] = {Status::l4tout, Status::l6tout, Status::l7tout};
  const bool silent = layer == Layer::talk && step().kind == Step::Kind::expect;
  std::string info = where();
  if (silent && script_.kind == Script::Kind::http)
    info = answer_.empty() ? "no HTTP answer came" : "the HTTP answer did not end";
  conclude(silent ? step().expect.when_silent.value_or(kStatus[int(layer)]) : kStatus[int(layer)], std::move(info));
}

}  // namespace kerbgate::check
