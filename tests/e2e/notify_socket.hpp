#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <string>

#include "support/process.hpp"

namespace kerbgate::e2e {

/// What a service manager listens on: NOTIFY_SOCKET.
class NotifySocket {
 public:
  explicit NotifySocket(std::string path) : path_(std::move(path)), fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    path_.copy(name.sun_path, sizeof name.sun_path - 1);
    EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&name), sizeof name), 0) << path_;
  }
  ~NotifySocket() { close(fd_); }
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// The next message; empty when none comes within the time.
  std::string next(std::chrono::milliseconds within = kPatience) const {
    pollfd ready{fd_, POLLIN, 0};
    char text[4096];
    if (poll(&ready, 1, static_cast<int>(within.count())) != 1) return {};
    const ssize_t got = recv(fd_, text, sizeof text, 0);
    return got > 0 ? std::string(text, static_cast<std::size_t>(got)) : std::string{};
  }
  /// The next one that is not the watchdog's.
  std::string next_state() const {
    for (;;)
      if (std::string message = next(); message != "WATCHDOG=1\n") return message;
  }

 private:
  std::string path_;
  int fd_;
};

}  // namespace kerbgate::e2e
