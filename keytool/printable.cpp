#include "kerbgate/printable.hpp"

#include "kerbgate/quoted.hpp"

namespace kerbgate {

std::string printable(std::string_view bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      out += c;
    } else {
      out += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

std::string brief(std::string_view bytes, std::size_t width) {
  return printable(bytes.substr(0, width)) + (bytes.size() > width ? "..." : "");
}

std::string quoted(std::string_view bytes, std::size_t width) { return "'" + brief(bytes, width) + "'"; }

}  // namespace kerbgate
