#include "net/listener.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "net/connection.hpp"
#include "net/socket.hpp"

namespace kerbgate::net {
namespace {

constexpr int kBatch = 64;
constexpr int kBacklog = 4096;
constexpr Millis kStarvation{100};

}  // namespace

std::shared_ptr<Listener> Listener::start(Loop& loop, Fd fd, std::shared_ptr<Door> door) {
  std::shared_ptr<Listener> listener(new Listener(loop, std::move(fd), std::move(door)));
  listener->tune();
  listener->paused_ = true;
  listener->resume();
  return listener;
}

void Listener::adopt(std::shared_ptr<Door> door) {
  door_ = std::move(door);
  tune();
}

void Listener::tune() {
  if (fd_) tune_accepted(fd_.get(), door_->frontend->conf.keepalive);
  inherited_ = false;
}

void Listener::stop() {
  loop_.cancel(*this);
  if (fd_) loop_.unwatch(fd_.get());
  fd_.reset();
}

void Listener::resume() {
  loop_.post([self = shared_from_this()] { self->listen_again(); });
}

// A listening socket that is shut down for reading leaves the port without losing it: listen() brings it back.
void Listener::shut(bool shut) {
  if (!fd_) return;
  const bool tcp = SocketAddress::local(fd_.get()).port() != 0;
  if (shut) {
    pause();
    if (tcp) ::shutdown(fd_.get(), SHUT_RD);
    return;
  }
  if (tcp) ::listen(fd_.get(), kBacklog);
  listen_again();
}

void Listener::listen_again() {
  if (!fd_ || !paused_ || *door_->frontend->paused) return;
  paused_ = false;
  if (!loop_.watch_readable(fd_.get(), watch_)) {
    paused_ = true;
    loop_.schedule(*this, loop_.now() + kStarvation);
  }
}

void Listener::pause() {
  if (paused_) return;
  paused_ = true;
  loop_.unwatch(fd_.get());
}

void Listener::on_timer() { listen_again(); }

void Listener::on_event(int, std::uint32_t) {
  for (int i = 0; i < kBatch && fd_ && !paused_; ++i) {
    if (!accept_one()) return;
  }
}

bool Listener::accept_one() {
  if (*door_->frontend->paused) {
    pause();
    return false;
  }
  std::optional<Place> place = Place::take(door_);
  if (!place) {
    pause();
    Parking& parking = door_->frontend->process->parking;
    parking.park(shared_from_this());
    // A place may have become free between the look and the parking: then nobody else would wake us, nor another whom
    // our own attempt has kept out.
    if (Place::room(*door_)) parking.wake();
    return false;
  }
  sockaddr_storage raw{};
  socklen_t size = sizeof raw;
  const int fd = ::accept4(fd_.get(), reinterpret_cast<sockaddr*>(&raw), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd >= 0) {
    starved_ = false;
    if (!inherited_) tune_stream(fd, door_->frontend->conf.keepalive);
    Connection::start(loop_, Fd(fd), SocketAddress::from(raw), std::move(*place));
    return true;
  }
  if (errno == EINTR || errno == ECONNABORTED) return true;
  if (errno == EAGAIN) {
    inherited_ = true;
  } else {
    starve();
  }
  return false;
}

void Listener::starve() {
  const LiveFrontend& frontend = *door_->frontend;
  if (!std::exchange(starved_, true) && frontend.logger)
    frontend.logger->send(log::Priority::alert, "Proxy " + frontend.conf.name + " cannot accept connections: " +
                                                    std::strerror(errno) + "; it tries again every 100 ms");
  pause();
  loop_.schedule(*this, loop_.now() + kStarvation);
}

}  // namespace kerbgate::net
