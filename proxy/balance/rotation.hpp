#pragma once

#include <vector>

#include "balance/chooser.hpp"

namespace kerbgate::balance {

/// Weighted round robin, smooth and exact: over one turn of the wheel (the sum of the weights, in choices) each server
/// is chosen exactly weight times, its choices evenly spread. Server i's k-th choice of a turn is due at (k + (2i + 1)
/// / 2n) / weight of the turn; the earliest due is next. Equal weights so give the order of the configuration. A server
/// that comes back, or whose weight changes, joins at the present: it is owed nothing.
class Rotation {
 public:
  explicit Rotation(const std::vector<Slot>& slots);

  [[nodiscard]] bool before(ServerIndex a, ServerIndex b) const { return earlier(hands_[a].due, hands_[b].due); }
  void changed(ServerIndex server);
  void chosen(ServerIndex server);

 private:
  /// Time runs round 2^64; what is compared is never more than about one turn apart.
  using Moment = std::uint64_t;
  static constexpr Moment kTurn = Moment{1} << 32;
  static bool earlier(Moment a, Moment b) { return static_cast<std::int64_t>(a - b) < 0; }

  struct Hand {
    Moment turn = 0;          ///< when its present turn began
    std::uint32_t taken = 0;  ///< choices in this turn
    std::uint32_t weight = 0;
    bool present = false;
    Moment due = 0;
  };
  void join(Hand& hand) const;
  [[nodiscard]] Moment due(ServerIndex server) const;

  const std::vector<Slot>& slots_;
  std::vector<Hand> hands_;
  Moment present_ = 0;  ///< when the last choice was due
};

}  // namespace kerbgate::balance
