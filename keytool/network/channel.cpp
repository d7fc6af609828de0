#include "network/channel.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace kerbgate::network {
namespace {

constexpr std::size_t kMaxDatagram = 65536;

Error failure(int errno_value, const char* doing) {
  const std::error_code code(errno_value, std::generic_category());
  return {code, std::string(doing) + ": " + code.message()};
}

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

socklen_t to_sockaddr(const IpAddress& ip, std::uint16_t port, sockaddr_storage& out) {
  out = {};
  if (ip.v6) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    v6.sin6_scope_id = ip.scope;
    std::memcpy(&v6.sin6_addr, ip.bytes.data(), sizeof v6.sin6_addr);
    std::memcpy(&out, &v6, sizeof v6);
    return sizeof v6;
  }
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  std::memcpy(&v4.sin_addr, ip.bytes.data(), sizeof v4.sin_addr);
  std::memcpy(&out, &v4, sizeof v4);
  return sizeof v4;
}

/// A socket of `type` that is connected, or on its way there.
Result<Fd> connecting(const IpAddress& address, std::uint16_t port, int type) {
  Fd fd(::socket(address.v6 ? AF_INET6 : AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return failure(errno, "socket");
  sockaddr_storage storage;
  const socklen_t length = to_sockaddr(address, port, storage);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&storage), length) == 0 || errno == EINPROGRESS) return fd;
  return failure(errno, "connect");
}

}  // namespace

Deadline after(std::chrono::milliseconds limit) { return std::chrono::steady_clock::now() + limit; }

bool failed_with(const Error& error, std::errc code) { return error.code == std::make_error_condition(code); }

Result<void> wait(int fd, Ready what, Deadline deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) return failure(ETIMEDOUT, "wait");
    pollfd one{fd, static_cast<short>(what == Ready::read ? POLLIN : POLLOUT), 0};
    const int ready = ::poll(&one, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return failure(errno, "poll");
  }
}

Result<Fd> dial(const IpAddress& address, std::uint16_t port, Deadline deadline) {
  auto fd = connecting(address, port, SOCK_STREAM);
  if (!fd) return fd;
  if (auto ready = wait(fd->get(), Ready::write, deadline); !ready) return std::move(ready).error();
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd->get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return failure(error, "connect");
  return fd;
}

Result<std::size_t> Stream::read(std::span<std::uint8_t> into, Deadline deadline) {
  for (;;) {
    const ssize_t got = ::recv(fd_.get(), into.data(), into.size(), 0);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (!would_block()) return failure(errno, "read");
    if (auto ready = wait(fd_.get(), Ready::read, deadline); !ready) return std::move(ready).error();
  }
}

Result<void> Stream::write(std::span<const std::uint8_t> bytes, Deadline deadline) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
    } else if (!would_block()) {
      return failure(errno, "write");
    } else if (auto ready = wait(fd_.get(), Ready::write, deadline); !ready) {
      return ready;
    }
  }
  return {};
}

Result<std::vector<std::uint8_t>> ask_udp(const IpAddress& address, std::uint16_t port,
                                          std::span<const std::uint8_t> message, Deadline deadline) {
  const auto fd = connecting(address, port, SOCK_DGRAM);
  if (!fd) return fd.error();
  if (::send(fd->get(), message.data(), message.size(), MSG_NOSIGNAL) < 0) return failure(errno, "send");
  std::vector<std::uint8_t> answer(kMaxDatagram);
  for (;;) {
    const ssize_t got = ::recv(fd->get(), answer.data(), answer.size(), 0);
    if (got >= 0) {
      answer.resize(static_cast<std::size_t>(got));
      return answer;
    }
    if (!would_block()) return failure(errno, "receive");
    if (auto ready = wait(fd->get(), Ready::read, deadline); !ready) return std::move(ready).error();
  }
}

}  // namespace kerbgate::network
