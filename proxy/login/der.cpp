#include "login/der.hpp"

#include <cstddef>

namespace kerbgate::login {
namespace {

constexpr std::uint8_t kManyOctetTag = 0x1f;
constexpr std::uint8_t kLongForm = 0x80;
constexpr std::size_t kMaxLengthOctets = 4;

struct Length {
  std::size_t value, octets;
};

/// `bytes` begin at the length. 0x80, the indefinite form, is not DER.
std::optional<Length> read_length(Der::Bytes bytes) {
  if (bytes.empty()) return std::nullopt;
  if (bytes[0] < kLongForm) return Length{bytes[0], 1};
  const std::size_t count = bytes[0] & 0x7f;
  if (count == 0 || count > kMaxLengthOctets || bytes.size() < 1 + count) return std::nullopt;
  std::size_t value = 0;
  for (std::size_t i = 1; i <= count; ++i) value = value << 8 | bytes[i];
  return Length{value, 1 + count};
}

}  // namespace

std::optional<Der::Element> Der::peek() const {
  if (rest_.empty() || (rest_[0] & kManyOctetTag) == kManyOctetTag) return std::nullopt;
  const auto length = read_length(rest_.subspan(1));
  if (!length) return std::nullopt;
  const Bytes body = rest_.subspan(1 + length->octets);
  if (length->value > body.size()) return std::nullopt;
  return Element{rest_[0], body.first(length->value), body.subspan(length->value)};
}

std::optional<Der::Bytes> Der::take(std::uint8_t tag) {
  const auto element = peek();
  if (!element || element->tag != tag) return std::nullopt;
  rest_ = element->after;
  return element->content;
}

std::optional<Der::Bytes> Der::field(unsigned number, std::uint8_t inner) {
  Der ahead = *this;
  auto element = ahead.peek();
  while (element && element->tag >= der::context(0) && element->tag < der::context(number)) {
    ahead.rest_ = element->after;
    element = ahead.peek();
  }
  if (!element || element->tag != der::context(number)) return std::nullopt;
  Der wrapped(element->content);
  const auto content = wrapped.take(inner);
  if (!content || !wrapped.empty()) return std::nullopt;
  rest_ = element->after;
  return content;
}

std::optional<std::int64_t> der_integer(Der::Bytes content) {
  if (content.empty() || content.size() > sizeof(std::int64_t)) return std::nullopt;
  std::uint64_t value = content[0] & 0x80 ? ~std::uint64_t{0} : 0;
  for (const std::uint8_t octet : content) value = value << 8 | octet;
  return static_cast<std::int64_t>(value);
}

}  // namespace kerbgate::login
