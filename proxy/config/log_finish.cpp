#include "config/finish.hpp"
#include "config/log_template.hpp"
#include "config/nearest.hpp"

namespace kerbgate::config {
namespace {

using Argument = rules::FetchRow::Argument;

Argument argument_of(rules::Fetch fetch) {
  for (const rules::FetchRow& row : rules::fetch_rows())
    if (row.fetch == fetch) return row.argument;
  return Argument::none;
}

/// Whether the table or backend exists; `known` is filled with those that do.
bool exists(const Draft& draft, Argument kind, const std::string& name, std::vector<std::string_view>& known) {
  bool found = false;
  for (const Proxy& proxy : draft.proxies) {
    if (kind == Argument::table ? !proxy.table : !proxy.has_back()) continue;
    known.emplace_back(proxy.name);
    found = found || proxy.name == name;
  }
  return found;
}

}  // namespace

std::shared_ptr<const LogTemplate> finish_log_format(const Draft& draft, const Proxy& proxy, const char* keyword,
                                                     const std::optional<LogFormatText>& format, Report& report) {
  if (!format || proxy.settings.mode == Mode::http) return nullptr;
  const auto refuse = [&](const std::string& why) {
    if (report.first(keyword + format->at.file + std::to_string(format->at.line) + why))
      report.say(Level::alert, format->at, std::string("'") + keyword + "' : " + why);
    return nullptr;
  };
  Result<LogTemplate> read = parse_log_template(format->text);
  if (!read) return refuse(read.error().what);
  for (LogPiece& piece : read->pieces) {
    if (piece.kind != LogPiece::Kind::fetch || piece.fetch != LogFetch::rule) continue;
    const Argument kind = argument_of(piece.rule);
    if (kind == Argument::table && piece.text.empty()) piece.text = proxy.name;
    std::vector<std::string_view> known;
    if (kind == Argument::none || piece.text.empty() || exists(draft, kind, piece.text, known)) continue;
    return refuse(std::string("unable to find ") + (kind == Argument::table ? "table " : "backend ") +
                  quoted(piece.text) + did_you_mean(piece.text, known));
  }
  return std::make_shared<const LogTemplate>(std::move(*read));
}

}  // namespace kerbgate::config
