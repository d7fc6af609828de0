#include "support/socket.hpp"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <limits>
#include <memory>
#include <sstream>
#include <system_error>
#include <utility>

namespace kerbgate::e2e {
namespace {

[[noreturn]] void fail(const std::string& doing) {
  if (errno == ECONNRESET || errno == EPIPE) throw ConnectionReset(doing + ": connection reset");
  if (errno == EAGAIN) throw TimedOut(doing + ": no answer in time");
  throw std::system_error(errno, std::generic_category(), doing);
}

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

Addresses resolve(const std::string& host, std::uint16_t port, int flags) {
  addrinfo hints{};
  hints.ai_family = host.find(':') == std::string::npos ? AF_INET : AF_INET6;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* list = nullptr;
  const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (error != 0) throw std::runtime_error(host + ": " + gai_strerror(error));
  return Addresses(list);
}

std::string text(const sockaddr_in& address) {
  char buffer[INET_ADDRSTRLEN] = "";
  inet_ntop(AF_INET, &address.sin_addr, buffer, sizeof buffer);
  return std::string(buffer) + ":" + std::to_string(ntohs(address.sin_port));
}

template <class Ask>
sockaddr_in address_of(int fd, Ask ask) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (ask(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) fail("address of a socket");
  return address;
}

int tcp_socket(int family = AF_INET) {
  const int fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket");
  return fd;
}

bool readable(int fd, int milliseconds) {
  pollfd waiting{fd, POLLIN, 0};
  return poll(&waiting, 1, milliseconds) > 0;
}

}  // namespace

Socket::Socket(int fd, std::chrono::seconds timeout) : wire_(std::make_unique<Wire>(Wire{fd})) {
  const timeval limit{timeout.count(), 0};
  const int one = 1;
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

Socket Socket::connect(const std::string& host, std::uint16_t port, const std::string& source) {
  const auto to = resolve(host, port, 0);
  Socket socket(tcp_socket(to->ai_family));
  if (!source.empty()) {
    const auto from = resolve(source, 0, AI_NUMERICHOST);
    if (bind(socket.wire_->fd, from->ai_addr, from->ai_addrlen) != 0) fail("bind " + source);
  }
  if (::connect(socket.wire_->fd, to->ai_addr, to->ai_addrlen) != 0)
    throw std::system_error(errno, std::generic_category(), "connect " + host + ":" + std::to_string(port));
  return socket;
}

Socket Socket::connect_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) throw std::runtime_error(path + " is too long for a socket");
  path.copy(address.sun_path, path.size());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("open a socket");
  Socket out(fd);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail("connect to " + path);
  return out;
}

Socket::~Socket() {
  if (wire_) close();
}
Socket::Socket(Socket&& other) noexcept = default;
Socket& Socket::operator=(Socket&& other) noexcept {
  std::swap(wire_, other.wire_);
  std::swap(tls_, other.tls_);
  return *this;
}

void Socket::secure(std::shared_ptr<TlsSide> side) {
  constexpr std::size_t kPiece = 65536;
  tls_ = std::make_unique<TlsStream>(
      std::move(side), [wire = wire_.get()](std::string_view bytes) { wire->send(bytes); },
      [wire = wire_.get()] { return wire->read(kPiece); });
}

void Socket::close() {
  if (tls_ && wire_->fd >= 0) try {
      tls_->close_notify();
    } catch (const std::exception&) {  // nobody is there to hear it
    }
  cut();
}

void Socket::cut() {
  tls_.reset();
  if (wire_->fd >= 0) ::close(wire_->fd);
  wire_->fd = -1;
}

void Socket::send(std::string_view bytes) { tls_ ? tls_->write(bytes) : wire_->send(bytes); }

void Socket::Wire::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd, bytes.data(), std::min(bytes.size(), segment), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("send");
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void Socket::limit_segments(std::size_t bytes) { wire_->segment = bytes; }

void Socket::wait_until_acknowledged() {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (int left = 1; ioctl(wire_->fd, SIOCOUTQ, &left) == 0 && left > 0;) {
    if (std::chrono::steady_clock::now() > deadline) throw TimedOut("nothing is acknowledged");
    poll(nullptr, 0, 1);  // the system has no event for this
  }
}

std::string Socket::read_some(std::size_t max) { return tls_ ? tls_->read(max) : wire_->read(max); }

std::string Socket::Wire::read(std::size_t max) const {
  std::string buffer(max, '\0');
  ssize_t n = 0;
  do n = recv(fd, buffer.data(), buffer.size(), 0);
  while (n < 0 && errno == EINTR);
  if (n < 0) fail("receive");
  buffer.resize(static_cast<std::size_t>(n));
  return buffer;
}

std::string Socket::read(std::size_t n) {
  std::string all;
  while (all.size() < n) {
    const std::string piece = read_some(n - all.size());
    if (piece.empty()) throw EndOfStream("read 0 bytes, " + std::to_string(n - all.size()) + " wanted");
    all += piece;
  }
  return all;
}

std::string Socket::read_all() {
  std::string all;
  for (std::string piece; !(piece = read_some()).empty();) all += piece;
  return all;
}

void Socket::shutdown_write() {
  if (tls_) tls_->close_notify();
  if (shutdown(wire_->fd, SHUT_WR) != 0) fail("shutdown");
}

void Socket::reset() {
  const linger none{1, 0};
  setsockopt(wire_->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
  cut();
}

std::string Socket::peer() const { return text(address_of(wire_->fd, getpeername)); }
std::string Socket::local() const { return text(address_of(wire_->fd, getsockname)); }

Listener::Listener(const std::string& host, std::uint16_t port) : fd_(tcp_socket()) {
  const auto at = resolve(host, port, AI_PASSIVE);
  const int one = 1;
  setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(fd_, at->ai_addr, at->ai_addrlen) != 0 || listen(fd_, 128) != 0) {
    const int error = errno;
    ::close(fd_);
    throw std::system_error(error, std::generic_category(), "listen " + host + ":" + std::to_string(port));
  }
}

Listener::~Listener() { ::close(fd_); }
std::uint16_t Listener::port() const { return ntohs(address_of(fd_, getsockname).sin_port); }
std::string Listener::local() const { return text(address_of(fd_, getsockname)); }
bool Listener::pending() const { return readable(fd_, 0); }

Socket Listener::accept(std::chrono::milliseconds limit, std::chrono::seconds timeout_of_socket) {
  if (!readable(fd_, static_cast<int>(limit.count()))) throw TimedOut("accept on " + local() + ": nobody came");
  const int fd = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
  if (fd < 0) fail("accept");
  return Socket(fd, timeout_of_socket);
}

std::uint16_t free_port(const std::string& host) {
  for (;;)
    if (const std::uint16_t port = Listener(host).port(); !is_listening(port)) return port;
}

bool is_listening(std::uint16_t port) {
  constexpr std::string_view kListen = "0A";
  for (const char* name : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream table(name);
    std::string line;
    std::getline(table, line);
    while (std::getline(table, line)) {
      std::istringstream words(line);
      std::string slot, local, remote, state;
      words >> slot >> local >> remote >> state;
      const auto colon = local.find(':');
      if (state == kListen && colon != std::string::npos && std::stoul(local.substr(colon + 1), nullptr, 16) == port)
        return true;
    }
  }
  return false;
}

}  // namespace kerbgate::e2e
