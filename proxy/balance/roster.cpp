#include "balance/roster.hpp"

#include <algorithm>

#include "balance/source_hash.hpp"

namespace kerbgate::balance {
namespace {

/// Slow start is for the algorithms that follow weights as they change.
bool climbs(Algorithm algorithm) {
  return algorithm == Algorithm::roundrobin || algorithm == Algorithm::leastconn || algorithm == Algorithm::random ||
         algorithm == Algorithm::leastqueries;
}

bool contains(std::span<const ServerIndex> list, ServerIndex server) {
  return std::find(list.begin(), list.end(), server) != list.end();
}

}  // namespace

Roster::Roster(const PoolConf& conf)
    : algorithm_(conf.algorithm),
      hashes_(algorithm_ == Algorithm::source ? conf.servers.size() : 0),
      slots_(conf.servers.size()) {
  for (const ServerConf& server : conf.servers) {
    const auto index = static_cast<ServerIndex>(static_.size());
    static_.push_back(
        {std::min(server.weight, 256U), climbs(algorithm_) ? server.slowstart : std::chrono::milliseconds{0}, {}});
    slots_[index].backup = server.backup;
    if (server.backup) backups_.push_back(index);
    rekey(index, server.key);
  }
  climbing_.reserve(slots_.size());
  chooser_ = make_chooser(algorithm_, slots_, conf.random_draws);
}

std::uint32_t Roster::weight_of(ServerIndex server, const Live& live) const {
  // static-rr keeps the order that the configuration gave it: a weight set later only takes out or puts back.
  if (algorithm_ == Algorithm::static_rr && live.weight > 0) return std::max(static_[server].weight, 1U);
  return live.weight;
}

void Roster::mark(ServerIndex server, bool usable) {
  Slot& slot = slots_[server];
  if (slot.usable == usable) return;
  slot.usable = usable;
  std::uint32_t& count = slot.backup ? usable_backup_ : usable_active_;
  usable ? ++count : --count;
}

void Roster::update(ServerIndex server, const Live& live) {
  Slot& slot = slots_[server];
  current_ += live.current - slot.current;
  slot.current = live.current;
  slot.weight = weight_of(server, live);
  slot.room = live.room;
  slot.queries = live.queries;
  slot.fresh_until = live.fresh_until;
  mark(server, live.up && live.ready && slot.weight > 0);
  slot.open = slot.usable && (live.maxconn == 0 || live.current < live.maxconn);
  set_effective(server, live.up_since);
  chooser_->changed(server);
}

void Roster::set_effective(ServerIndex server, std::optional<Now> up_since) {
  Slot& slot = slots_[server];
  Static& fixed = static_[server];
  const std::uint32_t full = slot.weight * kFullWeight;
  const bool came_up = up_since != fixed.up_since;
  fixed.up_since = up_since;
  const bool climbing = contains(climbing_, server);
  if (came_up && fixed.slowstart.count() > 0) {
    if (!climbing) climbing_.push_back(server);
    slot.effective = std::min(full, 1U);
  } else {
    slot.effective = climbing ? std::clamp(slot.effective, std::min(full, 1U), full) : full;
  }
}

std::uint32_t Roster::climbed(ServerIndex server, Now now) const {
  const Static& fixed = static_[server];
  const std::uint32_t full = slots_[server].weight * kFullWeight;
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - *fixed.up_since);
  if (elapsed >= fixed.slowstart) return full;
  const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(elapsed.count(), 0));
  const auto part = full * ms / static_cast<std::uint64_t>(fixed.slowstart.count());
  return std::max(static_cast<std::uint32_t>(part), std::min(full, 1U));
}

void Roster::advance(Now now) {
  now_ = now;
  for (std::size_t i = 0; i < climbing_.size();) {
    const ServerIndex server = climbing_[i];
    Slot& slot = slots_[server];
    const std::uint32_t effective = climbed(server, now);
    if (effective != slot.effective) {
      slot.effective = effective;
      chooser_->changed(server);
    }
    if (now - *static_[server].up_since < static_[server].slowstart) {
      ++i;
      continue;
    }
    climbing_[i] = climbing_.back();
    climbing_.pop_back();
  }
}

const std::vector<std::uint64_t>& Roster::draws_of(std::uint64_t client) const {
  thread_local std::vector<std::uint64_t> draws;
  draws.clear();
  for (const auto& server : hashes_) draws.push_back(draw(client, server.load(std::memory_order_relaxed)));
  return draws;
}

void Roster::rekey(ServerIndex server, const std::string& key) {
  if (algorithm_ == Algorithm::source) hashes_[server].store(server_hash(key), std::memory_order_relaxed);
  ++rekeys_;
  if (chooser_) chooser_->rekeyed();
}

bool Roster::active_left(std::span<const ServerIndex> tried) const {
  if (tried.empty() || usable_active_ > tried.size()) return usable_active_ > 0;
  std::vector<bool> seen(slots_.size());
  std::uint32_t left = usable_active_;
  for (const ServerIndex server : tried) {
    if (server >= slots_.size() || seen[server]) continue;
    seen[server] = true;
    if (slots_[server].usable && !slots_[server].backup) --left;
  }
  return left > 0;
}

ServerIndex Roster::first_backup(std::span<const ServerIndex> tried) const {
  for (const ServerIndex server : backups_)
    if (slots_[server].usable && !contains(tried, server)) return server;
  return kNoServer;
}

Choice Roster::choose(const Pick& pick) { return active_left(pick.tried) ? choose_active(pick) : choose_backup(pick); }

Choice Roster::choose_active(const Pick& asked) {
  Pick pick = asked;
  pick.now = now_;
  ServerIndex server = chooser_->choose(pick);
  if (server == kNoServer && algorithm_ == Algorithm::source && pick.draws.empty()) {
    pick.draws = draws_of(pick.client);
    server = chooser_->choose(pick);
  }
  if (server == kNoServer)
    return {algorithm_ == Algorithm::source ? Choice::What::queue_full : Choice::What::wait, kNoServer};
  return {slots_[server].open ? Choice::What::place : Choice::What::wait_for, server};
}

Choice Roster::choose_backup(const Pick& pick) const {
  const ServerIndex server = first_backup(pick.tried);
  if (server == kNoServer) return {usable() > 0 ? Choice::What::all_tried : Choice::What::none_up, kNoServer};
  if (slots_[server].open) return {Choice::What::place, server};
  return {Choice::What::wait, kNoServer};
}

bool Roster::suits(ServerIndex server, std::span<const ServerIndex> tried) const {
  const Slot& slot = slots_[server];
  if (!slot.open || contains(tried, server)) return false;
  return !slot.backup || (!active_left(tried) && first_backup(tried) == server);
}

}  // namespace kerbgate::balance
