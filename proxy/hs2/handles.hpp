#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kerbgate::hs2 {

/// Which coordinator made a session or an operation: the public half of its handle -> host:port. Bounded: of the
/// entries that have not expired the one that was used longest ago goes first. One mutex; shared by all threads and
/// kept over reloads.
class Handles {
 public:
  using Clock = std::chrono::steady_clock;
  using Now = Clock::time_point;

  static constexpr std::size_t kMost = 200'000;

  explicit Handles(std::size_t most = kMost) : most_(most) {}

  /// What outlives the process of one entry.
  struct Known {
    std::string handle, server;
    std::chrono::seconds lifetime{}, age{};  ///< since its last use
    friend bool operator==(const Known&, const Known&) = default;
  };

  /// Good for `lifetime` after its last use.
  void learn(std::string_view handle, std::string_view server, Now now, Clock::duration lifetime);
  /// Counts as a use. Empty: unknown, or expired.
  std::string find(std::string_view handle, Now now);
  [[nodiscard]] std::size_t size() const;

  /// Grows with every entry that is learnt or used.
  [[nodiscard]] std::uint64_t changes() const;
  /// All that have not expired, in no order. The lock is taken in short turns: what is learnt meanwhile may be missing.
  [[nodiscard]] std::vector<Known> all(Now now) const;
  /// What another process has known. What is known here by a later use stays.
  void adopt(std::vector<Known> known, Now now);

 private:
  struct Entry {
    std::string handle, server;
    Clock::duration lifetime{};
    Now used{};
  };
  using Order = std::list<Entry>;  ///< the one used last is first

  void put(std::string_view handle, std::string_view server, Now used, Clock::duration lifetime);
  void drop_old(Now now);

  const std::size_t most_;
  std::uint64_t changes_ = 0;
  mutable std::mutex mutex_;
  Order order_;
  std::unordered_map<std::string_view, Order::iterator> index_;  ///< of the entries' own text
};

}  // namespace kerbgate::hs2
