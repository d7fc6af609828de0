#include "stats/counters.hpp"

#include <algorithm>

namespace kerbgate::stats {
namespace {

void zero(std::initializer_list<Count*> counts) noexcept {
  for (Count* count : counts) count->store(0, std::memory_order_relaxed);
}
void zero(std::span<Count> counts) noexcept {
  for (Count& count : counts) count.store(0, std::memory_order_relaxed);
}

}  // namespace

std::uint64_t Logins::refused_in_all() const noexcept {
  std::uint64_t sum = 0;
  for (const Count& count : refused) sum += get(count);
  return sum;
}

void Serving::clear(bool all) noexcept {
  rate.clear_peak();
  queue_ms.clear_peak();
  connect_ms.clear_peak();
  total_ms.clear_peak();
  if (!all) return;
  zero({&bytes.in, &bytes.out, &failed_connections, &failed_responses, &retries, &redispatches, &client_aborts,
        &server_aborts});
}

void Server::checked(CheckOutcome outcome) {
  const std::lock_guard lock(mutex_);
  check_ = std::move(outcome);
}

std::optional<CheckOutcome> Server::last_check() const {
  const std::lock_guard lock(mutex_);
  return check_;
}

void Server::passed(PassedOver what) {
  const std::lock_guard lock(mutex_);
  passed_ = std::move(what);
}

std::optional<PassedOver> Server::last_passed_over() const {
  const std::lock_guard lock(mutex_);
  return passed_;
}

void Server::looked(CoordinatorCheck check) {
  const std::lock_guard lock(mutex_);
  looks_[std::size_t(check.kind)] = std::move(check);
}

std::optional<CoordinatorCheck> Server::last_look(CoordinatorCheck::Kind kind) const {
  const std::lock_guard lock(mutex_);
  return looks_[std::size_t(kind)];
}

void Server::forget_look(CoordinatorCheck::Kind kind) {
  const std::lock_guard lock(mutex_);
  looks_[std::size_t(kind)].reset();
}

void Server::took(std::uint32_t kvno, std::int32_t enctype, std::chrono::system_clock::time_point now) {
  const std::lock_guard lock(mutex_);
  auto key = std::find_if(keys_.begin(), keys_.end(),
                          [&](const KeySeen& one) { return one.kvno == kvno && one.enctype == enctype; });
  if (key == keys_.end()) {
    if (keys_.size() == kKeys) keys_.pop_back();
    key = keys_.insert(keys_.end(), KeySeen{kvno, enctype, 0, now});
  }
  ++key->logins;
  key->last = now;
  std::rotate(keys_.begin(), key, std::next(key));
}

std::vector<KeySeen> Server::keys_taken() const {
  const std::lock_guard lock(mutex_);
  return keys_;
}

void clear(Front& front, bool all) noexcept {
  front.most.clear();
  front.rate.clear_peak();
  if (!all) return;
  zero({&front.connections, &front.bytes.in, &front.bytes.out, &front.denied, &front.request_errors,
        &front.denied_connections, &front.denied_sessions, &front.logins.taken});
  zero(std::span(front.logins.openings));
  zero(std::span(front.logins.refused));
}

void clear(Listening& listening, bool all) noexcept {
  listening.most.clear();
  if (all) zero({&listening.connections, &listening.bytes.in, &listening.bytes.out});
}

void clear(Back& back, bool all) noexcept {
  back.Serving::clear(all);
  back.most.clear(back.current.load(std::memory_order_relaxed));
  if (all) zero({&back.connections, &back.denied});
}

void clear(Server& server, bool all) noexcept {
  server.Serving::clear(all);
  if (!all) return;
  zero({&server.failed_checks});
  zero(std::span(server.passed_over));
}

void clear(Whole& whole, bool all) noexcept {
  whole.most.clear();
  whole.rate.clear_peak();
  if (all) zero({&whole.connections, &whole.logins, &whole.bytes.in, &whole.bytes.out});
}

}  // namespace kerbgate::stats
