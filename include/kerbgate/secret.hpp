#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace kerbgate {

/// Bytes that must not stay in memory, be printed or be copied by accident: a key, a keytab's whole content.
/// Move-only; wiped on destruction, on assignment and when moved from. There is no operator<< and none may be added.
/// Comparison is constant-time for equal lengths.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::span<const std::uint8_t> bytes);
  explicit Secret(std::size_t zeroed);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  [[nodiscard]] Secret copy() const { return Secret(bytes()); }
  [[nodiscard]] std::span<const std::uint8_t> bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::span<std::uint8_t> writable() noexcept { return bytes_; }
  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }
  [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }
  /// Appends; a reallocation wipes what it leaves behind.
  void append(std::span<const std::uint8_t> more);
  void wipe() noexcept;

  friend bool operator==(const Secret& a, const Secret& b) noexcept;

 private:
  std::vector<std::uint8_t> bytes_;
};

/// Wipes what calls that have returned left on this thread's stack, below the caller's frame. A key that memcpy has just
/// moved is still in the vector registers, and the dynamic linker's lazy binding, libkrb5's own included, saves those on
/// the stack: for the end of whatever had keys in hand.
void wipe_dead_stack() noexcept;

}  // namespace kerbgate
