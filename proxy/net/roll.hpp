#pragma once

#include <cstdint>
#include <string>

#include "log/record.hpp"
#include "net/address.hpp"
#include "net/timer_wheel.hpp"

namespace kerbgate::net {

/// A running session as its operator sees it.
struct SessionView {
  std::uint64_t id = 0;
  std::string client;                     ///< address:port
  std::string frontend, backend, server;  ///< empty: none yet
  std::string server_address;
  std::string state;  ///< "login", "queue", "connect", "answer", "data", "closing"
  std::string asked;  ///< the service principal of its ticket, if it is known
  Millis age{0}, idle{0};
  std::uint64_t bytes_in = 0, bytes_out = 0;
};

/// A session on a loop's roll. On that loop's thread alone.
class Listed {
 public:
  Listed(const Listed&) = delete;
  Listed& operator=(const Listed&) = delete;
  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
  /// Adds to the counters what has passed since it was last asked.
  virtual void account() = 0;
  [[nodiscard]] virtual SessionView view() const = 0;
  /// Whether it is on this server: backend and server by name; an empty server: any of that backend.
  [[nodiscard]] virtual bool on(const std::string& backend, const std::string& server) const = 0;
  [[nodiscard]] virtual bool of(const std::string& frontend) const = 0;
  /// Ends it, by RST: what was cut is not to be taken for whole. `this` may be gone once the wake is over.
  virtual void kill(log::Cause cause) = 0;

 protected:
  Listed() = default;
  ~Listed() = default;

 private:
  friend class Roll;
  Listed* next_ = nullptr;
  Listed** previous_ = nullptr;
  std::uint64_t id_ = 0;
};

/// The sessions of one loop, newest first.
class Roll {
 public:
  void add(Listed& one) noexcept {
    one.id_ = next_id_;
    next_id_ += 1;
    one.next_ = first_;
    one.previous_ = &first_;
    if (first_ != nullptr) first_->previous_ = &one.next_;
    first_ = &one;
    ++size_;
  }
  void remove(Listed& one) noexcept {
    if (one.previous_ == nullptr) return;
    *one.previous_ = one.next_;
    if (one.next_ != nullptr) one.next_->previous_ = one.previous_;
    one.previous_ = nullptr;
    one.next_ = nullptr;
    --size_;
  }
  /// `visit` may end the session that it is shown, but no other.
  template <class Visit>
  void each(Visit visit) {
    for (Listed* one = first_; one != nullptr;) {
      Listed* const next = one->next_;
      visit(*one);
      one = next;
    }
  }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// Loops number their sessions from different places: an id names one session of the process.
  void number_from(std::uint64_t first) noexcept { next_id_ = first; }

 private:
  Listed* first_ = nullptr;
  std::size_t size_ = 0;
  std::uint64_t next_id_ = 1;
};

}  // namespace kerbgate::net
