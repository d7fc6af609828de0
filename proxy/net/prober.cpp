#include "net/prober.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "login/proxy_header.hpp"
#include "net/observer.hpp"
#include "net/servers_left.hpp"
#include "net/socket.hpp"

namespace kerbgate::net {
namespace {

check::Policy policy_of(const config::CheckTiming& timing) {
  return {timing.rise, timing.fall, timing.inter, timing.fastinter, timing.downinter};
}

// To `leave` the connection is given up by RST before its third packet is due: the server never learns that there was
// one.
Result<Fd> knock(const SocketAddress& address, const SocketAddress& source, bool leave) {
  Fd fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
  if (!fd) return Error{std::error_code(errno, std::generic_category()), "open a socket"};
  if (leave) {
    const int no = 0;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_QUICKACK, &no, sizeof no);
    abort_on_close(fd.get());
  }
  if (source.family() == address.family()) {
    const SocketAddress any_port(source.ip(), 0);
    if (::bind(fd.get(), any_port.data(), any_port.size()) != 0)
      return Error{std::error_code(errno, std::generic_category()), std::strerror(errno)};
  }
  if (::connect(fd.get(), address.data(), address.size()) != 0 && errno != EINPROGRESS)
    return Error{std::error_code(errno, std::generic_category()), std::strerror(errno)};
  return fd;
}

}  // namespace

Prober::Prober(Loop& loop, std::shared_ptr<LiveBackend> backend, balance::ServerIndex server, bool up, double spread)
    : loop_(loop),
      backend_(std::move(backend)),
      server_(server),
      health_(policy_of(backend_->conf.servers[server].timing), up) {
  const Millis inter = backend_->conf.servers[server].timing.inter;
  wait_until(loop_.now() + Millis(std::int64_t(double(inter.count()) * spread)));
  if (const auto& observer = backend_->servers[server_].observer) observer->attach(*this, loop_);
}

Prober::~Prober() {
  if (const auto& observer = backend_->servers[server_].observer) observer->detach();
  loop_.cancel(*this);
  if (fd_) loop_.unwatch(fd_.get());
}

Millis Prober::time_limit() const {
  const Millis inter = backend_->conf.servers[server_].timing.inter;
  if (backend_->conf.check_timeout.count() != 0) return backend_->conf.check_timeout;
  const Millis connect = backend_->conf.connect_timeout;
  return connect.count() != 0 ? std::min(connect, inter) : inter;
}

void Prober::on_timer() {
  obey_orders();
  if (in_maintenance()) {
    fd_.reset();
    return wait();
  }
  if (fd_) return conclude(false, "timeout");
  probe();
}

// What an operator says holds until checks say otherwise, as often as they are asked to.
void Prober::obey_orders() {
  using Order = HealthOrders::Order;
  const Order order = backend_->servers[server_].orders->take();
  if (order == Order::none) return;
  health_ = check::Health(policy_of(backend_->conf.servers[server_].timing), order != Order::down);
  if (order == Order::up) (void)health_.observe(true);
}

bool Prober::in_maintenance() const { return backend_->pool->admin(server_) == balance::Admin::maint; }

SocketAddress Prober::address() const {
  const LiveServer& server = backend_->servers[server_];
  const config::Server& conf = backend_->conf.servers[server_];
  const auto moved = server.moved->address();
  if (!moved || !conf.check_host.empty()) return server.check_address;
  return SocketAddress(moved->ip(), conf.check_port != 0 ? conf.check_port : moved->port());
}

void Prober::probe() {
  started_ = loop_.now();
  const std::shared_ptr<tls::Current>& tls = backend_->servers[server_].check_tls;
  const bool speaks = tls != nullptr || backend_->conf.servers[server_].check_send_proxy;
  Result<Fd> fd = knock(address(), backend_->servers[server_].source, !speaks);
  // Our own lack of descriptors or memory says nothing of the server.
  if (!fd && is_shortage(fd.error())) return wait();
  if (!fd) return conclude(false, fd.error().what);
  fd_ = std::move(*fd);
  securing_ = false;
  end_ = Endpoint{fd_.get(), {}, tls ? tls->get()->connect("") : nullptr};
  if (!loop_.watch(fd_.get(), watch_)) {
    fd_.reset();
    return wait();
  }
  loop_.schedule(*this, loop_.now() + time_limit());
}

void Prober::on_event(int, std::uint32_t events) {
  if (!fd_) return;
  end_.note(events);
  if (securing_) return secure();
  if (const int error = socket_error(fd_.get()); error != 0) return conclude(false, std::strerror(error));
  if ((events & EPOLLOUT) == 0 || (events & (EPOLLERR | EPOLLHUP)) != 0) return;
  if (backend_->conf.servers[server_].check_send_proxy) send_header();
  if (!end_.tls) return conclude(true, "");
  securing_ = true;
  secure();
}

// A server that waits for a header gets one that announces nobody, and then the end.
void Prober::send_header() {
  const std::string header = backend_->conf.servers[server_].send_proxy_v2 ? login::proxy_header_v2({}, true)
                                                                           : login::proxy_header_v1({}, true);
  (void)!::send(fd_.get(), header.data(), header.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void Prober::sessions_failed(int errors) {
  const config::Server& conf = backend_->conf.servers[server_];
  if (conf.on_error == config::OnError::sudden_death || conf.on_error == config::OnError::mark_down) health_.weaken();
  if (conf.on_error == config::OnError::fail_check || conf.on_error == config::OnError::mark_down) {
    const Now began = std::exchange(started_, loop_.now());
    analysed_ = true;
    judge(false, "Detected " + std::to_string(errors) + " consecutive errors");
    analysed_ = false;
    started_ = began;
  }
  if (fd_) return;  // a probe is on its way
  const Millis fast = conf.timing.fastinter.count() != 0 ? conf.timing.fastinter : conf.timing.inter;
  const Now soon = loop_.now() + (health_.up() ? fast : health_.next_delay());
  if (soon < due_) wait_until(soon);  // sooner, never later: errors that go on must not put the check off
}

void Prober::secure() {
  using Handshake = tls::Session::Handshake;
  switch (end_.tls->handshake({end_.fd, end_.ready, loop_.buffers()})) {
    case Handshake::waiting:
      return;
    case Handshake::failed:
      return conclude(false, end_.tls->failure());
    case Handshake::done:
      break;
  }
  compare_names();
  (void)end_.end(loop_);  // if that does not fit into an empty socket's buffer, nothing is lost but politeness
  conclude(true, "");
}

// Clients whose TLS is passed through see this certificate, and ask for the proxy's name in it.
void Prober::compare_names() {
  if (backend_->passed_names.empty()) return;
  const std::unique_ptr<tls::Certificate> certificate = end_.tls->peer();
  if (!certificate) return;
  std::string missing;
  for (const std::string& name : backend_->passed_names)
    if (!certificate->covers(name)) missing += (missing.empty() ? "" : ", ") + name;
  if (missing == missing_names_) return;
  missing_names_ = missing;
  if (!backend_->logger || missing.empty()) return;
  backend_->logger->send(
      log::Priority::warning,
      "Server " + backend_->conf.name + '/' + backend_->servers[server_].name + ": its certificate (" +
          log::printable(certificate->subject) + ") does not hold " + missing +
          ": clients whose TLS is passed through refuse it; issue it anew with that name " + "in subjectAltName");
}

void Prober::conclude(bool passed, std::string info) {
  fd_.reset();
  end_ = Endpoint{};
  obey_orders();
  judge(passed, info);
  wait();
}

void Prober::judge(bool passed, const std::string& info) {
  stats::Server& counts = *backend_->servers[server_].counts;
  if (!passed && health_.up()) stats::add(counts.failed_checks);
  const std::optional<bool> changed = health_.observe(passed);
  const std::string layer = securing_ ? "6" : "4";
  const std::string problem = securing_ ? " invalid response" : " connection problem";
  counts.checked({'L' + layer +
                      (passed              ? "OK"
                       : info == "timeout" ? "TOUT"
                       : securing_         ? "RSP"
                                           : "CON"),
                  "Layer" + layer +
                      (passed              ? " check passed"
                       : info == "timeout" ? " timeout"
                                           : problem),
                  info == "timeout" ? "" : info, health_.words(),
                  std::chrono::duration_cast<Millis>(Clock::now() - started_).count(), health_.value(),
                  std::chrono::system_clock::now()});
  if (changed) {
    backend_->pool->set_up(server_, *changed, loop_.now());
    announce(*changed, info);
    if (!*changed && backend_->conf.servers[server_].shutdown_on_down && backend_->process)
      backend_->process->each_session(
          [backend = backend_->conf.name, server = backend_->servers[server_].name](Listed& one) {
            if (one.on(backend, server)) one.kill(log::Cause::server_down);
          });
  }
}

void Prober::wait() { wait_until(loop_.now() + health_.next_delay()); }

void Prober::wait_until(Now due) {
  due_ = due;
  loop_.schedule(*this, due);
}

// HAProxy's layers: 4 is TCP, 6 TLS.
std::string Prober::reason(bool up, const std::string& info) const {
  if (analysed_) return "Health analyze, info: \"" + info + '"';
  const std::string layer = securing_ ? "Layer6" : "Layer4";
  if (up) return layer + " check passed";
  if (info == "timeout") return layer + " timeout";
  return layer + (securing_ ? " invalid response" : " connection problem") + ", info: \"" + info + '"';
}

void Prober::announce(bool up, const std::string& info) {
  if (!backend_->logger) return;
  const auto took = std::chrono::duration_cast<Millis>(Clock::now() - started_).count();
  if (up && !backend_->pool->view_of(server_).up)
    return;  // a deeper check keeps it out, and says when it no longer does
  std::string text =
      "Server " + backend_->conf.name + '/' + backend_->servers[server_].name + (up ? " is UP" : " is DOWN");
  text += ", reason: " + reason(up, info) + ", check duration: " + std::to_string(took) + "ms. " +
          servers_left(*backend_, server_);
  backend_->logger->send(up ? log::Priority::notice : log::Priority::alert, text);
  if (!up && count_left(*backend_) == std::pair(0U, 0U))
    backend_->logger->send(log::Priority::emerg, "proxy " + backend_->conf.name + " has no server available!");
}

}  // namespace kerbgate::net
