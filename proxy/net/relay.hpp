#pragma once

#include <cstdint>
#include <span>

#include "net/endpoint.hpp"
#include "net/pump.hpp"

namespace kerbgate::net {

enum class Side : std::uint8_t { client, server };

/// The path of the bytes once a client and a server have found each other. This is the interface behind which the data
/// path may change (docs/design.md, The data path): sessions know start, turn, the counters and the verdict, and
/// nothing of blocks, pipes or system calls.
class DataPath {
 public:
  enum class State : std::uint8_t {
    waiting,  ///< for events
    more,     ///< work left: a turn is wanted
    closed,   ///< both ends were passed on
    broken,   ///< culprit() cut it; what it had sent before is in the other's socket
    told      ///< it failed, and the client has been told so in words of its own protocol
  };
  virtual ~DataPath() = default;

  virtual State turn(Endpoint& client, Endpoint& server, Loop& loop) = 0;
  virtual void stop(Loop& loop) = 0;

  [[nodiscard]] virtual Side culprit() const noexcept = 0;
  [[nodiscard]] virtual std::uint64_t from_client() const noexcept = 0;
  [[nodiscard]] virtual std::uint64_t to_client() const noexcept = 0;
  [[nodiscard]] virtual bool in_flight() const noexcept = 0;
  /// One end has been passed on, the other goes on.
  [[nodiscard]] virtual bool half_closed() const noexcept = 0;
  /// Nothing has reached either end yet, the end of the other included: another server may still take this one's place.
  [[nodiscard]] virtual bool untouched() const noexcept = 0;
};

/// Two pumps, half-close both ways, and the truth about how it ended.
class Relay final : public DataPath {
 public:
  /// Bytes read during set-up that go first. Again, when another server takes the place
  /// of one that left an untouched relay: what the client is to hear is then the new one's answer alone.
  void start(std::span<const std::uint8_t> to_server, std::span<const std::uint8_t> to_client, Loop& loop);
  State turn(Endpoint& client, Endpoint& server, Loop& loop) override;
  void stop(Loop& loop) override;

  [[nodiscard]] Side culprit() const noexcept override { return culprit_; }
  [[nodiscard]] std::uint64_t from_client() const noexcept override { return up_.bytes(); }
  [[nodiscard]] std::uint64_t to_client() const noexcept override { return down_.bytes(); }
  [[nodiscard]] bool in_flight() const noexcept override { return up_.in_flight() || down_.in_flight(); }
  [[nodiscard]] bool half_closed() const noexcept override { return up_.finished() != down_.finished(); }
  [[nodiscard]] bool untouched() const noexcept override { return up_.idle() && down_.idle(); }

 private:
  Pump up_, down_;
  Side culprit_ = Side::client;
  bool up_dead_ = false;  ///< the server refuses bytes; what it still says is passed on
};

}  // namespace kerbgate::net
