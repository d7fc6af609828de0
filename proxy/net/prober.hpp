#pragma once

#include <functional>
#include <memory>
#include <string>

#include "check/health.hpp"
#include "net/endpoint.hpp"
#include "net/fd.hpp"
#include "net/live.hpp"
#include "net/loop.hpp"

namespace kerbgate::net {

/// Watches one server by TCP: SYN, SYN/ACK, RST. The server's accept() does not return, its log stays quiet, and none
/// of impalad's two login threads is held. With `check_tls` by a whole TLS handshake and a clean end instead. Tells the
/// pool and the log when the state changes.
class Prober final : private Watcher, private Timer {
 public:
  /// `spread` (0 to 1) is where in its interval the first probe falls, so that many servers are not asked at one
  /// instant. Starts from the health that the pool knows: a reload neither brings a server back nor takes one out.
  Prober(Loop& loop, std::shared_ptr<LiveBackend> backend, balance::ServerIndex server, bool up, double spread);
  ~Prober();
  /// What connections of clients saw of the server has reached its limit: `on-error` is done.
  void sessions_failed(int errors);

  Prober(const Prober&) = delete;
  Prober& operator=(const Prober&) = delete;

 private:
  void on_event(int side, std::uint32_t events) override;
  void on_timer() override;
  void probe();
  void obey_orders();
  [[nodiscard]] bool in_maintenance() const;
  [[nodiscard]] SocketAddress address() const;
  void secure();
  void compare_names();
  void wait();
  void wait_until(Now due);
  void conclude(bool passed, std::string info);  ///< by value: it may be the session's, which ends here
  void judge(bool passed, const std::string& info);
  void send_header();
  void announce(bool up, const std::string& info);
  [[nodiscard]] std::string reason(bool up, const std::string& info) const;
  [[nodiscard]] Millis time_limit() const;

  Loop& loop_;
  std::shared_ptr<LiveBackend> backend_;
  balance::ServerIndex server_;
  check::Health health_;
  Fd fd_;
  Endpoint end_;
  bool securing_ = false;
  std::string missing_names_;  ///< as last said
  Watch watch_{this, 0};
  Now started_{}, due_{};
  bool analysed_ = false;  ///< the verdict is that of clients' connections, not of a probe
};

}  // namespace kerbgate::net
