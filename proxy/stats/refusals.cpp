#include "stats/refusals.hpp"

namespace kerbgate::stats {

void Refusals::note(Refusal refusal) {
  const std::lock_guard lock(mutex_);
  if (ring_.size() < kKept) {
    ring_.push_back(std::move(refusal));
  } else {
    ring_[total_ % kKept] = std::move(refusal);
  }
  ++total_;
}

std::vector<Refusal> Refusals::last() const {
  const std::lock_guard lock(mutex_);
  std::vector<Refusal> out;
  out.reserve(ring_.size());
  for (std::size_t i = 0; i < ring_.size(); ++i) out.push_back(ring_[(total_ - 1 - i) % ring_.size()]);
  return out;
}

std::uint64_t Refusals::total() const {
  const std::lock_guard lock(mutex_);
  return total_;
}

}  // namespace kerbgate::stats
