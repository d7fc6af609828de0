#include "client.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

namespace kerbgate::bench {

void Clients::Client::connect() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "socket");
  stream_.open(fd, all_.context_.get(), true);
  state_ = State::connecting;
  begun_ = nanoseconds();
  if (all_.options_.sources > 1) leave_from(fd);
  const sockaddr_in to = all_.next_destination();
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0 && errno != EINPROGRESS)
    return all_.failed(errno);
  all_.loop_.watch(fd, *this);
}

void Clients::Client::on_event(std::uint32_t events) {
  if (state_ == State::gone) return;
  if ((events & EPOLLERR) != 0) return leave(pending_error());
  if (state_ == State::connecting) {
    if ((events & EPOLLOUT) == 0) return;
    state_ = State::securing;
  }
  if (state_ == State::securing && !secure()) return;
  go_on();
}

void Clients::Client::leave_from(int fd) {
  const int on = 1;
  ::setsockopt(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  sockaddr_in from{};
  from.sin_family = AF_INET;
  from.sin_addr.s_addr = htonl(0x7f000201 + all_.source_++ % all_.options_.sources);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0)
    throw std::system_error(errno, std::generic_category(), "bind to a source");
}

bool Clients::Client::secure() {
  if (!stream_.secured()) {
    const int done = stream_.handshake();
    if (done < 0) leave(EPROTO);
    if (done <= 0) return false;
  }
  state_ = State::talking;
  if (!connected_before_) ++all_.connected_;
  connected_before_ = true;
  begin();
  return talking();
}

void Clients::Client::answered(std::uint64_t since, std::uint64_t now) {
  ++all_.counts_.answers;
  all_.counts_.latency.add(now - since);
  if (!answered_before_) ++all_.established_;
  answered_before_ = true;
}

void Clients::Client::leave_served() {
  stream_.close(true);
  state_ = State::gone;
  if (all_.goes_on()) connect();
}

void Clients::Client::leave(int error) {
  all_.failed(error);
  stream_.close(false);
  state_ = State::gone;
  if (connects_again(all_.options_.mode) && all_.goes_on()) connect();
}

int Clients::Client::pending_error() const {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(stream_.fd(), SOL_SOCKET, SO_ERROR, &error, &size);
  return error != 0 ? error : ECONNRESET;
}

}  // namespace kerbgate::bench
