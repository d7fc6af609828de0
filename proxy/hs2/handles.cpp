#include "hs2/handles.hpp"

#include <algorithm>
#include <utility>

namespace kerbgate::hs2 {
namespace {

/// Buckets or entries in one turn of the lock: some hundred microseconds.
constexpr std::size_t kTurn = 1024;
/// An age is rounded down to it.
constexpr std::chrono::seconds kGrain{1};

}  // namespace

void Handles::learn(std::string_view handle, std::string_view server, Now now, Clock::duration lifetime) {
  if (handle.empty() || most_ == 0) return;
  const std::lock_guard lock(mutex_);
  put(handle, server, now, lifetime);
  drop_old(now);
}

void Handles::put(std::string_view handle, std::string_view server, Now used, Clock::duration lifetime) {
  ++changes_;
  const auto found = index_.find(handle);
  if (found != index_.end()) {
    order_.splice(order_.begin(), order_, found->second);
    order_.front().server = server;
  } else {
    order_.push_front({std::string(handle), std::string(server), {}, {}});
    index_.emplace(order_.front().handle, order_.begin());
  }
  order_.front().lifetime = lifetime;
  order_.front().used = used;
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
  ++changes_;
  entry->used = now;
  order_.splice(order_.begin(), order_, entry);
  return entry->server;
}

std::size_t Handles::size() const {
  const std::lock_guard lock(mutex_);
  return index_.size();
}

std::uint64_t Handles::changes() const {
  const std::lock_guard lock(mutex_);
  return changes_;
}

std::vector<Handles::Known> Handles::all(Now now) const {
  std::vector<Known> out;
  std::size_t buckets = 0;
  for (std::size_t next = 0, end = 1; next < end;) {
    const std::lock_guard lock(mutex_);
    end = index_.bucket_count();
    if (end != std::exchange(buckets, end)) {
      next = 0;  // they have been dealt out anew
      out.clear();
    }
    for (const std::size_t turn = std::min(next + kTurn, end); next < turn; ++next)
      for (auto found = index_.cbegin(next); found != index_.cend(next); ++found) {
        const Entry& entry = *found->second;
        if (now - entry.used > entry.lifetime) continue;
        out.push_back({entry.handle, entry.server, std::chrono::duration_cast<std::chrono::seconds>(entry.lifetime),
                       std::chrono::duration_cast<std::chrono::seconds>(now - entry.used)});
      }
  }
  return out;
}

// Those used longest ago first: their order is that of their use then.
void Handles::adopt(std::vector<Known> known, Now now) {
  std::sort(known.begin(), known.end(), [](const Known& a, const Known& b) { return a.age > b.age; });
  for (std::size_t next = 0; next < known.size();) {
    const std::lock_guard lock(mutex_);
    for (const std::size_t turn = std::min(next + kTurn, known.size()); next < turn; ++next) {
      const Known& one = known[next];
      if (one.handle.empty() || most_ == 0 || one.age > one.lifetime) continue;
      const auto found = index_.find(one.handle);
      if (found != index_.end() && found->second->used + kGrain >= now - one.age) continue;
      put(one.handle, one.server, now - one.age, one.lifetime);
      drop_old(now);
    }
  }
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
