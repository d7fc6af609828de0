#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

namespace kerbgate::stats {

/// What one thing had come to at one moment.
struct Totals {
  std::uint64_t connections = 0, bytes_in = 0, bytes_out = 0, logins = 0, refused = 0;
  std::uint32_t sessions = 0, queued = 0;  ///< at that moment
};

/// One step of a chart.
struct Sample {
  std::int64_t time = 0;  ///< its end, seconds since 1970
  std::uint32_t seconds = 0;
  std::uint32_t sessions = 0, queued = 0;                  ///< at its end
  std::uint64_t connections = 0, logins = 0, refused = 0;  ///< within it
  std::uint64_t bytes_in = 0, bytes_out = 0;
};

/// The last steps of one thing, oldest first. Thread-safe; holds no more than `steps`.
class History {
 public:
  explicit History(std::size_t steps) : steps_(steps) {}
  /// The first call only remembers where counting begins. Totals that have shrunk were cleared meanwhile.
  void take(std::int64_t time, const Totals& totals);
  [[nodiscard]] std::vector<Sample> samples() const;

 private:
  mutable std::mutex mutex_;
  std::size_t steps_, next_ = 0;
  std::vector<Sample> ring_;
  Totals last_;
  std::int64_t last_time_ = 0;
};

}  // namespace kerbgate::stats
