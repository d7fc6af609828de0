#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "kerbgate/principal.hpp"
#include "kerbgate/result.hpp"
#include "kerbgate/sasl_frame.hpp"

namespace kerbgate {

/// A client's half of SASL's GSSAPI mechanism (RFC 4752): tokens in, tokens out, no sockets.
class Initiation {
 public:
  using Token = std::vector<std::uint8_t>;
  Initiation() = default;
  Initiation(const Initiation&) = delete;
  Initiation& operator=(const Initiation&) = delete;
  virtual ~Initiation() = default;

  /// The answer to the server's token. Errc::krb5 when the server cannot be who it should be, or offers no login
  /// without a security layer.
  virtual Result<Token> step(sasl::Bytes token) = 0;
  /// The server has proved that it has the key.
  [[nodiscard]] virtual bool authenticated() const noexcept = 0;
  /// The last token has been made: nothing but the server's success is left.
  [[nodiscard]] virtual bool finished() const noexcept = 0;

 protected:
  Initiation(Initiation&&) noexcept = default;
  Initiation& operator=(Initiation&&) noexcept = default;
};

/// The one with Kerberos tickets of a cache. Mutual
/// authentication is asked for and checked, no security layer is taken, no authorization identity is sent. Of one
/// thread; no replay cache is involved on this side. Blocks only when the cache lacks the service ticket, and then as
/// long as libkrb5 likes: get it first (kdc::Session::ticket).
class GssLogin final : public Initiation {
 public:
  /// For exactly `server`, with the tickets of `cache` ("MEMORY:..."; empty: the default one).
  static Result<GssLogin> make(const Principal& server, const std::string& cache);
  GssLogin(GssLogin&&) noexcept;
  GssLogin& operator=(GssLogin&&) noexcept;
  ~GssLogin() override;

  /// The first call takes an empty token.
  Result<Token> step(sasl::Bytes token) override;
  [[nodiscard]] bool authenticated() const noexcept override;
  [[nodiscard]] bool finished() const noexcept override;

 private:
  struct State;
  explicit GssLogin(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// The same in Thrift's frames: bytes in, bytes out.
class SaslLogin {
 public:
  enum class State {
    going,
    done,      ///< COMPLETE has come after the last token
    rejected,  ///< the server answered BAD or ERROR; see reply()
    foreign,   ///< the server does not speak SASL frames, or breaks off its own rules
    broken,    ///< this side cannot go on; see why()
  };
  explicit SaslLogin(GssLogin login) : login_(std::make_unique<GssLogin>(std::move(login))) {}
  /// Of one whose START and first token are said by its owner.
  explicit SaslLogin(std::unique_ptr<Initiation> login) : login_(std::move(login)) {}

  using Bytes = std::vector<std::uint8_t>;
  /// START and the first token, to be sent as they are.
  Result<Bytes> begin();
  /// Takes what the server sent, in any segmentation; what is to be sent now.
  Bytes feed(sasl::Bytes received);

  [[nodiscard]] State state() const noexcept { return state_; }
  [[nodiscard]] const sasl::Reply& reply() const noexcept { return reply_; }
  /// With `foreign` and `broken`: what happened, in a line.
  [[nodiscard]] const std::string& why() const noexcept { return why_; }
  /// Not taken yet: the first bytes of a server that is `foreign`, for telling TLS and HTTP; what came behind COMPLETE.
  [[nodiscard]] const Bytes& received() const noexcept { return buffer_; }
  [[nodiscard]] bool server_authenticated() const noexcept { return login_->authenticated(); }

 private:
  void take_frame(sasl::Status status, sasl::Bytes payload, Bytes& out);
  void stop(State state, std::string why);

  std::unique_ptr<Initiation> login_;
  State state_ = State::going;
  Bytes buffer_;
  sasl::Reply reply_;
  std::string why_;
};

}  // namespace kerbgate
