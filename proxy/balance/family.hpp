#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "balance/roster.hpp"

/// What the pools of one backend share across reloads: live servers, one queue, one lock.
namespace kerbgate::balance {

struct Server;

/// The servers of one pool, by its own indices.
struct Table {
  Roster roster;
  std::vector<std::shared_ptr<Server>> servers;
};

/// One who waits, and in the end where the place is.
struct Entry {
  Waiter* waiter = nullptr;
  std::shared_ptr<Pool> pool;  ///< keeps the table alive while it waits
  Table* table = nullptr;
  IpAddress source;
  std::vector<ServerIndex> tried;
  std::uint64_t random = 0;
  std::uint64_t number = 0;       ///< order of arrival
  Server* waits_for = nullptr;    ///< nullptr: the first that would do
  ServerIndex place = kNoServer;  ///< once granted
};
using Queue = std::list<Entry>;

/// One live server. Pools of several reloads may know it, each by its own index.
struct Server {
  std::string name, key;
  bool up = true, found = true;
  bool barred = false, quiescing = false;
  Admin admin = Admin::ready;
  bool conf_disabled = false;
  std::uint32_t weight = 1, maxconn = 0, maxqueue = 0;
  std::uint32_t current = 0, peak = 0, queue_peak = 0;
  std::uint64_t total = 0;
  std::uint64_t served = 0;  ///< of its queue
  Standing standing;
  std::optional<Now> up_since;
  std::uint32_t queries = 0;          ///< as last reported
  std::uint64_t total_at_report = 0;  ///< `total` then
  std::optional<Now> fresh_until;     ///< unset: never reported
  Queue queue;                        ///< those who wait for this one, in order of arrival
  struct Member {
    Table* table;
    ServerIndex index;
  };
  std::vector<Member> members;

  [[nodiscard]] bool connects() const { return up && !barred && found; }
  [[nodiscard]] bool stands() const { return connects() && admin != Admin::maint; }
  [[nodiscard]] bool usable() const { return connects() && !quiescing && admin == Admin::ready && weight > 0; }
  [[nodiscard]] bool has_place() const { return maxconn == 0 || current < maxconn; }
  /// Tells every pool that knows this server how it is now.
  void tell() const;
  void take();
  void give();
};

/// The queue. Between calls no one waits for a place that is free: whatever frees one hands it on at once, so newcomers
/// never overtake. Every function is called with `mutex` held; what they move to `granted` has its place already and
/// leaves by deliver() once the mutex is free.
struct Family {
  std::mutex mutex;
  Queue waiting;                                         ///< for any, in order of arrival
  std::unordered_map<Waiter*, Queue::iterator> entries;  ///< all who wait, in whatever queue
  std::uint64_t arrivals = 0;
  std::uint32_t queue_peak = 0;
  std::uint64_t total = 0;   ///< places given
  std::uint64_t served = 0;  ///< of `waiting`
  Standing standing;

  /// `entry` is a list of one. All or nothing.
  void enqueue(Queue& entry, Server* waits_for);
  /// The waiter's entry, moved to `gone`; false when it does not wait.
  bool leave(Waiter* waiter, Queue& gone);
  /// Free places of this server go to those who wait for it, then to those who wait for any.
  void wake(Server& server, Queue& granted);
  /// After a change of more than a count: those who wait for a server that takes no more are sent on, and all who wait
  /// for any are looked at again.
  void settle(Server& server, Queue& granted);

 private:
  void grant(Queue::iterator entry, ServerIndex place, Queue& granted);
  bool wake_any(Server& server, Queue& granted);
  void place(Queue::iterator entry, Queue& granted);
  void move_to(Server& server, Queue::iterator entry);
  [[nodiscard]] Queue& queue_of(Queue::iterator entry);
};

}  // namespace kerbgate::balance
