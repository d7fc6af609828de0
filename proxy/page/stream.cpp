#include "page/stream.hpp"

#include <sys/socket.h>

#include <boost/asio/error.hpp>
#include <cerrno>

namespace kerbgate::page {

namespace asio = boost::asio;

namespace {

Stream::Error of_errno(int error) { return {error, boost::system::system_category()}; }

}  // namespace

Stream::Stream(const executor_type& executor, net::Fd fd, std::unique_ptr<net::tls::Session> tls, net::BufferPool& pool)
    : executor_(executor),
      descriptor_(executor, fd.release()),
      deadline_(executor),
      tls_(std::move(tls)),
      pool_(pool),
      shaken_(tls_ == nullptr) {}

Stream::~Stream() { *alive_ = false; }

// A deadline that has passed may wait in the queue when the connection is over already.
void Stream::expires_after(std::chrono::milliseconds limit) {
  deadline_.expires_after(limit);
  deadline_.async_wait([this, alive = alive_](Error cancelled) {
    if (!cancelled && *alive) close();
  });
}

void Stream::close() {
  Error ignored;
  deadline_.cancel();
  if (descriptor_.is_open()) descriptor_.close(ignored);
}

void Stream::end_writing() {
  if (!descriptor_.is_open()) return;
  if (tls_ && shaken_) (void)tls_->end(wire());
  ::shutdown(descriptor_.native_handle(), SHUT_WR);
}

// Every attempt asks the socket itself: what it said before is not kept.
net::tls::Session::Wire Stream::wire() {
  ready_.readable = ready_.writable = true;
  return {descriptor_.native_handle(), ready_, pool_};
}

Stream::Step Stream::shake_hands(Error& failed) {
  switch (tls_->handshake(wire())) {
    case net::tls::Session::Handshake::done:
      shaken_ = true;
      return Step::done;
    case net::tls::Session::Handshake::waiting:
      return tls_->unsent() ? Step::wait_writable : Step::wait_readable;
    case net::tls::Session::Handshake::failed:
      break;
  }
  failed = of_errno(EPROTO);
  return Step::done;
}

Stream::Step Stream::read(asio::mutable_buffer to, Error& failed, std::size_t& moved) {
  if (!shaken_)
    if (const Step step = shake_hands(failed); step != Step::done || failed) return step;
  ssize_t got = 0;
  if (tls_) {
    got = tls_->read(wire(), to.data(), to.size());
  } else {
    do got = ::recv(descriptor_.native_handle(), to.data(), to.size(), MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
  }
  if (got < 0 && errno == EAGAIN) return Step::wait_readable;
  if (got < 0) failed = of_errno(errno);
  if (got == 0 && to.size() != 0) failed = asio::error::eof;
  if (got > 0) moved = std::size_t(got);
  return Step::done;
}

// Under TLS a piece is sent when its records are: the next attempt goes on where the wire took no more.
Stream::Step Stream::write(asio::const_buffer from, std::size_t& taken, Error& failed) {
  const int fd = descriptor_.native_handle();
  if (taken == 0) {
    ssize_t sent = 0;
    if (tls_) {
      sent = tls_->write(wire(), from.data(), from.size());
    } else {
      do sent = ::send(fd, from.data(), from.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      while (sent < 0 && errno == EINTR);
    }
    if (sent < 0 && errno == EAGAIN) return Step::wait_writable;
    if (sent < 0) {
      failed = of_errno(errno);
      return Step::done;
    }
    taken = std::size_t(sent);
  }
  if (!tls_ || tls_->flush(wire()) == 0) return Step::done;
  if (errno == EAGAIN) return Step::wait_writable;
  failed = of_errno(errno);
  return Step::done;
}

}  // namespace kerbgate::page
