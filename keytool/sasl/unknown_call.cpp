#include "sasl/unknown_call.hpp"

#include <algorithm>
#include <string_view>

namespace kerbgate::sasl {
namespace {

constexpr std::string_view kMethod = "kerbgateCheck";
constexpr std::uint32_t kCall = 0x80010001, kException = 0x80010003;
/// An exception is a few dozen bytes; a frame that announces more than this is not one.
constexpr std::uint32_t kLongest = 1 << 20;

void append(std::vector<std::uint8_t>& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(value >> shift));
}

std::uint32_t number_at(Bytes bytes, std::size_t at) {
  return std::uint32_t{bytes[at]} << 24 | std::uint32_t{bytes[at + 1]} << 16 | std::uint32_t{bytes[at + 2]} << 8 |
         bytes[at + 3];
}

/// A TBinary message's head: version and type, the method's name.
std::vector<std::uint8_t> head(std::uint32_t type) {
  std::vector<std::uint8_t> out;
  append(out, type);
  append(out, static_cast<std::uint32_t>(kMethod.size()));
  out.insert(out.end(), kMethod.begin(), kMethod.end());
  return out;
}

}  // namespace

std::vector<std::uint8_t> unknown_call() {
  std::vector<std::uint8_t> message = head(kCall);
  append(message, 1);    // its number
  message.push_back(0);  // no arguments
  std::vector<std::uint8_t> out;
  append(out, static_cast<std::uint32_t>(message.size()));
  out.insert(out.end(), message.begin(), message.end());
  return out;
}

Answer classify_answer(Bytes seen) {
  const std::vector<std::uint8_t> wanted = head(kException);
  std::size_t matched = 0;
  while (matched < wanted.size()) {
    if (seen.size() < 4) return Answer::more;
    const std::uint32_t length = number_at(seen, 0);
    if (length > kLongest) return Answer::foreign;
    const Bytes payload = seen.subspan(4, std::min<std::size_t>(length, seen.size() - 4));
    const std::size_t count = std::min(payload.size(), wanted.size() - matched);
    if (!std::equal(payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(count),
                    wanted.begin() + static_cast<std::ptrdiff_t>(matched)))
      return Answer::foreign;
    matched += count;
    if (matched < wanted.size() && payload.size() < length) return Answer::more;
    seen = seen.subspan(4 + payload.size());
  }
  return Answer::refused;
}

}  // namespace kerbgate::sasl
