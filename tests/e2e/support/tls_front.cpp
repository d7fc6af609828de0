#include "support/tls_front.hpp"

#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <stdexcept>
#include <thread>

namespace kerbgate::e2e {
namespace {

void must(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(std::string("TLS for a test: ") + what + " failed");
}

template <auto free_it>
struct Freed {
  template <class T>
  void operator()(T* owned) const {
    free_it(owned);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Context = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Freed<SSL_free>>;
using File = std::unique_ptr<std::FILE, Freed<std::fclose>>;

void extend(X509* certificate, int kind, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
  must(extension != nullptr, "an extension");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

sockaddr_in at(const std::string& address, std::uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  must(inet_pton(AF_INET, address.c_str(), &out.sin_addr) == 1, "an address");
  return out;
}

int connected(const sockaddr_in& target) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&target), sizeof target) == 0) return fd;
  close(fd);
  return -1;
}

/// Both ways until one side ends.
void shuttle(SSL* session, int client, int server) {
  std::array<char, 16384> piece;
  for (;;) {
    std::array<pollfd, 2> both{{{client, POLLIN, 0}, {server, POLLIN, 0}}};
    if (SSL_pending(session) == 0) poll(both.data(), both.size(), -1);
    if (SSL_pending(session) > 0 || both[0].revents != 0) {
      const int got = SSL_read(session, piece.data(), int(piece.size()));
      if (got <= 0 || send(server, piece.data(), std::size_t(got), MSG_NOSIGNAL) < 0) return;
    }
    if (both[1].revents != 0) {
      const ssize_t got = recv(server, piece.data(), piece.size(), 0);
      if (got <= 0 || SSL_write(session, piece.data(), int(got)) <= 0) return;
    }
  }
}

}  // namespace

TestCertificate make_certificate(const TempDir& dir, const std::string& label, const std::vector<std::string>& names,
                                 int from_days, int to_days) {
  constexpr long kDay = 86400;
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate(X509_new());
  must(key && certificate, "a key");
  X509* x = certificate.get();
  X509_set_version(x, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
  X509_gmtime_adj(X509_getm_notBefore(x), from_days * kDay);
  X509_gmtime_adj(X509_getm_notAfter(x), to_days * kDay);
  X509_set_pubkey(x, key.get());
  X509_NAME* subject = X509_get_subject_name(x);
  const auto* common = reinterpret_cast<const unsigned char*>(label.c_str());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, common, -1, -1, 0);
  X509_set_issuer_name(x, subject);
  extend(x, NID_basic_constraints, "critical,CA:TRUE");
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "DNS:" : ",DNS:") + name;
  if (!list.empty()) extend(x, NID_subject_alt_name, list);
  must(X509_sign(x, key.get(), EVP_sha256()) > 0, "a signature");
  TestCertificate out{dir / (label + ".pem"), dir / (label + ".key")};
  const File certificate_file(std::fopen(out.file.c_str(), "w")), key_file(std::fopen(out.key.c_str(), "w"));
  must(PEM_write_X509(certificate_file.get(), x) == 1, "writing a certificate");
  must(PEM_write_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1, "writing a key");
  return out;
}

struct TlsFront::State {
  void serve(int client) const {
    const Session session(SSL_new(context.get()));
    SSL_set_fd(session.get(), client);
    if (SSL_accept(session.get()) == 1) {
      if (const int server = connected(target); server >= 0) {
        shuttle(session.get(), client, server);
        close(server);
      }
      SSL_shutdown(session.get());
    }
    close(client);
  }

  /// Clients of these tests come one after another and leave.
  void run() const {
    // OpenSSL writes with write(2), to clients that may be gone.
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    for (int client; (client = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) serve(client);
  }

  Context context;
  sockaddr_in target{};
  int listener = -1;
  std::thread thread;
};

TlsFront::TlsFront(const std::string& address, const TestCertificate& certificate, const std::string& target_address,
                   std::uint16_t target_port)
    : state_(std::make_unique<State>()) {
  state_->context.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* context = state_->context.get();
  must(SSL_CTX_use_certificate_file(context, certificate.file.c_str(), SSL_FILETYPE_PEM) == 1, "the certificate");
  must(SSL_CTX_use_PrivateKey_file(context, certificate.key.c_str(), SSL_FILETYPE_PEM) == 1, "the key");
  state_->target = at(target_address, target_port);
  state_->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in here = at(address, 0);
  must(bind(state_->listener, reinterpret_cast<const sockaddr*>(&here), sizeof here) == 0, "bind");
  must(listen(state_->listener, 16) == 0, "listen");
  state_->thread = std::thread([this] { state_->run(); });
}

TlsFront::~TlsFront() {
  shutdown(state_->listener, SHUT_RDWR);
  state_->thread.join();
  close(state_->listener);
}

std::uint16_t TlsFront::port() const {
  sockaddr_in here{};
  socklen_t size = sizeof here;
  getsockname(state_->listener, reinterpret_cast<sockaddr*>(&here), &size);
  return ntohs(here.sin_port);
}

}  // namespace kerbgate::e2e
