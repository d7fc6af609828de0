#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace kerbgate::bench {

/// Durations in nanoseconds, each to within 1/64 of itself, in constant memory.
class Histogram {
 public:
  void add(std::uint64_t value) {
    ++slots_[slot(value)];
    ++count_;
  }
  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// The value that `share` (0 to 1) of all are not above; 0 without any.
  [[nodiscard]] double quantile(double share) const {
    const auto wanted = std::uint64_t(share * double(count_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < slots_.size(); ++i)
      if ((seen += slots_[i]) > wanted) return lowest(i);
    return 0;
  }

 private:
  static constexpr unsigned kBits = 6;  ///< of each value that are kept
  static std::size_t slot(std::uint64_t value) {
    const unsigned width = unsigned(std::bit_width(value));
    if (width <= kBits) return value;
    const unsigned shift = width - kBits - 1;
    return (std::size_t(shift) + 1) * (1U << kBits) + ((value >> shift) & ((1U << kBits) - 1));
  }
  static double lowest(std::size_t slot) {
    const std::size_t group = slot >> kBits;
    if (group == 0) return double(slot);
    return double(((1ULL << kBits) | (slot & ((1U << kBits) - 1))) << (group - 1));
  }

  std::array<std::uint64_t, (64 - kBits + 1) << kBits> slots_{};
  std::uint64_t count_ = 0;
};

}  // namespace kerbgate::bench
