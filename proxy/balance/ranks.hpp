#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "balance/pool.hpp"

namespace kerbgate::balance {

/// Algorithm::source: the servers that rank first for clients that have been here, so that who comes again costs no
/// draw for each server. A fixed number of clients; one takes the place of another.
class Ranks {
 public:
  static constexpr std::size_t kServers = 8, kClients = 1024;
  /// In order; kNoServer behind the last.
  using First = std::array<ServerIndex, kServers>;

  /// nullptr: not known.
  [[nodiscard]] const First* find(std::uint64_t client) const {
    if (known_.empty()) return nullptr;
    const Known& known = known_[client % kClients];
    return known.era == era_ && known.client == client ? &known.first : nullptr;
  }
  void keep(std::uint64_t client, const First& first) {
    if (known_.empty()) known_.resize(kClients);
    known_[client % kClients] = {client, era_, first};
  }
  /// Keys or weights are others.
  void forget() { ++era_; }

 private:
  struct Known {
    std::uint64_t client = 0, era = 0;
    First first{};
  };
  std::vector<Known> known_;
  std::uint64_t era_ = 1;
};

/// The first of those that are shown one by one, the lower index first among equals.
template <class Before>
class FirstOf {
 public:
  explicit FirstOf(Before before) : before_(std::move(before)) { first_.fill(kNoServer); }
  void show(ServerIndex server) {
    if (count_ == first_.size() && !before_(server, first_.back())) return;
    std::size_t at = count_ < first_.size() ? count_++ : count_ - 1;
    for (; at > 0 && before_(server, first_[at - 1]); --at) first_[at] = first_[at - 1];
    first_[at] = server;
  }
  [[nodiscard]] const Ranks::First& first() const { return first_; }

 private:
  Before before_;
  Ranks::First first_{};
  std::size_t count_ = 0;
};

}  // namespace kerbgate::balance
