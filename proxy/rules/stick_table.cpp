#include "rules/stick_table.hpp"

#include <algorithm>

namespace kerbgate::rules {
namespace {

using Millis = std::chrono::milliseconds;

/// How many old entries one call looks at: no connection pays for a whole table.
constexpr int kLooks = 32;

}  // namespace

Tracked::~Tracked() {
  if (entry_ == nullptr) return;
  const std::lock_guard lock(table_->mutex_);
  --static_cast<StickTable::Entry*>(entry_)->current;
}

std::uint64_t Tracked::count(Count what, Now now) const {
  if (entry_ == nullptr) return 0;
  const std::lock_guard lock(table_->mutex_);
  return table_->value(*static_cast<StickTable::Entry*>(entry_), what, now);
}

void StickTable::Rate::turn(Now at, Millis period) {
  const auto elapsed = at - began;
  if (elapsed >= 2 * period) {
    before = now = 0;
    began = at;
  } else if (elapsed >= period) {
    before = std::exchange(now, 0);
    began += period;
  }
}

void StickTable::Rate::add(Now at, Millis period) {
  if (period.count() == 0) return;
  turn(at, period);
  ++now;
}

// The period that runs, and of the one before the part that still lies within one period of now.
std::uint64_t StickTable::Rate::value(Now at, Millis period) {
  if (period.count() == 0) return 0;
  turn(at, period);
  const auto left = std::chrono::duration_cast<Millis>(period - (at - began)).count();
  return now + before * std::uint64_t(std::max<std::int64_t>(left, 0)) / std::uint64_t(period.count());
}

void StickTable::configure(const TableConf& conf) {
  const std::lock_guard lock(mutex_);
  conf_ = conf;
}

TableConf StickTable::conf() const {
  const std::lock_guard lock(mutex_);
  return conf_;
}

std::optional<std::string> StickTable::key_of(const IpAddress& address) const {
  const TableConf conf = this->conf();
  const IpAddress plain = address.unmapped();
  if (conf.type == TableConf::Type::string) return plain.str().substr(0, conf.length);
  if (conf.type == TableConf::Type::ip && plain.v6) return std::nullopt;
  const auto* bytes = reinterpret_cast<const char*>(plain.bytes.data());
  return std::string(bytes, plain.v6 ? 16 : 4);
}

std::optional<std::string> StickTable::key_of(std::string_view text) const {
  const TableConf conf = this->conf();
  if (conf.type != TableConf::Type::string || text.empty()) return std::nullopt;
  return std::string(text.substr(0, conf.length));
}

bool StickTable::expired(const Entry& entry, Now now) const {
  return entry.current == 0 && conf_.expire.count() != 0 && now - entry.used >= conf_.expire;
}

void StickTable::touch(Entries::iterator entry, Now now) {
  entry->used = now;
  entries_.splice(entries_.end(), entries_, entry);
}

StickTable::Entry* StickTable::find(const std::string& key, Now now) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  const Entries::iterator entry = found->second;
  if (expired(*entry, now)) {
    by_key_.erase(found);
    entries_.erase(entry);
    return nullptr;
  }
  return &*entry;
}

// Those in use are met again and again at the head of the list: they go to its end.
void StickTable::expire(Now now) {
  for (int looks = 0; looks < kLooks && !entries_.empty(); ++looks) {
    const Entries::iterator oldest = entries_.begin();
    if (conf_.expire.count() == 0 || now - oldest->used < conf_.expire) return;
    if (oldest->current != 0) {
      touch(oldest, now);
      continue;
    }
    by_key_.erase(oldest->key);
    entries_.erase(oldest);
  }
}

bool StickTable::make_room(Now now) {
  expire(now);
  for (int looks = 0; entries_.size() >= conf_.size; ++looks) {
    if (conf_.nopurge || looks == kLooks || entries_.empty()) return false;
    const Entries::iterator oldest = entries_.begin();
    if (oldest->current != 0) {
      touch(oldest, now);
      continue;
    }
    by_key_.erase(oldest->key);
    entries_.erase(oldest);
  }
  return true;
}

StickTable::Entry* StickTable::find_or_make(const std::string& key, Now now) {
  if (find(key, now) == nullptr) {
    if (!make_room(now)) return nullptr;
    entries_.push_back({key, {}, 0, 0, {}, now});
    by_key_.emplace(key, std::prev(entries_.end()));
  }
  const Entries::iterator entry = by_key_.at(key);
  touch(entry, now);
  return &*entry;
}

Tracked StickTable::track(const std::string& key, Now now) {
  const std::lock_guard lock(mutex_);
  Entry* const entry = find_or_make(key, now);
  if (entry == nullptr) return {};
  ++entry->current;
  ++entry->total;
  entry->rate.add(now, conf_.rate_period);
  return {shared_from_this(), entry};
}

std::uint64_t StickTable::value(Entry& entry, Count what, Now now) const {
  switch (what) {
    case Count::current:
      return conf_.current ? entry.current : 0;
    case Count::total:
      return conf_.total ? entry.total : 0;
    case Count::rate:
      return entry.rate.value(now, conf_.rate_period);
  }
  return 0;
}

std::uint64_t StickTable::count(const std::string& key, Count what, Now now) {
  const std::lock_guard lock(mutex_);
  Entry* const entry = find(key, now);
  return entry == nullptr ? 0 : value(*entry, what, now);
}

std::string StickTable::server_of(const std::string& key, Now now) {
  const std::lock_guard lock(mutex_);
  if (find(key, now) == nullptr) return {};
  const Entries::iterator entry = by_key_.at(key);
  touch(entry, now);
  return entry->server;
}

void StickTable::store(const std::string& key, const std::string& server, Now now) {
  const std::lock_guard lock(mutex_);
  if (Entry* const entry = find_or_make(key, now)) entry->server = server;
}

std::size_t StickTable::used() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace kerbgate::rules
