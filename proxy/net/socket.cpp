#include "net/socket.hpp"

#include <fcntl.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>

namespace kerbgate::net {
namespace {

void set(int fd, int level, int option, int value) { ::setsockopt(fd, level, option, &value, sizeof value); }

int seconds(config::Millis time) { return int(time.count() / 1000); }

std::string remedy(int error, const SocketAddress& address) {
  if (error == EADDRINUSE) return "; another program listens there (ss -ltnp shows which)";
  if (error == EACCES)
    return "; ports below " + std::to_string(1024) + " need root or CAP_NET_BIND_SERVICE (port " +
           std::to_string(address.port()) + ')';
  if (error == EADDRNOTAVAIL)
    return "; no interface of this host has the address (`transparent` binds it all the same)";
  return "";
}

Result<Fd> bound_socket(const SocketAddress& address, const config::Bind& bind, bool reuse_port) {
  Fd fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
  if (!fd) return system_error(errno, "open a socket for " + address.str());
  set(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (reuse_port) set(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  if (address.family() == AF_INET6) set(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, bind.v4v6 ? 0 : 1);
  if (bind.transparent) {
    if (address.family() == AF_INET6) {
      set(fd.get(), IPPROTO_IPV6, IPV6_FREEBIND, 1);
    } else {
      set(fd.get(), IPPROTO_IP, IP_FREEBIND, 1);
    }
  }
  if (!bind.interface.empty() && ::setsockopt(fd.get(), SOL_SOCKET, SO_BINDTODEVICE, bind.interface.c_str(),
                                              socklen_t(bind.interface.size() + 1)) != 0)
    return system_error(errno, "bind " + address.str() + " to interface " + bind.interface);
  if (bind.defer_accept) set(fd.get(), IPPROTO_TCP, TCP_DEFER_ACCEPT, 5);
  if (::bind(fd.get(), address.data(), address.size()) != 0) {
    const int error = errno;
    Error failed = system_error(error, "cannot bind " + address.str());
    failed.what += remedy(error, address);
    return failed;
  }
  return fd;
}

Error numbered(int error, const std::string& doing) {
  Error failed = system_error(error, doing);
  failed.code = std::error_code(error, std::generic_category());
  return failed;
}

Result<Fd> listening(Fd fd, const std::string& where, int backlog) {
  if (::listen(fd.get(), backlog) != 0) return system_error(errno, "cannot listen on " + where);
  return fd;
}

}  // namespace

Result<Fd> listen_on(const SocketAddress& address, const config::Bind& bind, int backlog, bool share) {
  Result<Fd> fd = bound_socket(address, bind, false);
  if (!fd) return fd;
  if (share) set(fd->get(), SOL_SOCKET, SO_REUSEPORT, 1);
  return listening(std::move(*fd), address.str(), backlog);
}

Result<Fd> listen_beside(const SocketAddress& address, const config::Bind& bind, int backlog) {
  Result<Fd> fd = bound_socket(address, bind, true);
  if (!fd) return fd;
  return listening(std::move(*fd), address.str(), backlog);
}

// Bound under another name and renamed: a client never finds the path missing or not yet listening.
Result<Fd> listen_unix(const std::string& path, int backlog, const FileAccess& access) {
  sockaddr_un raw{};
  raw.sun_family = AF_UNIX;
  const std::string temporary = path + ".new";
  if (temporary.size() >= sizeof raw.sun_path)
    return Error{Errc::invalid, "cannot bind " + path + ": the path of a UNIX socket has at most " +
                                    std::to_string(sizeof raw.sun_path - 5) + " characters"};
  struct stat existing {};
  if (::lstat(path.c_str(), &existing) == 0 && !S_ISSOCK(existing.st_mode))
    return Error{Errc::io, "cannot bind " + path + ": it exists and is not a socket"};
  std::memcpy(raw.sun_path, temporary.c_str(), temporary.size() + 1);
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return system_error(errno, "open a socket for " + path);
  ::unlink(temporary.c_str());
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&raw), sizeof raw) != 0)
    return system_error(errno, "cannot bind " + path);
  // Before anybody can connect: what is to be closed was never open.
  if ((access.uid >= 0 || access.gid >= 0) && ::chown(temporary.c_str(), uid_t(access.uid), gid_t(access.gid)) != 0)
    return system_error(errno, "give " + path + " to its user and group");
  if (access.mode >= 0 && ::chmod(temporary.c_str(), mode_t(access.mode)) != 0)
    return system_error(errno, "set the mode of " + path);
  Result<Fd> out = listening(std::move(fd), path, backlog);
  if (!out) return out;
  if (::rename(temporary.c_str(), path.c_str()) != 0) return system_error(errno, "cannot bind " + path);
  return out;
}

Result<Fd> dial(const SocketAddress& address, const config::Keepalive& keepalive, const SocketAddress& source) {
  Fd fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
  if (!fd) return numbered(errno, "open a socket for " + address.str());
  tune_stream(fd.get(), keepalive);
  if (source.family() == address.family()) {
    set(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    // The port is chosen with the other end known: 28,000 ports serve as many connections to each server.
    if (source.port() == 0) set(fd.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    if (::bind(fd.get(), source.data(), source.size()) != 0) return numbered(errno, "leave from " + source.str());
  }
  if (::connect(fd.get(), address.data(), address.size()) != 0 && errno != EINPROGRESS)
    return numbered(errno, "connect to " + address.str());
  return fd;
}

bool is_shortage(const Error& failed) {
  static constexpr int kShortages[] = {EMFILE, ENFILE, ENOMEM, ENOBUFS, EADDRNOTAVAIL, EAGAIN};
  return failed.code.category() == std::generic_category() &&
         std::find(std::begin(kShortages), std::end(kShortages), failed.code.value()) != std::end(kShortages);
}

Fd dial_datagram(const std::string& path) {
  sockaddr_un raw{};
  raw.sun_family = AF_UNIX;
  if (path.size() >= sizeof raw.sun_path) return {};
  std::memcpy(raw.sun_path, path.c_str(), path.size() + 1);
  Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&raw), sizeof raw) != 0) return {};
  return fd;
}

int socket_error(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

void tune_stream(int fd, const config::Keepalive& keepalive) {
  set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  if (!keepalive.on) return;
  set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(fd, IPPROTO_TCP, TCP_KEEPIDLE, seconds(keepalive.idle));
  if (keepalive.interval.count() != 0) set(fd, IPPROTO_TCP, TCP_KEEPINTVL, seconds(keepalive.interval));
  if (keepalive.count != 0) set(fd, IPPROTO_TCP, TCP_KEEPCNT, keepalive.count);
}

// The socket may come from an earlier configuration: what this one leaves to the system is taken from a new socket.
void tune_accepted(int listening, const config::Keepalive& keepalive) {
  set(listening, IPPROTO_TCP, TCP_NODELAY, 1);
  set(listening, SOL_SOCKET, SO_KEEPALIVE, keepalive.on ? 1 : 0);
  if (!keepalive.on) return;
  const Fd fresh(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP));
  const auto set_or_reset = [&](int option, int value) {
    socklen_t size = sizeof value;
    if (value != 0 || ::getsockopt(fresh.get(), IPPROTO_TCP, option, &value, &size) == 0)
      set(listening, IPPROTO_TCP, option, value);
  };
  set_or_reset(TCP_KEEPIDLE, seconds(keepalive.idle));
  set_or_reset(TCP_KEEPINTVL, seconds(keepalive.interval));
  set_or_reset(TCP_KEEPCNT, keepalive.count);
}

void abort_on_close(int fd) {
  const linger now{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

int unacknowledged(int fd) {
  int bytes = 0;
  return ::ioctl(fd, SIOCOUTQ, &bytes) == 0 ? bytes : 0;
}

}  // namespace kerbgate::net
