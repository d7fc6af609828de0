#include "support/tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <mutex>
#include <stdexcept>

#include "support/socket.hpp"

namespace kerbgate::e2e {
namespace {

std::string last_error() {
  const char* reason = ERR_reason_error_string(ERR_peek_error());
  ERR_clear_error();
  return reason != nullptr ? reason : "protocol error";
}

}  // namespace

struct TlsSide::State {
  SSL_CTX* context = nullptr;
  TlsOptions options;
  bool server = false;
  std::mutex mutex;
  SSL_SESSION* session = nullptr;  ///< of a client: to come back with

  static int remember(SSL* ssl, SSL_SESSION* session) {
    auto& mine = *static_cast<State*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    const std::lock_guard lock(mine.mutex);
    SSL_SESSION_free(mine.session);
    mine.session = session;
    return 1;
  }
};

TlsSide::TlsSide() : state_(std::make_unique<State>()) {}
TlsSide::~TlsSide() {
  SSL_SESSION_free(state_->session);
  SSL_CTX_free(state_->context);
}

namespace {

void set_up(SSL_CTX* context, const TlsOptions& options) {
  const std::string& pem = options.certificate;
  if (!pem.empty() && (SSL_CTX_use_certificate_chain_file(context, pem.c_str()) != 1 ||
                       SSL_CTX_use_PrivateKey_file(context, pem.c_str(), SSL_FILETYPE_PEM) != 1))
    throw std::runtime_error(pem + ": " + last_error());
  if (!options.ca.empty() && SSL_CTX_load_verify_locations(context, options.ca.c_str(), nullptr) != 1)
    throw std::runtime_error(options.ca + ": " + last_error());
}

}  // namespace

std::shared_ptr<TlsSide> TlsSide::server(const TlsOptions& options) {
  std::shared_ptr<TlsSide> side(new TlsSide);
  State& state = *side->state_;
  state.options = options;
  state.server = true;
  state.context = SSL_CTX_new(TLS_server_method());
  set_up(state.context, options);
  constexpr unsigned char kId = 1;
  SSL_CTX_set_session_id_context(state.context, &kId, 1);
  if (!options.ca.empty())
    SSL_CTX_set_verify(state.context, SSL_VERIFY_PEER | (options.require_peer ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                       nullptr);
  return side;
}

std::shared_ptr<TlsSide> TlsSide::client(const TlsOptions& options) {
  std::shared_ptr<TlsSide> side(new TlsSide);
  State& state = *side->state_;
  state.options = options;
  state.context = SSL_CTX_new(TLS_client_method());
  set_up(state.context, options);
  SSL_CTX_set_verify(state.context, options.ca.empty() ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_app_data(state.context, &state);
  SSL_CTX_set_session_cache_mode(state.context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(state.context, State::remember);
  return side;
}

struct TlsStream::State {
  SSL* ssl = nullptr;
  BIO *in = nullptr, *out = nullptr;
  ~State() { SSL_free(ssl); }
};

TlsStream::TlsStream(std::shared_ptr<TlsSide> side, Send send, Receive receive)
    : side_(std::move(side)), state_(std::make_unique<State>()), send_(std::move(send)), receive_(std::move(receive)) {
  TlsSide::State& mine = *side_->state_;
  SSL* ssl = state_->ssl = SSL_new(mine.context);
  state_->in = BIO_new(BIO_s_mem());
  state_->out = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl, state_->in, state_->out);
  const std::string& name = mine.options.name;
  if (mine.server) {
    SSL_set_accept_state(ssl);
  } else {
    SSL_set_connect_state(ssl);
    if (!name.empty()) SSL_set_tlsext_host_name(ssl, name.c_str());
    if (!name.empty() && !mine.options.ca.empty()) SSL_set1_host(ssl, name.c_str());
    const std::lock_guard lock(mine.mutex);
    if (mine.session != nullptr) SSL_set_session(ssl, mine.session);
  }
  for (;;) {
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl);
    const int code = SSL_get_error(ssl, done);
    if (done != 1 && code != SSL_ERROR_WANT_READ) {
      const long verified = SSL_get_verify_result(ssl);
      const std::string why = last_error();
      try {
        push();  // the alert
      } catch (const std::exception&) {
      }
      throw std::runtime_error(
          "TLS handshake: " + why +
          (verified == X509_V_OK ? "" : std::string(": ") + X509_verify_cert_error_string(verified)));
    }
    push();
    if (done == 1) return;
    if (!pull()) throw Cut("TLS handshake: the peer closed the connection");
  }
}

TlsStream::~TlsStream() = default;

void TlsStream::push() {
  char* data = nullptr;
  const long size = BIO_get_mem_data(state_->out, &data);
  if (size > 0) send_({data, static_cast<std::size_t>(size)});
  (void)BIO_reset(state_->out);
}

bool TlsStream::pull() {
  const std::string bytes = receive_();
  BIO_write(state_->in, bytes.data(), static_cast<int>(bytes.size()));
  return !bytes.empty();
}

void TlsStream::fail(const char* doing) const { throw std::runtime_error(doing + last_error()); }

void TlsStream::write(std::string_view bytes) {
  constexpr std::size_t kPiece = 1 << 20;
  while (!bytes.empty()) {
    ERR_clear_error();
    const int sent = SSL_write(state_->ssl, bytes.data(), static_cast<int>(std::min(bytes.size(), kPiece)));
    if (sent <= 0) fail("TLS write: ");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
    push();
  }
}

std::string TlsStream::read(std::size_t max) {
  std::string buffer(max, '\0');
  for (;;) {
    ERR_clear_error();
    const int got = SSL_read(state_->ssl, buffer.data(), static_cast<int>(max));
    if (got > 0) {
      buffer.resize(static_cast<std::size_t>(got));
      return buffer;
    }
    const int code = SSL_get_error(state_->ssl, got);
    if (code == SSL_ERROR_ZERO_RETURN) return "";
    if (code != SSL_ERROR_WANT_READ) fail("TLS read: ");
    push();
    if (!pull()) throw Cut("the stream ended without close_notify");
  }
}

void TlsStream::close_notify() {
  SSL_shutdown(state_->ssl);
  push();
}

bool TlsStream::resumed() const { return SSL_session_reused(state_->ssl) == 1; }
std::string TlsStream::version() const { return SSL_get_version(state_->ssl); }

std::string TlsStream::peer_subject() const {
  const X509* certificate = SSL_get0_peer_certificate(state_->ssl);
  if (certificate == nullptr) return "";
  char text[256] = "";
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, text, sizeof text);
  return std::string("CN=") + text;
}

}  // namespace kerbgate::e2e
