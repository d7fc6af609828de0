#include "hs2/handles.hpp"

namespace kerbgate::hs2 {

void Handles::learn(std::string_view handle, std::string_view server, Now now, Clock::duration lifetime) {
  if (handle.empty() || most_ == 0) return;
  const std::lock_guard lock(mutex_);
  const auto found = index_.find(handle);
  if (found != index_.end()) {
    order_.splice(order_.begin(), order_, found->second);
    order_.front().server = server;
  } else {
    order_.push_front({std::string(handle), std::string(server), {}, {}});
    index_.emplace(order_.front().handle, order_.begin());
  }
  order_.front().lifetime = lifetime;
  order_.front().used = now;
  drop_old(now);
}

std::string Handles::find(std::string_view handle, Now now) {
  const std::lock_guard lock(mutex_);
  const auto found = index_.find(handle);
  if (found == index_.end()) return {};
  const Order::iterator entry = found->second;
  if (now - entry->used > entry->lifetime) {
    index_.erase(found);
    order_.erase(entry);
    return {};
  }
  entry->used = now;
  order_.splice(order_.begin(), order_, entry);
  return entry->server;
}

std::size_t Handles::size() const {
  const std::lock_guard lock(mutex_);
  return index_.size();
}

// What was used longest ago stands at the end, so expired entries gather there: two of them a call, lest one call pay
// for all.
void Handles::drop_old(Now now) {
  for (int looked = 0; looked < 2 && !order_.empty(); ++looked) {
    const Entry& last = order_.back();
    if (order_.size() <= most_ && now - last.used <= last.lifetime) return;
    index_.erase(last.handle);
    order_.pop_back();
  }
}

}  // namespace kerbgate::hs2
