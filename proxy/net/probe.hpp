#pragma once

#include <memory>
#include <optional>
#include <string>

#include "check/run.hpp"
#include "net/endpoint.hpp"
#include "net/fd.hpp"
#include "net/loop.hpp"
#include "net/tls/context.hpp"

namespace kerbgate::net {

/// What a probe asks of whoever started it.
class ProbeOwner {
 public:
  [[nodiscard]] virtual SocketAddress destination(const check::Connect& connect) const = 0;
  /// Of the step at `index`; null: in clear.
  [[nodiscard]] virtual std::shared_ptr<tls::Current> secured(std::size_t index) const = 0;
  /// A PROXY header to begin with; empty: none.
  [[nodiscard]] virtual std::string header(const check::Connect& connect) const = 0;
  virtual void handshaken(const tls::Session& session) = 0;
  virtual void probed(const check::Finding& verdict) = 0;
  virtual void not_probed() = 0;  ///< this host lacked something: it says nothing of the server

 protected:
  ~ProbeOwner() = default;
};

/// Runs a script against one server. A script that only connects leaves by SYN, SYN/ACK, RST: the server's accept()
/// does not return. A server that sends its answer in crumbs is read no faster than a human writes, so that it costs
/// nothing.
class Probe final : private Watcher, private Timer {
 public:
  /// `script` and `owner` outlive it.
  Probe(Loop& loop, const check::Script& script, SocketAddress source, ProbeOwner& owner)
      : loop_(loop), script_(script), source_(source), owner_(owner) {}
  ~Probe() { stop(); }
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  void start(Now deadline);  ///< one of the owner's last two is called, once
  void stop();               ///< and none of them
  [[nodiscard]] bool running() const noexcept { return run_.has_value(); }

 private:
  void on_event(int side, std::uint32_t events) override;
  void on_timer() override;
  void turn();
  bool dial();
  void established();
  void secure();
  bool send();
  bool receive();
  void finish();
  void hang_up();

  Loop& loop_;
  const check::Script& script_;
  SocketAddress source_;
  ProbeOwner& owner_;
  std::optional<check::Run> run_;
  check::Run::Layer layer_ = check::Run::Layer::tcp;
  Fd fd_;
  Endpoint end_;
  Watch watch_{this, 0};
  Now deadline_{};
  std::size_t sent_ = 0;
  int reads_ = 0;
  bool pausing_ = false, rested_ = false;
};

}  // namespace kerbgate::net
