#pragma once

#include <openssl/ssl.h>
#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace kerbgate::bench {

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using TlsContext = std::unique_ptr<SSL_CTX, FreeContext>;
/// TLS 1.3 with one cipher and no resumption, so that every run does the same work.
TlsContext client_context();
TlsContext server_context(const std::string& certificate);

/// A nonblocking descriptor, plain or under TLS. Reads and writes are recv and send with their errno.
class Stream {
 public:
  Stream() = default;
  /// Owns `fd`. Without a context plain.
  void open(int fd, SSL_CTX* context, bool client);
  void close(bool orderly);
  ~Stream() { close(false); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] bool secured() const { return secured_; }
  [[nodiscard]] bool tls() const { return tls_ != nullptr; }
  /// 1: done, 0: waits, -1: failed.
  int handshake();
  ssize_t read(std::span<std::uint8_t> into);
  /// Bytes of no interest: plain ones are not even copied by the kernel.
  ssize_t skip(std::size_t at_most);
  ssize_t write(std::span<const std::uint8_t> bytes);

 private:
  ssize_t result(int returned);
  int fd_ = -1;
  SSL* tls_ = nullptr;
  bool secured_ = true;
};

}  // namespace kerbgate::bench
