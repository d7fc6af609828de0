#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>

#include "balance/standing.hpp"

namespace kerbgate::balance {

/// Whether one server is to be avoided because it refuses logins that others accept. A single bad ticket, or one that
/// every server refuses, blames nobody. No check is asked: one of TCP says nothing of a keytab, and would bring the
/// server back for the next clients to fail at. After its time it gets one login to prove itself. `now` is given.
class Blame {
 public:
  using Millis = std::chrono::milliseconds;
  static constexpr int kInARow = 3;
  static constexpr Millis kFirst{5'000}, kLongest{300'000};

  /// It refused a login, and another server has accepted that very one. How long it is avoided, if that begins now;
  /// else 0. From any thread.
  Millis refused(Now now) {
    const std::lock_guard lock(mutex_);
    if (avoided(now) || ++count_ < kInARow) return Millis(0);
    time_ = time_.count() == 0 ? kFirst : std::min(time_ * 2, kLongest);
    until_ = now + time_;
    count_ = kInARow - 1;
    return time_;
  }

  /// It accepted a login.
  void accepted() {
    if (count_.load(std::memory_order_relaxed) == 0) return;
    const std::lock_guard lock(mutex_);
    count_ = 0;
    time_ = Millis(0);
    until_ = Now{};
  }

  [[nodiscard]] bool avoided(Now now) const noexcept { return now < until_.load(std::memory_order_relaxed); }
  [[nodiscard]] Now until() const noexcept { return until_; }

 private:
  std::mutex mutex_;
  std::atomic<int> count_{0};
  std::atomic<Now> until_{};
  Millis time_{0};
};

}  // namespace kerbgate::balance
