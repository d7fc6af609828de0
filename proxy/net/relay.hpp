#pragma once

#include <cstdint>
#include <span>

#include "net/endpoint.hpp"
#include "net/pump.hpp"

namespace kerbgate::net {

enum class Side : std::uint8_t { client, server };

/// The path of the bytes once both ends stand: two pumps, half-close both ways, and the truth about how it ended. This
/// is the interface behind which the data path may change (docs/design.md, The data path): sessions know start, turn,
/// the counters and the verdict, and nothing of blocks, pipes or system calls.
class Relay {
 public:
  enum class State : std::uint8_t {
    waiting,  ///< for events
    more,     ///< work left: a turn is wanted
    closed,   ///< both ends were passed on
    broken    ///< culprit() cut it; what it had sent before is in the other's socket
  };

  /// Bytes read during set-up that go first. Again, when another server takes the place
  /// of one that left an untouched relay: what the client is to hear is then the new one's answer alone.
  void start(std::span<const std::uint8_t> to_server, std::span<const std::uint8_t> to_client, Loop& loop);
  State turn(Endpoint& client, Endpoint& server, Loop& loop);
  void stop(Loop& loop);

  [[nodiscard]] Side culprit() const noexcept { return culprit_; }
  [[nodiscard]] std::uint64_t from_client() const noexcept { return up_.bytes(); }
  [[nodiscard]] std::uint64_t to_client() const noexcept { return down_.bytes(); }
  [[nodiscard]] bool in_flight() const noexcept { return up_.in_flight() || down_.in_flight(); }
  /// One end has been passed on, the other goes on.
  [[nodiscard]] bool half_closed() const noexcept { return up_.finished() != down_.finished(); }
  /// Nothing has reached either end yet, the end of the other included: another server may still take this one's place.
  [[nodiscard]] bool untouched() const noexcept { return up_.idle() && down_.idle(); }

 private:
  Pump up_, down_;
  Side culprit_ = Side::client;
  bool up_dead_ = false;  ///< the server refuses bytes; what it still says is passed on
};

}  // namespace kerbgate::net
