#include "net/loop.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <system_error>

#include "kerbgate/acceptor.hpp"

namespace kerbgate::net {

namespace asio = boost::asio;

struct Loop::Reactor {
  asio::io_context io{1};
  asio::posix::stream_descriptor plane{io};
  asio::steady_timer tick{io};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  Now tick_at = Now::max();

  Reactor() {
    const int fd = ::epoll_create1(EPOLL_CLOEXEC);
    if (fd < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    plane.assign(fd);
  }
};

Loop::Loop() : reactor_(std::make_unique<Reactor>()) {}
Loop::~Loop() = default;

void Loop::run() {
  now_ = Clock::now();
  wait_for_events();
  reactor_->io.run();
}

void Loop::stop() { reactor_->io.stop(); }

void Loop::post(std::function<void()> work) {
  asio::post(reactor_->io, [this, work = std::move(work)] {
    now_ = Clock::now();
    work();
    run_turns();
    retired_.clear();
  });
}

bool Loop::watch(int fd, Watch& watch) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &watch;
  return ::epoll_ctl(reactor_->plane.native_handle(), EPOLL_CTL_ADD, fd, &event) == 0;
}

bool Loop::watch_readable(int fd, Watch& watch) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = &watch;
  return ::epoll_ctl(reactor_->plane.native_handle(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void Loop::unwatch(int fd) { ::epoll_ctl(reactor_->plane.native_handle(), EPOLL_CTL_DEL, fd, nullptr); }

void Loop::schedule(Timer& timer, Now deadline) {
  wheel_.schedule(timer, deadline);
  const Now due = deadline + TimerWheel::kSlot;
  if (due < reactor_->tick_at) arm_tick(due);
}

void Loop::again(Pending& pending) {
  if (std::exchange(pending.waiting_turn, true)) return;
  turns_.push_back(&pending);
}

void Loop::forget(Pending& pending) noexcept {
  if (!std::exchange(pending.waiting_turn, false)) return;
  std::replace(turns_.begin(), turns_.end(), &pending, static_cast<Pending*>(nullptr));
  std::replace(running_.begin(), running_.end(), &pending, static_cast<Pending*>(nullptr));
}

void Loop::wait_for_events() {
  reactor_->plane.async_wait(asio::posix::stream_descriptor::wait_read, [this](boost::system::error_code failed) {
    if (failed) return;
    drain();
    wait_for_events();
  });
}

void Loop::drain() {
  epoll_event events[256];
  now_ = Clock::now();
  const int count = ::epoll_wait(reactor_->plane.native_handle(), events, 256, 0);
  for (int i = 0; i < count; ++i) {
    auto* watch = static_cast<Watch*>(events[i].data.ptr);
    if (watch->watcher != nullptr) watch->watcher->on_event(watch->side, events[i].events);
  }
  run_turns();
  retired_.clear();
}

// One turn for each that waits; who needs more waits for the next wake, which comes at once.
void Loop::run_turns() {
  if (turns_.empty()) return;
  running_.swap(turns_);
  for (std::size_t i = 0; i < running_.size(); ++i) {
    Pending* pending = running_[i];
    if (pending == nullptr) continue;
    pending->waiting_turn = false;
    pending->on_turn();
  }
  running_.clear();
  if (!turns_.empty()) post([] {});
}

// A cancelled timer leaves its tick armed: one idle wake costs less than a search at every cancel.
void Loop::arm_tick(Now at) {
  reactor_->tick_at = at;
  reactor_->tick.expires_at(at);
  reactor_->tick.async_wait([this](boost::system::error_code cancelled) {
    if (cancelled) return;
    now_ = Clock::now();
    reactor_->tick_at = Now::max();
    wheel_.advance(now_);
    run_turns();
    retired_.clear();
    const Now next = wheel_.next();
    if (next < reactor_->tick_at) arm_tick(next);
  });
}

Acceptor* Loop::acceptor(const std::shared_ptr<const Krb5Conf>& conf) {
  if (acceptor_conf_ != conf) {
    Result<Acceptor> made = Acceptor::make(*conf);
    acceptor_ = made ? std::make_unique<Acceptor>(std::move(*made)) : nullptr;
    acceptor_conf_ = conf;
  }
  return acceptor_.get();
}

}  // namespace kerbgate::net
