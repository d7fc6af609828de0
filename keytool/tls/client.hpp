#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "network/channel.hpp"

/// A TLS client that looks at certificates instead of trusting them. OpenSSL here only.
namespace kerbgate::tls {

struct Options {
  std::string server_name;              ///< sent as SNI
  std::string ca_file;                  ///< PEM; empty: the system's
  std::vector<std::string> must_cover;  ///< names that the certificate should carry
  std::string crt_file{};  ///< PEM with certificate and key (or FILE.key), for a server that asks; empty: none
};

/// What the server showed.
struct Certificate {
  std::vector<std::string> names;      ///< DNS names of subjectAltName
  std::string subject;                 ///< in one line
  std::vector<std::string> uncovered;  ///< of Options::must_cover, by RFC 6125's rules; a common name does not count
  std::int64_t not_before = 0, not_after = 0;  ///< seconds since 1970
  std::string distrust;                        ///< why the chain is not trusted, in OpenSSL's words; empty: it is
};

class Client : public network::Channel {
 public:
  /// The whole handshake, whatever the certificate is worth. Errc::invalid when a file cannot be used; else the
  /// socket's code, or protocol_error with OpenSSL's words.
  static Result<std::unique_ptr<Client>> handshake(Fd socket, const Options& options, network::Deadline deadline);
  ~Client() override;

  [[nodiscard]] const Certificate& certificate() const noexcept;
  Result<std::size_t> read(std::span<std::uint8_t> into, network::Deadline deadline) override;
  Result<void> write(std::span<const std::uint8_t> bytes, network::Deadline deadline) override;

 private:
  struct State;
  explicit Client(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Whether that file holds certificates of CAs, PEM. A pipe is not waited for.
Result<void> check_ca_file(const std::string& file);

/// `octets` as the beginning of what a TLS server sends to a client that does not speak it: an alert.
bool is_alert(std::span<const std::uint8_t> octets);

}  // namespace kerbgate::tls
