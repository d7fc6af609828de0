#pragma once

#include <memory>
#include <string>
#include <vector>

/// A certificate authority for tests: real certificates, made where they are needed.
namespace kerbgate::tests {

class Authority {
 public:
  explicit Authority(const std::string& name);
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  struct Request {
    std::string name;                ///< the subject's CN
    std::vector<std::string> names;  ///< subjectAltName; empty: none
    int from_day = -1, to_day = 365;
  };
  /// Certificate and key, PEM. Addresses among the names are addresses in it.
  std::string issue(const Request& request);
  std::string issue(const std::string& name) { return issue({name, {name}}); }
  /// Its own certificate, PEM.
  [[nodiscard]] std::string certificate() const;
  /// A list that revokes these certificates.
  std::string revoke(const std::vector<std::string>& issued);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The part of a PEM text that is a private key, and the part before it.
std::string key_of(const std::string& pem);
std::string certificate_of(const std::string& pem);
/// The same key behind a passphrase.
std::string encrypted(const std::string& pem, const std::string& passphrase);

}  // namespace kerbgate::tests
