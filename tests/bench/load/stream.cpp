#include "stream.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <vector>

namespace kerbgate::bench {
namespace {

void frugal(SSL_CTX* context) {
  SSL_CTX_set_mode(context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

}  // namespace

TlsContext client_context() {
  TlsContext context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  SSL_CTX_set_ciphersuites(context.get(), "TLS_AES_128_GCM_SHA256");
  frugal(context.get());
  return context;
}

TlsContext server_context(const std::string& certificate) {
  TlsContext context(SSL_CTX_new(TLS_server_method()));
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context.get(), certificate.c_str(), SSL_FILETYPE_PEM) != 1)
    throw std::runtime_error("no certificate with a key in '" + certificate + "'");
  frugal(context.get());
  return context;
}

void Stream::open(int fd, SSL_CTX* context, bool client) {
  fd_ = fd;
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  secured_ = context == nullptr;
  if (!context) return;
  tls_ = SSL_new(context);
  SSL_set_fd(tls_, fd);
  client ? SSL_set_connect_state(tls_) : SSL_set_accept_state(tls_);
}

void Stream::close(bool orderly) {
  if (tls_) {
    ERR_clear_error();
    if (orderly) SSL_shutdown(tls_);
    SSL_free(tls_);
    tls_ = nullptr;
  }
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

ssize_t Stream::result(int returned) {
  if (returned > 0) return returned;
  switch (SSL_get_error(tls_, returned)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      errno = EAGAIN;
      return -1;
    case SSL_ERROR_ZERO_RETURN:
      return 0;
    default:
      errno = ECONNRESET;
      return -1;
  }
}

int Stream::handshake() {
  ERR_clear_error();
  const ssize_t done = result(SSL_do_handshake(tls_));
  if (done > 0) secured_ = true;
  return done > 0 ? 1 : done < 0 && errno == EAGAIN ? 0 : -1;
}

ssize_t Stream::read(std::span<std::uint8_t> into) {
  if (!tls_) return ::recv(fd_, into.data(), into.size(), 0);
  ERR_clear_error();
  return result(SSL_read(tls_, into.data(), int(into.size())));
}

ssize_t Stream::skip(std::size_t at_most) {
  static std::vector<std::uint8_t> ignored(1 << 20);
  at_most = std::min(at_most, ignored.size());
  if (tls_) return read({ignored.data(), at_most});
  return ::recv(fd_, ignored.data(), at_most, MSG_TRUNC);
}

ssize_t Stream::write(std::span<const std::uint8_t> bytes) {
  if (!tls_) return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  ERR_clear_error();
  return result(SSL_write(tls_, bytes.data(), int(std::min<std::size_t>(bytes.size(), 16384))));
}

}  // namespace kerbgate::bench
