#include "backend.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <system_error>

#include "login_served.hpp"
#include "outbox.hpp"
#include "wire.hpp"

namespace kerbgate::bench {

class Backend::Served final : public Watched {
 public:
  Served(Backend& backend, int fd) : backend_(backend) {
    stream_.open(fd, backend.context_.get(), false);
    backend.loop_.watch(fd, *this);
  }

  void on_event(std::uint32_t) override {
    if (!stream_.secured()) {
      const int done = stream_.handshake();
      if (done < 0) return leave();
      if (done == 0) return;
    }
    if (!answer()) return;
    constexpr int kShare = 16;
    for (int i = 0; i < kShare; ++i) {
      const ssize_t got = take();
      if (got < 0 && errno == EAGAIN) return;
      if (got <= 0) return leave();
      backend_.received_ += std::uint64_t(got);
      if (asked_.whole() && left_ == 0) {
        out_.put({}, asked_.answer());
        asked_.clear();
        if (!answer()) return;
      }
    }
    backend_.loop_.again(*this);
  }

 private:
  ssize_t take() {
    if (asked_.whole()) {
      const ssize_t got = stream_.skip(std::size_t(std::min<std::uint64_t>(left_, 1 << 20)));
      if (got > 0) left_ -= std::uint64_t(got);
      return got;
    }
    std::array<std::uint8_t, kHeader> bytes;  // NOLINT: read into
    const ssize_t got = stream_.read(bytes);
    if (got <= 0) return got;
    // Never more than a header is read at once before it is whole: no octet of the rest can be in it.
    asked_.feed({bytes.data(), std::size_t(got)});
    if (asked_.whole()) left_ = asked_.request() - kHeader;
    return got;
  }

  /// False: it has left.
  bool answer() {
    switch (out_.run(stream_)) {
      case Outbox::State::failed:
        leave();
        return false;
      case Outbox::State::share_used:
        backend_.loop_.again(*this);
        return true;
      default:
        return true;
    }
  }

  void leave() {
    stream_.close(true);
    backend_.loop_.retire(std::unique_ptr<Watched>(this));
  }

  Backend& backend_;
  Stream stream_;
  HeaderReader asked_;
  std::uint64_t left_ = 0;  ///< of the request
  Outbox out_;
};

Backend::Backend(Loop& loop, const Options& options, Service* service)
    : loop_(loop), service_(service), fd_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
  if (options.backend_tls) context_ = server_context(options.certificate);
  const int on = 1;
  ::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(fd_, reinterpret_cast<const sockaddr*>(&options.backend), sizeof options.backend) != 0 ||
      ::listen(fd_, 4096) != 0)
    throw std::system_error(errno, std::generic_category(), "the backend's address");
  loop.watch(fd_, *this);
}

Backend::~Backend() { ::close(fd_); }

void Backend::on_event(std::uint32_t) {
  for (;;) {
    const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    // Both own themselves until they retire.
    if (service_ != nullptr)
      new LoginServed(loop_, *service_, fd);
    else
      new Served(*this, fd);
  }
}

}  // namespace kerbgate::bench
