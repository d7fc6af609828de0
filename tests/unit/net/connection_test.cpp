#include "net/connection.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include "login/refusal.hpp"
#include "net/prober.hpp"
#include "proxied_fixture.hpp"

namespace kerbgate::net {
namespace {

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::string big_endian(std::size_t value, int octets) {
  std::string out;
  for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8) out += char(value >> shift);
  return out;
}

/// A ClientHello whose body is `size` octets of no meaning, in one record.
std::string client_hello(std::size_t size) {
  const std::string message = '\1' + big_endian(size, 3) + std::string(size, 'h');
  return std::string{22, 3, 1} + big_endian(message.size(), 2) + message;
}

TEST_F(Proxied, AClientThatLeavesWithoutAWordCostsOneServerOneConnection) {
  Port first, second;
  add_server(first.address());
  add_server(second.address());
  serve();
  Peer client = this->client();
  Peer server = first.accept();
  client.close();
  EXPECT_EQ(server.hear(1), "");
  EXPECT_TRUE(server.ended());
  server.close();
  EXPECT_TRUE(contains(line(), "front back/s1")) << "no other server is asked";
  EXPECT_FALSE(second.pending());
}

TEST_F(Proxied, AnAnswerOfAServerThatLeftAtOnceIsReplacedByTheNextOnes) {
  Port leaving, staying;
  add_server(leaving.address());
  add_server(staying.address());
  front_->login = config::Login::inspect;
  serve();
  const std::string hello = client_hello(300);
  Peer client = this->client();
  client.say(hello);
  Peer left = leaving.accept();
  EXPECT_EQ(left.hear(hello.size()), hello);
  left.say("old answer", MSG_MORE);  // the bytes and the end in one segment
  left.close();
  Peer server = staying.accept();
  EXPECT_EQ(server.hear(hello.size()), hello);
  server.say("new answer");
  EXPECT_EQ(client.hear(10), "new answer");
  client.say("on");
  EXPECT_EQ(server.hear(2), "on");
}

TEST_F(Proxied, LeavesClientsInTheKernelsQueueAtMaxconnAndServesThemLater) {
  Port port;
  add_server(port.address());
  front_->conf.maxconn = 1;
  serve();
  Peer first = client();
  Peer first_server = port.accept();
  Peer second = client();
  second.say("later");
  on_loop([] {});
  on_loop([] {});
  EXPECT_EQ(*front_->connections, 1u);
  EXPECT_FALSE(port.pending());
  first.close();
  EXPECT_EQ(first_server.hear(1), "");
  first_server.close();
  EXPECT_EQ(port.accept().hear(5), "later");
}

/// One client holds the only place on the only server.
class FullServer : public Proxied {
 protected:
  void SetUp() override { add_server(port_.address(), 1); }
  void fill() {
    serve();
    holder_ = std::make_unique<Peer>(client());
    held_ = std::make_unique<Peer>(port_.accept());
  }
  void wait_until_queued() {
    while (back_->pool->queued() == 0) on_loop([] {});
  }

  Port port_;
  std::unique_ptr<Peer> holder_, held_;
};

TEST_F(FullServer, ServesWhoWaitsWhenThePlaceIsFree) {
  fill();
  Peer waiting = client();
  waiting.say("mine");
  wait_until_queued();
  EXPECT_FALSE(port_.pending());
  holder_->close();
  held_->close();
  EXPECT_EQ(port_.accept().hear(4), "mine");
}

TEST_F(FullServer, ATimeoutQueueEndsTheWait) {
  back_->conf.queue_timeout = 50ms;
  fill();
  Peer waiting = client();
  EXPECT_EQ(waiting.hear(1), "");
  EXPECT_TRUE(contains(line(), " sQ ")) << "HAProxy's state";
}

TEST_F(FullServer, AClientThatLeavesTheQueueIsLoggedAsOne) {
  fill();
  Peer waiting = client();
  wait_until_queued();
  waiting.close();
  const std::string said = line();
  EXPECT_TRUE(contains(said, "front back/<NOSRV> "));
  EXPECT_TRUE(contains(said, " CQ 2/2/1/0/0 0/1"));
  on_loop([] {});  // the line comes first
  EXPECT_EQ(back_->pool->queued(), 0u);
}

/// No descriptor can be opened while it lives.
class NoDescriptors {
 public:
  NoDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const Fd lowest(::dup(0));
    const rlimit none{rlim_t(lowest.get()), before_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  }
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

#ifdef __SANITIZE_ADDRESS__
#define KERBGATE_NEEDS_DESCRIPTORS GTEST_SKIP() << "SKIPPED: the sanitizer opens a pipe to look at an object"
#else
#define KERBGATE_NEEDS_DESCRIPTORS (void)0
#endif

TEST_F(Proxied, WithoutADescriptorForAServerTheProxyIsToBlameAndNoServer) {
  KERBGATE_NEEDS_DESCRIPTORS;
  Port first, second;
  add_server(first.address());
  add_server(second.address());
  front_->login = config::Login::inspect;
  serve();
  Peer client = this->client();
  while (*front_->connections == 0) on_loop([] {});
  on_loop([] {});  // the listener has looked for more
  const NoDescriptors none;
  client.say(client_hello(300));
  client.hear(1);
  const std::string line = this->line();
  EXPECT_TRUE(contains(line, "front back/s1 ")) << line;
  EXPECT_TRUE(contains(line, " RC ")) << line;
}

TEST_F(Proxied, LackOfDescriptorsTakesNoServerOut) {
  KERBGATE_NEEDS_DESCRIPTORS;
  struct Later : Timer {
    void on_timer() override { passed.set_value(); }
    std::promise<void> passed;
  };
  Port port;
  add_server(port.address());
  config::Server checked;
  checked.timing.inter = 1ms;
  back_->conf.servers.push_back(checked);
  serve();
  std::unique_ptr<Prober> prober;
  Later later;
  {
    const NoDescriptors none;
    on_loop([&] {
      prober = std::make_unique<Prober>(loop_, back_, 0, true, 0.0);
      loop_.schedule(later, loop_.now() + 10 * TimerWheel::kSlot);  // some probes later
    });
    later.passed.get_future().get();
    EXPECT_TRUE(back_->pool->view()[0].up);
  }
  on_loop([&] { prober.reset(); });
}

TEST_F(Proxied, WhatIsNoLoginIsLoggedInWords) {
  Port port;
  add_server(port.address());
  front_->login = config::Login::inspect;
  front_->conf.kerberos.fqdn = "lb.example.com";
  serve();
  Peer client = this->client();
  client.say("SSH-2.0-OpenSSH\r\n");
  EXPECT_EQ(client.hear(1), "");
  const std::string line = this->line();
  EXPECT_TRUE(contains(line, login::refusal(login::Cause::garbage))) << line;
}

/// How long a side may be silent, by what it has done.
struct Silence {
  const char* name;
  void (*limit)(config::Frontend&, config::Backend&);
  void (*talk)(Peer& client, Peer& server);
  const char* state;
};

class SilenceTest : public Proxied, public ::testing::WithParamInterface<Silence> {};

TEST_P(SilenceTest, EndsIt) {
  Port port;
  add_server(port.address());
  front_->conf.client_timeout = back_->conf.server_timeout = 1h;
  GetParam().limit(front_->conf, back_->conf);
  serve();
  Peer client = this->client();
  Peer server = port.accept();
  GetParam().talk(client, server);
  const std::string line = this->line();
  EXPECT_TRUE(contains(line, GetParam().state)) << line;
}

INSTANTIATE_TEST_SUITE_P(
    Timeouts, SilenceTest,
    ::testing::Values(
        Silence{"Client", [](auto& front, auto&) { front.client_timeout = 50ms; }, [](auto&, auto&) {}, " cD "},
        Silence{"Server", [](auto&, auto& back) { back.server_timeout = 50ms; }, [](auto&, auto&) {}, " sD "},
        Silence{"ClientFin", [](auto& front, auto&) { front.client_fin_timeout = 50ms; },
                [](Peer& client, Peer& server) {
                  client.half_close();
                  EXPECT_EQ(server.hear(1), "");
                },
                " cD "},
        Silence{"ServerFin", [](auto&, auto& back) { back.server_fin_timeout = 50ms; },
                [](Peer& client, Peer& server) {
                  server.say("x");
                  EXPECT_EQ(client.hear(1), "x");
                  server.half_close();
                  EXPECT_EQ(client.hear(1), "");
                },
                " sD "},
        Silence{"Tunnel", [](auto&, auto& back) { back.tunnel_timeout = 50ms; },
                [](Peer& client, Peer& server) {
                  client.say("x");
                  EXPECT_EQ(server.hear(1), "x");
                  server.say("y");
                  EXPECT_EQ(client.hear(1), "y");
                },
                " cD "}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace kerbgate::net
