#include "stats/rate.hpp"

#include <algorithm>

namespace kerbgate::stats {
namespace {

constexpr std::uint32_t kMost = (1u << 20) - 1;
constexpr std::uint32_t kTicks = (1u << 24) - 1;

struct Seconds {
  std::uint32_t tick = 0, current = 0, before = 0;
};

constexpr Seconds split(std::uint64_t word) {
  return {std::uint32_t(word >> 40), std::uint32_t(word >> 20) & kMost, std::uint32_t(word) & kMost};
}
constexpr std::uint64_t join(const Seconds& s) {
  return std::uint64_t{s.tick} << 40 | std::uint64_t{s.current} << 20 | s.before;
}

std::uint64_t milliseconds(Now now) {
  return std::uint64_t(std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count());
}

/// What the word says once the clock has come to `tick`.
Seconds advanced(Seconds s, std::uint32_t tick) {
  const std::uint32_t passed = (tick - s.tick) & kTicks;
  if (passed == 0) return s;
  return {tick, 0, passed == 1 ? s.current : 0};
}

std::uint32_t tick_of(Now now) { return std::uint32_t(milliseconds(now) / 1000) & kTicks; }

}  // namespace

std::uint32_t Rate::add(Now now) noexcept {
  const std::uint32_t tick = tick_of(now);
  for (std::uint64_t word = word_.load(std::memory_order_relaxed);;) {
    Seconds next = split(word);
    // Another thread's clock may have been read a moment later: what is late counts in the newer second.
    const bool late = next.tick == ((tick + 1) & kTicks);
    if (!late) next = advanced(next, tick);
    next.current = std::min(next.current + 1, kMost);
    if (word_.compare_exchange_weak(word, join(next), std::memory_order_relaxed)) {
      peak_.see(next.current);
      return next.current;
    }
  }
}

std::uint32_t Rate::read(Now now) const noexcept {
  const Seconds s = advanced(split(word_.load(std::memory_order_relaxed)), tick_of(now));
  // A lone event does not fade to nothing within its second.
  if (s.current == 0 && s.before <= 1) return s.before;
  const std::uint64_t left = 1000 - milliseconds(now) % 1000;
  return std::uint32_t((s.before * left + s.current * std::uint64_t{1000}) / 1000);
}

void Average::add(std::uint64_t value) noexcept {
  peak_.see(value);
  const std::uint64_t samples = get(samples_);
  if (samples < kWindow) {
    stats::add(samples_);
    stats::add(sum_, value);
    return;
  }
  for (std::uint64_t sum = get(sum_);;)
    if (sum_.compare_exchange_weak(sum, sum - sum / kWindow + value, std::memory_order_relaxed)) return;
}

std::uint64_t Average::value() const noexcept {
  const std::uint64_t samples = std::min(get(samples_), kWindow);
  return samples == 0 ? 0 : (get(sum_) + samples / 2) / samples;
}

}  // namespace kerbgate::stats
