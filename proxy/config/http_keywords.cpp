#include "config/keyword.hpp"

namespace kerbgate::config {
namespace {

/// A rule that keeps clients out does so in HAProxy; relaying them unread would let them in.
void check_http_request(const Statement& line) {
  for (const std::string_view action : {"deny", "reject", "auth", "tarpit", "silent-drop", "block"}) {
    if (line.args[0].text == action && line.settings().mode == Mode::http)
      return line.place.alert(line.args[0],
                              "HTTP rules do not exist here; those whom the rule keeps out would be let in, so the "
                              "configuration is refused: use HAProxy for this section, or take the line away");
  }
}

constexpr std::string_view kHttp = "HTTP only";

constexpr Keyword kRows[] = {
    {kProxy, "http-request", "ACTION [if|unless CONDITION]", State::note, 1, -1, check_http_request,
     "HTTP only; deny, reject, auth, tarpit in a mode http section: refused", ""},
    {kProxy, "http-response", "ACTION [if|unless CONDITION]", State::note, 1, -1, nullptr, kHttp, ""},
    {kProxy, "http-reuse", "WORD", State::note, 1, 1, nullptr, kHttp, ""},
    {kProxy, "errorfile", "CODE FILE", State::note, 2, 2, nullptr, kHttp, ""},
    {kProxy, "errorloc", "CODE URL", State::note, 2, 2, nullptr, kHttp, ""},
    {kProxy, "redirect", "WORD...", State::note, 1, -1, nullptr, kHttp, ""},
    {kProxy, "reqadd", "TEXT", State::note, 1, -1, nullptr, kHttp, ""},
    {kProxy, "rspadd", "TEXT", State::note, 1, -1, nullptr, kHttp, ""},
    {kProxy, "capture", "WORD...", State::note, 1, -1, nullptr, kHttp, ""},
    {kProxy, "compression", "WORD...", State::note, 1, -1, nullptr, kHttp, ""},
    {kProxy, "cookie", "NAME WORD...", State::note, 1, -1, nullptr, kHttp, ""},
    {kProxy, "monitor-uri", "PATH", State::note, 1, 1, nullptr, kHttp, ""},
    {kProxy, "unique-id-format", "FORMAT", State::note, 1, 1, nullptr, kHttp, ""},
    {kProxy, "unique-id-header", "NAME", State::note, 1, 1, nullptr, kHttp, ""},
};

}  // namespace

std::span<const Keyword> http_keywords() { return kRows; }

}  // namespace kerbgate::config
