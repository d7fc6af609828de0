#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "net/endpoint.hpp"
#include "net/pools.hpp"

namespace kerbgate::net {

class Loop;

/// One direction of a relay: bytes from one end to the other until the first one's end, which is then passed on. Copies
/// through a pooled block, or, where neither end speaks TLS, splices through a pooled pipe once the bytes come in bulk;
/// holds either only while bytes are in flight. Knows no clock, no timeout and no other direction.
class Pump {
 public:
  enum class Status : std::uint8_t {
    blocked,      ///< wait for an event
    more,         ///< its share of this wake is used up
    finished,     ///< the end was passed on
    read_failed,  ///< the source is broken (RST, TLS cut); everything read before has been handed to the destination's
                  ///< socket
    write_failed  ///< the destination is broken
  };

  /// Bytes that go before anything read: a ClientHello and what was glued to it can be more than a block.
  void preload(std::span<const std::uint8_t> bytes, Loop& loop);
  Status run(Endpoint& from, Endpoint& to, Loop& loop);
  /// From now on the source's end counts as read_failed: it has refused bytes, so a clean end would be a lie.
  void distrust_end() noexcept { distrusted_ = true; }
  /// Gives back what is held. Bytes in flight are lost.
  void abandon(Loop& loop);

  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }  ///< handed to the destination
  [[nodiscard]] bool in_flight() const noexcept { return block_ != nullptr || piped_ != 0 || rest_ != nullptr; }
  [[nodiscard]] bool finished() const noexcept { return finished_; }
  [[nodiscard]] bool idle() const noexcept {
    return bytes_ == 0 && !ended_ && !failed_;
  }  ///< nothing handed on, no end seen
  /// errno of the failure that run() returned.
  [[nodiscard]] int error() const noexcept { return error_; }

 private:
  enum class Step : std::uint8_t { progress, blocked, failed };
  Step flush(Endpoint& to, Loop& loop);
  void load(std::span<const std::uint8_t> bytes, Loop& loop);
  Step flush_block(Endpoint& to, Loop& loop);
  Step flush_pipe(Endpoint& to);
  Step flush_records(Endpoint& to, Loop& loop);
  Step pass_end(Endpoint& to, Loop& loop);
  Step fill(Endpoint& from, const Endpoint& to, Loop& loop);
  Step fill_block(Endpoint& from, Loop& loop);
  Step fill_pipe(Endpoint& from);
  Step source_said(std::int64_t result, Readiness& ready);
  void consider_splicing(std::size_t got, bool write_blocked);

  std::unique_ptr<BufferPool::Block> block_;
  std::unique_ptr<Pipe> pipe_;
  std::unique_ptr<std::vector<std::uint8_t>> rest_;  ///< of what was preloaded, after the block
  std::uint64_t bytes_ = 0;
  std::uint32_t begin_ = 0, end_ = 0;  ///< in the block
  std::uint32_t piped_ = 0;            ///< in the pipe
  int error_ = 0;
  bool splicing_ = false, ended_ = false, failed_ = false, finished_ = false, distrusted_ = false;
  std::uint8_t full_reads_ = 0, large_reads_ = 0, small_splices_ = 0;
};

}  // namespace kerbgate::net
