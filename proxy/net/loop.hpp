#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "net/pools.hpp"
#include "net/roll.hpp"
#include "net/timer_wheel.hpp"

namespace kerbgate {
class Acceptor;
struct Krb5Conf;
}  // namespace kerbgate

namespace kerbgate::net {

/// Told of epoll events. `side` is whatever was given with watch(): a connection has two descriptors.
class Watcher {
 public:
  virtual void on_event(int side, std::uint32_t events) = 0;

 protected:
  ~Watcher() = default;
};

/// Links a descriptor to its watcher; stays at one address while watched.
struct Watch {
  Watcher* watcher = nullptr;
  int side = 0;
};

/// Something with work left after its share of a wake: run again before the loop sleeps.
class Pending {
 public:
  virtual void on_turn() = 0;
  bool waiting_turn = false;

 protected:
  ~Pending() = default;
};

/// What may still be named by events of the same wake is destroyed after it.
class Retired {
 public:
  virtual ~Retired() = default;
};

/// One thread's loop: an Asio io_context in which a data-plane epoll set is one descriptor. Connections register there
/// once, edge-triggered; each wake drains the set, then the turns that are left, then the timers. Everything but post()
/// and stop() belongs to the loop's own thread.
class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void run();                             ///< until stop()
  void stop();                            ///< from any thread
  void post(std::function<void()> work);  ///< from any thread

  /// EPOLLIN, EPOLLOUT and EPOLLRDHUP, edge-triggered; `level` for listening sockets. Closing the descriptor ends it.
  /// False when the kernel refuses (no memory, watches used up).
  [[nodiscard]] bool watch(int fd, Watch& watch);
  [[nodiscard]] bool watch_readable(int fd, Watch& watch);  ///< level-triggered, EPOLLIN only
  void unwatch(int fd);

  void schedule(Timer& timer, Now deadline);
  void cancel(Timer& timer) noexcept { wheel_.cancel(timer); }
  void again(Pending& pending);
  void forget(Pending& pending) noexcept;
  void retire(std::unique_ptr<Retired> object) { retired_.push_back(std::move(object)); }

  /// Read once a wake.
  [[nodiscard]] Now now() const noexcept { return now_; }
  [[nodiscard]] BufferPool& buffers() noexcept { return buffers_; }
  [[nodiscard]] PipePool& pipes() noexcept { return pipes_; }
  [[nodiscard]] Roll& roll() noexcept { return roll_; }
  /// This thread's judge of tickets, by these values of krb5.conf; null when libkrb5 refuses to make one.
  [[nodiscard]] Acceptor* acceptor(const std::shared_ptr<const Krb5Conf>& conf);

 private:
  struct Reactor;  // the only thing here that knows Asio
  void wait_for_events();
  void drain();
  void run_turns();
  void arm_tick(Now at);

  Now now_ = Clock::now();
  TimerWheel wheel_{now_};
  BufferPool buffers_;
  PipePool pipes_;
  Roll roll_;
  std::vector<Pending*> turns_, running_;
  std::vector<std::unique_ptr<Retired>> retired_;
  std::unique_ptr<Reactor> reactor_;
  std::shared_ptr<const Krb5Conf> acceptor_conf_;
  std::unique_ptr<Acceptor> acceptor_;
};

}  // namespace kerbgate::net
