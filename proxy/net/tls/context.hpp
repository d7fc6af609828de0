#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "kerbgate/result.hpp"
#include "kerbgate/secret.hpp"
#include "net/current.hpp"
#include "net/tls/certificate.hpp"
#include "net/tls/session.hpp"

struct ssl_ctx_st;
struct ssl_session_st;

namespace kerbgate::net::tls {

/// File contents by name: what the keeper read for those who cannot. A folder's files are under their own names; the
/// system's CA bundle under "@system-ca". A certificate's key may be in a file of its own, NAME.key.
using Files = std::map<std::string, Secret>;

/// Reads the library's configuration and seeds its random numbers: before a chroot, which has no files.
void initialise();
/// "OpenSSL 3.0.19 27 Jan 2026"
std::string library_version();
/// Where the system's CA certificates are by OpenSSL's rules (SSL_CERT_FILE, SSL_CERT_DIR, else as it was built).
struct SystemCa {
  std::string file, folder;
};
SystemCa system_ca();

/// What the connections of one bind line, or to one server, have in common: certificates, whom to trust, versions. Made
/// once from bytes, never changed; sessions keep theirs. Session tickets and ids of one Context mean nothing to
/// another.
class Context : public std::enable_shared_from_this<Context> {
 public:
  /// Of a bind line. `identity` parts its sessions from those of other lines. Errors name the file and what is wrong
  /// with it or missing.
  static Result<std::shared_ptr<Context>> listening(const config::Tls& conf, const Files& files,
                                                    const std::string& identity);
  /// Towards a server.
  static Result<std::shared_ptr<Context>> dialling(const config::Tls& conf, const Files& files);

  [[nodiscard]] std::unique_ptr<Session> accept() const;
  /// `client_name`: the SNI of the client that it is for; used where the configuration says so.
  [[nodiscard]] std::unique_ptr<Session> connect(const std::string& client_name) const;

  /// This side's own, in the order of the configuration.
  [[nodiscard]] const std::vector<Certificate>& certificates() const noexcept { return certificates_; }

  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context();

 private:
  friend struct Callbacks;  // OpenSSL's calls back
  Context() = default;
  Result<void> begin(const config::Tls& conf, bool listening);
  Result<void> trust(const config::Tls& conf, const Files& files);
  Result<void> add_certificates(const config::Tls& conf, const Files& files);
  Result<void> protect(ssl_ctx_st* context, const config::Tls& conf, bool listening) const;

  std::vector<ssl_ctx_st*> contexts_;  ///< one a certificate; the first is where handshakes begin
  std::vector<Certificate> certificates_;
  bool strict_sni_ = false;
  std::string alpn_, sni_, verifyhost_;
  bool sni_of_client_ = false, resumes_ = true;
  mutable std::mutex mutex_;
  mutable std::map<std::string, ssl_session_st*> remembered_;  ///< of servers, the last session by name asked for
};

using Current = net::Current<Context>;

/// For statistics.
struct Counters {
  std::atomic<std::uint64_t> handshakes{0}, resumed{0}, failures{0};
};

}  // namespace kerbgate::net::tls
