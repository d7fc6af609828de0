#pragma once

#include <chrono>
#include <optional>
#include <string>

/// rise/fall, as HAProxy counts them. Pure.
namespace kerbgate::check {

struct Policy {
  int rise = 2, fall = 3;
  std::chrono::milliseconds inter{2000}, fastinter{0}, downinter{0};  ///< 0: inter
};

/// A server's health: starts up, one failed check away from down (HAProxy's start: a server is believed until it is
/// seen). With fall 1 that is its settled state too: the caller hurries the first check either way.
class Health {
 public:
  /// `up` false: a server that was down before a reload stays so until it passes `rise` probes.
  explicit Health(Policy policy, bool up = true);

  /// One probe's outcome. The new state when it changed, nullopt when it did not.
  std::optional<bool> observe(bool passed);
  /// One failure from down, whatever it has passed: what sessions saw weighs more than a probe.
  void weaken();
  [[nodiscard]] bool up() const noexcept { return up_; }
  /// Until the next probe: inter when settled, fastinter between states, downinter when down.
  [[nodiscard]] std::chrono::milliseconds next_delay() const;
  /// HAProxy's check_health: 0 to rise + fall - 1; up from `rise`.
  [[nodiscard]] int value() const noexcept;
  /// "UP", "UP 1/3" (failing: passes left of fall), "DOWN", "DOWN 1/2" (rising): HAProxy's words.
  [[nodiscard]] std::string words() const;
  /// For a reload. State and count stay; a count that the new policy has already reached acts at the next outcome.
  void set_policy(Policy policy) { policy_ = policy; }

 private:
  Policy policy_;
  bool up_ = true;
  int count_ = 0;  ///< failures in a row when up, successes in a row when down
};

}  // namespace kerbgate::check
