#pragma once

#include <string>
#include <vector>

#include "login/reception.hpp"
#include "net/late/session.hpp"

namespace kerbgate::net::late {

/// A client whose login is completed here: first the login, then its session.
class Guest {
 public:
  enum class State : std::uint8_t {
    going,
    calls,    ///< logged in, and has said whom its first call is for
    refused,  ///< see why()
    left      ///< the client is gone, or broke off
  };

  Guest(Session::Place place, Token token);

  /// What the client sent ahead, behind its first token.
  void hear(std::span<const std::uint8_t> bytes);
  /// Logs in, and listens for the first call.
  State receive(Endpoint& client);
  /// The client has been told that it is logged in: from here on it reads answers to calls, and no login's.
  [[nodiscard]] bool logged_in() const noexcept { return reception_.state() == login::Reception::State::done; }
  [[nodiscard]] const std::string& why() const noexcept { return reception_.why(); }
  Session session;

 private:
  bool send(Endpoint& client);
  State log_in(Endpoint& client);
  State listen(Endpoint& client);

  Loop& loop_;
  login::Reception reception_;
  std::vector<std::uint8_t> out_;  ///< for the client
  std::size_t sent_ = 0;
};

}  // namespace kerbgate::net::late
