#include "net/loop.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <limits>
#include <system_error>

#include "kerbgate/acceptor.hpp"

namespace kerbgate::net {

namespace asio = boost::asio;

namespace {

constexpr int kEvents = 256;
/// How many pieces of posted work are done before events get their turn.
constexpr int kPostedAtOnce = 256;

/// The loop that this thread runs.
thread_local const Loop* running = nullptr;

}  // namespace

/// Work from elsewhere, and the descriptor that wakes the loop for it.
struct Loop::Mailbox {
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  Fd bell{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  Watch watch;  ///< of nobody: that it rings is all there is to know
  std::atomic<bool> rung{false}, stopped{false};

  void ring() {
    if (!rung.exchange(true)) ::eventfd_write(bell.get(), 1);
  }
};

Loop::Loop() : plane_(::epoll_create1(EPOLL_CLOEXEC)), mailbox_(std::make_unique<Mailbox>()) {
  // Edge-triggered: the counter is never read.
  if (!plane_ || !mailbox_->bell || !add(mailbox_->bell.get(), mailbox_->watch, EPOLLIN | EPOLLET))
    throw std::system_error(errno, std::generic_category(), "make an epoll set");
}

Loop::~Loop() = default;

void Loop::run() {
  running = this;
  epoll_event events[kEvents];
  while (!mailbox_->stopped) {
    const int count = wait(events);
    now_ = Clock::now();
    for (int i = 0; i < count; ++i) {
      auto* watch = static_cast<Watch*>(events[i].data.ptr);
      if (watch->watcher != nullptr) {
        watch->watcher->on_event(watch->side, events[i].events);
      } else if (watch == &mailbox_->watch) {
        posted_ = true;
      }
    }
    if (posted_) take_posted();
    if (now_ >= tick_at_) tick();
    run_turns();
    retired_.clear();
  }
  running = nullptr;
}

void Loop::stop() {
  mailbox_->stopped = true;
  mailbox_->ring();
}

void Loop::post(std::function<void()> work) {
  asio::post(mailbox_->io, std::move(work));
  if (running == this) {
    posted_ = true;
  } else {
    mailbox_->ring();
  }
}

void Loop::take_posted() {
  posted_ = false;
  mailbox_->rung = false;  // before the look: who posts after it rings again
  for (int i = 0; i < kPostedAtOnce; ++i)
    if (mailbox_->io.poll_one() == 0) return;
  posted_ = true;
}

int Loop::wait(epoll_event* events) {
  if (spin_.count() != 0) {
    const Now until = Clock::now() + spin_;
    do {
      const int count = ::epoll_wait(plane_.get(), events, kEvents, 0);
      if (count > 0 || !turns_.empty() || posted_) return count;
    } while (Clock::now() < until);
  }
  return ::epoll_wait(plane_.get(), events, kEvents, patience());
}

/// For how many milliseconds nothing is to be done but what events bring; -1: for ever.
int Loop::patience() const {
  if (!turns_.empty() || posted_) return 0;
  if (tick_at_ == Now::max()) return -1;
  const auto left = std::chrono::ceil<Millis>(tick_at_ - Clock::now()).count();
  return int(std::clamp<Millis::rep>(left, 0, std::numeric_limits<int>::max()));
}

bool Loop::add(int fd, Watch& watch, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &watch;
  return ::epoll_ctl(plane_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

bool Loop::watch(int fd, Watch& watch) { return add(fd, watch, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET); }

bool Loop::watch_readable(int fd, Watch& watch) { return add(fd, watch, EPOLLIN); }

void Loop::unwatch(int fd) { ::epoll_ctl(plane_.get(), EPOLL_CTL_DEL, fd, nullptr); }

void Loop::schedule(Timer& timer, Now deadline) {
  wheel_.schedule(timer, deadline);
  tick_at_ = std::min(tick_at_, deadline + TimerWheel::kSlot);
}

// A cancelled timer leaves its tick: one idle wake costs less than a search at every cancel.
void Loop::tick() {
  tick_at_ = Now::max();
  wheel_.advance(now_);
  tick_at_ = std::min(tick_at_, wheel_.next());
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
