#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace kerbgate::hs2 {

/// Which coordinator made a session or an operation: the public half of its handle -> host:port. Bounded: of the
/// entries that have not expired the one that was used longest ago goes first. One mutex; shared by all threads and
/// kept over reloads.
class Handles {
 public:
  using Clock = std::chrono::steady_clock;
  using Now = Clock::time_point;

  explicit Handles(std::size_t most = 200'000) : most_(most) {}

  /// Good for `lifetime` after its last use.
  void learn(std::string_view handle, std::string_view server, Now now, Clock::duration lifetime);
  /// Counts as a use. Empty: unknown, or expired.
  std::string find(std::string_view handle, Now now);
  [[nodiscard]] std::size_t size() const;

 private:
  struct Entry {
    std::string handle, server;
    Clock::duration lifetime{};
    Now used{};
  };
  using Order = std::list<Entry>;  ///< the one used last is first

  void drop_old(Now now);

  const std::size_t most_;
  mutable std::mutex mutex_;
  Order order_;
  std::unordered_map<std::string_view, Order::iterator> index_;  ///< of the entries' own text
};

}  // namespace kerbgate::hs2
