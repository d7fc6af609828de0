#include "net/prober.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "net/socket.hpp"

namespace kerbgate::net {
namespace {

check::Policy policy_of(const config::CheckTiming& timing) {
  return {timing.rise, timing.fall, timing.inter, timing.fastinter, timing.downinter};
}

// The connection is given up by RST before its third packet is due: the server never learns that there was one.
Result<Fd> knock(const SocketAddress& address) {
  Fd fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
  if (!fd) return Error{std::error_code(errno, std::generic_category()), "open a socket"};
  const int no = 0;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_QUICKACK, &no, sizeof no);
  abort_on_close(fd.get());
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
  loop_.schedule(*this, loop_.now() + Millis(std::int64_t(double(inter.count()) * spread)));
}

Prober::~Prober() {
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
  Result<Fd> fd = knock(address());
  // Our own lack of descriptors or memory says nothing of the server.
  if (!fd && is_shortage(fd.error())) return wait();
  if (!fd) return conclude(false, fd.error().what);
  fd_ = std::move(*fd);
  if (!loop_.watch(fd_.get(), watch_)) {
    fd_.reset();
    return wait();
  }
  loop_.schedule(*this, loop_.now() + time_limit());
}

void Prober::on_event(int, std::uint32_t events) {
  if (!fd_) return;
  if (const int error = socket_error(fd_.get()); error != 0) return conclude(false, std::strerror(error));
  if ((events & EPOLLOUT) != 0 && (events & (EPOLLERR | EPOLLHUP)) == 0) conclude(true, "");
}

void Prober::conclude(bool passed, const std::string& info) {
  fd_.reset();
  obey_orders();
  stats::Server& counts = *backend_->servers[server_].counts;
  if (!passed && health_.up()) stats::add(counts.failed_checks);
  const std::optional<bool> changed = health_.observe(passed);
  counts.checked({passed              ? "L4OK"
                  : info == "timeout" ? "L4TOUT"
                                      : "L4CON",
                  passed              ? "Layer4 check passed"
                  : info == "timeout" ? "Layer4 timeout"
                                      : "Layer4 connection problem",
                  info == "timeout" ? "" : info, health_.words(),
                  std::chrono::duration_cast<Millis>(Clock::now() - started_).count(), health_.value(),
                  std::chrono::system_clock::now()});
  if (changed) {
    backend_->pool->set_up(server_, *changed, loop_.now());
    announce(*changed, info);
  }
  wait();
}

void Prober::wait() { loop_.schedule(*this, loop_.now() + health_.next_delay()); }

void Prober::announce(bool up, const std::string& info) {
  if (!backend_->logger) return;
  const auto took = std::chrono::duration_cast<Millis>(Clock::now() - started_).count();
  std::uint32_t active = 0, backup = 0;
  const std::vector<balance::ServerView> views = backend_->pool->view();
  for (std::size_t i = 0; i < views.size(); ++i)
    if (views[i].up && views[i].admin == balance::Admin::ready) ++(backend_->conf.servers[i].backup ? backup : active);
  std::string text =
      "Server " + backend_->conf.name + '/' + backend_->servers[server_].name + (up ? " is UP" : " is DOWN");
  if (up) {
    text += ", reason: Layer4 check passed";
  } else {
    text +=
        info == "timeout" ? ", reason: Layer4 timeout" : ", reason: Layer4 connection problem, info: \"" + info + '"';
  }
  text += ", check duration: " + std::to_string(took) + "ms. " + std::to_string(active) + " active and " +
          std::to_string(backup) + " backup servers left. " + std::to_string(views[server_].current) +
          " sessions active, 0 requeued, " + std::to_string(views[server_].queued) + " remaining in queue.";
  backend_->logger->send(up ? log::Priority::notice : log::Priority::alert, text);
  if (!up && active + backup == 0)
    backend_->logger->send(log::Priority::emerg, "proxy " + backend_->conf.name + " has no server available!");
}

}  // namespace kerbgate::net
