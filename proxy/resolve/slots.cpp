#include "resolve/slots.hpp"

#include <algorithm>
#include <set>

namespace kerbgate::resolve {
namespace {

/// IPv4 in its own order, then IPv6.
bool before(const IpAddress& a, const IpAddress& b) { return a.v6 != b.v6 ? b.v6 : a.bytes < b.bytes; }

std::string in_brackets(const IpAddress& address) { return address.v6 ? '[' + address.str() + ']' : address.str(); }

Millis hold_of(const Holds& holds, Verdict verdict) {
  switch (verdict) {
    case Verdict::nx:
      return holds.nx;
    case Verdict::timeout:
      return holds.timeout;
    case Verdict::refused:
      return holds.refused;
    case Verdict::valid:
    case Verdict::other:
      break;
  }
  return holds.other;
}

const char* words_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::nx:
      return "DNS NX status";
    case Verdict::timeout:
      return "DNS timeout status";
    case Verdict::refused:
      return "DNS refused status";
    case Verdict::valid:
    case Verdict::other:
      break;
  }
  return "unspecified DNS error";
}

}  // namespace

std::string Candidate::key() const {
  if (host.empty() && addresses.empty()) return {};
  const std::string name = host.empty() ? in_brackets(addresses.front()) : host;
  return port == 0 ? name : name + ':' + std::to_string(port);
}

Slots::Slots(SlotsConf conf, const std::map<std::string, Slot>& before, Now now)
    : conf_(std::move(conf)), last_valid_(now) {
  for (const std::string& name : conf_.names) {
    State& state = slots_.emplace_back();
    state.seen = now;
    if (const auto known = before.find(name); known != before.end()) state.shown = known->second;
  }
}

std::optional<IpAddress> Slots::address_of(const Candidate& candidate) const {
  std::optional<IpAddress> best;
  for (const IpAddress& address : candidate.addresses) {
    const bool better =
        best && preferred(address) != preferred(*best) ? preferred(address) : best && before(address, *best);
    if (!best || better) best = address;
  }
  return best;
}

/// Each once. Of candidates without names only those of the preferred family, where it has any: a host with an address
/// in each family is not two.
Slots::Known Slots::usable(const std::vector<Candidate>& found) const {
  const bool both = std::any_of(found.begin(), found.end(), [this](const Candidate& c) {
    return c.host.empty() && !c.addresses.empty() && preferred(c.addresses.front());
  });
  Known out;
  for (const Candidate& candidate : found) {
    if (candidate.host.empty() && (candidate.addresses.empty() || (both && !preferred(candidate.addresses.front()))))
      continue;
    out.emplace(candidate.key(), &candidate);
  }
  return out;
}

/// True when that changed something.
bool Slots::keep(State& state, const Candidate& candidate, const std::string& by, Now now) {
  Seat& seat = *state.shown.seat;
  const Seat was = seat;
  state.seen = now;
  seat.weight = conf_.ignore_weight ? std::nullopt : candidate.weight;
  seat.quiescing = candidate.quiescing;
  const auto& list = candidate.addresses;
  const bool stays = std::find(list.begin(), list.end(), seat.address) != list.end();
  if (!list.empty() && !stays && !(candidate.fallback && preferred(seat.address)))
    seat.address = *address_of(candidate);
  if (seat == was) return false;
  state.shown.why = by;
  return true;
}

void Slots::seat(State& state, const Candidate& candidate, const std::string& by, Now now) {
  state.seen = now;
  state.shown.key = candidate.key();
  state.shown.seat = Seat{state.shown.key, *address_of(candidate), candidate.port,
                          conf_.ignore_weight ? std::nullopt : candidate.weight, candidate.quiescing};
  state.shown.why = by;
}

void Slots::vacate(std::size_t slot, const std::string& why, std::vector<std::size_t>& changed) {
  slots_[slot].shown.seat.reset();
  slots_[slot].shown.why = why;
  changed.push_back(slot);
}

std::vector<std::size_t> Slots::fail(const Answer& answer, Now now) {
  std::vector<std::size_t> changed;
  const std::string why = answer.trouble.empty() ? words_of(answer.verdict) : answer.trouble;
  for (State& state : slots_)
    if (!state.shown.seat) state.shown.why = why;
  if (now - last_valid_ < hold_of(conf_.holds, answer.verdict)) return changed;
  for (std::size_t i = 0; i < slots_.size(); ++i)
    if (slots_[i].shown.seat) vacate(i, why, changed);
  return changed;
}

bool Slots::doubted(const Answer& answer) const {
  return answer.fallback && std::any_of(slots_.begin(), slots_.end(), [this](const State& state) {
           return state.shown.seat && preferred(state.shown.seat->address);
         });
}

Slots::Open Slots::keep_all(const Known& known, const std::string& by, Now now, std::vector<std::size_t>& changed) {
  Open out;
  std::set<std::string> taken;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    State& state = slots_[i];
    if (!state.shown.seat) {
      out.vacant.push_back(i);
      continue;
    }
    const auto found = known.find(state.shown.seat->key);
    const bool first = found == known.end() || taken.insert(found->first).second;
    if (found != known.end() && (first || conf_.shared)) {
      if (keep(state, *found->second, by, now)) changed.push_back(i);
    } else if (!first || now - state.seen >= conf_.holds.obsolete) {
      out.left.push_back(i);
    }
  }
  return out;
}

std::vector<const Candidate*> Slots::free_of(const Known& known) const {
  std::set<std::string> taken;
  for (const State& state : slots_)
    if (state.shown.seat) taken.insert(state.shown.seat->key);
  std::vector<std::pair<IpAddress, const Candidate*>> free;
  for (const auto& [key, candidate] : known)
    if (!candidate->addresses.empty() && !taken.contains(key)) free.emplace_back(*address_of(*candidate), candidate);
  std::stable_sort(free.begin(), free.end(), [](const auto& a, const auto& b) {
    if (a.second->quiescing != b.second->quiescing) return b.second->quiescing;
    return a.first == b.first ? a.second->port < b.second->port : before(a.first, b.first);
  });
  std::vector<const Candidate*> out;
  for (const auto& [address, candidate] : free) out.push_back(candidate);
  return out;
}

void Slots::return_to_their_own(Open& open, std::vector<const Candidate*>& free, const std::string& by, Now now,
                                std::vector<std::size_t>& changed) {
  std::map<std::string, const Candidate*> by_key;
  for (const Candidate* candidate : free) by_key.emplace(candidate->key(), candidate);
  std::set<const Candidate*> back;
  std::erase_if(open.vacant, [&](std::size_t i) {
    const auto found = by_key.find(slots_[i].shown.key);
    if (found == by_key.end() || !back.insert(found->second).second) return false;
    seat(slots_[i], *found->second, by, now);
    changed.push_back(i);
    return true;
  });
  std::erase_if(free, [&](const Candidate* candidate) { return back.contains(candidate); });
}

// Slots that somebody has left come first: they change hands without a pause.
void Slots::fill(const Open& open, std::vector<const Candidate*> free, const Known& known, const Answer& answer,
                 Now now, std::vector<std::size_t>& changed) {
  std::size_t next = 0;
  std::vector<const Candidate*> all;
  if (conf_.shared)
    for (const auto& [key, candidate] : known)
      if (!candidate->addresses.empty()) all.push_back(candidate);
  const auto give = [&](std::size_t i) {
    const Candidate* candidate = next < free.size() ? free[next++] : all.empty() ? nullptr : all[i % all.size()];
    if (candidate == nullptr) return false;
    seat(slots_[i], *candidate, answer.by, now);
    changed.push_back(i);
    return true;
  };
  const auto gone = [&](const Seat& seat) {
    return !answer.gone.empty() ? answer.gone : seat.port != 0 ? "entry removed from SRV record" : "No IP for server ";
  };
  for (const std::size_t i : open.left)
    if (!give(i)) vacate(i, gone(*slots_[i].shown.seat), changed);
  for (const std::size_t i : open.vacant)
    if (!give(i) && slots_[i].shown.why.empty()) slots_[i].shown.why = "No IP for server ";
  left_over_ = free.size() - next;
}

std::vector<std::size_t> Slots::hear(const Answer& answer, Now now) {
  if (answer.verdict != Verdict::valid) return fail(answer, now);
  if (doubted(answer)) return {};
  last_valid_ = now;
  std::vector<std::size_t> changed;
  const Known known = usable(answer.found);
  Open open = keep_all(known, answer.by, now, changed);
  std::vector<const Candidate*> free = free_of(known);
  return_to_their_own(open, free, answer.by, now, changed);
  fill(open, std::move(free), known, answer, now, changed);
  std::sort(changed.begin(), changed.end());
  return changed;
}

}  // namespace kerbgate::resolve
