#include "net/live.hpp"

#include "net/listener.hpp"

namespace kerbgate::net {

void Parking::park(std::shared_ptr<Listener> listener) {
  const std::lock_guard lock(mutex_);
  parked_.push_back(std::move(listener));
  someone_ = true;
}

void Parking::wake() {
  if (!someone_.load()) return;
  std::vector<std::shared_ptr<Listener>> awake;
  {
    const std::lock_guard lock(mutex_);
    awake.swap(parked_);
    someone_ = false;
  }
  for (const auto& listener : awake) listener->resume();
}

namespace {

bool count_in(std::atomic<std::uint32_t>& count, std::uint32_t limit) {
  if (count.fetch_add(1) < limit || limit == 0) return true;
  --count;
  return false;
}

}  // namespace

std::optional<Place> Place::take(const std::shared_ptr<Door>& door) {
  LiveFrontend& frontend = *door->frontend;
  Process& process = *frontend.process;
  if (!count_in(process.connections, process.maxconn)) return std::nullopt;
  if (count_in(frontend.connections, frontend.conf.maxconn)) {
    if (count_in(door->connections, door->maxconn)) return Place(door);
    --frontend.connections;
  }
  --process.connections;
  return std::nullopt;
}

Place::~Place() {
  if (!door_) return;
  LiveFrontend& frontend = *door_->frontend;
  --door_->connections;
  --frontend.connections;
  --frontend.process->connections;
  frontend.process->parking.wake();
}

}  // namespace kerbgate::net
