#pragma once

#include <memory>
#include <string>

#include "hs2/follower.hpp"
#include "net/pump.hpp"

namespace kerbgate::net::late {

/// Answers on their way to the client. They go in bulk, by a Pump; only the first bytes behind a call, and all of an
/// answer that may hold a new handle, pass through here.
class Downlink {
 public:
  enum class Status {
    blocked,
    more,
    finished,     ///< the server's end was passed on
    unanswered,   ///< the server ended, or broke, before a byte of the answer: the client has been told nothing
    read_failed,  ///< the server broke in the middle; what it had said before is in the client's socket
    write_failed  ///< the client is gone
  };

  /// Bytes that the server said behind its consent.
  void preload(std::span<const std::uint8_t> bytes, Loop& loop) { pump_.preload(bytes, loop); }
  /// A call is on its way: the next bytes of a server are its answer.
  void expect(const hs2::Message& call);
  Status run(Endpoint& server, Endpoint& client, Loop& loop);
  void distrust_end() noexcept { pump_.distrust_end(); }
  void abandon(Loop& loop);

  /// The handle that has been learnt since this was last asked; empty: none.
  std::string take_handle() { return std::exchange(handle_, {}); }
  /// An answer is due, and nothing of it has come.
  [[nodiscard]] bool waits() const noexcept { return waits_; }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_ + pump_.bytes(); }
  [[nodiscard]] bool in_flight() const noexcept { return block_ != nullptr || pump_.in_flight(); }
  [[nodiscard]] bool finished() const noexcept { return pump_.finished(); }
  [[nodiscard]] bool idle() const noexcept { return bytes_ == 0 && block_ == nullptr && pump_.idle(); }

 private:
  enum class Step : std::uint8_t { progress, blocked, failed };
  Step flush(Endpoint& client, Loop& loop);
  Status look(Endpoint& server, Endpoint& client, Loop& loop);
  void follow(std::span<const std::uint8_t> bytes);

  Pump pump_;
  hs2::Follower follower_{hs2::Follower::Side::replies};
  hs2::Message call_;
  bool waits_ = false;
  bool looking_ = false;  ///< for a handle
  std::unique_ptr<BufferPool::Block> block_;
  std::uint32_t begin_ = 0, end_ = 0;
  std::uint64_t bytes_ = 0;
  std::string handle_;
};

}  // namespace kerbgate::net::late
