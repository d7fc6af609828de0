#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kerbgate/late_login.hpp"
#include "login/frame.hpp"

namespace kerbgate::login {

/// The service's half of a SASL login from its second frame on, as a coordinator would hold it: bytes in, bytes out.
/// Keeps some hundred octets.
class Reception {
 public:
  enum class State : std::uint8_t {
    going,
    done,     ///< COMPLETE is the last of what has been given out
    refused,  ///< see why(); the client is told in a frame ERROR
    left      ///< the client broke off its own login
  };
  explicit Reception(LateAcceptance login) : login_(std::move(login)) {}

  /// The service's first frame; the client's START and token have been judged already.
  std::vector<std::uint8_t> begin();
  struct Step {
    std::size_t used = 0;  ///< what is behind the login's last frame stays with the caller
    std::vector<std::uint8_t> out;
  };
  Step feed(Bytes received);

  [[nodiscard]] State state() const noexcept { return state_; }
  [[nodiscard]] const std::string& why() const noexcept { return why_; }
  /// With `done`: as the client sent it; mostly empty.
  [[nodiscard]] const std::string& authorization() const noexcept { return authorization_; }

 private:
  std::vector<std::uint8_t> take(Status status, Bytes payload);
  std::vector<std::uint8_t> refuse(std::string why);

  std::optional<LateAcceptance> login_;  ///< while it goes on: its keys are of no use behind it
  State state_ = State::going;
  bool offered_ = false;
  std::vector<std::uint8_t> frame_;  ///< as much of it as has come
  std::string why_, authorization_;
};

}  // namespace kerbgate::login
