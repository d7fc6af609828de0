#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "net/fd.hpp"

namespace kerbgate::net {

/// 64 KiB blocks, held by a direction only while bytes are in flight. One pool a thread; last in, first out, so that
/// the block handed out is the one still in the cache.
class BufferPool {
 public:
  static constexpr std::size_t kSize = 64 * 1024;
  /// Behind them room for what TLS adds to as many bytes: they leave in one send.
  static constexpr std::size_t kSlack = 1024;
  using Block = std::array<std::uint8_t, kSize + kSlack>;

  std::unique_ptr<Block> take() {
    if (free_.empty()) return std::unique_ptr<Block>(new Block);  // not value-initialised
    auto block = std::move(free_.back());
    free_.pop_back();
    return block;
  }
  void give(std::unique_ptr<Block> block) {
    if (free_.size() < kKeep) free_.push_back(std::move(block));
  }

 private:
  static constexpr std::size_t kKeep = 64;
  std::vector<std::unique_ptr<Block>> free_;
};

/// A kernel pipe for splice(2), with what it holds.
struct Pipe {
  Fd read, write;
  std::size_t capacity = 0;
};

/// Pipes of 256 KiB, given back empty. An unprivileged user has few of that size (pipe-user-pages-soft): where the
/// kernel gives less than 256 KiB, take() says no and the caller copies instead.
class PipePool {
 public:
  static constexpr std::size_t kCapacity = 256 * 1024;
  std::unique_ptr<Pipe> take();
  void give(std::unique_ptr<Pipe> empty);

 private:
  static constexpr std::size_t kKeep = 64;
  std::vector<std::unique_ptr<Pipe>> free_;
  bool refused_ = false;  ///< the kernel said no: not asked again by this thread
};

}  // namespace kerbgate::net
