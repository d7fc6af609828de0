#include "net/endpoint.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>

#include "net/loop.hpp"

namespace kerbgate::net {

void Endpoint::note(std::uint32_t events) noexcept {
  if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) ready.hung_up = ready.readable = true;
  if (events & (EPOLLHUP | EPOLLERR)) ready.gone = true;
  if (events & EPOLLIN) ready.readable = true;
  if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) ready.writable = true;
}

ssize_t Endpoint::receive(void* to, std::size_t size, Loop& loop) {
  if (tls) return tls->read({fd, ready, loop.buffers()}, to, size);
  ssize_t got = 0;
  do got = ::recv(fd, to, size, MSG_DONTWAIT);
  while (got < 0 && errno == EINTR);
  // Less than asked for: the socket is empty, and the next byte is a new edge. Unless its end has been announced.
  if (got <= 0 || (std::size_t(got) < size && !ready.hung_up)) ready.readable = false;
  return got;
}

ssize_t Endpoint::peek(Loop& loop) {
  if (tls) return tls->peek({fd, ready, loop.buffers()});
  char byte;
  ssize_t got = 0;
  do got = ::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  while (got < 0 && errno == EINTR);
  return got;
}

ssize_t Endpoint::send(const void* from, std::size_t size, Loop& loop) {
  if (tls) return tls->write({fd, ready, loop.buffers()}, from, size);
  ssize_t sent = 0;
  do sent = ::send(fd, from, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (sent < 0 && errno == EINTR);
  if (sent < 0 && errno == EAGAIN) ready.writable = false;
  return sent;
}

int Endpoint::flush(Loop& loop) { return tls ? tls->flush({fd, ready, loop.buffers()}) : 0; }

int Endpoint::end(Loop& loop) {
  if (tls && tls->end({fd, ready, loop.buffers()}) != 0) return -1;
  ::shutdown(fd, SHUT_WR);
  return 0;
}

}  // namespace kerbgate::net
