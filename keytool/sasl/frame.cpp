#include <algorithm>

#include "kerbgate/sasl_frame.hpp"

namespace kerbgate::sasl {
namespace {

constexpr std::string_view kCut = "...";

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

char shown(char c) {
  const bool plain_ascii = c > ' ' && c <= '~';
  const bool quotes = c == '"' || c == '\'' || c == '`' || c == '\\';
  return plain_ascii && !quotes ? c : '?';
}

}  // namespace

std::optional<Header> read_header(Bytes seen) {
  if (seen.size() < kHeaderSize) return std::nullopt;
  std::uint32_t length = 0;
  for (std::size_t i = 1; i < kHeaderSize; ++i) length = length << 8 | seen[i];
  return Header{seen[0], length};
}

std::string plain(std::string_view text, std::size_t limit) {
  std::string line;
  line.reserve(std::min(text.size(), limit + 1));
  bool blank = false;
  for (const char c : text) {
    if (is_space(c)) {
      blank = !line.empty();
      continue;
    }
    if (blank) line += ' ';
    blank = false;
    line += shown(c);
    if (line.size() > limit) break;
  }
  if (line.size() > limit) line.replace(limit - kCut.size(), std::string::npos, kCut);
  return line;
}

std::vector<std::uint8_t> frame_around(Status status, Bytes payload) {
  std::vector<std::uint8_t> bytes{static_cast<std::uint8_t>(status)};
  bytes.reserve(kHeaderSize + payload.size());
  for (const int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<std::uint8_t>(payload.size() >> shift));
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return bytes;
}

std::vector<std::uint8_t> frame(Status status, std::string_view text) {
  const std::string line = plain(text, kMaxText);
  return frame_around(status, {reinterpret_cast<const std::uint8_t*>(line.data()), line.size()});
}

}  // namespace kerbgate::sasl
