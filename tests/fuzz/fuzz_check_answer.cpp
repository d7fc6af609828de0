#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "check/run.hpp"

using namespace kerbgate::check;

namespace {

Step expectation(Expect::What what, const std::string& text, bool inverse) {
  Step step;
  step.kind = Step::Kind::expect;
  step.expect.what = what;
  step.expect.text = text;
  step.expect.inverse = inverse;
  if (what == Expect::What::regex || what == Expect::What::hex_regex)
    step.expect.regex = *kerbgate::rules::Regex::compile("^(a|b)+[^c]*" + text);
  step.expect.codes = {{200, 399}};
  return step;
}

/// What one script makes of these bytes, in pieces of `size`, the server's end after them.
Finding play(const Script& script, std::string_view bytes, std::size_t size) {
  Run run(script);
  std::size_t at = 0;
  while (run.next() != Run::Next::done) {
    if (run.next() == Run::Next::connect) {
      run.connected(false);
    } else if (run.next() == Run::Next::send) {
      run.sent();
    } else if (at < bytes.size()) {
      const std::string_view piece = bytes.substr(at, std::min(size, run.room()));
      at += piece.size();
      run.received(piece);
    } else {
      run.ended();
    }
  }
  return run.verdict();
}

}  // namespace

/// However an answer is cut, it comes to the same, and what is said of it can be shown as it is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  Script script = Script::plain(data[0] % 2 == 0 ? Script::Kind::http : Script::Kind::tcp);
  const bool http = script.kind == Script::Kind::http;
  constexpr Expect::What kHttp[] = {Expect::What::status, Expect::What::text, Expect::What::regex};
  constexpr Expect::What kTcp[] = {Expect::What::text, Expect::What::regex, Expect::What::hex_regex};
  script.steps.push_back(expectation((http ? kHttp : kTcp)[data[0] / 2 % 3], "ok", data[0] / 6 % 2 == 1));
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Finding whole = play(script, bytes, bytes.size() + 1), cut = play(script, bytes, data[1] % 64 + 1);
  // A regular expression may match a part and not the whole: what is there early decides, as it should. The words may
  // quote more or less of an answer that is wrong from its first bytes.
  const bool regex = script.steps.back().expect.regex.has_value();
  if (!regex && (whole.status != cut.status || whole.code != cut.code)) std::abort();
  for (const char c : whole.info + cut.info)
    if (c < 0x20 || c == 0x7f) std::abort();
  return 0;
}
