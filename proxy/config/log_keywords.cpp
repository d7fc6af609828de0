// What a connection's line looks like.
#include "config/keyword.hpp"

namespace kerbgate::config {
namespace {

template <auto Field>
void set_format(const Statement& line) {
  line.settings().*Field = LogFormatText{line.args[0].text, line.place.at(line.args[0])};
}
void set_tag(const Statement& line) { line.settings().log_tag = line.args[0].text; }

constexpr Keyword kRows[] = {
    {kProxy, "log-format", "FORMAT|json", State::working, 1, 1, set_format<&Settings::log_format>,
     "the line of a connection, in HAProxy's variables (docs/logs.md), or one JSON object", ""},
    {kProxy, "error-log-format", "FORMAT", State::working, 1, 1, set_format<&Settings::error_log_format>,
     "the line of a connection whose PROXY header or TLS handshake failed", ""},
    {kProxy, "log-tag", "WORD", State::working, 1, 1, set_tag, "the program's name in its syslog lines (global's)", ""},
};

}  // namespace

std::span<const Keyword> log_keywords() { return kRows; }

}  // namespace kerbgate::config
