#include "admin/runtime_socket.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace kerbgate::admin {
namespace {

/// Out of descriptors or memory: how long until the next try.
constexpr net::Millis kStarvation{100};

}  // namespace

RuntimeSocket::RuntimeSocket(Site& site, net::Fd fd) : site_(site), fd_(std::move(fd)) {}

RuntimeSocket::~RuntimeSocket() {
  watch(false);
  site_.home().cancel(*this);
}

void RuntimeSocket::adopt(RuntimeLevel level, net::Millis timeout, std::uint32_t most) {
  user_.level = level;
  user_.timeout = timeout;
  most_ = most;
  watch(conversations_.size() < most_);
}

void RuntimeSocket::watch(bool on) {
  if (on == watching_) return;
  watching_ = on && site_.home().watch_readable(fd_.get(), watch_);
  if (!on) site_.home().unwatch(fd_.get());
}

void RuntimeSocket::on_event(int, std::uint32_t) {
  while (conversations_.size() < most_) {
    net::Fd fd(::accept4(fd_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd && (errno == EINTR || errno == ECONNABORTED)) continue;
    if (!fd && errno == EAGAIN) return;
    if (!fd) {
      watch(false);
      return site_.home().schedule(*this, site_.home().now() + kStarvation);
    }
    auto one = std::make_shared<Conversation>(site_, std::move(fd), user_, [this](Conversation& it) { ended(it); });
    conversations_.insert(one);
    one->begin();
  }
  watch(false);
}

void RuntimeSocket::on_timer() { watch(conversations_.size() < most_); }

// Not within this wake: its events may still name it.
void RuntimeSocket::ended(Conversation& one) {
  const auto found =
      std::find_if(conversations_.begin(), conversations_.end(), [&](const auto& held) { return held.get() == &one; });
  if (found == conversations_.end()) return;
  site_.home().post([last = *found] {});
  conversations_.erase(found);
  watch(true);
}

}  // namespace kerbgate::admin
