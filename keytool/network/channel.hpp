#pragma once

#include <chrono>
#include <cstdint>
#include <span>

#include "kerbgate/fd.hpp"
#include "kerbgate/resolver.hpp"
#include "kerbgate/result.hpp"

/// Connections with a deadline for a command that asks one question and leaves: non-blocking sockets and poll(2).
/// Failures carry the system's errno as their code (ECONNREFUSED, ETIMEDOUT, ECONNRESET, ...).
namespace kerbgate::network {

using Deadline = std::chrono::steady_clock::time_point;
Deadline after(std::chrono::milliseconds limit);

/// Bytes both ways, in the clear or through TLS.
class Channel {
 public:
  Channel() = default;
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  virtual ~Channel() = default;
  /// At least one byte, or 0 at the end of the stream.
  virtual Result<std::size_t> read(std::span<std::uint8_t> into, Deadline deadline) = 0;
  /// All of them.
  virtual Result<void> write(std::span<const std::uint8_t> bytes, Deadline deadline) = 0;
};

/// A connected TCP socket.
class Stream : public Channel {
 public:
  explicit Stream(Fd fd) : fd_(std::move(fd)) {}
  Result<std::size_t> read(std::span<std::uint8_t> into, Deadline deadline) override;
  Result<void> write(std::span<const std::uint8_t> bytes, Deadline deadline) override;
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  Fd release() && noexcept { return std::move(fd_); }

 private:
  Fd fd_;
};

/// What is waited for.
enum class Ready { read, write };
/// Nothing when `fd` is ready (or broken: the next call on it tells), ETIMEDOUT after the deadline.
Result<void> wait(int fd, Ready what, Deadline deadline);

/// A connected, non-blocking socket.
Result<Fd> dial(const IpAddress& address, std::uint16_t port, Deadline deadline);

/// The answer to one datagram.
Result<std::vector<std::uint8_t>> ask_udp(const IpAddress& address, std::uint16_t port,
                                          std::span<const std::uint8_t> message, Deadline deadline);

/// True for the errno of a failure's code.
bool failed_with(const Error& error, std::errc code);

}  // namespace kerbgate::network
