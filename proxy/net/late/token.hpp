#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "kerbgate/late_login.hpp"
#include "kerbgate/secret.hpp"
#include "login/opening.hpp"

namespace kerbgate::net::late {

/// A client's login as it may be said to coordinators, each one once.
struct Token {
  Secret bytes;  ///< START and the first token, as they came; empty: forgotten
  login::Opening opening;
  std::shared_ptr<Login::State> state;
  std::chrono::system_clock::time_point made;  ///< the authenticator, by the client's clock
  std::chrono::seconds skew{300};
  std::string authorization;  ///< the identity that the client asked to act as

  /// Coordinators take it no longer than the clock skew that they allow.
  [[nodiscard]] bool fresh(std::chrono::system_clock::time_point now) const {
    return !bytes.empty() && now - made < skew && made - now < skew;
  }
  [[nodiscard]] std::unique_ptr<Initiation> initiate() const {
    return std::make_unique<LateInitiation>(state, authorization);
  }
  void forget() {
    bytes.wipe();
    bytes = Secret();
    state.reset();
  }
};

}  // namespace kerbgate::net::late
