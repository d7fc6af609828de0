#include "config/report.hpp"

#include <algorithm>
#include <limits>
#include <sstream>
#include <tuple>

#include "kerbgate/nearest.hpp"

namespace kerbgate::config {
namespace {

constexpr std::size_t kLongestShownLine = 2048;
/// What has this many errors is another kind of file.
constexpr std::size_t kMostAlerts = 500;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

std::vector<std::string_view> split_lines(std::string_view text) {
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) text.remove_prefix(kByteOrderMark.size());
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

/// Whether it holds a password, or may: `stats auth` and what could be meant for it. Such a line is not repeated.
bool is_secret(std::string_view line) {
  std::istringstream words{std::string(line)};
  std::string first, second;
  words >> first >> second;
  return first == "stats" && !second.empty() && slips(second, "auth") <= 2;
}

}  // namespace

Report::Report(std::span<const SourceText> files) {
  for (const SourceText& file : files) {
    if (file.is_list) continue;
    if (file_order_.emplace(file.name, file_order_.size()).second) lines_.emplace(file.name, split_lines(file.text));
  }
}

void Report::say(Level level, const Position& at, std::string message) {
  Diagnostic diagnostic{level, at, std::move(message), {}};
  const auto file = lines_.find(at.file);
  if (at.line > 0 && file != lines_.end() && static_cast<std::size_t>(at.line) <= file->second.size()) {
    const std::string_view line = file->second[static_cast<std::size_t>(at.line) - 1];
    if (line.size() <= kLongestShownLine && !is_secret(line)) diagnostic.source_line = line;
  }
  has_alert_ = has_alert_ || level == Level::alert;
  if (level == Level::alert && ++alerts_ > kMostAlerts) return;
  diagnostics_.push_back(std::move(diagnostic));
}

std::vector<Diagnostic> Report::take() {
  const auto place = [this](const Diagnostic& d) {
    const auto file = file_order_.find(d.at.file);
    const bool nowhere = d.at.line == 0 || file == file_order_.end();
    return std::tuple(nowhere ? std::numeric_limits<std::size_t>::max() : file->second, d.at.line);
  };
  std::stable_sort(diagnostics_.begin(), diagnostics_.end(),
                   [&](const Diagnostic& a, const Diagnostic& b) { return place(a) < place(b); });
  if (alerts_ > kMostAlerts)
    diagnostics_.push_back(
        {Level::alert, {}, std::to_string(alerts_ - kMostAlerts) + " more errors are not shown", {}});
  return std::move(diagnostics_);
}

}  // namespace kerbgate::config
