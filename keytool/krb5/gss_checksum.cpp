#include "krb5/gss_checksum.hpp"

#include <cstddef>

namespace kerbgate {
namespace {

constexpr std::size_t kBindings = 16;
constexpr std::size_t kFlagsAt = 4 + kBindings, kDelegationAt = kFlagsAt + 4, kCredentialsAt = kDelegationAt + 4;
constexpr std::uint32_t kDelegationOption = 1;

std::uint32_t little_endian(std::span<const std::uint8_t> octets) {
  std::uint32_t value = 0;
  for (std::size_t i = octets.size(); i > 0; --i) value = value << 8 | octets[i - 1];
  return value;
}

}  // namespace

std::optional<GssChecksum> read_gss_checksum(std::span<const std::uint8_t> contents) {
  if (contents.size() < kDelegationAt || little_endian(contents.first(4)) != kBindings) return std::nullopt;
  GssChecksum out{little_endian(contents.subspan(kFlagsAt, 4)), false};
  if ((out.flags & kGssDelegate) == 0) return out;
  if (contents.size() < kCredentialsAt) return std::nullopt;
  const std::size_t length = little_endian(contents.subspan(kDelegationAt + 2, 2));
  if (little_endian(contents.subspan(kDelegationAt, 2)) != kDelegationOption ||
      contents.size() - kCredentialsAt < length)
    return std::nullopt;
  out.delegates = length > 0;
  return out;
}

}  // namespace kerbgate
