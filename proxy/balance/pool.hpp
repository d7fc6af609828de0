#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "balance/standing.hpp"
#include "kerbgate/resolver.hpp"

/// Which server a connection goes to, and how many go where. Knows no socket and no clock: `now` is given.
namespace kerbgate::balance {

enum class Algorithm { roundrobin, static_rr, leastconn, source, first, random, leastqueries };

struct ServerConf {
  std::string name;
  std::string key;           ///< `host:port` as written, lower case: what source hashing sees
  std::uint32_t weight = 1;  ///< 0 to 256; 0 takes no new connections
  bool backup = false;
  bool disabled = false;       ///< starts in maintenance
  std::uint32_t maxconn = 0;   ///< 0: no limit
  std::uint32_t maxqueue = 0;  ///< 0: no limit
  std::chrono::milliseconds slowstart{0};
};

struct PoolConf {
  std::string name;
  Algorithm algorithm = Algorithm::roundrobin;
  int random_draws = 2;
  std::vector<ServerConf> servers;  ///< at most 65,535
};

using ServerIndex = std::uint16_t;
inline constexpr ServerIndex kNoServer = 0xffff;

class Pool;

/// One connection's place on one server. Given back when destroyed, which may wake a waiter (on the calling thread,
/// after the pool's lock is released).
class Lease {
 public:
  Lease() = default;
  Lease(Lease&&) noexcept;
  Lease& operator=(Lease&&) noexcept;
  ~Lease();
  [[nodiscard]] explicit operator bool() const noexcept { return pool_ != nullptr; }
  [[nodiscard]] ServerIndex server() const noexcept { return server_; }
  [[nodiscard]] const std::shared_ptr<Pool>& pool() const noexcept { return pool_; }
  void release() noexcept;

 private:
  friend class Pool;
  Lease(std::shared_ptr<Pool> pool, ServerIndex server) : pool_(std::move(pool)), server_(server) {}
  std::shared_ptr<Pool> pool_;
  ServerIndex server_ = kNoServer;
};

/// A connection in the queue, in one place at a time. granted() is called once, without the pool's lock, on whatever
/// thread released the place: it hands over to the waiter's own thread, returns at once and throws nothing. A waiter
/// whose servers all go away while it waits goes on waiting, as they may come back: its own timeout ends that.
class Waiter {
 public:
  virtual void granted(Lease lease) = 0;

 protected:
  ~Waiter() = default;
};

struct Ask {
  IpAddress source;                    ///< the client's
  std::span<const ServerIndex> tried;  ///< not these
  std::uint64_t random = 0;            ///< for Algorithm::random
  Now now{};
  ServerIndex prefer = kNoServer;  ///< the client's own (a stick table's): before any other while it may be had
};

enum class Refusal { no_server_up, all_tried, queue_full };

struct Answer {
  Lease lease;                        ///< set when there is a place now
  bool queued = false;                ///< the waiter will be called, unless it leaves first
  Refusal refusal{};                  ///< when neither
  ServerIndex queued_on = kNoServer;  ///< when queued: for which server; kNoServer: for the first with a place
  std::uint32_t ahead = 0;            ///< when queued: how many were there first
  std::uint64_t served = 0;           ///< when queued: served(queued_on)
};

/// Why a server takes or does not take connections.
enum class Admin { ready, drain, maint };

struct ServerView {
  std::string name, key;
  bool up = true;
  Admin admin = Admin::ready;
  std::uint32_t weight = 1, current = 0, queued = 0, peak = 0;
  std::uint64_t total = 0;
  std::uint32_t queue_peak = 0, maxconn = 0, maxqueue = 0;
  std::uint32_t effective = 64;  ///< weight in 64ths, less during a slow start
  bool backup = false;
  Standing standing;       ///< up: neither down nor in maintenance
  bool connects = true;    ///< what set_up() said; `up` is less where it is barred
  bool quiescing = false;  ///< what set_verdict() said
  bool found = true;       ///< it has an address
};

/// The whole pool; servers of its own configuration alone.
struct PoolView {
  std::uint32_t usable_active = 0, usable_backup = 0;
  std::uint32_t current = 0, queued = 0, queue_peak = 0;
  std::uint64_t total = 0;
  Standing standing;  ///< up: some server takes connections
};

/// The servers of one backend with their live counts. Every public call takes one short lock; all are thread-safe.
/// Counters are exact: current == leases out, whatever the order of threads, and reload carries them over.
class Pool : public std::enable_shared_from_this<Pool> {
 public:
  /// `previous`: the pool of the same backend before a reload. A server with the same name and key keeps its counts,
  /// health and admin state; leases of the old pool keep counting on it, and its waiters keep their turn. Weight,
  /// maxconn and maxqueue are the new configuration's, and so is the admin state where `disabled` changed.
  static std::shared_ptr<Pool> make(PoolConf conf, const std::shared_ptr<Pool>& previous = nullptr, Now now = {});
  ~Pool();

  /// A place on a server, a place in the queue (only with a waiter, and only when every server that would do is at its
  /// maxconn; for Algorithm::source, when the client's own server is), or the reason for neither. `tried` servers are
  /// skipped. The first usable backup takes all when no other server is usable, or this connection has tried them all.
  /// `prefer` is taken while it is up, drained or of weight 0 though it be, and is waited for when it is full.
  Answer acquire(const Ask& ask, Waiter* waiter);
  /// A place on this very server (retry without redispatch, or the owner of a handle): refused when it is down or in
  /// maintenance (no_server_up) or full (queue_full). A drained one and one of weight 0 still take these.
  Answer acquire_on(ServerIndex server, Now now);
  /// False when the waiter has been granted already (or is about to be, on another thread): then granted() will come.
  bool leave_queue(Waiter* waiter);

  void set_up(ServerIndex server, bool up, Now now);  ///< from health checks; going up may wake waiters
  /// From checks that look deeper: a barred server is down whatever set_up() says, a quiescing one takes no new
  /// connection.
  void set_verdict(ServerIndex server, bool barred, bool quiescing, Now now);
  /// For Algorithm::leastqueries: what the server itself has counted, to be believed until `fresh_until`.
  void set_queries(ServerIndex server, std::uint32_t queries, Now fresh_until);
  void set_admin(ServerIndex server, Admin admin, Now now);
  void set_weight(ServerIndex server, std::uint32_t weight, Now now);
  /// Without an address nothing goes there and it is not checked, whatever else is so of it: what the administrator and
  /// checks have said stays.
  void set_found(ServerIndex server, bool found, Now now);
  /// Another one stands there from now on, whose clients Algorithm::source sends; counts stay.
  void set_key(ServerIndex server, const std::string& key);
  void set_maxconn(ServerIndex server, std::uint32_t maxconn, Now now);  ///< 0: no limit; may wake waiters
  /// Peaks begin anew; with `all` the totals too.
  void clear(bool all);

  [[nodiscard]] const PoolConf& conf() const noexcept;
  [[nodiscard]] std::vector<ServerView> view() const;
  [[nodiscard]] ServerView view_of(ServerIndex server) const;
  [[nodiscard]] PoolView whole() const;
  [[nodiscard]] Admin admin(ServerIndex server) const;
  [[nodiscard]] bool found(ServerIndex server) const;
  /// How many have ever been given a place from a server's queue, or (kNoServer) from that for any server.
  [[nodiscard]] std::uint64_t served(ServerIndex queued_on) const;
  [[nodiscard]] std::uint32_t queued() const;                     ///< in all queues, those of earlier reloads too
  [[nodiscard]] std::uint32_t current() const;                    ///< leases out in the whole pool
  [[nodiscard]] std::uint32_t current(ServerIndex server) const;  ///< on one server
  [[nodiscard]] std::uint32_t usable() const;  ///< servers that would take a connection, backups included

 private:
  struct State;
  friend class Lease;
  explicit Pool(std::unique_ptr<State> state);
  void give_back(ServerIndex server) noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace kerbgate::balance
