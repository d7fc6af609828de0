#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "log/record.hpp"
#include "log/render.hpp"

namespace kerbgate::log {

/// As the system has it; empty when it does not say.
std::string host_name();

/// Sends messages to targets: UDP, UNIX datagram, stdout, stderr. Never blocks: what a target cannot take is dropped
/// and counted. Thread-safe. Sockets are opened once, here: under chroot the paths are gone later, so `open_unix` is
/// asked for a connected datagram socket (-1: none to be had, tried again not before 1 s) and the logger owns what it
/// returns. Once a target takes messages again, it is told how many it has missed. A target's standard output or error
/// is never made non-blocking, as others share it; the program has to ignore SIGPIPE.
class Logger {
 public:
  using OpenUnix = std::function<int(const std::string& path)>;
  Logger(std::vector<config::LogTarget> targets, std::string tag, OpenUnix open_unix);
  ~Logger();
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  void send(Priority priority, std::string_view message) noexcept;
  /// `object`: the same as one JSON object, for the targets whose format is json; without a message it goes to all.
  void send(Priority priority, std::string_view message, std::string_view object) noexcept;
  /// Whether any target has the format json: else no one need make an object.
  [[nodiscard]] bool wants_json() const noexcept;
  [[nodiscard]] std::uint64_t dropped() const noexcept;
  [[nodiscard]] bool empty() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kerbgate::log
