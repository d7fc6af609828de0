#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace kerbgate::net {

/// What all logins that are not decided yet may hold together. A login is some kilobytes; a client may announce 1 MiB,
/// and whoever knows no password may open as many connections as there are descriptors.
class HeldBytes {
 public:
  static constexpr std::size_t kMost = 64u << 20;
  /// So much of each one counts for nothing: no crowd of large logins keeps out the usual ones.
  static constexpr std::size_t kFree = 16u << 10;

  /// One connection's part, given back when it is destroyed.
  class Share {
   public:
    Share() = default;
    ~Share() { release(); }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

    /// `size` octets are to be held by this connection from now on; false: they would be too many of all.
    [[nodiscard]] bool hold(HeldBytes& all, std::size_t size) {
      if (size <= kFree || size - kFree <= counted_) return true;
      const std::size_t more = size - kFree - counted_;
      if (all.now_.fetch_add(more, std::memory_order_relaxed) + more > kMost) {
        all.now_.fetch_sub(more, std::memory_order_relaxed);
        return false;
      }
      all_ = &all;
      counted_ += more;
      return true;
    }

    void release() noexcept {
      if (all_ != nullptr) all_->now_.fetch_sub(std::exchange(counted_, 0), std::memory_order_relaxed);
    }

   private:
    HeldBytes* all_ = nullptr;
    std::size_t counted_ = 0;
  };

  [[nodiscard]] std::size_t now() const noexcept { return now_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::size_t> now_{0};
};

}  // namespace kerbgate::net
