#include "stats/tally.hpp"

#include <algorithm>

namespace kerbgate::stats {

void Tally::make_room() {
  auto oldest = rows_.end();
  for (auto row = rows_.begin(); row != rows_.end(); ++row)
    if (row->second.current == 0 && (oldest == rows_.end() || row->second.last < oldest->second.last)) oldest = row;
  if (oldest == rows_.end()) return;
  keys_.erase(oldest->second.name);
  rows_.erase(oldest);
}

Tally::Key Tally::at(const std::string& name, Now now) {
  if (const auto found = keys_.find(name); found != keys_.end()) {
    rows_.at(found->second).last = now;
    return found->second;
  }
  if (rows_.size() >= most_) make_room();
  static const std::string kOthers = "(others)";
  if (rows_.size() >= most_ && name != kOthers) return at(kOthers, now);
  const Key key = ++last_key_;
  keys_[name] = key;
  rows_[key].name = name;
  rows_[key].last = now;
  return key;
}

Tally::Key Tally::opened(const std::string& name, Now now) {
  const std::lock_guard lock(mutex_);
  const Key key = at(name, now);
  Row& row = rows_.at(key);
  ++row.total;
  ++row.current;
  return key;
}

void Tally::closed(Key key, std::uint64_t bytes_in, std::uint64_t bytes_out, Now now) {
  const std::lock_guard lock(mutex_);
  const auto found = rows_.find(key);
  if (found == rows_.end()) return;
  Row& row = found->second;
  --row.current;
  row.bytes_in += bytes_in;
  row.bytes_out += bytes_out;
  row.last = now;
}

void Tally::refused(const std::string& name, Now now) {
  const std::lock_guard lock(mutex_);
  ++rows_.at(at(name, now)).refused;
}

std::vector<Tally::Row> Tally::rows() const {
  std::vector<Row> out;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, row] : rows_) out.push_back(row);
  }
  std::sort(out.begin(), out.end(), [](const Row& a, const Row& b) {
    return std::pair(b.current, b.total) < std::pair(a.current, a.total) ||
           (std::pair(b.current, b.total) == std::pair(a.current, a.total) && a.name < b.name);
  });
  return out;
}

}  // namespace kerbgate::stats
