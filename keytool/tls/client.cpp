#include "tls/client.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <array>
#include <csignal>
#include <ctime>

namespace kerbgate::tls {
namespace {

using network::Deadline;

template <auto free_it>
struct Freed {
  template <class T>
  void operator()(T* owned) const {
    free_it(owned);
  }
};
using Context = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Freed<SSL_free>>;
using X509Owner = std::unique_ptr<X509, Freed<X509_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Freed<GENERAL_NAMES_free>>;

/// The first error of this thread's queue, which is emptied.
std::string openssl_words() {
  std::array<char, 256> text{};
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "the connection was closed";
  const char* reason = ERR_reason_error_string(code);
  if (reason != nullptr) return reason;
  ERR_error_string_n(code, text.data(), text.size());
  return text.data();
}

Error protocol_error(const std::string& doing) {
  return {std::make_error_code(std::errc::protocol_error), doing + ": " + openssl_words()};
}

Result<void> take_ca_file(SSL_CTX* context, const std::string& file) {
  if (SSL_CTX_load_verify_locations(context, file.c_str(), nullptr) == 1) return {};
  return Error(Errc::invalid, file + " holds no certificate of a CA (" + openssl_words() + "); PEM is wanted");
}

Result<void> take_certificate(SSL_CTX* context, const std::string& file) {
  if (file.empty()) return {};
  const auto takes_key = [context](const std::string& from) {
    return SSL_CTX_use_PrivateKey_file(context, from.c_str(), SSL_FILETYPE_PEM) == 1;
  };
  if (SSL_CTX_use_certificate_chain_file(context, file.c_str()) == 1 && (takes_key(file) || takes_key(file + ".key")))
    return {};
  return Error(Errc::invalid, file + " holds no certificate with its key (" + openssl_words() + "); PEM is wanted");
}

Result<Context> make_context(const Options& options) {
  ERR_clear_error();
  Context context(SSL_CTX_new(TLS_client_method()));
  if (!context) return protocol_error("OpenSSL");
  // What is wrong with the certificate is the answer, not a reason to leave.
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (options.ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context.get());
  } else if (auto taken = take_ca_file(context.get(), options.ca_file); !taken) {
    return std::move(taken).error();
  }
  if (auto taken = take_certificate(context.get(), options.crt_file); !taken) return std::move(taken).error();
  ERR_clear_error();
  return context;
}

/// OpenSSL writes with write(2): a peer that is gone would end the program. SIGPIPE is held back from this thread, and
/// one that came meanwhile is thrown away.
class WithoutSigpipe {
 public:
  WithoutSigpipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~WithoutSigpipe() {
    const timespec at_once{};
    if (sigismember(&before_, SIGPIPE) == 0) sigtimedwait(&pipe_, nullptr, &at_once);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  WithoutSigpipe(const WithoutSigpipe&) = delete;
  WithoutSigpipe& operator=(const WithoutSigpipe&) = delete;

 private:
  sigset_t pipe_, before_;
};

std::int64_t seconds(const ASN1_TIME* time) {
  std::tm parts{};
  return time != nullptr && ASN1_TIME_to_tm(time, &parts) == 1 ? timegm(&parts) : 0;
}

std::vector<std::string> dns_names(X509* certificate) {
  std::vector<std::string> found;
  const Names names(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS) continue;
    const auto* text = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
    found.emplace_back(text, static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
  }
  return found;
}

Certificate look_at(SSL* session, const std::vector<std::string>& must_cover) {
  Certificate out;
  const X509Owner certificate(SSL_get1_peer_certificate(session));
  if (!certificate) {
    out.distrust = "the server showed no certificate";
    out.uncovered = must_cover;
    return out;
  }
  out.names = dns_names(certificate.get());
  std::array<char, 512> line{};
  X509_NAME_oneline(X509_get_subject_name(certificate.get()), line.data(), int(line.size()));
  out.subject = line.data();
  out.not_before = seconds(X509_get0_notBefore(certificate.get()));
  out.not_after = seconds(X509_get0_notAfter(certificate.get()));
  for (const std::string& name : must_cover) {
    if (X509_check_host(certificate.get(), name.data(), name.size(), X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, nullptr) != 1)
      out.uncovered.push_back(name);
  }
  const long verdict = SSL_get_verify_result(session);
  // The dates are told apart from the chain.
  const bool dates = verdict == X509_V_ERR_CERT_HAS_EXPIRED || verdict == X509_V_ERR_CERT_NOT_YET_VALID;
  if (verdict != X509_V_OK && !dates) out.distrust = X509_verify_cert_error_string(verdict);
  return out;
}

}  // namespace

struct Client::State {
  explicit State(Fd socket) : stream(std::move(socket)) {}

  /// Waits for what a call that did not go through needs; an Error when it never will.
  Result<void> again(int returned, Deadline deadline, const char* doing) {
    switch (SSL_get_error(session.get(), returned)) {
      case SSL_ERROR_WANT_READ:
        return network::wait(stream.fd(), network::Ready::read, deadline);
      case SSL_ERROR_WANT_WRITE:
        return network::wait(stream.fd(), network::Ready::write, deadline);
      case SSL_ERROR_SYSCALL:
        if (errno != 0) {
          const std::error_code code(errno, std::generic_category());
          return Error(code, std::string(doing) + ": " + code.message());
        }
        [[fallthrough]];
      default:
        return protocol_error(doing);
    }
  }

  network::Stream stream;
  Context context;
  Session session;
  Certificate certificate;
};

Client::Client(std::unique_ptr<State> state) : state_(std::move(state)) {}

/// Says goodbye (close_notify) as far as that goes without waiting.
Client::~Client() {
  const WithoutSigpipe guard;
  SSL_shutdown(state_->session.get());
  ERR_clear_error();
}

const Certificate& Client::certificate() const noexcept { return state_->certificate; }

Result<std::unique_ptr<Client>> Client::handshake(Fd socket, const Options& options, Deadline deadline) {
  const WithoutSigpipe guard;
  auto state = std::make_unique<State>(std::move(socket));
  auto context = make_context(options);
  if (!context) return std::move(context).error();
  state->context = std::move(*context);
  state->session.reset(SSL_new(state->context.get()));
  SSL* session = state->session.get();
  if (session == nullptr || SSL_set_fd(session, state->stream.fd()) != 1) return protocol_error("OpenSSL");
  SSL_set_tlsext_host_name(session, options.server_name.c_str());
  for (;;) {
    errno = 0;
    const int done = SSL_connect(session);
    if (done == 1) break;
    if (auto ready = state->again(done, deadline, "TLS handshake"); !ready) return std::move(ready).error();
  }
  state->certificate = look_at(session, options.must_cover);
  return std::unique_ptr<Client>(new Client(std::move(state)));
}

Result<std::size_t> Client::read(std::span<std::uint8_t> into, Deadline deadline) {
  const WithoutSigpipe guard;
  for (;;) {
    errno = 0;
    std::size_t got = 0;
    const int done = SSL_read_ex(state_->session.get(), into.data(), into.size(), &got);
    if (done == 1) return got;
    if (SSL_get_error(state_->session.get(), done) == SSL_ERROR_ZERO_RETURN) return std::size_t{0};
    if (auto ready = state_->again(done, deadline, "read"); !ready) return std::move(ready).error();
  }
}

Result<void> Client::write(std::span<const std::uint8_t> bytes, Deadline deadline) {
  const WithoutSigpipe guard;
  while (!bytes.empty()) {
    errno = 0;
    std::size_t sent = 0;
    const int done = SSL_write_ex(state_->session.get(), bytes.data(), bytes.size(), &sent);
    if (done == 1) {
      bytes = bytes.subspan(sent);
    } else if (auto ready = state_->again(done, deadline, "write"); !ready) {
      return ready;
    }
  }
  return {};
}

Result<void> check_ca_file(const std::string& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return system_error(errno, "read the CA's certificates in " + file);
  if (!S_ISREG(status.st_mode)) return Error(Errc::io, "read the CA's certificates in " + file + ": no regular file");
  ERR_clear_error();
  const Context context(SSL_CTX_new(TLS_client_method()));
  if (!context) return protocol_error("OpenSSL");
  return take_ca_file(context.get(), file);
}

bool is_alert(std::span<const std::uint8_t> octets) {
  constexpr std::uint8_t kAlert = 21, kMajor = 3;
  return octets.size() >= 2 && octets[0] == kAlert && octets[1] == kMajor;
}

}  // namespace kerbgate::tls
