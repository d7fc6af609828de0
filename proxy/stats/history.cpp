#include "stats/history.hpp"

#include <algorithm>

namespace kerbgate::stats {
namespace {

std::uint64_t grown(std::uint64_t before, std::uint64_t now) { return now >= before ? now - before : now; }

}  // namespace

void History::take(std::int64_t time, const Totals& totals) {
  const std::lock_guard lock(mutex_);
  if (last_time_ != 0) {
    const Sample sample{time,
                        std::uint32_t(std::max<std::int64_t>(time - last_time_, 0)),
                        totals.sessions,
                        totals.queued,
                        grown(last_.connections, totals.connections),
                        grown(last_.logins, totals.logins),
                        grown(last_.refused, totals.refused),
                        grown(last_.bytes_in, totals.bytes_in),
                        grown(last_.bytes_out, totals.bytes_out)};
    if (ring_.size() < steps_) {
      ring_.push_back(sample);
    } else {
      ring_[next_] = sample;
    }
    next_ = (next_ + 1) % steps_;
  }
  last_ = totals;
  last_time_ = time;
}

std::vector<Sample> History::samples() const {
  const std::lock_guard lock(mutex_);
  std::vector<Sample> out;
  out.reserve(ring_.size());
  const std::size_t oldest = ring_.size() < steps_ ? 0 : next_;
  for (std::size_t i = 0; i < ring_.size(); ++i) out.push_back(ring_[(oldest + i) % ring_.size()]);
  return out;
}

}  // namespace kerbgate::stats
