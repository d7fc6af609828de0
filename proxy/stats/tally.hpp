#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "stats/rate.hpp"

namespace kerbgate::stats {

/// Counts by a name that comes from outside, a principal above all. Thread-safe and bounded: a name that no one uses
/// gives way to a new one, the longest unused first; when all are in use newcomers count as "(others)".
class Tally {
 public:
  struct Row {
    std::string name;
    std::uint64_t total = 0, refused = 0, bytes_in = 0, bytes_out = 0;
    std::uint32_t current = 0;
    Now last{};
  };

  explicit Tally(std::size_t most = 1024) : most_(most) {}

  /// `name` has one more connection, until closed() of what this returns. 0 is no one.
  using Key = std::uint64_t;
  Key opened(const std::string& name, Now now);
  void closed(Key key, std::uint64_t bytes_in, std::uint64_t bytes_out, Now now);
  void refused(const std::string& name, Now now);
  /// Most connections first, then by name.
  [[nodiscard]] std::vector<Row> rows() const;

 private:
  Key at(const std::string& name, Now now);
  void make_room();

  mutable std::mutex mutex_;
  std::size_t most_;
  Key last_key_ = 0;
  std::map<std::string, Key> keys_;
  std::map<Key, Row> rows_;
};

}  // namespace kerbgate::stats
