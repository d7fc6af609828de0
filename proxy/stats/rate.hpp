#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace kerbgate::stats {

using Now = std::chrono::steady_clock::time_point;
using Count = std::atomic<std::uint64_t>;

/// Counters are statistics: no other memory hangs on their order.
inline void add(Count& count, std::uint64_t n = 1) noexcept { count.fetch_add(n, std::memory_order_relaxed); }
[[nodiscard]] inline std::uint64_t get(const Count& count) noexcept { return count.load(std::memory_order_relaxed); }

/// The highest value that was seen.
class Peak {
 public:
  void see(std::uint64_t value) noexcept {
    for (std::uint64_t now = get(peak_); now < value;)
      if (peak_.compare_exchange_weak(now, value, std::memory_order_relaxed)) return;
  }
  [[nodiscard]] std::uint64_t value() const noexcept { return get(peak_); }
  void clear(std::uint64_t to = 0) noexcept { peak_.store(to, std::memory_order_relaxed); }

 private:
  Count peak_{0};
};

/// Events a second over a window that slides, as HAProxy counts them: this second's, and of the second before the part
/// that is not yet a second ago. One word, so that threads share it without a lock; at most 1,048,575 a second.
class Rate {
 public:
  /// One event; the events of this second so far.
  std::uint32_t add(Now now) noexcept;
  [[nodiscard]] std::uint32_t read(Now now) const noexcept;
  /// The highest count that one second came to.
  [[nodiscard]] std::uint64_t peak() const noexcept { return peak_.value(); }
  void clear_peak() noexcept { peak_.clear(); }

 private:
  std::atomic<std::uint64_t> word_{0};  ///< second, 24 bits; its events, 20; those of the second before, 20
  Peak peak_;
};

/// The mean of the last 512 values or so: each new one pushes a 512th of the sum out.
class Average {
 public:
  void add(std::uint64_t value) noexcept;
  [[nodiscard]] std::uint64_t value() const noexcept;
  [[nodiscard]] std::uint64_t peak() const noexcept { return peak_.value(); }
  void clear_peak() noexcept { peak_.clear(); }

 private:
  static constexpr std::uint64_t kWindow = 512;
  Count sum_{0}, samples_{0};
  Peak peak_;
};

}  // namespace kerbgate::stats
