#include "page/text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace kerbgate::page {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD", kEllipsis = "\xE2\x80\xA6";

/// The length of the UTF-8 character that `text` begins with, 0 when it is none (overlong forms and surrogates too).
std::size_t character(std::string_view text, char32_t& code) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = at(0);
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xC2 ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
  if (length == 0 || length > text.size()) return 0;
  code = length == 1 ? first : char32_t(first & (0xFFu >> (length + 1)));
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xC0) != 0x80) return 0;
    code = (code << 6) | (at(i) & 0x3Fu);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && (code < 0x10000 || code > 0x10FFFF));
  return overlong || (code >= 0xD800 && code < 0xE000) ? 0 : length;
}

bool is_shown(char32_t code) {
  const bool control = code < 0x20 || (code >= 0x7F && code < 0xA0);
  const bool turns = code == 0x061C || code == 0x200E || code == 0x200F || (code >= 0x202A && code <= 0x202E) ||
                     (code >= 0x2066 && code <= 0x2069);
  return !control && !turns && code != 0x2028 && code != 0x2029 && code != 0xFEFF;
}

std::string_view named(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return {};
  }
}

std::string with_unit(double value, const char* unit) {
  std::array<char, 40> out{};
  std::snprintf(out.data(), out.size(), value < 9.995 ? "%.2f %s" : value < 99.95 ? "%.1f %s" : "%.0f %s", value, unit);
  return out.data();
}

std::string pair_of(std::int64_t more, const char* unit, std::int64_t less, const char* small) {
  std::string out = std::to_string(more) + ' ' + unit;
  if (less != 0) out += ' ' + std::to_string(less) + ' ' + small;
  return out;
}

}  // namespace

std::string escaped(std::string_view text, std::size_t max) {
  std::string out;
  out.reserve(std::min(text.size(), max) + 16);
  for (std::size_t i = 0; i < text.size();) {
    if (i >= max) return out + std::string(kEllipsis);
    char32_t code = 0;
    const std::size_t length = character(text.substr(i), code);
    if (length == 0 || !is_shown(code)) {
      out += kReplacement;
    } else if (const std::string_view name = named(text[i]); !name.empty()) {
      out += name;
    } else {
      out += text.substr(i, length);
    }
    i += std::max<std::size_t>(length, 1);
  }
  return out;
}

std::string url_escaped(std::string_view text) {
  static constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (kPlain.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', kHex[byte >> 4], kHex[byte & 15]};
  }
  return out;
}

std::string count(std::uint64_t value) {
  if (value >= 10'000'000'000) return with_unit(double(value) / 1e9, "G");
  if (value >= 10'000'000) return with_unit(double(value) / 1e6, "M");
  std::string out = std::to_string(value);
  for (std::size_t at = out.size(); at > 3;) out.insert(at -= 3, ",");
  return out;
}

std::string bytes(std::uint64_t value) {
  if (value < 1024) return std::to_string(value) + " B";
  static constexpr std::array<const char*, 6> kUnits{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double scaled = double(value) / 1024;
  std::size_t unit = 0;
  for (; scaled >= 1023.5 && unit + 1 < kUnits.size(); ++unit) scaled /= 1024;
  return with_unit(scaled, kUnits[unit]);
}

std::string duration(std::int64_t seconds) {
  if (seconds < 60) return std::to_string(std::max<std::int64_t>(seconds, 0)) + " s";
  if (seconds < 3600) return pair_of(seconds / 60, "m", seconds % 60, "s");
  if (seconds < 86400) return pair_of(seconds / 3600, "h", seconds % 3600 / 60, "m");
  return pair_of(seconds / 86400, "d", seconds % 86400 / 3600, "h");
}

}  // namespace kerbgate::page
