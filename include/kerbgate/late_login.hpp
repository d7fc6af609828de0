#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kerbgate/acceptor.hpp"
#include "kerbgate/gss_login.hpp"
#include "kerbgate/result.hpp"

/// Both ends of one login: towards the client as the service whose key this process has, and towards a coordinator with
/// the same key as the client that made the token (RFC 4752 over RFC 4121). No security layer is offered, chosen or
/// answered; what a token delegates is never looked at.
namespace kerbgate {

/// Why this login has to be left to its coordinator; empty: it can be completed here. RFC 4121's tokens are known for
/// the AES and Camellia enctypes, and only a client that asks for a proof of the service waits for one.
std::string why_not_late(const Login& login);

/// The service's half. Of the acceptor's thread.
class LateAcceptance {
 public:
  using Token = std::vector<std::uint8_t>;
  using Bytes = std::span<const std::uint8_t>;

  explicit LateAcceptance(std::shared_ptr<Login::State> state);
  LateAcceptance(LateAcceptance&&) noexcept;
  LateAcceptance& operator=(LateAcceptance&&) noexcept;
  ~LateAcceptance();

  /// The proof that the service has its key: an AP-REP without a subkey, as JGSS' acceptors make it.
  Result<Token> proof();
  /// "Authentication alone", after proof().
  Result<Token> offer();
  /// The client's choice: its authorization identity, as it came. Anything but "authentication alone", and any token
  /// that is not this client's first, is an Error.
  Result<std::string> choice(Bytes token) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The client's half towards one coordinator, whose first token is the client's own: of SaslLogin, begin() apart.
class LateInitiation final : public Initiation {
 public:
  /// `state` is not consumed: the same token may be said to another coordinator later.
  LateInitiation(std::shared_ptr<Login::State> state, std::string authorization);
  ~LateInitiation() override;

  /// Errc::krb5 unless the coordinator's token is the one that a holder of the key would send next.
  Result<Token> step(sasl::Bytes token) override;
  [[nodiscard]] bool authenticated() const noexcept override;
  [[nodiscard]] bool finished() const noexcept override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kerbgate
