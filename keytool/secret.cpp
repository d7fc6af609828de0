#include "kerbgate/secret.hpp"

#include <array>
#include <cstring>

// gcc 11, clang 15: what the compiler itself moved octets with.
#if __has_attribute(zero_call_used_regs)
#define KERBGATE_ZERO_REGISTERS [[gnu::zero_call_used_regs("all")]]
#else
#define KERBGATE_ZERO_REGISTERS
#endif

namespace kerbgate {

Secret::Secret(std::span<const std::uint8_t> bytes) : bytes_(bytes.begin(), bytes.end()) {}
Secret::Secret(std::size_t zeroed) : bytes_(zeroed) {}
Secret::Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { other.bytes_.clear(); }

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    bytes_ = std::move(other.bytes_);
    other.bytes_.clear();
  }
  return *this;
}

Secret::~Secret() { wipe(); }

void Secret::append(std::span<const std::uint8_t> more) {
  if (bytes_.size() + more.size() > bytes_.capacity()) {
    std::vector<std::uint8_t> larger;
    larger.reserve((bytes_.size() + more.size()) * 2);
    larger.assign(bytes_.begin(), bytes_.end());
    wipe();
    bytes_ = std::move(larger);
  }
  bytes_.insert(bytes_.end(), more.begin(), more.end());
}

void Secret::wipe() noexcept {
  if (!bytes_.empty()) explicit_bzero(bytes_.data(), bytes_.size());
  bytes_.clear();
}

[[gnu::noinline]] KERBGATE_ZERO_REGISTERS void wipe_dead_stack() noexcept {
  constexpr std::size_t kDepth = 128 * 1024, kLargestMove = 4096;
  std::array<std::uint8_t, kDepth> dead;
  explicit_bzero(dead.data(), dead.size());
  // The registers that the C library moves and compares octets with now hold zeros, for the next lazy binding to save.
  std::uint8_t* const from = dead.data() + kLargestMove;
  for (std::size_t size = 8; size <= kLargestMove; size += size / 2) {
    std::memcpy(dead.data(), from, size);
    asm volatile("" : : "r"(dead.data()), "r"(std::memcmp(dead.data(), from, size)) : "memory");
  }
}

bool operator==(const Secret& a, const Secret& b) noexcept {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= unsigned(a.bytes_[i] ^ b.bytes_[i]);
  return difference == 0;
}

}  // namespace kerbgate
