#pragma once

#include <memory>

#include "net/fd.hpp"
#include "net/live.hpp"
#include "net/loop.hpp"

namespace kerbgate::net {

/// Accepts on one socket, on one thread. At a connection limit it leaves clients in the kernel's queue until a place is
/// free; out of descriptors or memory it waits 100 ms and says so once.
class Listener final : public std::enable_shared_from_this<Listener>, private Watcher, private Timer {
 public:
  /// `fd` is this listener's own duplicate or share of the listening socket.
  static std::shared_ptr<Listener> start(Loop& loop, Fd fd, std::shared_ptr<Door> door);
  /// New connections go through `door` from here on. On the loop's thread, as everything here but resume().
  void adopt(std::shared_ptr<Door> door);
  void stop();
  void resume();  ///< from any thread
  /// Clients are refused (TCP; those of a UNIX socket wait), until it is taken back.
  void shut(bool shut);

 private:
  Listener(Loop& loop, Fd fd, std::shared_ptr<Door> door) : loop_(loop), fd_(std::move(fd)), door_(std::move(door)) {}
  void on_event(int side, std::uint32_t events) override;
  void on_timer() override;
  bool accept_one();
  void tune();
  void starve();
  void pause();
  void listen_again();

  Loop& loop_;
  Fd fd_;
  Watch watch_{this, 0};
  std::shared_ptr<Door> door_;
  bool paused_ = false, starved_ = false;
  bool inherited_ = false;  ///< the queue has been empty since the socket was tuned: whoever comes has its options
};

}  // namespace kerbgate::net
