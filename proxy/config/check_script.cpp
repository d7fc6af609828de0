#include "config/check_script.hpp"

#include <algorithm>

namespace kerbgate::config {
namespace {

using check::Script;
using check::Step;
using Kind = Step::Kind;

Step implicit_connect() { return Script::plain().steps.front(); }

/// The steps in order, each with the comment that holds for it: its own, or the last comment line's.
std::vector<CheckLine> numbered(const std::vector<CheckLine>& lines) {
  std::vector<CheckLine> out;
  std::string comment;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].is_comment) {
      comment = lines[i].step.comment;
      continue;
    }
    out.push_back(lines[i]);
    out.back().step.number = int(i) + 1;
    if (out.back().step.comment.empty()) out.back().step.comment = comment;
  }
  return out;
}

class Builder {
 public:
  Builder(const Proxy& proxy, Report& report) : proxy_(proxy), check_(proxy.settings.check), report_(report) {}

  Script build() {
    switch (check_.kind) {
      case Script::Kind::tcp:
        return build_tcp();
      case Script::Kind::http:
        return build_http();
      case Script::Kind::ssl_hello:
        return Script::ssl_hello();
      case Script::Kind::plain:
        break;
    }
    ignored("tcp-check", check_.tcp, "option tcp-check");
    ignored("http-check", check_.http, "option httpchk");
    return Script::plain();
  }

 private:
  void say(Level level, const Position& at, const std::string& what) { report_.say(level, at, what); }
  [[nodiscard]] std::string title() const { return std::string(section_word(proxy_.kind)) + " '" + proxy_.name + "'"; }

  void ignored(const char* family, const std::vector<CheckLine>& lines, const char* option) {
    if (!lines.empty() && report_.first(std::string(family) + " ignored in " + proxy_.name))
      say(Level::warning, lines.front().at,
          title() + " uses " + family + " rules without '" + option + "', so the rules are ignored");
  }

  Script build_tcp() {
    ignored("http-check", check_.http, "option httpchk");
    const std::vector<CheckLine> lines = numbered(check_.tcp);
    Script out = Script::plain(Script::Kind::tcp);
    const bool connects =
        std::any_of(lines.begin(), lines.end(), [](const auto& line) { return line.step.kind == Kind::connect; });
    if (connects && lines.front().step.kind != Kind::connect)
      say(Level::alert, lines.front().at,
          "'tcp-check' : where there is a 'tcp-check connect' line, the first line must be one: nothing is connected "
          "when this one's turn comes");
    if (connects) out.steps.clear();
    for (const CheckLine& line : lines) out.steps.push_back(line.step);
    if (out.steps.empty()) out.steps.push_back(implicit_connect());
    return out;
  }

  // A request follows a connection, an expectation a request or another expectation. What 'option httpchk' says is the
  // first request, which the first 'http-check send' line changes.
  Script build_http() {
    ignored("tcp-check", check_.tcp, "option tcp-check");
    std::vector<CheckLine> lines = numbered(check_.http);
    Script out = Script::plain(Script::Kind::http);
    const auto first_send =
        std::find_if(lines.begin(), lines.end(), [](const auto& line) { return line.step.kind == Kind::send; });
    if (first_send != lines.end()) first_send->request = merged(check_.request, first_send->request);
    if (!lines.empty() && lines.front().step.kind == Kind::connect) out.steps.clear();
    if (lines.empty() || lines.front().step.kind == Kind::expect) out.steps.push_back(request_of({}));
    for (const CheckLine& line : lines) {
      check_order(out.steps.empty() ? nullptr : &out.steps.back(), line);
      out.steps.push_back(line.step.kind == Kind::send ? request_of(line) : line.step);
    }
    if (!lines.empty() && lines.back().step.kind == Kind::connect)
      say(Level::alert, lines.back().at,
          "'http-check connect' : nothing is sent over this connection: add a line 'http-check send'");
    if (out.steps.back().kind == Kind::send) out.steps.push_back(usual_expectation());
    return out;
  }

  void check_order(const Step* before, const CheckLine& line) {
    if (before == nullptr) return;
    const char* missing = nullptr;
    if (line.step.kind == Kind::send && before->kind != Kind::connect) missing = "connect";
    if (line.step.kind == Kind::expect && before->kind == Kind::connect) missing = "send";
    if (line.step.kind == Kind::connect && before->kind != Kind::expect) missing = "expect";
    if (missing == nullptr) return;
    static constexpr const char* kNames[] = {"connect", "send", "expect"};
    const std::string name = std::string("http-check ") + kNames[int(line.step.kind)];
    say(Level::alert, line.at,
        "'" + name + "' : unable to add " + name + " rule at step " + std::to_string(line.step.number) + " (missing " +
            missing + " rule): write a line 'http-check " + missing + "' before it");
  }

  [[nodiscard]] Step request_of(const CheckLine& line) const {
    Step step = line.step;
    step.kind = Kind::send;
    step.bytes = (step.number == 0 ? check_.request : line.request).render();
    return step;
  }

  static Step usual_expectation() {
    Step step;
    step.kind = Kind::expect;
    step.expect.what = check::Expect::What::status;
    step.expect.codes = {{200, 399}};
    return step;
  }

  static check::Request merged(check::Request request, const check::Request& more) {
    if (!more.method.empty()) request.method = more.method;
    if (!more.uri.empty()) request.uri = more.uri;
    if (!more.version.empty()) request.version = more.version;
    request.headers.insert(request.headers.end(), more.headers.begin(), more.headers.end());
    if (!more.body.empty()) request.body = more.body;
    return request;
  }

  const Proxy& proxy_;
  const CheckDraft& check_;
  Report& report_;
};

}  // namespace

Script make_script(const Proxy& proxy, Report& report) { return Builder(proxy, report).build(); }

}  // namespace kerbgate::config
