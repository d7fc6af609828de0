#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "both_proxies.hpp"
#include "expect.hpp"
#include "silent.hpp"

/// Servers that go down, sessions that are cut off, and what the log says of them; sockets' own settings.
namespace kerbgate::e2e {
namespace {

class ProxyServers : public BothProxies {
 protected:
  static std::string port_of(const std::string& address) { return address.substr(address.rfind(':') + 1); }

  Listener backend_;
};

TEST_P(ProxyServers, ThatGoesDownTakesItsSessionsWithIt) {
  auto checked = std::make_unique<Listener>();
  Proxy proxy =
      start("listen in\n  bind 127.0.0.1:@in@\n  server s " + backend_.local() + " check inter 50ms fall 1 port " +
            port_of(checked->local()) + " on-marked-down shutdown-sessions\n");
  Socket client = this->client(proxy);
  Socket served = backend_.accept();
  EXPECT_TRUE(connected(client, served));
  checked.reset();  // whoever checks is refused
  EXPECT_TRUE(turned_away(client));
  EXPECT_TRUE(turned_away(served));
  proxy.process().wait_for_line(" in in/s .* D- ");
}

TEST_P(ProxyServers, ThatGoesDownKeepsItsSessionsWithoutThatWord) {
  auto checked = std::make_unique<Listener>();
  Proxy proxy = start("listen in\n  bind 127.0.0.1:@in@\n  server s " + backend_.local() +
                      " check inter 50ms fall 1 port " + port_of(checked->local()) + "\n");
  Socket client = this->client(proxy);
  Socket served = backend_.accept();
  EXPECT_TRUE(connected(client, served));
  checked.reset();
  proxy.process().wait_for_line("Server in/s is DOWN");
  EXPECT_TRUE(connected(client, served));
}

TEST_P(ProxyServers, ThatClientsCannotReachIsMarkedDown) {
  Listener checked;
  const std::string dead = "127.0.0.1:" + std::to_string(free_port());
  Proxy proxy = start("listen in\n  bind 127.0.0.1:@in@\n  retries 0\n  server s " + dead + " check inter 1h port " +
                      port_of(checked.local()) + " observe layer4 error-limit 3 on-error mark-down\n");
  for (int i = 0; i < 3; ++i) {
    Socket client = this->client(proxy);
    EXPECT_TRUE(turned_away(client));
  }
  proxy.process().wait_for_line("Server in/s is DOWN, reason: Health analyze, info: \"Detected 3 consecutive errors");
}

TEST_P(ProxyServers, SilentInTimeoutConnectIsTheEndOfAConnection) {
  const Silent silent;
  Proxy proxy = start("listen in\n  bind 127.0.0.1:@in@\n  timeout connect 50ms\n  retries 0\n  server s " +
                      silent.where() + "\n");
  Socket client = this->client(proxy);
  EXPECT_TRUE(turned_away(client));
  proxy.process().wait_for_line(" in in/s [0-9]+/-1/[0-9]+ 0 sC 1/1/0/0/0 0/0");
}

TEST_P(ProxyServers, WithoutRedispatchTheSameOneIsTriedAgain) {
  const std::string dead = "127.0.0.1:" + std::to_string(free_port());
  Proxy proxy = start(
      "listen in\n  bind 127.0.0.1:@in@\n  no option redispatch\n  retries 2\n  timeout connect 50ms\n"
      "  balance roundrobin\n  server s " +
      dead + "\n  server t " + backend_.local() + "\n");
  Socket client = this->client(proxy);
  EXPECT_TRUE(turned_away(client));
  proxy.process().wait_for_line(" in in/s [0-9]+/-1/[0-9]+ 0 SC 1/1/0/0/2 0/0");
  EXPECT_FALSE(backend_.pending());
}

TEST_P(ProxyServers, WithoutRetriesOneFailureIsTheEnd) {
  const std::string dead = "127.0.0.1:" + std::to_string(free_port());
  Proxy proxy = start("listen in\n  bind 127.0.0.1:@in@\n  retries 0\n  balance roundrobin\n  server s " + dead +
                      "\n  server t " + backend_.local() + "\n");
  Socket client = this->client(proxy);
  EXPECT_TRUE(turned_away(client));
  proxy.process().wait_for_line(" in in/s [0-9]+/-1/[0-9]+ 0 SC 1/1/0/0/0 0/0");
}

TEST_P(ProxyServers, LogasapLogsWhenTheServerIsReached) {
  Proxy proxy = start("listen in\n  bind 127.0.0.1:@in@\n  option logasap\n  server s " + backend_.local() + "\n");
  Socket client = this->client(proxy);
  Socket served = backend_.accept();
  proxy.process().wait_for_line(" in in/s [0-9]+/[0-9]+/\\+[0-9]+ \\+0 -- ");
  EXPECT_TRUE(connected(client, served)) << "and the session goes on";
}

TEST_P(ProxyServers, LogSeparateErrorsRaisesTheLevelOfTrouble) {
  const std::string dead = "127.0.0.1:" + std::to_string(free_port());
  Proxy proxy(
      GetParam().path, dir_, {},
      "global\n  log stdout format short local0\n  nbthread 1\ndefaults\n  mode tcp\n  log global\n  option tcplog\n"
      "  timeout connect 5s\n  timeout client 60s\n  timeout server 60s\n  retries 0\n  option log-separate-errors\n"
      "listen in\n  bind 127.0.0.1:@in@\n  server s " +
          backend_.local() + "\nlisten broken\n  bind 127.0.0.1:@broken@\n  server s " + dead + "\n");
  Socket trouble = client(proxy, "broken");
  EXPECT_TRUE(turned_away(trouble));
  proxy.process().wait_for_line("<3>.* broken broken/s .* SC ");
  Socket fine = client(proxy);
  Socket served = backend_.accept();
  EXPECT_TRUE(connected(fine, served));
  fine.close();
  served.close();
  proxy.process().wait_for_line("<6>.* in in/s .* -- ");
}

TEST_P(ProxyServers, ConnectionsLeaveFromTheSourceOfTheServer) {
  Listener other;
  Proxy proxy = start("listen in\n  bind 127.0.0.1:@in@\n  source 127.0.0.7\n  server s " + backend_.local() +
                      "\nlisten own\n  bind 127.0.0.1:@own@\n  source 127.0.0.7\n  server s " + other.local() +
                      " source 127.0.0.8\n");
  Socket one = client(proxy), two = client(proxy, "own");
  EXPECT_TRUE(backend_.accept().peer().starts_with("127.0.0.7:"));
  EXPECT_TRUE(other.accept().peer().starts_with("127.0.0.8:"));
}

TEST_P(ProxyServers, OneSocketOfBothFamiliesServesBoth) {
  Proxy proxy = start("listen in\n  bind :::@in@ v4v6\n  server s " + backend_.local() + "\n");
  for (const char* host : {"127.0.0.1", "::1"}) {
    Socket client = Socket::connect(host, proxy.port("in"));
    Socket served = backend_.accept();
    EXPECT_TRUE(connected(client, served)) << host;
  }
}

TEST_P(ProxyServers, ASocketOfIpv6AloneServesNoOther) {
  Proxy proxy = start("listen in\n  bind :::@in@ v6only\n  server s " + backend_.local() + "\n" +
                      "listen too\n  bind 127.0.0.1:@too@\n  server s " + backend_.local() + "\n");
  Socket six = Socket::connect("::1", proxy.port("in"));
  Socket served = backend_.accept();
  EXPECT_TRUE(connected(six, served));
  EXPECT_THROW(Socket::connect("127.0.0.1", proxy.port("in")), std::exception);
}

TEST_P(ProxyServers, ABindLineMayBeOfOneInterface) {
  Proxy proxy = start("listen in\n  bind 127.0.0.1:@in@ interface lo\n  server s " + backend_.local() + "\n");
  Socket client = this->client(proxy);
  Socket served = backend_.accept();
  EXPECT_TRUE(connected(client, served));
}

KERBGATE_BOTH_PROXIES(ProxyServers);

class OwnServers : public ProxyServers {};
INSTANTIATE_TEST_SUITE_P(Programs, OwnServers, testing::Values(Program{"kerbgate", KERBGATE_PROXY}),
                         [](const auto& tested) { return tested.param.name; });

// HAProxy ends them by FIN, which a client may take for the end of a result.
TEST_P(OwnServers, HardStopAfterCutsWhatASoftStopLeaves) {
  Proxy proxy(
      KERBGATE_PROXY, dir_, {},
      globals("  hard-stop-after 100ms\n") + "listen in\n  bind 127.0.0.1:@in@\n  server s " + backend_.local() + "\n");
  Socket client = this->client(proxy);
  Socket served = backend_.accept();
  EXPECT_TRUE(connected(client, served));
  proxy.process().signal(SIGUSR1);
  EXPECT_THROW(client.read_some(), ConnectionReset);
  EXPECT_THROW(served.read_some(), ConnectionReset);
  EXPECT_EQ(proxy.process().wait(), 0);
  EXPECT_TRUE(contains(proxy.process().all(), "performing a hard-stop"));
  EXPECT_TRUE(contains(proxy.process().all(), " K"));
}

TEST_P(OwnServers, ATerminatedProxyCutsItsSessionsAndLogsThem) {
  Proxy proxy = start("listen in\n  bind 127.0.0.1:@in@\n  server s " + backend_.local() + "\n");
  Socket client = this->client(proxy);
  Socket served = backend_.accept();
  EXPECT_TRUE(connected(client, served));
  proxy.process().signal(SIGTERM);
  EXPECT_THROW(client.read_some(), ConnectionReset);
  EXPECT_THROW(served.read_some(), ConnectionReset);
  EXPECT_EQ(proxy.process().wait(), 0);
  EXPECT_TRUE(contains(proxy.process().all(), " in in/s ")) << proxy.process().all();
}

// HAProxy counts it from when the connection stands.
TEST_P(OwnServers, SilentInTimeoutConnectIsDown) {
  const Silent silent;
  Proxy proxy = start("listen in\n  bind 127.0.0.1:@in@\n  timeout connect 50ms\n  server s " + silent.where() +
                      " check inter 1h fall 1\n");
  proxy.process().wait_for_line("Server in/s is DOWN, reason: Layer4 timeout");
}

TEST_P(OwnServers, SilentInTimeoutCheckIsDown) {
  const Silent silent;
  Proxy proxy = start("listen in\n  bind 127.0.0.1:@in@\n  timeout check 50ms\n  timeout connect 1h\n  server s " +
                      silent.where() + " check inter 1h fall 1\n");
  proxy.process().wait_for_line("Server in/s is DOWN, reason: Layer4 timeout");
}

TEST_P(OwnServers, ThatFailClientsAreCheckedSooner) {
  Listener checked;
  const std::string dead = "127.0.0.1:" + std::to_string(free_port());
  Proxy proxy = start("listen in\n  bind 127.0.0.1:@in@\n  retries 0\n  server s " + dead +
                      " check inter 1h fastinter 10ms fall 1 observe layer4 error-limit 1\n");
  Socket client = this->client(proxy);
  EXPECT_TRUE(turned_away(client));
  proxy.process().wait_for_line("Server in/s is DOWN, reason: Layer4 connection problem");
}

/// Seconds until the kernel's next keepalive probe on the connection whose local port this is; -1: none is due.
int seconds_to_probe(std::uint16_t local_port, std::uint16_t remote_port) {
  std::ifstream table("/proc/net/tcp");
  std::string line;
  std::getline(table, line);
  while (std::getline(table, line)) {
    std::istringstream words(line);
    std::string slot, local, remote, state, queues, timer;
    words >> slot >> local >> remote >> state >> queues >> timer;
    const auto port = [](const std::string& address) {
      return std::stoul(address.substr(address.find(':') + 1), nullptr, 16);
    };
    if (state != "01" || port(local) != local_port || port(remote) != remote_port) continue;
    if (timer.substr(0, 2) != "02") return -1;
    return int(std::stoul(timer.substr(3), nullptr, 16)) / int(sysconf(_SC_CLK_TCK));
  }
  return -2;
}

struct Probes {
  const char* name;
  const char* lines;
  int client, server;  ///< seconds; -1: none
};

class KeepaliveTest : public testing::TestWithParam<Probes> {};

TEST_P(KeepaliveTest, HasItsNumbersOnBothSides) {
  const TempDir dir;
  Listener backend;
  Proxy proxy(KERBGATE_PROXY, dir, {},
              globals() + "listen in\n  bind 127.0.0.1:@in@\n" + GetParam().lines + server("s", backend.local()));
  Socket client = Socket::connect("127.0.0.1", proxy.port("in"));
  Socket served = backend.accept();
  EXPECT_TRUE(connected(client, served));
  client.wait_until_acknowledged();
  served.wait_until_acknowledged();
  const auto port = [](const std::string& address) {
    return std::uint16_t(std::stoul(address.substr(address.rfind(':') + 1)));
  };
  const auto expect = [](int seconds, int wanted) {
    EXPECT_LE(seconds, wanted);
    EXPECT_GT(seconds, wanted < 0 ? wanted - 1 : wanted - 30) << "it began a moment ago";
  };
  expect(seconds_to_probe(proxy.port("in"), port(client.local())), GetParam().client);
  expect(seconds_to_probe(port(served.peer()), backend.port()), GetParam().server);
}

INSTANTIATE_TEST_SUITE_P(All, KeepaliveTest,
                         testing::Values(Probes{"Usual", "", 300, 300},
                                         Probes{"Own", "  clitcpka-idle 60\n  srvtcpka-idle 2m\n", 60, 120},
                                         Probes{"Off", "  no option tcpka\n", -1, -1},
                                         Probes{"OffToClients", "  no option clitcpka\n", -1, 300}),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace kerbgate::e2e
