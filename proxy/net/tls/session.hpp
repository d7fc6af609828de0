#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>

#include "net/pools.hpp"
#include "net/readiness.hpp"

struct ssl_st;
struct bio_st;

namespace kerbgate::net::tls {

class Context;
struct Certificate;

/// One TLS connection on a non-blocking socket: recv() and send() that speak TLS, with their conventions for errno.
/// Ciphertext passes through pooled blocks that are held only while they hold something; many records leave in one
/// send. Readiness is the socket's: a call clears it when the socket has nothing more or takes nothing more.
class Session {
 public:
  /// The socket of a call.
  struct Wire {
    int fd;
    Readiness& ready;
    BufferPool& pool;
  };
  enum class Handshake : std::uint8_t { waiting, done, failed };

  /// Made by Context; takes `ssl` over.
  Session(std::shared_ptr<const Context> context, ssl_st* ssl);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// `done` once all that it had to say is on the wire. After `failed` the alert, if any, has been sent.
  Handshake handshake(Wire wire);
  /// 0: close_notify, the peer's clean end. -1: EAGAIN, or ECONNRESET when the stream was cut (no close_notify, a RST),
  /// or EPROTO for what is no TLS. Fills what it can: fewer bytes than asked mean that there are no more now.
  ssize_t read(Wire wire, void* to, std::size_t size);
  /// As read() of one byte that stays.
  ssize_t peek(Wire wire);
  /// How many bytes were taken; they may still be unsent(). -1: EAGAIN or the socket's error.
  ssize_t write(Wire wire, const void* from, std::size_t size);
  /// -1: EAGAIN or the socket's error; 0: nothing is unsent.
  int flush(Wire wire);
  /// close_notify, after all that is unsent; as flush().
  int end(Wire wire);

  /// Bytes, or the stream's end, that wait in here and not in the socket.
  [[nodiscard]] bool pending() const noexcept;
  [[nodiscard]] bool unsent() const noexcept { return out_begin_ < out_end_; }
  /// Ciphertext is kept here, on its way in or out.
  [[nodiscard]] bool holds_blocks() const noexcept { return in_ || out_; }
  /// The peer ended the connection (FIN) before it was over; begun(): after it had begun the handshake.
  [[nodiscard]] bool left() const noexcept { return left_; }
  [[nodiscard]] bool begun() const noexcept;
  [[nodiscard]] bool resumed() const noexcept;
  /// What the peer began with; -1: nothing has come.
  [[nodiscard]] int first_octet() const noexcept { return first_octet_; }
  /// What went wrong, for people: OpenSSL's reason, and why a certificate was refused.
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }
  [[nodiscard]] std::string version() const;       ///< "TLSv1.3"
  [[nodiscard]] std::string cipher() const;        ///< "TLS_AES_256_GCM_SHA384"
  [[nodiscard]] std::string server_name() const;   ///< the client's SNI, lower case; empty: none
  [[nodiscard]] std::string peer_subject() const;  ///< of the peer's certificate; empty: none came
  /// The peer's certificate as it came; null: none.
  [[nodiscard]] std::unique_ptr<Certificate> peer() const;

 private:
  friend struct Records;  // the BIO between OpenSSL and the wire
  enum class End : std::uint8_t { none, clean, cut };
  bool push();
  void settle();
  void note_failure(int code);

  std::shared_ptr<const Context> context_;
  ssl_st* ssl_;
  const Wire* wire_ = nullptr;  ///< during a call
  std::unique_ptr<BufferPool::Block> in_, out_;
  std::uint32_t in_begin_ = 0, in_end_ = 0, out_begin_ = 0, out_end_ = 0;
  int error_ = 0, out_error_ = 0;  ///< errno of what ended reading, and writing
  End end_ = End::none;
  bool left_ = false;
  std::int16_t first_octet_ = -1;
  std::string failure_;
};

}  // namespace kerbgate::net::tls
