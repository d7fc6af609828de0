#include "messages.hpp"

#include <algorithm>
#include <cstdio>

#include "unit/proxy/thrift_bytes.hpp"

namespace kerbgate::bench {

const std::vector<std::uint8_t>& open_session() {
  static const std::vector<std::uint8_t> bytes = hs2::fixture::framed(hs2::fixture::open_session());
  return bytes;
}

std::vector<std::uint8_t> session_opened() {
  static std::uint64_t sessions = 0;
  char guid[17];
  std::snprintf(guid, sizeof guid, "%016llx", static_cast<unsigned long long>(++sessions));
  return hs2::fixture::framed(hs2::fixture::session_opened({guid, 16}));
}

std::size_t message_length(std::span<const std::uint8_t> bytes) {
  constexpr std::size_t kLength = 4;
  if (bytes.size() < kLength) return 0;
  std::size_t length = 0;
  for (std::size_t i = 0; i < kLength; ++i) length = length << 8 | bytes[i];
  return bytes.size() < kLength + length ? 0 : kLength + length;
}

}  // namespace kerbgate::bench
