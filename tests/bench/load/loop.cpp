#include "loop.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <system_error>

namespace kerbgate::bench {

Loop::Loop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll");
}

Loop::~Loop() { ::close(epoll_); }

void Loop::watch(int fd, Watched& watched) const {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &watched;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0)
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

void Loop::again(Watched& watched) {
  if (watched.waits_) return;
  watched.waits_ = true;
  waiting_.push_back(&watched);
}

void Loop::retire(std::unique_ptr<Watched> watched) {
  watched->gone_ = true;
  retired_.push_back(std::move(watched));
}

void Loop::turn(int milliseconds) {
  std::array<epoll_event, 512> events;  // NOLINT: written by the kernel
  const int count = ::epoll_wait(epoll_, events.data(), int(events.size()), waiting_.empty() ? milliseconds : 0);
  for (int i = 0; i < count; ++i) {
    auto& watched = *static_cast<Watched*>(events[std::size_t(i)].data.ptr);
    if (!watched.gone_) watched.on_event(events[std::size_t(i)].events);
  }
  going_on_.swap(waiting_);
  for (Watched* watched : going_on_) {
    watched->waits_ = false;
    if (!watched->gone_) watched->on_event(EPOLLIN);
  }
  going_on_.clear();
  std::erase_if(waiting_, [](const Watched* watched) { return watched->gone_; });
  retired_.clear();
}

}  // namespace kerbgate::bench
