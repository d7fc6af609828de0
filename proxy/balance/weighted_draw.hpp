#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "balance/pool.hpp"

namespace kerbgate::balance {

/// Draws servers in proportion to their weights: a binary indexed tree of sums; a change and a draw cost log2(n).
class WeightedDraw {
 public:
  explicit WeightedDraw(std::size_t servers) : weights_(servers), sums_(servers + 1) {}

  void set(ServerIndex server, std::uint32_t weight) {
    const std::uint64_t change = std::uint64_t{weight} - weights_[server];  // modulo 2^64, as are the sums
    weights_[server] = weight;
    total_ += change;
    for (std::size_t i = server + std::size_t{1}; i < sums_.size(); i += i & -i) sums_[i] += change;
  }
  [[nodiscard]] std::uint64_t total() const { return total_; }

  /// The server on which `uniform` (64 even bits) falls. total() must not be 0.
  [[nodiscard]] ServerIndex draw(std::uint64_t uniform) const {
    auto target = static_cast<std::uint64_t>((static_cast<unsigned __int128>(uniform) * total_) >> 64);
    std::size_t at = 0;
    for (std::size_t step = std::bit_floor(weights_.size()); step > 0; step /= 2) {
      if (at + step >= sums_.size() || sums_[at + step] > target) continue;
      at += step;
      target -= sums_[at];
    }
    return static_cast<ServerIndex>(at);
  }

 private:
  std::vector<std::uint32_t> weights_;
  std::vector<std::uint64_t> sums_;
  std::uint64_t total_ = 0;
};

}  // namespace kerbgate::balance
