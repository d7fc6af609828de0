#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "net/fd.hpp"
#include "net/pools.hpp"
#include "net/roll.hpp"
#include "net/timer_wheel.hpp"

namespace kerbgate {
class Acceptor;
struct Krb5Conf;
}  // namespace kerbgate
struct epoll_event;

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

/// One thread's loop: an epoll set in which connections are registered once, edge-triggered. Each wake takes what the
/// set has, then the work that was posted, then the timers that are due, then the turns that are left. Posted work
/// waits in an Asio io_context, which is asked only when there is some. Everything but post() and stop() belongs to the
/// loop's own thread.
class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void run();                             ///< until stop()
  void stop();                            ///< from any thread
  void post(std::function<void()> work);  ///< from any thread
  /// Before the loop sleeps it looks for events for this long, without a pause. 0: it sleeps at once.
  void spin(std::chrono::microseconds time) noexcept { spin_ = time; }

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
  struct Mailbox;  // the only thing here that knows Asio
  [[nodiscard]] bool add(int fd, Watch& watch, std::uint32_t events);
  [[nodiscard]] int wait(epoll_event* events);
  [[nodiscard]] int patience() const;
  void take_posted();
  void tick();
  void run_turns();

  Now now_ = Clock::now();
  TimerWheel wheel_{now_};
  BufferPool buffers_;
  PipePool pipes_;
  Roll roll_;
  std::vector<Pending*> turns_, running_;
  std::vector<std::unique_ptr<Retired>> retired_;
  Fd plane_;  ///< the epoll set
  Now tick_at_ = Now::max();
  std::chrono::microseconds spin_{0};
  bool posted_ = false;  ///< the mailbox has something
  std::unique_ptr<Mailbox> mailbox_;
  std::shared_ptr<const Krb5Conf> acceptor_conf_;
  std::unique_ptr<Acceptor> acceptor_;
};

}  // namespace kerbgate::net
