#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "log/record.hpp"

namespace kerbgate::log {

/// The bytes of one message for one target: `<PRI>` and the header its format asks for, cut at max_length, without a
/// newline (out and err targets get one when written). Pure.
std::string render(const config::LogTarget& target, Priority priority, std::string_view message,
                   std::chrono::system_clock::time_point now, const std::string& host, const std::string& tag, int pid);

/// Sends messages to targets: UDP, UNIX datagram, stdout, stderr. Never blocks: what a target cannot take is dropped and
/// counted. Thread-safe. Sockets are opened once, here: under chroot the paths are gone later, so `open_unix` is asked for
/// a connected datagram socket (-1: none to be had, tried again not before 1 s) and the logger owns what it returns.
class Logger {
 public:
  using OpenUnix = std::function<int(const std::string& path)>;
  Logger(std::vector<config::LogTarget> targets, std::string tag, OpenUnix open_unix);
  ~Logger();
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  void send(Priority priority, std::string_view message) noexcept;
  [[nodiscard]] std::uint64_t dropped() const noexcept;
  [[nodiscard]] bool empty() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kerbgate::log
