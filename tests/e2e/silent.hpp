#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "support/socket.hpp"

namespace kerbgate::e2e {

/// A listener whose queue is full: the kernel answers nobody who comes.
class Silent {
 public:
  Silent() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    at_.sin_family = AF_INET;
    at_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at_;
    if (::bind(fd_, reinterpret_cast<sockaddr*>(&at_), size) != 0 || ::listen(fd_, 0) != 0 ||
        ::getsockname(fd_, reinterpret_cast<sockaddr*>(&at_), &size) != 0)
      throw std::runtime_error("no silent listener to be had");
    filler_ = std::make_unique<Socket>(Socket::connect("127.0.0.1", ntohs(at_.sin_port)));
  }
  ~Silent() { ::close(fd_); }
  Silent(const Silent&) = delete;
  Silent& operator=(const Silent&) = delete;
  [[nodiscard]] std::string where() const { return "127.0.0.1:" + std::to_string(ntohs(at_.sin_port)); }

 private:
  int fd_;
  sockaddr_in at_{};
  std::unique_ptr<Socket> filler_;
};

}  // namespace kerbgate::e2e
