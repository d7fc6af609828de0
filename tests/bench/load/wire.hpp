#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

/// What clients and backend say to each other: a request begins with its own length and that of the answer wanted.
namespace kerbgate::bench {

constexpr std::size_t kHeader = 16;
/// Longer than any run: a stream.
constexpr std::uint64_t kEndless = 1ULL << 60;

inline std::array<std::uint8_t, kHeader> header(std::uint64_t request, std::uint64_t answer) {
  std::array<std::uint8_t, kHeader> out{};
  for (std::size_t i = 0; i < 8; ++i) {
    out[i] = std::uint8_t(request >> (56 - 8 * i));
    out[8 + i] = std::uint8_t(answer >> (56 - 8 * i));
  }
  return out;
}

/// Takes a header from pieces of any size.
class HeaderReader {
 public:
  /// How many of `bytes` belonged to it.
  std::size_t feed(std::span<const std::uint8_t> bytes) {
    const std::size_t taken = std::min(bytes.size(), kHeader - have_);
    std::copy_n(bytes.begin(), taken, seen_.begin() + std::ptrdiff_t(have_));
    have_ += taken;
    return taken;
  }
  [[nodiscard]] bool whole() const { return have_ == kHeader; }
  [[nodiscard]] std::uint64_t request() const { return number(0); }
  [[nodiscard]] std::uint64_t answer() const { return number(8); }
  void clear() { have_ = 0; }

 private:
  [[nodiscard]] std::uint64_t number(std::size_t at) const {
    std::uint64_t out = 0;
    for (std::size_t i = at; i < at + 8; ++i) out = out << 8 | seen_[i];
    return out;
  }
  std::array<std::uint8_t, kHeader> seen_{};
  std::size_t have_ = 0;
};

}  // namespace kerbgate::bench
