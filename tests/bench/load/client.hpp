#pragma once

#include <cstdint>

#include "clients.hpp"
#include "loop.hpp"
#include "stream.hpp"

namespace kerbgate::bench {

/// One client: a connection at a time. What it says on it is its kind's.
class Clients::Client : public Watched {
 public:
  explicit Client(Clients& all) : all_(all) {}

  void connect();
  /// `due`: when it should have asked.
  virtual void ask_on_time(std::uint64_t due) = 0;
  void on_event(std::uint32_t events) final;

 protected:
  /// Connected and secured: it may speak.
  virtual void begin() = 0;
  /// Sends what is left, takes what has come.
  virtual void go_on() = 0;

  [[nodiscard]] bool talking() const { return state_ == State::talking; }
  /// Counts an answer that was waited for since then.
  void answered(std::uint64_t since, std::uint64_t now);
  /// Served: away, and anew.
  void leave_served();
  void leave(int error);

  Clients& all_;
  Stream stream_;
  std::uint64_t begun_ = 0;  ///< when it began to connect

 private:
  enum class State { connecting, securing, talking, gone };
  void leave_from(int fd);
  bool secure();
  [[nodiscard]] int pending_error() const;

  State state_ = State::connecting;
  bool connected_before_ = false, answered_before_ = false;
};

}  // namespace kerbgate::bench
