#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "kerbgate/acceptor.hpp"
#include "options.hpp"

namespace kerbgate::bench {

/// All that a client says in one login, in frames.
struct PreparedLogin {
  std::vector<std::uint8_t> opening;               ///< START and the token
  std::vector<std::vector<std::uint8_t>> answers;  ///< to the service's first frame and to its second
};

/// The service whose logins are measured: its keys, and who judges with them. Of one thread.
class Service {
 public:
  explicit Service(const KerberosOptions& options);
  /// The state of a token that is a login; throws with the reason when it is none.
  std::shared_ptr<Login::State> accept(std::span<const std::uint8_t> token);

 private:
  Acceptor acceptor_;
  std::shared_ptr<const AcceptorKeys> keys_;
};

/// Logins made before the clock starts, each with an authenticator of its own, so that no replay cache minds them and
/// making them costs no one. Each has been held once already, between both halves in this process: the client's choice
/// depends on its own subkey and sequence number alone.
class PreparedLogins {
 public:
  PreparedLogins(const KerberosOptions& options, unsigned count);
  [[nodiscard]] bool left() const { return next_ < logins_.size(); }
  /// Only while there are some left.
  PreparedLogin next() { return std::move(logins_[next_++]); }

 private:
  void prepare(Service& service, std::vector<std::uint8_t> token);
  std::vector<PreparedLogin> logins_;
  std::size_t next_ = 0;
};

}  // namespace kerbgate::bench
