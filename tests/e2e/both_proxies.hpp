#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "proxy_config.hpp"
#include "support/proxy.hpp"
#include "support/socket.hpp"

/// One configuration, two programs: what HAProxy does with it, kerbgate does.
namespace kerbgate::e2e {

struct Program {
  const char* name;
  const char* path;
};
inline void PrintTo(const Program& program, std::ostream* out) { *out << program.name; }

class BothProxies : public testing::TestWithParam<Program> {
 protected:
  void SetUp() override {
    if (access(GetParam().path, X_OK) != 0) GTEST_SKIP() << "SKIPPED: " << GetParam().path << " is not installed";
  }
  Proxy start(const std::string& sections) { return {GetParam().path, dir_, {}, globals() + sections}; }
  static Socket client(const Proxy& proxy, const std::string& port = "in", const std::string& source = "127.0.0.1") {
    return Socket::connect("127.0.0.1", proxy.port(port), source);
  }

  TempDir dir_;
};

/// The end of the stream, or a reset: nobody serves here.
inline bool turned_away(Socket& client) {
  try {
    return client.read_all().empty();
  } catch (const ConnectionReset&) {
    return true;
  }
}

/// Both ends hear each other.
inline bool connected(Socket& client, Socket& server) {
  client.send("ping");
  if (server.read(4) != "ping") return false;
  server.send("pong");
  return client.read(4) == "pong";
}

#define KERBGATE_BOTH_PROXIES(Suite)                                                                                  \
  INSTANTIATE_TEST_SUITE_P(                                                                                           \
      Programs, Suite, testing::Values(Program{"kerbgate", KERBGATE_PROXY}, Program{"haproxy", "/usr/sbin/haproxy"}), \
      [](const auto& tested) { return tested.param.name; })

}  // namespace kerbgate::e2e
