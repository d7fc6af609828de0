#include "rules/networks.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <optional>

namespace kerbgate::rules {
namespace {

std::optional<unsigned> mask_length(std::string_view text, bool v6) {
  unsigned length = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (failed == std::errc{} && end == text.data() + text.size())
    return length <= (v6 ? 128U : 32U) ? std::optional(length) : std::nullopt;
  const Result<IpAddress> mask = v6 ? Result<IpAddress>(Error{Errc::invalid, ""}) : IpAddress::parse(text);
  if (!mask || mask->v6) return std::nullopt;
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < 4; ++i) bits = bits << 8 | mask->bytes[i];
  length = unsigned(std::countl_one(bits));
  return length == 32 || bits << length == 0 ? std::optional(length) : std::nullopt;
}

}  // namespace

Networks::Key Networks::key_of(const IpAddress& address) {
  if (address.v6) return address.bytes;
  Key key{};
  key[10] = key[11] = 0xff;
  std::copy_n(address.bytes.begin(), 4, key.begin() + 12);
  return key;
}

Result<void> Networks::add(std::string_view text) {
  const Error wrong{Errc::invalid, "'" + std::string(text) + "' is not a valid IPv4 or IPv6 address"};
  const std::size_t slash = text.find('/');
  const Result<IpAddress> address = IpAddress::parse(text.substr(0, slash));
  if (!address) return wrong;
  unsigned bits = 128;
  if (slash != std::string_view::npos) {
    const auto length = mask_length(text.substr(slash + 1), address->v6);
    if (!length) return wrong;
    bits = address->v6 ? *length : *length + 96;
  }
  Range range{key_of(*address), key_of(*address)};
  for (unsigned bit = bits; bit < 128; ++bit) {
    const auto mark = std::uint8_t(0x80U >> (bit % 8));
    range.first[bit / 8] &= std::uint8_t(~mark);
    range.last[bit / 8] |= mark;
  }
  ranges_.push_back(range);
  return {};
}

void Networks::finish() {
  std::sort(ranges_.begin(), ranges_.end(), [](const Range& a, const Range& b) { return a.first < b.first; });
  std::size_t kept = 0;
  for (std::size_t i = 1; i < ranges_.size(); ++i) {
    if (ranges_[i].first <= ranges_[kept].last) {
      ranges_[kept].last = std::max(ranges_[kept].last, ranges_[i].last);
    } else {
      ranges_[++kept] = ranges_[i];
    }
  }
  if (!ranges_.empty()) ranges_.resize(kept + 1);
}

bool Networks::contains(const IpAddress& address) const {
  const Key key = key_of(address);
  const auto after = std::upper_bound(ranges_.begin(), ranges_.end(), key,
                                      [](const Key& wanted, const Range& range) { return wanted < range.first; });
  return after != ranges_.begin() && key <= std::prev(after)->last;
}

}  // namespace kerbgate::rules
