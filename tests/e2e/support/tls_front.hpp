#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "support/temp_dir.hpp"

namespace kerbgate::e2e {

/// A certificate of its own making, and its key, as PEM files: its own CA.
struct TestCertificate {
  std::string file, key;
};
/// `names` become DNS names of subjectAltName; valid from `from_days` to `to_days`, counted from now.
TestCertificate make_certificate(const TempDir& dir, const std::string& label, const std::vector<std::string>& names,
                                 int from_days = -1, int to_days = 365);

/// A port that speaks TLS and passes what it decrypts on to another port: a daemon with a certificate.
class TlsFront {
 public:
  /// Listens on a free port of `address`.
  TlsFront(const std::string& address, const TestCertificate& certificate, const std::string& target_address,
           std::uint16_t target_port);
  ~TlsFront();
  TlsFront(const TlsFront&) = delete;
  TlsFront& operator=(const TlsFront&) = delete;
  [[nodiscard]] std::uint16_t port() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kerbgate::e2e
