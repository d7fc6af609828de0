#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "balance/blame.hpp"
#include "balance/pool.hpp"
#include "config/config.hpp"
#include "hs2/handles.hpp"
#include "kerbgate/acceptor.hpp"
#include "log/logger.hpp"
#include "login/opening.hpp"
#include "login/replay_cache.hpp"
#include "net/address.hpp"
#include "net/current.hpp"
#include "net/held_bytes.hpp"
#include "net/tls/context.hpp"
#include "stats/counters.hpp"

/// A configuration at work: its values joined with the counters, pools and loggers that connections use. A reload makes
/// new ones; a connection keeps those that it began with.
namespace kerbgate::net {

class Listed;
class Listener;
class Loop;
class Observer;

/// Listeners that wait for a place under a connection limit.
class Parking {
 public:
  void park(std::shared_ptr<Listener> listener);
  void wake();  ///< after a connection has ended: cheap when nobody waits

 private:
  std::atomic<bool> someone_{false};
  std::mutex mutex_;
  std::vector<std::shared_ptr<Listener>> parked_;
};

/// What all threads and generations share.
struct Process {
  std::atomic<std::uint32_t> connections{0};
  std::atomic<std::uint32_t> maxconn{0}, most_maxconn{0};  ///< what is in force; what descriptors allow
  Parking parking;
  std::atomic<std::uint64_t> numbered{0};  ///< connections that have a number
  std::vector<Loop*> loops;                ///< all that serve; set once, before the first connection
  /// Shows every running session to `visit`, each on its own loop's thread, soon.
  void each_session(const std::function<void(Listed&)>& visit) const;
  stats::Whole counts;
  hs2::Handles handles;  ///< of login late
  login::ReplayCache replays;
  HeldBytes held;  ///< by logins that are not decided yet
};

/// What an operator has said of a server's health: its prober takes it at its next step.
class HealthOrders {
 public:
  enum class Order : std::uint8_t { none, start_anew, up, down };
  void give(Order order) noexcept { order_ = order; }
  Order take() noexcept { return order_.exchange(Order::none); }

 private:
  std::atomic<Order> order_{Order::none};
};

/// Another address that a server was given at run time, by DNS or an operator.
class Moved {
 public:
  enum class By : std::uint8_t { look_up, operator_ };
  void to(const SocketAddress& address, const std::string& host, By by) {
    const std::lock_guard lock(mutex_);
    address_ = address;
    host_ = host;
    ordered_ = by == By::operator_;
    moved_ = true;
  }
  void nowhere() { moved_ = ordered_ = false; }
  /// Whoever lists the servers says that it is being shut down.
  void say_quiescing(bool quiescing) { quiescing_ = quiescing; }
  [[nodiscard]] bool quiescing() const noexcept { return quiescing_; }
  /// By an operator: who looks at coordinators knows nothing of that.
  [[nodiscard]] bool ordered() const noexcept { return ordered_; }
  /// The name that leads there, where it is not the server line's.
  [[nodiscard]] std::string host() const {
    const std::lock_guard lock(mutex_);
    return host_;
  }
  [[nodiscard]] std::optional<SocketAddress> address() const {
    if (!moved_) return std::nullopt;
    const std::lock_guard lock(mutex_);
    return address_;
  }

 private:
  std::atomic<bool> moved_{false}, ordered_{false}, quiescing_{false};
  mutable std::mutex mutex_;
  SocketAddress address_;
  std::string host_;
};

struct LiveBackend;

/// A server of some backend of the same configuration.
struct ServerRef {
  std::weak_ptr<LiveBackend> backend;
  balance::ServerIndex server = 0;
};

struct LiveServer {
  std::string name, where;  ///< "impala1", "impala-1.example.com:21050"
  std::vector<SocketAddress> addresses;
  SocketAddress check_address;                  ///< where the check knocks: `addr` and `port`, else the first address
  std::shared_ptr<tls::Current> tls = nullptr;  ///< null: connections to it are in clear
  std::vector<std::shared_ptr<tls::Current>> check_tls{};                     ///< by step of the check; null: in clear
  std::shared_ptr<stats::Server> counts = std::make_shared<stats::Server>();  ///< of this name, over reloads
  SocketAddress source{};                ///< where connections to it leave from; of no family: the system's choice
  std::shared_ptr<Observer> observer{};  ///< null: what sessions see does not count
  std::shared_ptr<balance::Blame> blame = std::make_shared<balance::Blame>();  ///< over reloads
  std::shared_ptr<HealthOrders> orders = std::make_shared<HealthOrders>();
  std::shared_ptr<Moved> moved = std::make_shared<Moved>();  ///< until the next reload
  ServerRef tracked{};                                       ///< whose state it has; none: its own
  std::vector<ServerRef> followers{};                        ///< that track it
  /// What an operator has said of this one, over reloads; the pool has what comes of it and of the tracked one's.
  std::shared_ptr<std::atomic<balance::Admin>> own_admin = std::make_shared<std::atomic<balance::Admin>>();

  /// For people: who that is, which of a server that is looked up the configuration does not tell.
  [[nodiscard]] std::string whereabouts() const;
  [[nodiscard]] bool has_address() const { return moved->address() || !addresses.empty(); }

  /// Where it is: of several addresses one after the other.
  [[nodiscard]] SocketAddress address(std::size_t turn) const {
    if (const auto elsewhere = moved->address()) return *elsewhere;
    return addresses.empty() ? SocketAddress() : addresses[turn % addresses.size()];
  }
};

/// What conditions and rules call by name, of one configuration.
struct Directory {
  std::map<std::string, std::shared_ptr<rules::StickTable>> tables;  ///< over reloads
  std::map<std::string, std::shared_ptr<balance::Pool>> pools;
};

struct LiveBackend {
  config::Backend conf;
  std::shared_ptr<balance::Pool> pool;
  std::vector<LiveServer> servers;  ///< indexed as the pool's
  std::shared_ptr<Process> process;
  /// Names that clients ask for whose TLS is passed through: servers' certificates have to hold them.
  std::vector<std::string> passed_names;
  tls::Counters tls;  ///< handshakes with servers
  std::shared_ptr<log::Logger> logger;
  std::shared_ptr<stats::Back> counts = std::make_shared<stats::Back>();  ///< of this name, over reloads
  std::atomic<balance::Now> someone_avoided_until{};                               ///< no server is, behind that
};

/// A keytab's keys; null inside: none could be read so far.
using Keys = Current<const AcceptorKeys>;

struct LiveFrontend {
  config::Frontend conf;
  config::Login login = config::Login::pass;
  login::Policy policy;
  login::Policy policy_over_tls;  ///< of connections whose TLS ends here
  std::shared_ptr<Keys> keys;     ///< what tickets are held against; null: no keytab
  std::shared_ptr<const Krb5Conf> krb5;
  /// Connections of each principal, over reloads; null: they are not limited.
  std::shared_ptr<rules::StickTable> per_principal;
  /// A bind line's, in their order; null: in clear. Their certificates are there to be shown.
  std::vector<std::shared_ptr<tls::Current>> secured;
  tls::Counters tls;                     ///< handshakes with clients
  std::shared_ptr<LiveBackend> backend;  ///< for whom no route fits; null: such connections are closed
  struct Route {
    rules::Condition when;
    std::shared_ptr<LiveBackend> backend;
  };
  std::vector<Route> routes;
  std::shared_ptr<const Directory> directory;
  std::shared_ptr<log::Logger> logger;
  std::atomic<std::uint64_t> lines{0};  ///< of connections, written by a log-format since the last reload
  std::shared_ptr<Process> process;
  /// Shared with the frontends of this name before and after reloads: `maxconn` holds for all together.
  std::shared_ptr<std::atomic<std::uint32_t>> connections = std::make_shared<std::atomic<std::uint32_t>>(0);
  /// `disable frontend`, over reloads: nobody is let in until it is enabled.
  std::shared_ptr<std::atomic<bool>> paused = std::make_shared<std::atomic<bool>>(false);
  std::shared_ptr<std::atomic<bool>> shut_down = std::make_shared<std::atomic<bool>>(false);  ///< for good
  std::atomic<std::int64_t> maxconn_set{-1};  ///< `set maxconn frontend`, until the next reload; -1: not set
  [[nodiscard]] std::uint32_t maxconn() const noexcept {
    const std::int64_t set = maxconn_set;
    return set >= 0 ? std::uint32_t(set) : conf.maxconn;
  }
  std::shared_ptr<stats::Front> counts = std::make_shared<stats::Front>();  ///< of this name, over reloads
};

/// What a listening socket leads to; shared by the threads that accept on it.
struct Door {
  std::shared_ptr<LiveFrontend> frontend;
  std::uint32_t maxconn = 0;  ///< of this bind line; 0: none
  std::string label;          ///< its name, else its number in the section, from 1
  bool accept_proxy = false;
  std::shared_ptr<tls::Current> tls;  ///< null: in clear
  std::atomic<std::uint32_t> connections{0};
  std::shared_ptr<stats::Listening> counts = std::make_shared<stats::Listening>();  ///< of this address, over reloads
};

/// One connection's place under every limit; given back when destroyed.
class Place {
 public:
  /// Nothing when a limit is reached.
  static std::optional<Place> take(const std::shared_ptr<Door>& door);
  /// Whether there is room now. Takes nothing, so that no one else is turned away meanwhile.
  static bool room(const Door& door);
  Place(Place&&) noexcept = default;
  Place& operator=(Place&&) = delete;
  ~Place();
  [[nodiscard]] LiveFrontend& frontend() const noexcept { return *door_->frontend; }
  [[nodiscard]] Door& door() const noexcept { return *door_; }

 private:
  explicit Place(std::shared_ptr<Door> door) : door_(std::move(door)) {}
  std::shared_ptr<Door> door_;
};

}  // namespace kerbgate::net
