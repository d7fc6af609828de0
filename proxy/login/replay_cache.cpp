#include "login/replay_cache.hpp"

namespace kerbgate::login {

ReplayCache::Seen ReplayCache::see(const kerbgate::Login::Id& id, Time until, Time now) {
  const auto number = [](Time time) { return std::int64_t(time.time_since_epoch() / kSlice); };
  const std::lock_guard lock(mutex_);
  while (!slices_.empty() && slices_.begin()->first < number(now)) {
    size_ -= slices_.begin()->second.size();
    slices_.erase(slices_.begin());
  }
  // An authenticator has one time, so a copy of it falls into the same slice.
  const auto slice = slices_.find(number(until));
  if (slice != slices_.end() && slice->second.contains(id)) return Seen::again;
  if (size_ >= most_) return Seen::full;
  slices_[number(until)].insert(id);
  ++size_;
  return Seen::first;
}

std::size_t ReplayCache::size() const {
  const std::lock_guard lock(mutex_);
  return size_;
}

}  // namespace kerbgate::login
