#include <gtest/gtest.h>

#include <exception>
#include <future>
#include <random>

#include "expect.hpp"
#include "proxy_config.hpp"
#include "support/proxy.hpp"
#include "support/socket.hpp"

/// Bytes through the proxy where no fqdn is set: it neither reads nor holds them, it only carries.
namespace kerbgate::e2e {
namespace {

class ProxyRelay : public testing::Test {
 protected:
  Proxy start(const std::string& servers, const std::string& balance = "leastconn", const std::string& more = "") {
    return {KERBGATE_PROXY, dir_, {}, globals() + listen("in", "127.0.0.1", balance, servers) + more};
  }
  static Socket client_of(const Proxy& proxy) { return Socket::connect("127.0.0.1", proxy.port("in")); }

  TempDir dir_;
};

std::string at(const Listener& listener) { return listener.local(); }

/// A proxy, one backend behind it, and a connection through both.
class ProxyPair : public ProxyRelay {
 protected:
  Listener backend_;
  Proxy proxy_ = start(server("s", at(backend_)));
  Socket client_ = client_of(proxy_);
  Socket server_ = backend_.accept();
};

TEST_F(ProxyPair, CarriesBothWays) {
  client_.send("ping");
  EXPECT_EQ(server_.read(4), "ping");
  server_.send("pong");
  EXPECT_EQ(client_.read(4), "pong");
}

TEST_F(ProxyPair, ClientsHalfCloseLeavesTheAnswerOpen) {
  client_.send("question");
  client_.shutdown_write();
  EXPECT_EQ(server_.read_all(), "question");
  server_.send("answer");
  server_.close();
  EXPECT_EQ(client_.read_all(), "answer");
}

TEST_F(ProxyPair, ServersHalfCloseLeavesTheClientOpen) {
  server_.send("greeting");
  server_.shutdown_write();
  EXPECT_EQ(client_.read_all(), "greeting");
  client_.send("reply");
  client_.close();
  EXPECT_EQ(server_.read_all(), "reply");
}

TEST_F(ProxyPair, ServersResetReachesTheClientAfterAllItsBytes) {
  const std::string result(256 * 1024, 'r');
  server_.send(result);
  server_.wait_until_acknowledged();
  server_.reset();
  EXPECT_EQ(client_.read(result.size()), result);
  EXPECT_THROW(client_.read_some(), ConnectionReset);
}

TEST_F(ProxyPair, ClientsResetReachesTheServer) {
  client_.send("x");
  EXPECT_EQ(server_.read(1), "x");
  client_.reset();
  EXPECT_THROW(server_.read_some(), ConnectionReset);
}

/// The same pseudo-random bytes for the same seed, made as they are needed.
class Bytes {
 public:
  explicit Bytes(std::uint64_t seed) : engine_(seed) {}
  std::string next(std::size_t size) {
    std::string out;
    for (out.reserve(size + 8); out.size() < size;) {
      const std::uint64_t word = engine_();
      out.append(reinterpret_cast<const char*>(&word), sizeof word);
    }
    return out;
  }

 private:
  std::mt19937_64 engine_;
};

constexpr std::size_t kPiece = 64 * 1024;
constexpr std::size_t kPieces = 1600;  ///< 100 MiB

void send_stream(Socket& socket, std::uint64_t seed) {
  Bytes bytes(seed);
  for (std::size_t i = 0; i < kPieces; ++i) socket.send(bytes.next(kPiece));
  socket.shutdown_write();
}

/// Pieces that arrived as they were sent; stops at the first that did not.
std::size_t exact_pieces(Socket& socket, std::uint64_t seed) {
  Bytes bytes(seed);
  std::size_t exact = 0;
  while (exact < kPieces && socket.read(kPiece) == bytes.next(kPiece)) ++exact;
  return exact;
}

TEST_F(ProxyPair, HundredMebibytesEachWayAtOnceArriveExact) {
  const auto async = [](auto work) { return std::async(std::launch::async, work); };
  auto up = async([&] { send_stream(client_, 1); });
  auto down = async([&] { send_stream(server_, 2); });
  auto at_server = async([&] { return exact_pieces(server_, 1); });
  EXPECT_EQ(exact_pieces(client_, 2), kPieces);
  EXPECT_EQ(at_server.get(), kPieces);
  up.get();
  down.get();
  EXPECT_EQ(client_.read_all(), "");
  EXPECT_EQ(server_.read_all(), "");
}

TEST_F(ProxyPair, StalledReaderLosesNothing) {
  const std::string block(kPiece, 'b');
  auto writer = std::async(std::launch::async, [&] {
    for (int i = 0; i < 256; ++i) server_.send(block);
    server_.close();
  });
  Socket other = client_of(proxy_);  // while the first client reads nothing, another is served
  Socket other_server = backend_.accept();
  other.send("hello");
  EXPECT_EQ(other_server.read(5), "hello");
  EXPECT_EQ(client_.read_all().size(), 256 * kPiece);
  writer.get();
}

TEST_F(ProxyRelay, RefusalByOneServerLeadsToTheNext) {
  Listener live;
  const std::string dead = "127.0.0.1:" + std::to_string(free_port());
  Proxy proxy = start(server("dead", dead) + server("live", at(live)), "roundrobin");
  for (int i = 0; i < 4; ++i) {
    Socket client = client_of(proxy);
    Socket served = live.accept();
    client.send("x");
    EXPECT_EQ(served.read(1), "x");
  }
}

TEST_F(ProxyRelay, CloseBeforeAnythingWasExchangedLeadsToTheNext) {
  Listener closing, greeting;
  Proxy proxy = start(server("closing", at(closing)) + server("greeting", at(greeting)), "first");
  for (int i = 0; i < 4; ++i) {
    Socket client = client_of(proxy);
    closing.accept().close();
    Socket served = greeting.accept();
    served.send("welcome");
    EXPECT_EQ(client.read(7), "welcome");
  }
}

TEST_F(ProxyRelay, RefusedByAllEndsTheClientsConnection) {
  Proxy proxy = start(server("dead", "127.0.0.1:" + std::to_string(free_port())));
  Socket client = client_of(proxy);
  try {
    EXPECT_EQ(client.read_all(), "");
  } catch (const ConnectionReset&) {
  }
}

TEST_F(ProxyRelay, NameThatDoesNotResolveIsADownServer) {
  Listener live;
  Proxy proxy = start(server("nowhere", "nowhere.invalid:21050") + server("live", at(live)), "roundrobin");
  for (int i = 0; i < 2; ++i) {
    Socket client = client_of(proxy);
    Socket served = live.accept();
    client.send("x");
    EXPECT_EQ(served.read(1), "x");
  }
}

TEST_F(ProxyRelay, IdleConnectionEndsAfterTimeoutClient) {
  Listener backend;
  Proxy proxy = start(server("s", at(backend)), "leastconn", "  timeout client 100ms\n  timeout server 100ms\n");
  Socket client = client_of(proxy);
  Socket served = backend.accept();
  EXPECT_EQ(client.read_all(), "");
  EXPECT_EQ(served.read_all(), "");
}

}  // namespace
}  // namespace kerbgate::e2e
