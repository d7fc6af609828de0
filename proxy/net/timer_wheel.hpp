#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstdint>
#include <limits>
#include <vector>

namespace kerbgate::net {

using Clock = std::chrono::steady_clock;
using Now = Clock::time_point;
using Millis = std::chrono::milliseconds;

/// A place on the wheel, embedded in what waits. Not copyable: the wheel links it by address.
class Timer {
 public:
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  virtual void on_timer() = 0;
  [[nodiscard]] bool scheduled() const noexcept { return previous_ != nullptr; }

 protected:
  ~Timer() = default;

 private:
  friend class TimerWheel;
  Timer* next_ = nullptr;
  Timer** previous_ = nullptr;
  std::int64_t tick_ = 0;
};

/// Coarse deadlines for very many sleepers: 4,096 slots of 32 ms, an entry due in a later round stays in its slot. A
/// deadline is never early and at most one slot late. Setting and cancelling are O(1); nothing is paid while nothing is
/// due. A sleeper whose deadline moves on with every byte does not touch the wheel: it looks again when it is woken.
class TimerWheel {
 public:
  static constexpr Millis kSlot{32};
  static constexpr std::size_t kSlots = 4096;

  explicit TimerWheel(Now start) : start_(start) {}

  void schedule(Timer& timer, Now deadline) {
    cancel(timer);
    timer.tick_ = std::max(tick_of(deadline) + 1, tick_ + 1);
    link(timer);
    ++count_;
  }

  void cancel(Timer& timer) noexcept {
    if (!timer.scheduled()) return;
    unlink(timer);
    --count_;
  }

  /// Wakes what is due at `now`. Timers may be scheduled and cancelled from within on_timer().
  void advance(Now now) {
    const std::int64_t target = tick_of(now);
    if (target - tick_ >= std::int64_t(kSlots)) tick_ = target - std::int64_t(kSlots);  // one round visits every slot
    while (tick_ < target) expire_slot(++tick_, target);
  }

  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }

  /// When advance() is worth calling next: the first slot that holds anything. Now::max() when empty.
  [[nodiscard]] Now next() const {
    if (count_ == 0) return Now::max();
    for (std::size_t i = 1; i <= kSlots; ++i) {
      const std::size_t slot = std::size_t(tick_ + std::int64_t(i)) % kSlots;
      if (slots_[slot] != nullptr) return start_ + kSlot * (tick_ + std::int64_t(i));
    }
    return Now::max();
  }

 private:
  [[nodiscard]] std::int64_t tick_of(Now t) const { return std::chrono::duration_cast<Millis>(t - start_) / kSlot; }

  void link(Timer& timer) {
    Timer*& head = slots_[std::size_t(timer.tick_) % kSlots];
    timer.next_ = head;
    timer.previous_ = &head;
    if (head != nullptr) head->previous_ = &timer.next_;
    head = &timer;
  }

  static void unlink(Timer& timer) noexcept {
    *timer.previous_ = timer.next_;
    if (timer.next_ != nullptr) timer.next_->previous_ = timer.previous_;
    timer.previous_ = nullptr;
    timer.next_ = nullptr;
  }

  void expire_slot(std::int64_t tick, std::int64_t target) {
    // The slot's list is taken away first: on_timer() may schedule into this very slot for a later round.
    Timer* due = slots_[std::size_t(tick) % kSlots];
    slots_[std::size_t(tick) % kSlots] = nullptr;
    Timer* taken = due;
    if (taken != nullptr) taken->previous_ = &taken;
    while (taken != nullptr) {
      Timer& timer = *taken;
      unlink(timer);
      if (timer.tick_ > target) {
        link(timer);
      } else {
        --count_;
        timer.on_timer();
      }
    }
  }

  Now start_;
  std::int64_t tick_ = 0;
  std::size_t count_ = 0;
  std::array<Timer*, kSlots> slots_{};
};

}  // namespace kerbgate::net
