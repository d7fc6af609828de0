#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <string>

#include "authority/authority.hpp"
#include "net/endpoint.hpp"
#include "net/loop.hpp"
#include "net/tls/context.hpp"
#include "tcp_pair.hpp"

/// Two ends of one TCP connection over loopback, each of which may speak TLS, moved by hand.
namespace kerbgate::net {

using tests::Authority;

inline Secret secret(const std::string& text) {
  return Secret({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

/// File contents as the keeper would have read them.
inline tls::Files files(std::initializer_list<std::pair<const char*, std::string>> contents) {
  tls::Files out;
  for (const auto& [name, text] : contents) out[name] = secret(text);
  return out;
}

inline config::Tls listening(std::vector<std::string> crt = {"proxy.pem"}) {
  config::Tls out;
  out.on = true;
  out.crt = std::move(crt);
  return out;
}

inline config::Tls dialling(const std::string& ca_file = "ca.pem") {
  config::Tls out;
  out.on = true;
  out.ca_file = ca_file;
  return out;
}

/// Waits until one of them has something to say, at most ten seconds.
inline void wait_for_any(std::initializer_list<int> fds) {
  std::vector<pollfd> all;
  for (const int fd : fds) all.push_back({fd, POLLIN, 0});
  ::poll(all.data(), all.size(), 10'000);
}

class TlsPair {
 public:
  using Handshake = tls::Session::Handshake;

  TlsPair(std::shared_ptr<tls::Context> server, std::shared_ptr<tls::Context> client, const std::string& name = "") {
    near_.fd = tcp_.near.get();
    far_.fd = tcp_.far.get();
    if (client) near_.tls = client->connect(name);
    if (server) far_.tls = server->accept();
  }

  /// Both until each is done or has failed.
  void handshake() {
    Handshake near = Handshake::waiting, far = Handshake::waiting;
    for (int i = 0; i < 100 && (near == Handshake::waiting || far == Handshake::waiting); ++i) {
      if (near == Handshake::waiting) near = step(near_);
      if (far == Handshake::waiting) far = step(far_);
      if (near == Handshake::failed || far == Handshake::failed) break;
      if (near == Handshake::waiting || far == Handshake::waiting) wait_for_any({near_.fd, far_.fd});
    }
    near_done = near == Handshake::done;
    far_done = far == Handshake::done;
  }
  Handshake step(Endpoint& end) {
    grant(end);
    return end.tls->handshake({end.fd, end.ready, loop_.buffers()});
  }
  [[nodiscard]] bool done() const { return near_done && far_done; }

  /// All that is there now; after it `result` is 0 at a clean end, else -1 with errno in `error`.
  std::string hear(Endpoint& end) {
    std::string all;
    char block[16384];
    grant(end);
    for (;;) {
      result = end.receive(block, sizeof block, loop_);
      error = errno;
      if (result <= 0) return all;
      all.append(block, std::size_t(result));
    }
  }
  /// Waits for `size` bytes.
  std::string hear(Endpoint& end, std::size_t size) {
    std::string all = hear(end);
    for (int i = 0; i < 100 && all.size() < size && result < 0 && error == EAGAIN; ++i) {
      wait_for_any({end.fd});
      all += hear(end);
    }
    return all;
  }
  void say(Endpoint& end, const std::string& text) {
    grant(end);
    EXPECT_EQ(end.send(text.data(), text.size(), loop_), ssize_t(text.size()));
    EXPECT_EQ(end.flush(loop_), 0);
  }
  static void grant(Endpoint& end) { end.ready.readable = end.ready.writable = true; }

  Loop loop_;
  Tcp tcp_;
  Endpoint near_, far_;  ///< the client's end and the server's
  bool near_done = false, far_done = false;
  ssize_t result = 0;
  int error = 0;
};

}  // namespace kerbgate::net
