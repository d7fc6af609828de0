#include "net/prober.hpp"

#include <algorithm>

#include "config/check_connection.hpp"
#include "login/proxy_header.hpp"
#include "net/observer.hpp"
#include "net/standing.hpp"
#include "net/tls/certificate.hpp"

namespace kerbgate::net {
namespace {

check::Policy policy_of(const config::CheckTiming& timing) {
  return {timing.rise, timing.fall, timing.inter, timing.fastinter, timing.downinter};
}

}  // namespace

Prober::Prober(Loop& loop, std::shared_ptr<LiveBackend> backend, balance::ServerIndex server, bool up, double spread)
    : loop_(loop),
      backend_(std::move(backend)),
      server_(server),
      health_(policy_of(conf().timing), up),
      probe_(loop, backend_->conf.check, backend_->servers[server].source, *this) {
  const Millis inter = conf().timing.inter;
  wait_until(loop_.now() + Millis(std::int64_t(double(inter.count()) * spread)));
  if (const auto& observer = backend_->servers[server_].observer) observer->attach(*this, loop_);
}

Prober::~Prober() {
  if (const auto& observer = backend_->servers[server_].observer) observer->detach();
  loop_.cancel(*this);
}

Millis Prober::time_limit() const {
  const Millis inter = conf().timing.inter;
  if (backend_->conf.check_timeout.count() != 0) return backend_->conf.check_timeout;
  const Millis connect = backend_->conf.connect_timeout;
  return connect.count() != 0 ? std::min(connect, inter) : inter;
}

void Prober::on_timer() {
  obey_orders();
  if (in_maintenance()) {
    probe_.stop();
    return wait();
  }
  started_ = loop_.now();
  probe_.start(loop_.now() + time_limit());
}

// What an operator says holds until checks say otherwise, as often as they are asked to.
void Prober::obey_orders() {
  using Order = HealthOrders::Order;
  const Order order = backend_->servers[server_].orders->take();
  if (order == Order::none) return;
  health_ = check::Health(policy_of(conf().timing), order != Order::down);
  if (order == Order::up) (void)health_.observe(true);
}

bool Prober::in_maintenance() const {
  return backend_->pool->admin(server_) == balance::Admin::maint || !backend_->pool->found(server_);
}

SocketAddress Prober::destination(const check::Connect& connect) const {
  const LiveServer& server = backend_->servers[server_];
  SocketAddress out = server.check_address;
  if (const auto moved = server.moved->address(); moved && conf().check_host.empty())
    out = SocketAddress(moved->ip(), conf().check_port != 0 ? conf().check_port : moved->port());
  if (const auto ip = IpAddress::parse(connect.address)) out = SocketAddress(*ip, out.port());
  if (connect.port != 0) out = SocketAddress(out.ip(), connect.port);
  return out;
}

std::shared_ptr<tls::Current> Prober::secured(std::size_t index) const {
  const auto& all = backend_->servers[server_].check_tls;
  return index < all.size() ? all[index] : nullptr;
}

std::string Prober::header(const check::Connect& connect) const {
  if (!config::check_sends_proxy(conf(), backend_->conf.check, connect)) return "";
  return conf().send_proxy_v2 ? login::proxy_header_v2({}, true) : login::proxy_header_v1({}, true);
}

// Clients whose TLS is passed through see this certificate, and ask for the proxy's name in it.
void Prober::handshaken(const tls::Session& session) {
  if (backend_->passed_names.empty()) return;
  const std::unique_ptr<tls::Certificate> certificate = session.peer();
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

void Prober::sessions_failed(int errors) {
  if (conf().on_error == config::OnError::sudden_death || conf().on_error == config::OnError::mark_down)
    health_.weaken();
  if (conf().on_error == config::OnError::fail_check || conf().on_error == config::OnError::mark_down)
    judge({check::Status::hana, 0, "Detected " + std::to_string(errors) + " consecutive errors"}, Millis(0));
  if (probe_.running()) return;
  const Millis fast = conf().timing.fastinter.count() != 0 ? conf().timing.fastinter : conf().timing.inter;
  const Now soon = loop_.now() + (health_.up() ? fast : health_.next_delay());
  if (soon < due_) wait_until(soon);  // sooner, never later: errors that go on must not put the check off
}

void Prober::probed(const check::Finding& verdict) {
  obey_orders();
  // What was put in maintenance meanwhile is not asked for any more.
  if (!in_maintenance()) judge(verdict, std::chrono::duration_cast<Millis>(Clock::now() - started_));
  wait();
}

void Prober::judge(const check::Finding& verdict, Millis took) {
  stats::Server& counts = *backend_->servers[server_].counts;
  const bool passed = check::passed(verdict.status);
  if (!passed && health_.up()) stats::add(counts.failed_checks);
  const int before = health_.value();
  const std::optional<bool> changed = health_.observe(passed);
  const check::StatusWords& words = check::words(verdict.status);
  const std::optional<stats::CheckOutcome> last = counts.last_check();
  counts.checked({std::string(words.name), std::string(words.words), verdict.info, health_.words(), took.count(),
                  health_.value(), std::chrono::system_clock::now(), words.has_code ? verdict.code : -1});
  const bool logs_checks = backend_->conf.log_health_checks;
  if (logs_checks && (health_.value() != before || !last || last->status != words.name)) log_check(verdict, took);
  // The reason stands in the line of the check, where there is one.
  if (changed)
    turn_server(*backend_, server_, *changed, logs_checks ? "" : check::reason(verdict, took.count()), loop_.now());
}

/// HAProxy's line, with what is left until the state changes: "status: 2/3 UP".
void Prober::log_check(const check::Finding& verdict, Millis took) {
  if (!backend_->logger) return;
  const int value = health_.value(), rise = std::max(conf().timing.rise, 1);
  const bool up = value >= rise, passed = check::passed(verdict.status);
  std::string text = std::string("Health check for ") + (conf().backup ? "backup " : "") + "server " +
                     backend_->conf.name + '/' + backend_->servers[server_].name;
  if (verdict.status == check::Status::l7okc) text += " conditionally";
  text += (passed ? " succeeded" : " failed") + check::reason(verdict, took.count()) + ", status: ";
  text += std::to_string(up ? value - rise + 1 : value) + '/' +
          std::to_string(up ? std::max(conf().timing.fall, 1) : rise) + ' ';
  text += !up ? "DOWN" : backend_->pool->view_of(server_).weight != 0 ? "UP" : "DRAIN";
  backend_->logger->send(log::Priority::notice, text + '.');
}

void Prober::wait() { wait_until(loop_.now() + health_.next_delay()); }

void Prober::wait_until(Now due) {
  due_ = due;
  loop_.schedule(*this, due);
}

}  // namespace kerbgate::net
