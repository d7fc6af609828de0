#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "loop.hpp"
#include "stream.hpp"

namespace kerbgate::bench {

/// What is still to be sent on a stream: a few octets of its own, then filling.
class Outbox {
 public:
  enum class State { empty, blocked, share_used, failed };

  void put(std::span<const std::uint8_t> head, std::uint64_t total) {
    head_.assign(head.begin(), head.end());
    head_sent_ = 0;
    left_ = total;
  }
  [[nodiscard]] bool empty() const { return left_ == 0; }
  [[nodiscard]] std::uint64_t sent() const { return sent_; }

  State run(Stream& stream) {
    static const std::vector<std::uint8_t> filling(256 * 1024, std::uint8_t('x'));
    constexpr int kShare = 4;
    for (int i = 0; left_ != 0; ++i) {
      if (i == kShare) return State::share_used;
      std::span<const std::uint8_t> next(filling.data(), std::size_t(std::min<std::uint64_t>(left_, filling.size())));
      if (head_sent_ < head_.size()) next = piece_with_head();
      const ssize_t done = stream.write(next);
      if (done < 0) return errno == EAGAIN ? State::blocked : State::failed;
      head_sent_ = std::min(head_.size(), head_sent_ + std::size_t(done));
      left_ -= std::uint64_t(done);
      sent_ += std::uint64_t(done);
    }
    return State::empty;
  }

 private:
  /// A small request leaves in one segment.
  std::span<const std::uint8_t> piece_with_head() {
    constexpr std::size_t kPiece = 4096;
    piece_.assign(head_.begin() + std::ptrdiff_t(head_sent_), head_.end());
    piece_.resize(std::size_t(std::min<std::uint64_t>(left_, std::max(piece_.size(), kPiece))), 'x');
    return piece_;
  }

  std::vector<std::uint8_t> head_, piece_;
  std::size_t head_sent_ = 0;
  std::uint64_t left_ = 0, sent_ = 0;
};

}  // namespace kerbgate::bench
