#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "login/reception.hpp"
#include "loop.hpp"
#include "prepared_logins.hpp"
#include "stream.hpp"

namespace kerbgate::bench {

/// A coordinator's end of one connection: judges the login with the service's key, then opens a session. Owns itself
/// until it retires.
class LoginServed final : public Watched {
 public:
  LoginServed(Loop& loop, Service& service, int fd);
  void on_event(std::uint32_t events) override;

 private:
  /// What has come, a message at a time; false when no whole one is left, or it has left.
  bool take();
  bool take_opening();
  bool say(const std::vector<std::uint8_t>& bytes);
  void leave();

  Loop& loop_;
  Service& service_;
  Stream stream_;
  std::vector<std::uint8_t> heard_;
  std::optional<login::Reception> login_;  ///< from the client's token on
  bool gone_ = false;
};

}  // namespace kerbgate::bench
