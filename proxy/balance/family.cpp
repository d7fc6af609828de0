#include "balance/family.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "balance/source_hash.hpp"

namespace kerbgate::balance {

void Server::tell() const {
  const bool room = maxqueue == 0 || queue.size() < maxqueue;
  // A connection that came since the report has most likely brought a query.
  const std::uint64_t queried = std::min<std::uint64_t>(queries + (total - total_at_report), UINT32_MAX);
  const Live live{connects(), admin == Admin::ready && !quiescing, room,       weight, current, maxconn,
                  up_since,   static_cast<std::uint32_t>(queried), fresh_until};
  for (const Member& member : members) member.table->roster.update(member.index, live);
}

void Server::take() {
  ++current;
  ++total;
  peak = std::max(peak, current);
  tell();
}

void Server::give() {
  --current;
  tell();
}

Queue& Family::queue_of(Queue::iterator entry) { return entry->waits_for ? entry->waits_for->queue : waiting; }

void Family::enqueue(Queue& entry, Server* waits_for) {
  const auto node = entry.begin();
  if (!entries.emplace(node->waiter, node).second) throw std::logic_error("a waiter waits twice");
  node->number = ++arrivals;
  node->waits_for = waits_for;
  queue_of(node).splice(queue_of(node).end(), entry);
  queue_peak = std::max(queue_peak, static_cast<std::uint32_t>(entries.size()));
  if (!waits_for) return;
  waits_for->queue_peak = std::max(waits_for->queue_peak, static_cast<std::uint32_t>(waits_for->queue.size()));
  waits_for->tell();
}

bool Family::leave(Waiter* waiter, Queue& gone) {
  const auto found = entries.find(waiter);
  if (found == entries.end()) return false;
  const auto node = found->second;
  entries.erase(found);
  gone.splice(gone.end(), queue_of(node), node);
  if (node->waits_for) node->waits_for->tell();
  return true;
}

void Family::grant(Queue::iterator entry, ServerIndex place, Queue& granted) {
  entries.erase(entry->waiter);
  ++(entry->waits_for ? entry->waits_for->served : served);
  granted.splice(granted.end(), queue_of(entry), entry);
  entry->place = place;
  entry->table->servers[place]->take();
  ++total;
}

bool Family::wake_any(Server& server, Queue& granted) {
  for (auto entry = waiting.begin(); entry != waiting.end(); ++entry) {
    for (const Server::Member& member : server.members) {
      if (member.table != entry->table || !member.table->roster.suits(member.index, entry->tried)) continue;
      grant(entry, member.index, granted);
      return true;
    }
  }
  return false;
}

void Family::wake(Server& server, Queue& granted) {
  while (server.usable() && server.has_place()) {
    if (server.queue.empty()) {
      if (!wake_any(server, granted)) return;
      continue;
    }
    const auto entry = server.queue.begin();
    const auto& known = entry->table->servers;
    const auto index = std::find_if(known.begin(), known.end(), [&](const auto& s) { return s.get() == &server; });
    grant(entry, static_cast<ServerIndex>(index - known.begin()), granted);
  }
}

void Family::move_to(Server& server, Queue::iterator entry) {
  entry->waits_for = &server;
  auto before = server.queue.end();
  while (before != server.queue.begin() && std::prev(before)->number > entry->number) --before;
  server.queue.splice(before, waiting, entry);
  server.tell();
}

void Family::place(Queue::iterator entry, Queue& granted) {
  Table& table = *entry->table;
  const Choice choice = table.roster.choose({entry->tried, entry->random, client_hash(entry->source), {}});
  if (choice.what == Choice::What::place) grant(entry, choice.server, granted);
  if (choice.what == Choice::What::wait_for) move_to(*table.servers[choice.server], entry);
}

void Family::settle(Server& server, Queue& granted) {
  wake(server, granted);
  if (!server.usable() && !server.queue.empty()) {
    for (Entry& entry : server.queue) entry.waits_for = nullptr;
    waiting.splice(waiting.end(), server.queue);
    waiting.sort([](const Entry& a, const Entry& b) { return a.number < b.number; });
    server.tell();
  }
  for (auto entry = waiting.begin(); entry != waiting.end();) place(entry++, granted);
}

}  // namespace kerbgate::balance
