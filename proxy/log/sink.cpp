#include "log/sink.hpp"

#include <arpa/inet.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <optional>
#include <utility>

namespace kerbgate::log {
namespace {

constexpr int kAtOnce = MSG_DONTWAIT | MSG_NOSIGNAL;

bool whole(ssize_t written, const std::string& line) { return written == static_cast<ssize_t>(line.size()); }

class UdpSink final : public Sink {
 public:
  UdpSink(int fd, const sockaddr_storage& to, socklen_t length) : fd_(fd), to_(to), length_(length) {}

  bool put(std::string& line) override {
    iovec piece{line.data(), line.size()};
    msghdr message{};
    message.msg_name = &to_;
    message.msg_namelen = length_;
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    return whole(sendmsg(fd_, &message, kAtOnce), line);
  }

 private:
  int fd_;
  sockaddr_storage to_;
  socklen_t length_;
};

/// The target's address for the system; 0 when it is none.
socklen_t address_of(const config::LogTarget& target, sockaddr_storage& to) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(target.port);
  if (inet_pton(AF_INET, target.address.c_str(), &v4.sin_addr) == 1) {
    std::memcpy(&to, &v4, sizeof v4);
    return sizeof v4;
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(target.port);
  const auto percent = target.address.find('%');
  if (percent != std::string::npos) v6.sin6_scope_id = if_nametoindex(target.address.c_str() + percent + 1);
  if (inet_pton(AF_INET6, target.address.substr(0, percent).c_str(), &v6.sin6_addr) != 1) return 0;
  std::memcpy(&to, &v6, sizeof v6);
  return sizeof v6;
}

class UnixSink final : public Sink {
 public:
  UnixSink(std::string path, std::function<int(const std::string&)> open, std::function<SteadyTime()> now)
      : path_(std::move(path)), open_(std::move(open)), now_(std::move(now)) {
    reopen();
  }

  bool put(std::string& line) override {
    const std::lock_guard lock(mutex_);
    if (fd_.get() >= 0) {
      if (whole(send(fd_.get(), line.data(), line.size(), kAtOnce), line)) return true;
      if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS || errno == EMSGSIZE) return false;
    }
    if (!reopen()) return false;
    return whole(send(fd_.get(), line.data(), line.size(), kAtOnce), line);
  }

 private:
  bool reopen() {
    const SteadyTime now = now_();
    if (opened_ && now - *opened_ < std::chrono::seconds(1)) return false;
    opened_ = now;
    fd_.reset(open_(path_));
    return fd_.get() >= 0;
  }

  std::string path_;
  std::function<int(const std::string&)> open_;
  std::function<SteadyTime()> now_;
  std::mutex mutex_;
  Descriptor fd_;
  std::optional<SteadyTime> opened_;
};

class StreamSink final : public Sink {
 public:
  explicit StreamSink(int fd) : fd_(fd) {
    struct stat status {};
    if (fstat(fd, &status) != 0) return;
    socket_ = S_ISSOCK(status.st_mode);
    pipe_ = S_ISFIFO(status.st_mode);
  }

  bool put(std::string& line) override {
    // Longer writes to a pipe may mix with another process's, and may block though the pipe has room.
    if (pipe_ && line.size() >= PIPE_BUF) line.resize(PIPE_BUF - 1);
    line += '\n';
    if (socket_) return whole(send(fd_, line.data(), line.size(), kAtOnce), line);
    // One lock for all loggers: room that was seen must not go to another thread.
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    pollfd ready{fd_, POLLOUT, 0};
    if (poll(&ready, 1, 0) != 1 || (ready.revents & (POLLERR | POLLNVAL | POLLHUP)) || !(ready.revents & POLLOUT))
      return false;
    return whole(write(fd_, line.data(), line.size()), line);
  }

 private:
  int fd_;
  bool socket_ = false, pipe_ = false;
};

/// What takes nothing: an address that is none.
class NoSink final : public Sink {
 public:
  bool put(std::string&) override { return false; }
};

}  // namespace

void Descriptor::reset(int fd) {
  if (fd_ >= 0) close(fd_);
  fd_ = fd;
}

std::unique_ptr<Sink> make_udp_sink(const config::LogTarget& target, UdpSockets& sockets) {
  sockaddr_storage to{};
  const socklen_t length = address_of(target, to);
  if (length == 0) return std::make_unique<NoSink>();
  Descriptor& shared = to.ss_family == AF_INET ? sockets.v4 : sockets.v6;
  if (shared.get() < 0) shared.reset(socket(to.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  return std::make_unique<UdpSink>(shared.get(), to, length);
}

std::unique_ptr<Sink> make_unix_sink(const std::string& path, std::function<int(const std::string&)> open,
                                     std::function<SteadyTime()> now) {
  return std::make_unique<UnixSink>(path, std::move(open), std::move(now));
}

std::unique_ptr<Sink> make_stream_sink(int fd) { return std::make_unique<StreamSink>(fd); }

}  // namespace kerbgate::log
