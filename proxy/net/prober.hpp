#pragma once

#include <functional>
#include <memory>
#include <string>

#include "check/health.hpp"
#include "net/fd.hpp"
#include "net/live.hpp"
#include "net/loop.hpp"

namespace kerbgate::net {

/// Watches one server by TCP: SYN, SYN/ACK, RST. The server's accept() does not return, its log stays quiet, and none
/// of impalad's two login threads is held. Tells the pool and the log when the state changes.
class Prober final : private Watcher, private Timer {
 public:
  /// `spread` (0 to 1) is where in its interval the first probe falls, so that many servers are not asked at one
  /// instant. Starts from the health that the pool knows: a reload neither brings a server back nor takes one out.
  Prober(Loop& loop, std::shared_ptr<LiveBackend> backend, balance::ServerIndex server, bool up, double spread);
  ~Prober();
  Prober(const Prober&) = delete;
  Prober& operator=(const Prober&) = delete;

 private:
  void on_event(int side, std::uint32_t events) override;
  void on_timer() override;
  void probe();
  void obey_orders();
  [[nodiscard]] bool in_maintenance() const;
  [[nodiscard]] SocketAddress address() const;
  void wait();
  void conclude(bool passed, const std::string& info);
  void announce(bool up, const std::string& info);
  [[nodiscard]] Millis time_limit() const;

  Loop& loop_;
  std::shared_ptr<LiveBackend> backend_;
  balance::ServerIndex server_;
  check::Health health_;
  Fd fd_;
  Watch watch_{this, 0};
  Now started_{};
};

}  // namespace kerbgate::net
