#pragma once

#include <vector>

#include "client.hpp"
#include "prepared_logins.hpp"

namespace kerbgate::bench {

/// Logs in, opens a session, leaves. Says what was prepared, one message for each of the service's.
class Clients::LoggingIn final : public Client {
 public:
  using Client::Client;
  void ask_on_time(std::uint64_t) override {}

 private:
  void begin() override;
  void go_on() override;
  /// Of what has come: one message of the login, or the session's.
  bool take();
  void take_frame(std::uint8_t status, std::span<const std::uint8_t> payload);
  bool say(const std::vector<std::uint8_t>& bytes);

  PreparedLogin login_;
  std::size_t said_ = 0;
  bool logged_in_ = false;
  std::vector<std::uint8_t> heard_;
};

}  // namespace kerbgate::bench
