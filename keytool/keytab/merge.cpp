#include <functional>
#include <string_view>
#include <unordered_map>

#include "kerbgate/keytab.hpp"

namespace kerbgate::keytab {
namespace {

std::size_t mixed(std::size_t seed, std::size_t value) {
  return seed ^ (value + 0x9e3779b97f4a7c15ULL + (seed << 6) + (seed >> 2));
}

struct PrincipalHash {
  std::size_t operator()(const Principal* principal) const {
    std::size_t seed = std::hash<std::string_view>{}(principal->realm);
    for (const std::string& part : principal->components) seed = mixed(seed, std::hash<std::string_view>{}(part));
    return seed;
  }
};
struct PrincipalEqual {
  bool operator()(const Principal* a, const Principal* b) const { return *a == *b; }
};

struct SlotHash {
  std::size_t operator()(const Entry* entry) const {
    const std::size_t seed = PrincipalHash{}(&entry->principal);
    return mixed(mixed(seed, entry->kvno), static_cast<std::size_t>(entry->enctype));
  }
};
struct SlotEqual {
  bool operator()(const Entry* a, const Entry* b) const { return same_slot(*a, *b); }
};

/// As libkrb5's keytab reader chooses when no kvno is asked for: the larger one, but a small number written at the same
/// time as a number just below 256 or later is that number's successor, wrapped at eight bits.
bool is_newer(const Entry& a, const Entry& b) {
  if (a.kvno < 128 && b.kvno > 240) return a.timestamp >= b.timestamp;
  if (a.kvno > 240 && b.kvno < 128) return a.timestamp > b.timestamp;
  return a.kvno > b.kvno;
}

/// The input's entries that merge() has taken so far.
class Merger {
 public:
  Merger(std::span<const std::vector<Entry>> inputs, const MergeOptions& options)
      : inputs_(inputs), options_(options) {}

  Merged run() {
    std::size_t total = 0;
    for (const auto& input : inputs_) total += input.size();
    slots_.reserve(total);
    places_.reserve(total);
    if (options_.newest_kvno_only) find_newest();
    for (std::size_t input = 0; input < inputs_.size(); ++input) {
      for (std::size_t entry = 0; entry < inputs_[input].size(); ++entry) take({input, entry});
    }
    return finish();
  }

 private:
  /// A place of the output. The key is that of `key`; the timestamp that of `stamp`, an exact duplicate of it.
  struct Place {
    Origin key;
    std::uint32_t timestamp;
    bool kept;
  };
  /// The places of one principal, kvno and enctype: one key, under one name type each.
  using Slot = std::vector<std::size_t>;

  [[nodiscard]] const Entry& at(Origin origin) const { return inputs_[origin.input][origin.entry]; }

  void find_newest() {
    for (const auto& input : inputs_) {
      for (const Entry& entry : input) {
        const auto [row, fresh] = newest_.try_emplace(&entry.principal, &entry);
        if (!fresh && is_newer(entry, *row->second)) row->second = &entry;
      }
    }
  }

  void take(Origin origin) {
    const Entry& entry = at(origin);
    if (options_.newest_kvno_only && newest_.at(&entry.principal)->kvno != entry.kvno) {
      ++out_.older;
      out_.dropped.push_back({origin, Merged::Why::older, {}});
      return;
    }
    Slot& slot = slots_[&entry];
    if (slot.empty() || at(places_[slot.front()].key).key == entry.key) {
      keep_or_drop(slot, origin);
    } else {
      settle(slot, origin);
    }
  }

  /// The slot holds this key already, or none.
  void keep_or_drop(Slot& slot, Origin origin) {
    const Entry& entry = at(origin);
    for (const std::size_t index : slot) {
      Place& place = places_[index];
      if (!same_key(at(place.key), entry)) continue;
      if (entry.timestamp > place.timestamp) place.timestamp = entry.timestamp;
      ++out_.duplicates;
      out_.dropped.push_back({origin, Merged::Why::duplicate, place.key});
      return;
    }
    slot.push_back(places_.size());
    places_.push_back({origin, entry.timestamp, true});
  }

  /// The slot holds another key.
  void settle(Slot& slot, Origin origin) {
    const Origin other = places_[slot.front()].key;
    out_.clashes.push_back({other.input, other.entry, origin.input, origin.entry});
    if (options_.prefer == Prefer::first) out_.dropped.push_back({origin, Merged::Why::conflict, other});
    if (options_.prefer != Prefer::last) return;
    for (const std::size_t index : slot) {
      out_.dropped.push_back({places_[index].key, Merged::Why::conflict, origin});
      places_[index].kept = false;
    }
    slot.resize(1);
    places_[slot.front()] = {origin, at(origin).timestamp, true};
  }

  Merged finish() {
    out_.refused = options_.prefer == Prefer::fail && !out_.clashes.empty();
    if (out_.refused || options_.account_only) return std::move(out_);
    out_.entries.reserve(places_.size());
    out_.origins.reserve(places_.size());
    for (const Place& place : places_) {
      if (!place.kept) continue;
      out_.entries.push_back(at(place.key).copy());
      out_.entries.back().timestamp = place.timestamp;
      out_.origins.push_back(place.key);
    }
    return std::move(out_);
  }

  std::span<const std::vector<Entry>> inputs_;
  const MergeOptions& options_;
  Merged out_;
  std::vector<Place> places_;
  std::unordered_map<const Entry*, Slot, SlotHash, SlotEqual> slots_;
  std::unordered_map<const Principal*, const Entry*, PrincipalHash, PrincipalEqual> newest_;
};

}  // namespace

Merged merge(std::span<const std::vector<Entry>> inputs, const MergeOptions& options) {
  return Merger(inputs, options).run();
}

}  // namespace kerbgate::keytab
