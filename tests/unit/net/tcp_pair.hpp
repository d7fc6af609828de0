#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "net/fd.hpp"

namespace kerbgate::net {

/// A TCP connection of two ends over loopback, the far one non-blocking: RST and half-close are TCP's.
struct Tcp {
  Fd near, far;

  Tcp() {
    const Fd listening(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listening.get(), reinterpret_cast<sockaddr*>(&any), sizeof any);
    ::listen(listening.get(), 1);
    socklen_t size = sizeof any;
    ::getsockname(listening.get(), reinterpret_cast<sockaddr*>(&any), &size);
    near = Fd(::socket(AF_INET, SOCK_STREAM, 0));
    EXPECT_EQ(::connect(near.get(), reinterpret_cast<sockaddr*>(&any), sizeof any), 0);
    far = Fd(::accept4(listening.get(), nullptr, nullptr, SOCK_NONBLOCK));
  }
};

}  // namespace kerbgate::net
