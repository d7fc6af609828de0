#include "balance/source_hash.hpp"

#include <array>
#include <bit>

namespace kerbgate::balance {
namespace {

using Wide = unsigned __int128;

constexpr int kFractionBits = 48;
constexpr int kTableBits = 8;
constexpr int kRestBits = 63 - kTableBits;

/// round(2^48 * log2(1 + i / 256)), bit by bit: squaring a number in [1, 2) doubles its logarithm, and a square of 2 or
/// more yields a one. Integers only, so that no floating-point unit has a say.
constexpr std::uint64_t log2_of_step(unsigned i) {
  Wide x = (Wide{256} + i) << (62 - kTableBits);
  std::uint64_t bits = 0;
  for (int n = 0; n < kFractionBits + 1; ++n) {
    x = (x * x) >> 62;
    const bool one = x >> 63 != 0;
    bits = (bits << 1) | (one ? 1U : 0U);
    if (one) x >>= 1;
  }
  return (bits + 1) >> 1;
}

constexpr auto kLog2 = [] {
  std::array<std::uint64_t, 257> table{};
  for (unsigned i = 0; i < 256; ++i) table[i] = log2_of_step(i);
  table[256] = std::uint64_t{1} << kFractionBits;
  return table;
}();
static_assert(kLog2[0] == 0 && kLog2[128] == 0x95c01a39fbd7);

std::uint64_t big_endian(const std::uint8_t* bytes) noexcept {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = (value << 8) | bytes[i];
  return value;
}

std::uint64_t low_half(const IpAddress& address) noexcept {
  if (address.v6) return big_endian(address.bytes.data() + 8);
  return 0xffff00000000U | (big_endian(address.bytes.data()) >> 32);
}

}  // namespace

std::uint64_t server_hash(std::string_view key) noexcept {
  std::uint64_t h = 0xcbf29ce484222325U;
  for (const char c : key) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return mix64(h);
}

std::uint64_t client_hash(const IpAddress& address) noexcept {
  const std::uint64_t high = address.v6 ? big_endian(address.bytes.data()) : 0;
  return mix64(mix64(high + 0x9e3779b97f4a7c15U) + low_half(address));
}

IpAddress principal_key(std::string_view principal) noexcept {
  IpAddress out;
  out.v6 = true;
  const std::uint64_t halves[]{server_hash(principal), mix64(server_hash(principal) + 0x9e3779b97f4a7c15U)};
  for (std::size_t i = 0; i < out.bytes.size(); ++i)
    out.bytes[i] = static_cast<std::uint8_t>(halves[i / 8] >> (56 - 8 * (i % 8)));
  return out;
}

std::uint64_t log_draw(std::uint64_t h) noexcept {
  if (h == 0) h = 1;
  const int zeros = std::countl_zero(h);
  const std::uint64_t x = h << zeros;
  const std::uint64_t i = (x >> kRestBits) & 255;
  const std::uint64_t rest = x & ((std::uint64_t{1} << kRestBits) - 1);
  const auto between = static_cast<std::uint64_t>((Wide{kLog2[i + 1] - kLog2[i]} * rest) >> kRestBits);
  const std::uint64_t log2 = (static_cast<std::uint64_t>(63 - zeros) << kFractionBits) + kLog2[i] + between;
  return (std::uint64_t{64} << kFractionBits) - log2;
}

std::uint64_t draw(std::uint64_t client, std::uint64_t server) noexcept {
  return log_draw(mix64(mix64(client ^ server) + server));
}

}  // namespace kerbgate::balance
