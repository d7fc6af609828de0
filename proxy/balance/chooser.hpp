#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "balance/pool.hpp"

namespace kerbgate::balance {

/// Weights are counted in 64ths, so that a slow start has steps to climb.
inline constexpr std::uint32_t kFullWeight = 64;

/// What an algorithm sees of one server.
struct Slot {
  std::uint32_t current = 0;
  std::uint32_t weight = 0;     ///< as configured or set, 0 to 256
  std::uint32_t effective = 0;  ///< weight * kFullWeight, less during a slow start; at least 1 when weight is
  bool backup = false;
  bool usable = false;  ///< up, ready, weight above 0
  bool open = false;    ///< usable, and below its maxconn
  bool room = false;    ///< its own queue takes one more
  std::uint32_t queries = 0;
  std::optional<Now> fresh_until;  ///< of `queries`

  [[nodiscard]] bool candidate() const noexcept { return open && !backup; }
};

struct Pick {
  std::span<const ServerIndex> tried;  ///< not these; may repeat
  std::uint64_t random = 0;
  std::uint64_t client = 0;  ///< Algorithm::source: client_hash()
  /// Algorithm::source: what the client draws for each server (source_hash.hpp); empty: not drawn, and of use only
  /// where needs_draws() says no.
  std::span<const std::uint64_t> draws;
  Now now{};  ///< Algorithm::leastqueries: when a report is too old
};

/// One algorithm over the slots of one pool. Not thread-safe: the pool's lock covers it.
class Chooser {
 public:
  virtual ~Chooser() = default;
  /// The slot of this server is not what it was.
  virtual void changed(ServerIndex server) = 0;
  /// Another server stands there: what was drawn for it is void.
  virtual void rekeyed() {}
  /// Whether a choice for this client takes a draw for each server.
  [[nodiscard]] virtual bool needs_draws(std::uint64_t client) const {
    (void)client;
    return false;
  }
  /// An open server that is no backup. Algorithm::source may name one that is full, when its queue has room: that one
  /// is to be waited for. kNoServer: none, or (needs_draws(), without draws) none that is known.
  virtual ServerIndex choose(const Pick& pick) = 0;
};

/// `slots` must outlive the chooser and keep its size.
std::unique_ptr<Chooser> make_chooser(Algorithm algorithm, const std::vector<Slot>& slots, int random_draws);

/// a has fewer connections per weight than b.
constexpr bool less_loaded(const Slot& a, const Slot& b) noexcept {
  return std::uint64_t{a.current} * b.effective < std::uint64_t{b.current} * a.effective;
}

}  // namespace kerbgate::balance
