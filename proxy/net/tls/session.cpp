#include "net/tls/session.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "net/tls/certificate.hpp"
#include "net/tls/context.hpp"
#include "net/tls/handle.hpp"

namespace kerbgate::net::tls {

/// OpenSSL's view of the wire: it reads from a block that one recv fills with many records, and writes into a block
/// that one send empties.
struct Records {
  static Session& of(BIO* bio) { return *static_cast<Session*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* to, int size) {
    BIO_clear_retry_flags(bio);
    Session& s = of(bio);
    if (s.in_begin_ == s.in_end_) {
      const int got = fetch(s);
      if (got < 0 && s.error_ == 0) BIO_set_retry_read(bio);
      if (got <= 0) return got;
    }
    const auto count = std::min(std::uint32_t(size), s.in_end_ - s.in_begin_);
    std::memcpy(to, s.in_->data() + s.in_begin_, count);
    s.in_begin_ += count;
    return int(count);
  }

  static int write(BIO* bio, const char* from, int size) {
    BIO_clear_retry_flags(bio);
    Session& s = of(bio);
    if (!s.out_) s.out_ = s.wire_->pool.take();
    if (s.out_->size() - s.out_end_ < std::size_t(size)) s.push();
    const auto count = std::min(std::size_t(size), s.out_->size() - s.out_end_);
    if (count == 0) {
      if (s.out_error_ == 0) BIO_set_retry_write(bio);
      return -1;
    }
    std::memcpy(s.out_->data() + s.out_end_, from, count);
    s.out_end_ += std::uint32_t(count);
    return int(count);
  }

  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }
  static int create(BIO* bio) {
    BIO_set_init(bio, 1);
    return 1;
  }

  static const BIO_METHOD* method() {
    static const BIO_METHOD* const kMethod = [] {
      BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "records");
      BIO_meth_set_read(method, read);
      BIO_meth_set_write(method, write);
      BIO_meth_set_ctrl(method, control);
      BIO_meth_set_create(method, create);
      return method;
    }();
    return kMethod;
  }

 private:
  static int fetch(Session& s) {
    Readiness& ready = s.wire_->ready;
    if (!ready.readable) return -1;
    if (!s.in_) s.in_ = s.wire_->pool.take();
    ssize_t got = 0;
    do got = ::recv(s.wire_->fd, s.in_->data(), BufferPool::kSize, MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    s.in_begin_ = 0;
    s.in_end_ = std::uint32_t(std::max<ssize_t>(got, 0));
    if (got > 0) {
      if (s.first_octet_ < 0) s.first_octet_ = s.in_->data()[0];
      if (std::size_t(got) < BufferPool::kSize && !ready.hung_up) ready.readable = false;
      return int(got);
    }
    ready.readable = false;
    if (got < 0 && errno != EAGAIN) s.error_ = errno;
    return int(got);
  }
};

Session::Session(std::shared_ptr<const Context> context, ssl_st* ssl) : context_(std::move(context)), ssl_(ssl) {
  BIO* bio = BIO_new(Records::method());
  if (bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio, this);
  SSL_set_bio(ssl_, bio, bio);
}

// A session that did not end by close_notify on both sides would be forgotten, and most do not. One that broke the
// protocol has been forgotten already.
Session::~Session() {
  SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_free(ssl_);
}

/// True when nothing is left. Otherwise the socket is full, or out_error_ says what is wrong with it.
bool Session::push() {
  while (out_begin_ < out_end_ && wire_->ready.writable && out_error_ == 0) {
    const ssize_t sent =
        ::send(wire_->fd, out_->data() + out_begin_, out_end_ - out_begin_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      out_begin_ += std::uint32_t(sent);
    } else if (errno == EAGAIN) {
      wire_->ready.writable = false;
    } else if (errno != EINTR) {
      out_error_ = errno;
    }
  }
  if (out_begin_ != 0 && out_begin_ < out_end_) {
    std::memmove(out_->data(), out_->data() + out_begin_, out_end_ - out_begin_);
    out_end_ -= out_begin_;
    out_begin_ = 0;
  }
  if (out_begin_ == out_end_) out_begin_ = out_end_ = 0;
  return out_end_ == 0;
}

/// Ends a call: what is empty goes back to the pool.
void Session::settle() {
  if (in_ && in_begin_ == in_end_) wire_->pool.give(std::move(in_));
  if (out_ && !unsent()) wire_->pool.give(std::move(out_));
  wire_ = nullptr;
}

void Session::note_failure(int code) {
  end_ = End::cut;
  const long verified = SSL_get_verify_result(ssl_);
  const unsigned long first = ERR_peek_error();
  const bool eof = code == SSL_ERROR_SYSCALL || ERR_GET_REASON(first) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
  if (error_ != 0) {
    failure_ = std::strerror(error_);
    ERR_clear_error();
  } else if (eof) {
    failure_ = "the peer closed the connection";
    error_ = ECONNRESET;
    left_ = true;
    ERR_clear_error();
  } else {
    failure_ = take_error("protocol error");
    if (verified != X509_V_OK && failure_ == "certificate verify failed")
      failure_ += std::string(": ") + X509_verify_cert_error_string(verified);
    error_ = EPROTO;
  }
}

Session::Handshake Session::handshake(Wire wire) {
  wire_ = &wire;
  ERR_clear_error();
  const int done = SSL_do_handshake(ssl_);
  const int code = done == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl_, done);
  Handshake state = Handshake::waiting;
  if (done != 1 && code != SSL_ERROR_WANT_READ && code != SSL_ERROR_WANT_WRITE) {
    note_failure(code);
    state = Handshake::failed;
  }
  const bool said = push();  // after a failure: the alert
  if (state == Handshake::waiting && out_error_ != 0) {
    failure_ = std::strerror(out_error_);
    state = Handshake::failed;
  } else if (done == 1 && said) {
    state = Handshake::done;
  }
  settle();
  return state;
}

ssize_t Session::read(Wire wire, void* to, std::size_t size) {
  if (end_ == End::none) {
    wire_ = &wire;
    std::size_t have = 0;
    while (have < size) {
      std::size_t got = 0;
      ERR_clear_error();
      if (SSL_read_ex(ssl_, static_cast<char*>(to) + have, size - have, &got) == 1) {
        have += got;
        if (in_begin_ == in_end_ && !wire.ready.readable && SSL_pending(ssl_) == 0) break;
        continue;
      }
      const int code = SSL_get_error(ssl_, 0);
      if (code == SSL_ERROR_WANT_READ || code == SSL_ERROR_WANT_WRITE) break;
      if (code == SSL_ERROR_ZERO_RETURN) {
        end_ = End::clean;
      } else {
        note_failure(code);
      }
      break;
    }
    const bool ended = end_ != End::none;
    settle();
    if (have != 0) return ssize_t(have);
    if (!ended) {
      errno = EAGAIN;
      return -1;
    }
  }
  wire.ready.readable = false;
  if (end_ == End::clean) return 0;
  errno = error_;
  return -1;
}

ssize_t Session::peek(Wire wire) {
  if (end_ == End::clean) return 0;
  if (end_ == End::none) {
    wire_ = &wire;
    char byte;
    std::size_t got = 0;
    ERR_clear_error();
    const int done = SSL_peek_ex(ssl_, &byte, 1, &got);
    const int code = done == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl_, done);
    if (code == SSL_ERROR_ZERO_RETURN) {
      end_ = End::clean;
    } else if (done != 1 && code != SSL_ERROR_WANT_READ && code != SSL_ERROR_WANT_WRITE) {
      note_failure(code);
    }
    settle();
    if (done == 1) return 1;
    if (end_ == End::clean) return 0;
  }
  errno = end_ == End::none ? EAGAIN : error_;
  return -1;
}

ssize_t Session::write(Wire wire, const void* from, std::size_t size) {
  wire_ = &wire;
  std::size_t have = 0;
  while (have < size) {
    std::size_t sent = 0;
    ERR_clear_error();
    const int done = SSL_write_ex(ssl_, static_cast<const char*>(from) + have, size - have, &sent);
    have += sent;
    if (done == 1) continue;
    const int code = SSL_get_error(ssl_, done);
    if (code != SSL_ERROR_WANT_WRITE && code != SSL_ERROR_WANT_READ && out_error_ == 0) out_error_ = EPROTO;
    break;
  }
  ERR_clear_error();
  push();
  settle();
  if (have != 0) return ssize_t(have);
  errno = out_error_ != 0 ? out_error_ : EAGAIN;
  return -1;
}

int Session::flush(Wire wire) {
  wire_ = &wire;
  const bool said = push();
  settle();
  if (said) return 0;
  errno = out_error_ != 0 ? out_error_ : EAGAIN;
  return -1;
}

int Session::end(Wire wire) {
  if (flush(wire) != 0) return -1;
  if ((SSL_get_shutdown(ssl_) & SSL_SENT_SHUTDOWN) == 0) {
    wire_ = &wire;
    ERR_clear_error();
    SSL_shutdown(ssl_);  // the block is empty: there is room for an alert
    ERR_clear_error();
    wire_ = nullptr;
  }
  return flush(wire);
}

bool Session::pending() const noexcept { return in_begin_ < in_end_ || end_ != End::none || SSL_pending(ssl_) > 0; }

bool Session::begun() const noexcept { return SSL_get_state(ssl_) != TLS_ST_BEFORE; }
bool Session::resumed() const noexcept { return SSL_session_reused(ssl_) == 1; }
std::string Session::version() const { return SSL_get_version(ssl_); }

std::string Session::cipher() const { return SSL_get_cipher_name(ssl_); }

std::string Session::server_name() const {
  const char* name = SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name);
  return name != nullptr ? lower_case(name) : "";
}

std::string Session::peer_subject() const {
  const std::unique_ptr<Certificate> certificate = peer();
  return certificate ? certificate->subject : "";
}

std::unique_ptr<Certificate> Session::peer() const {
  X509* certificate = SSL_get0_peer_certificate(ssl_);
  if (certificate == nullptr) return nullptr;
  return std::make_unique<Certificate>(describe(certificate, ""));
}

}  // namespace kerbgate::net::tls
