#pragma once

#include <atomic>
#include <memory>

#include "net/loop.hpp"

namespace kerbgate::net {

class Prober;

/// Counts what sessions see of one server (`observe layer4`): so many failures to reach it in a row, and its check is
/// told. Sessions call from any thread.
class Observer : public std::enable_shared_from_this<Observer> {
 public:
  explicit Observer(int limit) : limit_(limit) {}

  void reached() noexcept {
    if (errors_.load(std::memory_order_relaxed) != 0) errors_ = 0;
  }
  void failed();

  /// Both on the prober's own thread.
  void attach(Prober& prober, Loop& loop) noexcept {
    prober_ = &prober;
    loop_ = &loop;
  }
  void detach() noexcept { prober_ = nullptr; }

 private:
  const int limit_;
  std::atomic<int> errors_{0};
  std::atomic<Loop*> loop_{nullptr};
  Prober* prober_ = nullptr;
};

}  // namespace kerbgate::net
