#include "net/probe.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "net/socket.hpp"

namespace kerbgate::net {
namespace {

using Layer = check::Run::Layer;
using Next = check::Run::Next;

/// So many reads at once, then one a slot.
constexpr int kBurst = 64;

// To `leave` the connection is given up by RST before its third packet is due: the server never learns that there was
// one.
Result<Fd> knock(const SocketAddress& address, const SocketAddress& source, bool leave) {
  Fd fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
  if (!fd) return Error{std::error_code(errno, std::generic_category()), "open a socket"};
  if (leave) {
    const int no = 0;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_QUICKACK, &no, sizeof no);
    abort_on_close(fd.get());
  }
  if (source.family() == address.family()) {
    const SocketAddress any_port(source.ip(), 0);
    if (::bind(fd.get(), any_port.data(), any_port.size()) != 0)
      return Error{std::error_code(errno, std::generic_category()), std::strerror(errno)};
  }
  if (::connect(fd.get(), address.data(), address.size()) != 0 && errno != EINPROGRESS)
    return Error{std::error_code(errno, std::generic_category()), std::strerror(errno)};
  return fd;
}

}  // namespace

void Probe::start(Now deadline) {
  stop();
  run_.emplace(script_);
  deadline_ = deadline;
  reads_ = 0;
  loop_.schedule(*this, deadline_);
  turn();
}

void Probe::stop() {
  loop_.cancel(*this);
  hang_up();
  run_.reset();
  pausing_ = rested_ = false;
}

void Probe::hang_up() {
  if (fd_) loop_.unwatch(fd_.get());
  fd_.reset();
  end_ = Endpoint{};
}

void Probe::on_timer() {
  if (loop_.now() >= deadline_ || !pausing_) {
    run_->timed_out(layer_);
    return finish();
  }
  pausing_ = false;
  loop_.schedule(*this, deadline_);
  turn();
}

void Probe::on_event(int, std::uint32_t events) {
  if (!run_ || !fd_) return;
  end_.note(events);
  if (pausing_) return;
  if (layer_ == Layer::talk) return turn();
  if (layer_ == Layer::tls) return secure();
  if (const int error = socket_error(fd_.get()); error != 0) {
    run_->failed(Layer::tcp, std::strerror(error));
    return finish();
  }
  if ((events & EPOLLOUT) == 0 || (events & (EPOLLERR | EPOLLHUP)) != 0) return;
  established();
}

void Probe::turn() {
  for (;;) {
    switch (run_->next()) {
      case Next::connect:
        if (!dial()) return;
        break;
      case Next::send:
        if (!send()) return;
        break;
      case Next::receive:
        if (!receive()) return;
        break;
      case Next::done:
        return finish();
    }
  }
}

/// True: it has failed at once, which the run knows.
bool Probe::dial() {
  const check::Connect& connect = run_->step().connect;
  const std::shared_ptr<tls::Current> secured = owner_.secured(run_->index());
  const bool leaves = run_->last() && !secured && owner_.header(connect).empty();
  hang_up();
  layer_ = Layer::tcp;
  Result<Fd> fd = knock(owner_.destination(connect), source_, leaves);
  if (!fd && !is_shortage(fd.error())) {
    run_->failed(Layer::tcp, fd.error().what);
    return true;
  }
  if (fd) {
    fd_ = std::move(*fd);
    end_ = Endpoint{fd_.get(), {}, secured ? secured->get()->connect("") : nullptr};
  }
  if (!fd || !loop_.watch(fd_.get(), watch_)) {
    stop();
    owner_.not_probed();
  }
  return false;
}

// A server that waits for a header gets one that announces nobody.
void Probe::established() {
  const std::string header = owner_.header(run_->step().connect);
  if (!header.empty()) (void)!::send(fd_.get(), header.data(), header.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (end_.tls) {
    layer_ = Layer::tls;
    return secure();
  }
  layer_ = Layer::talk;
  run_->connected(false);
  turn();
}

void Probe::secure() {
  using Handshake = tls::Session::Handshake;
  switch (end_.tls->handshake({end_.fd, end_.ready, loop_.buffers()})) {
    case Handshake::waiting:
      return;
    case Handshake::failed:
      run_->failed(Layer::tls, end_.tls->failure());
      return finish();
    case Handshake::done:
      break;
  }
  owner_.handshaken(*end_.tls);
  layer_ = Layer::talk;
  run_->connected(true);
  turn();
}

/// True: all is on its way, or it has failed; the run knows.
bool Probe::send() {
  const std::string& bytes = run_->step().bytes;
  while (sent_ < bytes.size()) {
    const ssize_t took = end_.send(bytes.data() + sent_, bytes.size() - sent_, loop_);
    if (took < 0 && errno == EAGAIN) return false;
    if (took < 0) {
      run_->failed(Layer::talk, std::strerror(errno));
      return true;
    }
    sent_ += std::size_t(took);
  }
  if (end_.unsent() && end_.flush(loop_) != 0) {
    if (errno == EAGAIN) return false;
    run_->failed(Layer::talk, std::strerror(errno));
    return true;
  }
  sent_ = 0;
  run_->sent();
  return true;
}

/// False: there is nothing now.
bool Probe::receive() {
  if (++reads_ > kBurst && !rested_) {
    pausing_ = rested_ = true;
    loop_.schedule(*this, std::min(deadline_, loop_.now() + TimerWheel::kSlot));
    return false;
  }
  rested_ = false;
  std::array<char, check::Run::kMost> block;
  const ssize_t got = end_.receive(block.data(), std::min(block.size(), run_->room()), loop_);
  if (got < 0 && errno == EAGAIN) return false;
  if (got < 0)
    run_->failed(Layer::talk, std::strerror(errno));
  else if (got == 0)
    run_->ended();
  else
    run_->received({block.data(), std::size_t(got)});
  return true;
}

// What has been said last must arrive, and TLS has an end of its own; anything else is left by RST, which leaves
// nothing behind on either side.
void Probe::finish() {
  const check::Finding verdict = run_->verdict();
  const check::Step& last = run_->step();
  bool lingers = last.kind == check::Step::Kind::send;
  for (std::size_t i = 0; i <= run_->index(); ++i)
    if (script_.steps[i].kind == check::Step::Kind::connect) lingers = lingers || script_.steps[i].connect.linger;
  if (fd_ && end_.tls && layer_ == Layer::talk)
    (void)end_.end(loop_);  // if that does not fit into an empty socket's buffer, nothing is lost but politeness
  else if (fd_ && !lingers && layer_ == Layer::talk)
    abort_on_close(fd_.get());
  stop();
  owner_.probed(verdict);
}

}  // namespace kerbgate::net
