#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <utility>
#include <vector>

#include "balance/pool.hpp"

namespace kerbgate::balance {

/// The first of up to 65,535 servers under an order that changes one server at a time: a change costs log2(n)
/// comparisons and no allocation, the first is read at once. `Before(a, b)`: a strict weak order over indices; the
/// lower index wins among equals. Whoever changes what the order sees of a server calls set() for it.
template <class Before>
class Tournament {
 public:
  Tournament(std::size_t servers, Before before)
      : leaves_(std::bit_ceil(std::max<std::size_t>(servers, 1))),
        winners_(2 * leaves_, kNoServer),
        before_(std::move(before)) {}

  void set(ServerIndex server, bool present) {
    std::size_t node = leaves_ + server;
    winners_[node] = present ? server : kNoServer;
    while ((node /= 2) > 0) winners_[node] = better(winners_[2 * node], winners_[2 * node + 1]);
  }
  /// kNoServer when no one is present.
  [[nodiscard]] ServerIndex first() const { return winners_[1]; }

 private:
  [[nodiscard]] ServerIndex better(ServerIndex left, ServerIndex right) const {
    if (left == kNoServer) return right;
    if (right == kNoServer) return left;
    return before_(right, left) ? right : left;
  }

  std::size_t leaves_;
  std::vector<ServerIndex> winners_;
  Before before_;
};

}  // namespace kerbgate::balance
