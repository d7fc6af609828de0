#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <stdexcept>
#include <string>

#include "support/socket.hpp"

namespace kerbgate::e2e {

/// Where log lines go, by UDP.
class LogPort {
 public:
  explicit LogPort(const std::string& address = "127.0.0.1") : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    at_.sin_family = AF_INET;
    ::inet_pton(AF_INET, address.c_str(), &at_.sin_addr);
    socklen_t size = sizeof at_;
    const timeval limit{kPatience.count(), 0};
    if (::bind(fd_, reinterpret_cast<sockaddr*>(&at_), size) != 0 ||
        ::getsockname(fd_, reinterpret_cast<sockaddr*>(&at_), &size) != 0 ||
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0)
      throw std::runtime_error("no port for a log at " + address);
  }
  ~LogPort() { ::close(fd_); }
  LogPort(const LogPort&) = delete;
  LogPort& operator=(const LogPort&) = delete;

  [[nodiscard]] std::string port() const { return std::to_string(ntohs(at_.sin_port)); }
  [[nodiscard]] std::string address() const {
    char text[INET_ADDRSTRLEN];
    return std::string(::inet_ntop(AF_INET, &at_.sin_addr, text, sizeof text)) + ':' + port();
  }
  /// The next line that has `part` in it, from there on.
  [[nodiscard]] std::string next(const std::string& part) const {
    for (;;) {
      char text[2048];
      const ssize_t got = ::recv(fd_, text, sizeof text, 0);
      if (got < 0) throw TimedOut("no line with \"" + part + "\" came");
      const std::string line(text, static_cast<std::size_t>(got));
      if (const auto at = line.find(part); at != std::string::npos)
        return line.substr(at, line.find_last_not_of('\n') + 1 - at);
    }
  }

 private:
  int fd_;
  sockaddr_in at_{};
};

}  // namespace kerbgate::e2e
