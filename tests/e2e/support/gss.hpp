#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

/// GSSAPI's Kerberos mechanism as values and exceptions: the two ends of a login.
namespace kerbgate::e2e::gss {

/// What libsasl2 would log: "GSSAPI Error: MAJOR (MINOR)".
struct Failure : std::runtime_error {
  using runtime_error::runtime_error;
};

/// One side of a security context. Tokens go in and out of step() until established().
class Context {
 public:
  virtual ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  virtual std::string step(std::string_view token) = 0;
  [[nodiscard]] bool established() const noexcept;
  /// The other side's principal, once established; of an initiator: the acceptor's.
  [[nodiscard]] std::string peer() const;
  /// Integrity only, as SASL's negotiation of the security layer wants it.
  std::string wrap(std::string_view message);
  std::string unwrap(std::string_view message);

 protected:
  Context();
  struct State;
  std::unique_ptr<State> state_;
};

/// A client with the tickets of the environment's cache, asking for `service@host` with mutual authentication.
class Initiator final : public Context {
 public:
  Initiator(const std::string& service, const std::string& host);
  ~Initiator() override;
  std::string step(std::string_view token) override;

 private:
  struct Target;
  std::unique_ptr<Target> target_;
};

/// A server that accepts tickets for `service@host` alone, by the keys that `keytab` has at the first step: like
/// libsasl2's GSSAPI, it looks for them when the client's token is there.
class Acceptor final : public Context {
 public:
  Acceptor(const std::string& service, const std::string& host, const std::string& keytab,
           const std::string& replay_cache);
  ~Acceptor() override;
  std::string step(std::string_view token) override;

 private:
  struct Credential;
  std::unique_ptr<Credential> credential_;
};

/// Gets a ticket-granting ticket for `principal` with its key in `keytab`, as a daemon does at its start.
void login_from_keytab(const std::string& principal, const std::string& keytab);

}  // namespace kerbgate::e2e::gss
