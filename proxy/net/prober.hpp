#pragma once

#include <memory>
#include <string>

#include "check/health.hpp"
#include "net/live.hpp"
#include "net/loop.hpp"
#include "net/probe.hpp"

namespace kerbgate::net {

/// Watches one server: runs its backend's script from time to time, counts what came of it, and tells the pool and the
/// log when the state changes.
class Prober final : private ProbeOwner, private Timer {
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
  [[nodiscard]] SocketAddress destination(const check::Connect& connect) const override;
  [[nodiscard]] std::shared_ptr<tls::Current> secured(std::size_t index) const override;
  [[nodiscard]] std::string header(const check::Connect& connect) const override;
  void handshaken(const tls::Session& session) override;
  void probed(const check::Finding& verdict) override;
  void not_probed() override { wait(); }

  void on_timer() override;
  void obey_orders();
  [[nodiscard]] bool in_maintenance() const;
  [[nodiscard]] const config::Server& conf() const { return backend_->conf.servers[server_]; }
  void wait();
  void wait_until(Now due);
  void judge(const check::Finding& verdict, Millis took);
  void log_check(const check::Finding& verdict, Millis took);
  [[nodiscard]] Millis time_limit() const;

  Loop& loop_;
  std::shared_ptr<LiveBackend> backend_;
  balance::ServerIndex server_;
  check::Health health_;
  Probe probe_;
  std::string missing_names_;  ///< as last said
  Now started_{}, due_{};
};

}  // namespace kerbgate::net
