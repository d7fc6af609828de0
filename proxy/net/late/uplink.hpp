#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "hs2/follower.hpp"
#include "net/endpoint.hpp"
#include "net/pools.hpp"

namespace kerbgate::net::late {

/// A client's calls on their way: each is held until it is known whom it is for, and then goes as it came, frames and
/// all. Holds one block while bytes are held or in flight. What is no call any more, as the follower has it, goes as
/// bytes.
class Uplink {
 public:
  enum class Status : std::uint8_t {
    blocked,      ///< wait for an event
    more,         ///< its share of this wake is used up
    decide,       ///< call() waits for go()
    ended,        ///< the client's end has come, and what was before it has gone
    read_failed,  ///< the client is gone
    write_failed  ///< the server refuses bytes
  };

  /// Bytes that the client has sent already: fewer than a block.
  void preload(std::span<const std::uint8_t> bytes, Loop& loop);
  /// `to`: where the call that may go goes; null while there is none.
  Status run(Endpoint& client, Endpoint* to, Loop& loop);
  /// With `decide`: the call may go.
  void go();
  void abandon(Loop& loop);

  [[nodiscard]] const hs2::Message& call() const noexcept { return follower_.message(); }
  /// The call begins with a frame of its own, so that a server which has heard nothing of the stream so far reads it.
  [[nodiscard]] bool aligned() const noexcept { return aligned_; }
  /// The client speaks something else: nothing is known of where a call begins.
  [[nodiscard]] bool lost() const noexcept { return lost_; }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }  ///< handed to servers
  [[nodiscard]] bool in_flight() const noexcept { return begin_ < end_ || ended_; }
  [[nodiscard]] bool idle() const noexcept { return bytes_ == 0 && !ended_; }

 private:
  enum class Step : std::uint8_t { progress, blocked, failed };
  Step flush(Endpoint* to, Loop& loop);
  void follow();
  void wait(bool whole) noexcept;
  Step fill(Endpoint& client, Loop& loop);
  [[nodiscard]] bool full() const noexcept { return block_ && end_ - begin_ == BufferPool::kSize; }

  hs2::Follower follower_{hs2::Follower::Side::calls};
  std::unique_ptr<BufferPool::Block> block_;
  /// In the block: sent up to begin_, to be sent up to allowed_, followed up to followed_, there up to end_.
  std::uint32_t begin_ = 0, allowed_ = 0, followed_ = 0, end_ = 0;
  std::uint64_t bytes_ = 0;
  bool waits_ = false;  ///< for go()
  bool going_ = false;  ///< the rest of the call that was let go follows it
  bool whole_ = false;  ///< with waits_: the call has been followed to its end
  bool aligned_ = true, next_aligned_ = true;
  bool lost_ = false, ended_ = false, failed_ = false;
};

}  // namespace kerbgate::net::late
