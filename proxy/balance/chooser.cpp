#include "balance/chooser.hpp"

#include <algorithm>
#include <utility>

#include "balance/ranks.hpp"
#include "balance/rotation.hpp"
#include "balance/source_hash.hpp"
#include "balance/tournament.hpp"
#include "balance/weighted_draw.hpp"

namespace kerbgate::balance {
namespace {

/// Takes the tried servers out of a chooser's structure for the length of one choice.
template <class Withdraw, class Restore>
class Without {
 public:
  Without(std::span<const ServerIndex> tried, std::size_t servers, Withdraw withdraw, Restore restore)
      : tried_(tried), servers_(servers), restore_(std::move(restore)) {
    for (const ServerIndex server : tried_)
      if (server < servers_) withdraw(server);
  }
  ~Without() {
    for (const ServerIndex server : tried_)
      if (server < servers_) restore_(server);
  }
  Without(const Without&) = delete;
  Without& operator=(const Without&) = delete;

 private:
  std::span<const ServerIndex> tried_;
  std::size_t servers_;
  Restore restore_;
};

/// leastconn, roundrobin and first differ only in what comes first.
template <class Order>
class Ordered : public Chooser {
 public:
  explicit Ordered(const std::vector<Slot>& slots)
      : slots_(slots), order_(slots), tree_(slots.size(), Compare{&order_}) {}
  Ordered(const Ordered&) = delete;
  Ordered& operator=(const Ordered&) = delete;

  void changed(ServerIndex server) override {
    order_.changed(server);
    tree_.set(server, slots_[server].candidate());
  }

  ServerIndex choose(const Pick& pick) override {
    const ServerIndex chosen = first_untried(pick.tried);
    if (chosen == kNoServer) return kNoServer;
    order_.chosen(chosen);
    tree_.set(chosen, slots_[chosen].candidate());
    return chosen;
  }

 private:
  ServerIndex first_untried(std::span<const ServerIndex> tried) {
    const Without without(
        tried, slots_.size(), [this](ServerIndex server) { tree_.set(server, false); },
        [this](ServerIndex server) { tree_.set(server, slots_[server].candidate()); });
    return tree_.first();
  }

  struct Compare {
    const Order* order;
    bool operator()(ServerIndex a, ServerIndex b) const { return order->before(a, b); }
  };

  const std::vector<Slot>& slots_;
  Order order_;
  Tournament<Compare> tree_;
};

/// Fewest connections per weight; among equals the one that has waited longest.
class LeastLoaded {
 public:
  explicit LeastLoaded(const std::vector<Slot>& slots) : slots_(slots), stamps_(slots.size()) {}
  [[nodiscard]] bool before(ServerIndex a, ServerIndex b) const {
    if (less_loaded(slots_[a], slots_[b])) return true;
    if (less_loaded(slots_[b], slots_[a])) return false;
    return stamps_[a] < stamps_[b];
  }
  void changed(ServerIndex) {}
  void chosen(ServerIndex server) { stamps_[server] = ++choices_; }

 private:
  const std::vector<Slot>& slots_;
  std::vector<std::uint64_t> stamps_;
  std::uint64_t choices_ = 0;
};

class InOrder {
 public:
  explicit InOrder(const std::vector<Slot>&) {}
  [[nodiscard]] bool before(ServerIndex a, ServerIndex b) const { return a < b; }
  void changed(ServerIndex) {}
  void chosen(ServerIndex) {}
};

/// The least loaded of a few drawn by weight.
class Random : public Chooser {
 public:
  Random(const std::vector<Slot>& slots, int draws)
      : slots_(slots), draws_(std::max(draws, 1)), weights_(slots.size()) {}

  void changed(ServerIndex server) override { restore(server); }

  ServerIndex choose(const Pick& pick) override {
    const Without without(
        pick.tried, slots_.size(), [this](ServerIndex server) { weights_.set(server, 0); },
        [this](ServerIndex server) { restore(server); });
    if (weights_.total() == 0) return kNoServer;
    ServerIndex best = kNoServer;
    for (std::uint64_t n = 0; n < static_cast<std::uint64_t>(draws_); ++n) {
      const ServerIndex drawn = weights_.draw(mix64(pick.random + n * 0x9e3779b97f4a7c15U));
      if (best == kNoServer || less_loaded(slots_[drawn], slots_[best])) best = drawn;
    }
    return best;
  }

 private:
  void restore(ServerIndex server) {
    const Slot& slot = slots_[server];
    weights_.set(server, slot.candidate() ? slot.effective : 0);
  }

  const std::vector<Slot>& slots_;
  int draws_;
  WeightedDraw weights_;
};

/// Fewest running queries per weight, as long as every usable server has said of late how many it runs: reports of some
/// cannot be held against connections of others. Else as LeastLoaded, which also decides among equals.
class LeastQueries : public Chooser {
 public:
  explicit LeastQueries(const std::vector<Slot>& slots) : slots_(slots), by_connections_(slots), tried_(slots.size()) {}

  void changed(ServerIndex) override {}

  ServerIndex choose(const Pick& pick) override {
    const Without without(
        pick.tried, slots_.size(), [this](ServerIndex server) { tried_[server] = 1; },
        [this](ServerIndex server) { tried_[server] = 0; });
    const bool by_queries = all_fresh(pick.now);
    ServerIndex best = kNoServer;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      const auto server = static_cast<ServerIndex>(i);
      if (!slots_[i].candidate() || tried_[i] != 0) continue;
      if (best == kNoServer || before(server, best, by_queries)) best = server;
    }
    if (best != kNoServer) by_connections_.chosen(best);
    return best;
  }

 private:
  [[nodiscard]] bool all_fresh(Now now) const {
    return std::all_of(slots_.begin(), slots_.end(), [now](const Slot& slot) {
      return !slot.usable || slot.backup || (slot.fresh_until && now < *slot.fresh_until);
    });
  }
  [[nodiscard]] bool before(ServerIndex a, ServerIndex b, bool by_queries) const {
    const std::uint64_t left = std::uint64_t{slots_[a].queries} * slots_[b].effective;
    const std::uint64_t right = std::uint64_t{slots_[b].queries} * slots_[a].effective;
    if (by_queries && left != right) return left < right;
    return by_connections_.before(a, b);
  }

  const std::vector<Slot>& slots_;
  LeastLoaded by_connections_;
  std::vector<std::uint8_t> tried_;
};

/// The client's own server as long as that is usable, full or not: its waiters wait for it.
class Source : public Chooser {
 public:
  explicit Source(const std::vector<Slot>& slots) : slots_(slots), tried_(slots.size()), weights_(slots.size()) {}

  void changed(ServerIndex server) override {
    if (std::exchange(weights_[server], slots_[server].weight) != slots_[server].weight) ranks_.forget();
  }
  void rekeyed() override { ranks_.forget(); }
  [[nodiscard]] bool needs_draws(std::uint64_t client) const override { return ranks_.find(client) == nullptr; }

  ServerIndex choose(const Pick& pick) override {
    const Without without(
        pick.tried, slots_.size(), [this](ServerIndex server) { tried_[server] = 1; },
        [this](ServerIndex server) { tried_[server] = 0; });
    return pick.draws.empty() ? first_known(pick.client) : first_drawn(pick);
  }

 private:
  [[nodiscard]] ServerIndex first_known(std::uint64_t client) const {
    const Ranks::First* const first = ranks_.find(client);
    if (first == nullptr) return kNoServer;
    for (const ServerIndex server : *first)
      if (server != kNoServer && may_take(server)) return server;
    return kNoServer;
  }

  ServerIndex first_drawn(const Pick& pick) {
    const auto before = [&](ServerIndex a, ServerIndex b) {
      return ranks_before(pick.draws[a], slots_[a].weight, pick.draws[b], slots_[b].weight);
    };
    FirstOf first(before);
    ServerIndex best = kNoServer;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      const auto server = static_cast<ServerIndex>(i);
      if (slots_[i].backup || slots_[i].weight == 0) continue;
      first.show(server);
      if (may_take(server) && (best == kNoServer || before(server, best))) best = server;
    }
    ranks_.keep(pick.client, first.first());
    return best;
  }

  [[nodiscard]] bool may_take(ServerIndex server) const {
    const Slot& slot = slots_[server];
    return slot.usable && !slot.backup && tried_[server] == 0 && (slot.open || slot.room);
  }

  const std::vector<Slot>& slots_;
  std::vector<std::uint8_t> tried_;
  std::vector<std::uint32_t> weights_;  ///< that the ranks are by
  Ranks ranks_;
};

}  // namespace

std::unique_ptr<Chooser> make_chooser(Algorithm algorithm, const std::vector<Slot>& slots, int random_draws) {
  switch (algorithm) {
    case Algorithm::roundrobin:
    case Algorithm::static_rr:
      return std::make_unique<Ordered<Rotation>>(slots);
    case Algorithm::leastconn:
      return std::make_unique<Ordered<LeastLoaded>>(slots);
    case Algorithm::source:
      return std::make_unique<Source>(slots);
    case Algorithm::leastqueries:
      return std::make_unique<LeastQueries>(slots);
    case Algorithm::first:
      return std::make_unique<Ordered<InOrder>>(slots);
    case Algorithm::random:
      return std::make_unique<Random>(slots, random_draws);
  }
  return nullptr;
}

}  // namespace kerbgate::balance
