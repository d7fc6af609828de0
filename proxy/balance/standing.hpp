#pragma once

#include <chrono>
#include <cstdint>

namespace kerbgate::balance {

using Clock = std::chrono::steady_clock;
using Now = Clock::time_point;

/// How long something has been as it is, how often it went down and for how long in all.
struct Standing {
  bool up = true;
  Now changed{};  ///< when it last came up, went down, or got another admin state
  std::uint64_t downs = 0;
  Clock::duration before{0};  ///< down in all, but for the present time

  void become(bool now_up, Now now) {
    if (now_up == up) return;
    if (now_up) before += now - changed;
    up = now_up;
    downs += now_up ? 0 : 1;
    changed = now;
  }
  /// Another state that is neither: the clock starts anew.
  void turn(Now now) {
    if (!up) before += now - changed;
    changed = now;
  }
  [[nodiscard]] Clock::duration down(Now now) const { return up || now < changed ? before : before + (now - changed); }
};

}  // namespace kerbgate::balance
