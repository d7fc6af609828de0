#include "config/source.hpp"

#include <algorithm>

#include "kerbgate/quoted.hpp"

namespace kerbgate::config {
namespace {

constexpr std::size_t kShownWidth = 160;

void append_visible(std::string& out, char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (c == '\t') {
    out += ' ';
  } else if (byte >= 0x20 && byte < 0x7f) {
    out += c;
  } else {
    static constexpr char kHex[] = "0123456789abcdef";
    out += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
  }
}

std::string visible(std::string_view text) {
  std::string out;
  for (const char c : text) append_visible(out, c);
  return out;
}

const char* label(Level level) {
  switch (level) {
    case Level::note:
      return "[NOTICE]   : config : ";
    case Level::warning:
      return "[WARNING]  : config : ";
    case Level::alert:
      break;
  }
  return "[ALERT]    : config : ";
}

/// The line, or the part of a long one around `column`, and a caret under it. Escapes widen a line: the caret follows.
std::string shown_with_caret(std::string_view line, int column) {
  const std::size_t target = column > 0 ? static_cast<std::size_t>(column) - 1 : 0;
  std::size_t begin = 0;
  if (line.size() > kShownWidth && target > kShownWidth / 2) begin = std::min(target - kShownWidth / 2, line.size());
  const std::size_t end = std::min(line.size(), begin + kShownWidth);
  std::string text = begin > 0 ? "..." : "";
  std::size_t caret = text.size();
  for (std::size_t i = begin; i < end; ++i) {
    if (i == target) caret = text.size();
    append_visible(text, line[i]);
  }
  if (target >= end) caret = text.size();
  if (end < line.size()) text += "...";
  std::string out = "  " + text + "\n";
  if (column > 0) out += "  " + std::string(caret, ' ') + "^\n";
  return out;
}

}  // namespace

std::string quoted(std::string_view word) { return kerbgate::quoted(word); }

std::string Diagnostic::str() const {
  std::string out = label(level);
  if (at.line > 0) {
    out += "parsing [" + visible(at.file) + ":" + std::to_string(at.line) + "] : ";
  } else if (!at.file.empty()) {
    out += visible(at.file) + " : ";
  }
  out += visible(message) + "\n";
  if (!source_line.empty()) out += shown_with_caret(source_line, at.column);
  return out;
}

}  // namespace kerbgate::config
