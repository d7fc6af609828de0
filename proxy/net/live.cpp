#include "net/live.hpp"

#include "net/listener.hpp"
#include "net/loop.hpp"

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

void Process::each_session(const std::function<void(Listed&)>& visit) const {
  for (Loop* loop : loops) loop->post([loop, visit] { loop->roll().each(visit); });
}

namespace {

bool count_in(std::atomic<std::uint32_t>& count, std::uint32_t limit) {
  for (std::uint32_t now = count; limit == 0 || now < limit;)
    if (count.compare_exchange_weak(now, now + 1)) return true;
  return false;
}

bool below(const std::atomic<std::uint32_t>& count, std::uint32_t limit) { return limit == 0 || count < limit; }

}  // namespace

std::optional<Place> Place::take(const std::shared_ptr<Door>& door) {
  LiveFrontend& frontend = *door->frontend;
  Process& process = *frontend.process;
  // The narrowest limit first: who is turned away by it has not stood in the way of other listeners.
  if (!count_in(door->connections, door->maxconn)) return std::nullopt;
  if (count_in(*frontend.connections, frontend.maxconn())) {
    if (count_in(process.connections, process.maxconn)) return Place(door);
    --*frontend.connections;
  }
  --door->connections;
  return std::nullopt;
}

bool Place::room(const Door& door) {
  const LiveFrontend& frontend = *door.frontend;
  return below(door.connections, door.maxconn) && below(*frontend.connections, frontend.maxconn()) &&
         below(frontend.process->connections, frontend.process->maxconn);
}

Place::~Place() {
  if (!door_) return;
  LiveFrontend& frontend = *door_->frontend;
  --door_->connections;
  --*frontend.connections;
  --frontend.process->connections;
  frontend.process->parking.wake();
}

std::string LiveServer::whereabouts() const {
  const auto elsewhere = moved->address();
  const std::string host = moved->host();
  if (!elsewhere || host.empty()) return where;
  return host + ':' + std::to_string(elsewhere->port()) + " (" + elsewhere->ip().str() + ')';
}

}  // namespace kerbgate::net
