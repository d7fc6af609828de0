#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace kerbgate::net {

/// A value that is replaced while connections are made: each keeps what it began with.
template <class T>
class Current {
 public:
  explicit Current(std::shared_ptr<T> value) : value_(std::move(value)) {}
  [[nodiscard]] std::shared_ptr<T> get() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }
  void set(std::shared_ptr<T> value) {
    const std::lock_guard lock(mutex_);
    value_.swap(value);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<T> value_;
};

}  // namespace kerbgate::net
