#include "keeper/channel.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace kerbgate::keeper {
namespace {

/// The kernel passes at most 253 descriptors with one sendmsg.
constexpr std::size_t kFdsPerCall = 200;

struct Header {
  std::uint32_t word = 0, bytes = 0, fds = 0;
};

Result<void> send_all(int fd, const void* data, std::size_t size) {
  const auto* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t sent = ::send(fd, at, size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return system_error(errno, "speak to the other process of the proxy");
    at += sent;
    size -= std::size_t(sent);
  }
  return {};
}

Result<void> receive_all(int fd, void* data, std::size_t size) {
  auto* at = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t got = ::recv(fd, at, size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(errno, "hear the other process of the proxy");
    if (got == 0) return Error{Errc::not_found, "the other process of the proxy has gone"};
    at += got;
    size -= std::size_t(got);
  }
  return {};
}

// A byte carries each batch, so that a batch is neither split nor joined with another.
Result<void> send_fds(int socket, std::span<const int> fds) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kFdsPerCall)> control{};
  while (!fds.empty()) {
    const std::size_t count = std::min(fds.size(), kFdsPerCall);
    char mark = 'f';
    iovec io{&mark, 1};
    msghdr message{};
    message.msg_iov = &io;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * count);
    std::memcpy(CMSG_DATA(header), fds.data(), sizeof(int) * count);
    ssize_t sent = 0;
    do sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent != 1) return system_error(errno, "pass descriptors to the other process of the proxy");
    fds = fds.subspan(count);
  }
  return {};
}

Result<void> receive_fds(int socket, std::size_t wanted, std::vector<net::Fd>& out) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kFdsPerCall)> control{};
  while (out.size() < wanted) {
    char mark = 0;
    iovec io{&mark, 1};
    msghdr message{};
    message.msg_iov = &io;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(errno, "take descriptors from the other process of the proxy");
    if (got == 0) return Error{Errc::not_found, "the other process of the proxy has gone"};
    const std::size_t before = out.size();
    for (cmsghdr* h = CMSG_FIRSTHDR(&message); h != nullptr; h = CMSG_NXTHDR(&message, h)) {
      if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS) continue;
      for (std::size_t i = 0; i < (h->cmsg_len - CMSG_LEN(0)) / sizeof(int); ++i) {
        int fd = -1;
        std::memcpy(&fd, CMSG_DATA(h) + i * sizeof(int), sizeof(int));
        out.emplace_back(fd);
      }
    }
    if (out.size() == before || (message.msg_flags & MSG_CTRUNC) != 0)
      return Error{Errc::io, "the kernel did not pass all descriptors: raise the limit of open files (ulimit -n)"};
  }
  return {};
}

}  // namespace

Result<std::pair<Channel, Channel>> Channel::pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return system_error(errno, "open a socket pair");
  return std::pair(Channel(net::Fd(ends[0])), Channel(net::Fd(ends[1])));
}

Result<void> Channel::send(Word word, std::span<const std::uint8_t> bytes, std::span<const int> fds) {
  const Header header{std::uint32_t(word), std::uint32_t(bytes.size()), std::uint32_t(fds.size())};
  if (Result<void> sent = send_all(fd_.get(), &header, sizeof header); !sent) return sent;
  if (Result<void> sent = send_all(fd_.get(), bytes.data(), bytes.size()); !sent) return sent;
  return send_fds(fd_.get(), fds);
}

Result<Message> Channel::receive() {
  Header header;
  if (Result<void> got = receive_all(fd_.get(), &header, sizeof header); !got) return std::move(got).error();
  Message message;
  message.word = Word(header.word);
  message.bytes = Secret(std::size_t{header.bytes});
  if (Result<void> got = receive_all(fd_.get(), message.bytes.writable().data(), message.bytes.size()); !got)
    return std::move(got).error();
  if (Result<void> got = receive_fds(fd_.get(), header.fds, message.fds); !got) return std::move(got).error();
  return message;
}

}  // namespace kerbgate::keeper
