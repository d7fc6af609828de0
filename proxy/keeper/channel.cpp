#include "keeper/channel.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <fcntl.h>
#include <poll.h>

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

/// Whether it has gone; false: not now. A byte carries each batch, so that a batch is neither split nor joined with
/// another.
Result<bool> send_batch(int socket, std::span<const net::Fd> fds) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kFdsPerCall)> control{};
  char mark = 'f';
  iovec io{&mark, 1};
  msghdr message{};
  message.msg_iov = &io;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = CMSG_SPACE(sizeof(int) * fds.size());
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int) * fds.size());
  for (std::size_t i = 0; i < fds.size(); ++i) {
    const int fd = fds[i].get();
    std::memcpy(CMSG_DATA(header) + i * sizeof(int), &fd, sizeof(int));
  }
  ssize_t sent = 0;
  do sent = ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (sent < 0 && errno == EINTR);
  if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return false;
  if (sent != 1) return system_error(errno, "pass descriptors to the other process of the proxy");
  return true;
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

Result<void> Channel::post(Word word, std::span<const std::uint8_t> bytes, std::span<const int> fds) {
  const Header header{std::uint32_t(word), std::uint32_t(bytes.size()), std::uint32_t(fds.size())};
  Piece first{Secret(sizeof header + bytes.size()), 0, {}};
  std::memcpy(first.bytes.writable().data(), &header, sizeof header);
  if (!bytes.empty()) std::memcpy(first.bytes.writable().data() + sizeof header, bytes.data(), bytes.size());
  std::vector<Piece> batches;
  while (!fds.empty()) {
    Piece& batch = batches.emplace_back();
    for (const int fd : fds.first(std::min(fds.size(), kFdsPerCall))) {
      batch.fds.emplace_back(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
      if (!batch.fds.back()) return system_error(errno, "pass descriptors to the other process of the proxy");
    }
    fds = fds.subspan(batch.fds.size());
  }
  if (outbox_.empty()) moved_ = std::chrono::steady_clock::now();
  outbox_.push_back(std::move(first));
  for (Piece& batch : batches) outbox_.push_back(std::move(batch));
  return flush();
}

/// Whether something of the piece has gone.
Result<bool> Channel::push(Piece& piece) const {
  if (!piece.fds.empty()) {
    const Result<bool> gone = send_batch(fd_.get(), piece.fds);
    if (gone && *gone) piece.fds.clear();
    return gone;
  }
  const auto rest = piece.bytes.bytes().subspan(piece.sent);
  const ssize_t sent = ::send(fd_.get(), rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0 && errno == EINTR) return true;
  if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return false;
  if (sent < 0) return system_error(errno, "speak to the other process of the proxy");
  piece.sent += std::size_t(sent);
  return true;
}

Result<void> Channel::flush() {
  while (!outbox_.empty()) {
    Piece& piece = outbox_.front();
    Result<bool> gone = push(piece);
    if (!gone) return std::move(gone).error();
    if (!*gone) return {};
    moved_ = std::chrono::steady_clock::now();
    if (piece.fds.empty() && piece.sent == piece.bytes.size()) outbox_.pop_front();
  }
  return {};
}

std::chrono::steady_clock::duration Channel::stuck_for() const {
  return pending() ? std::chrono::steady_clock::now() - moved_ : std::chrono::steady_clock::duration(0);
}

Result<void> Channel::send(Word word, std::span<const std::uint8_t> bytes, std::span<const int> fds) {
  Result<void> sent = post(word, bytes, fds);
  while (sent && pending()) {
    pollfd ready{fd_.get(), POLLOUT, 0};
    if (::poll(&ready, 1, -1) < 0 && errno != EINTR)
      return system_error(errno, "speak to the other process of the proxy");
    sent = flush();
  }
  return sent;
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
