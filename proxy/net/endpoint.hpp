#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>

#include "net/readiness.hpp"
#include "net/tls/session.hpp"

namespace kerbgate::net {

class Loop;

/// A connected descriptor, what is known of it, and what it speaks: the bytes as they are, or TLS around them. Its
/// calls are recv() and send() with their conventions for errno, whichever it is, and keep `ready` up to date.
struct Endpoint {
  int fd = -1;
  Readiness ready;
  std::unique_ptr<tls::Session> tls = nullptr;  ///< null: the bytes as they are

  /// Takes in what epoll said.
  void note(std::uint32_t events) noexcept;
  /// receive() may have something to say.
  [[nodiscard]] bool readable() const noexcept { return ready.readable || (tls && tls->pending()); }
  /// Bytes taken by send() that are not in the socket yet.
  [[nodiscard]] bool unsent() const noexcept { return tls && tls->unsent(); }

  /// 0: the peer's clean end. Under TLS a stream that was cut is ECONNRESET.
  ssize_t receive(void* to, std::size_t size, Loop& loop);
  ssize_t peek(Loop& loop);  ///< one byte, which stays
  ssize_t send(const void* from, std::size_t size, Loop& loop);
  int flush(Loop& loop);  ///< 0: nothing is unsent
  int end(Loop& loop);    ///< passes on a clean end, after all that is unsent; 0: done
};

}  // namespace kerbgate::net
