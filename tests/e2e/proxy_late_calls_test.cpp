#include <functional>
#include <set>

#include "late_caller.hpp"
#include "moving_clock.hpp"
#include "runtime.hpp"
#include "support/dnsmasq.hpp"

/// Calls one by one, and coordinators that are none.
namespace kerbgate::e2e {
namespace {

TEST_F(ProxyLateCalls, ANewConnectionsFirstCallGoesWhereItsSessionWasOpened) {
  start("roundrobin");
  std::string session, coordinator;
  {
    Caller first = caller();
    session = first.open();
    coordinator = first.coordinator_of(session);
  }
  for (int i = 0; i < 3; ++i) EXPECT_EQ(caller().coordinator_of(session), coordinator);
}

TEST_F(ProxyLateCalls, OneConnectionSpeaksForSessionsOfSeveralCoordinators) {
  start("roundrobin");
  Caller one = caller(), two = caller(), three = caller();
  const std::string sessions[] = {one.open(), two.open(), three.open()};
  for (int round = 0; round < 3; ++round)
    for (const std::string& session : sessions) EXPECT_EQ(three.coordinator_of(session), one.coordinator_of(session));
}

TEST_F(ProxyLateCalls, HandlesAreKeptOverAReload) {
  start("roundrobin");
  Caller first = caller();
  const std::string session = first.open();
  const std::string coordinator = first.coordinator_of(session);
  proxy_->process().signal(SIGHUP);
  proxy_->process().wait_for_line("configuration reloaded");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(caller().coordinator_of(session), coordinator);
}

// All slots of a template stand on one line: they are told apart by who is in them.
TEST_F(ProxyLateCalls, SessionsAreFoundAmongServersOfATemplate) {
  if (!Dnsmasq::installed()) GTEST_SKIP() << "SKIPPED: " << Dnsmasq::kProgram << " is not installed";
  std::string hosts;
  const std::string slots = "  server-template c 3 _impala._tcp.test resolvers dns init-addr none\n";
  std::vector<std::string> services;
  for (int n = 1; n <= 3; ++n) {
    hosts += cluster_.names().address(Cluster::host(n)) + ' ' + Cluster::host(n) + '\n';
    services.push_back("--srv-host=_impala._tcp.test," + Cluster::host(n) + ',' + std::to_string(cluster_.port(n)) +
                       ",1,100");
  }
  const Dnsmasq dns(cluster_.dir(), hosts, services);
  proxy_ = std::make_unique<Proxy>(
      KERBGATE_PROXY, cluster_.dir(), cluster_.environment(),
      kerberized("  kerberos keytab " + keytab() + "\n  stats socket " + socket() + "\n") +
          "resolvers dns\n  nameserver ns1 127.0.0.1:" + std::to_string(dns.port()) + "\n" +
          listen("shell", cluster_.names().address(Cluster::kProxy), "roundrobin", "  kerberos login late\n" + slots));
  for (const int n : {1, 2, 3}) ask_until(socket(), "show servers state", Cluster::host(n) + " ");
  Caller one = caller(), two = caller(), three = caller();
  const std::string sessions[] = {one.open(), two.open(), three.open()};
  std::set<std::string> seen;
  for (const std::string& session : sessions) {
    seen.insert(one.coordinator_of(session));
    EXPECT_EQ(caller().coordinator_of(session), three.coordinator_of(session));
  }
  EXPECT_EQ(seen.size(), 3u);
}

TEST_F(ProxyLateCalls, AnUnknownHandleGoesByBalanceAndTheCoordinatorSaysSo) {
  start("roundrobin");
  Caller one = caller();
  const thrift::Message answer = one.call("CloseSession", "nobody made this");
  EXPECT_TRUE(contains(answer.body[0][1][5].text, "Invalid session id"));
  proxy_->process().wait_for_line("CloseSession asks for a handle that this proxy has not seen");
}

TEST_F(ProxyLateCalls, AnotherCoordinatorIsNotAskedWithAStaleLogin) {
  MovingClock clock(cluster_.dir());
  start("roundrobin", "", clock.environment());
  Caller one = caller(), two = caller();
  const std::string first = one.open(), second = two.open();
  clock.ahead(301);
  EXPECT_EQ(two.coordinator_of(second), two.coordinator_of(second));
  const thrift::Message answer = two.call("CancelOperation", first);
  EXPECT_EQ(answer.kind, thrift::Kind::exception);
  EXPECT_TRUE(contains(answer.body[1].text, "this login is more than 300 s old: connect again"));
}

TEST_F(ProxyLateCalls, ACallThatNoCoordinatorAnsweredIsToldSo) {
  Listener dying;
  const std::string lines = "  kerberos login late\n" + server("dying", dying.local());
  proxy_ = std::make_unique<Proxy>(KERBGATE_PROXY, cluster_.dir(), cluster_.environment(),
                                   kerberized("  kerberos keytab " + keytab() + "\n") +
                                       listen("shell", cluster_.names().address(Cluster::kProxy), "leastconn", lines));
  auto shell = cluster_.open_shell({"--connect", at()});
  Socket socket = dying.accept();
  gss::Acceptor acceptor("impala", Cluster::kProxy, cluster_.keytab(1), "none:");
  EXPECT_EQ(sasl::accept(socket, acceptor), "alice@EXAMPLE.TEST");
  EXPECT_EQ(thrift::Connection(socket).receive().method, "OpenSession");
  socket.close();
  EXPECT_EQ(shell->wait(), 1);
  EXPECT_TRUE(contains(shell->err(), "OpenSession: coordinator dying ended before it answered OpenSession"));
}

struct Hostile {
  const char* name;
  std::string says;
};
class ProxyLateHostile : public ProxyLateCalls, public testing::WithParamInterface<Hostile> {};

TEST_P(ProxyLateHostile, AnswerCostsTheClientNothing) {
  Listener hostile;
  const std::string lines =
      "  kerberos login late\n" + server("hostile", hostile.local()) + server("coordinator1", cluster_.address(1));
  proxy_ = std::make_unique<Proxy>(KERBGATE_PROXY, cluster_.dir(), cluster_.environment(),
                                   kerberized("  kerberos keytab " + keytab() + "\n") +
                                       listen("shell", cluster_.names().address(Cluster::kProxy), "roundrobin", lines));
  auto shell = cluster_.open_shell({"--connect", at()});
  Socket socket = hostile.accept();
  EXPECT_EQ(sasl::receive(socket).payload, "GSSAPI");
  EXPECT_GT(sasl::receive(socket).payload.size(), 300u);
  socket.send(GetParam().says);
  shell->send_line("select 1");
  EXPECT_TRUE(contains(shell->wait_for_line("^alice@EXAMPLE.TEST\t"), "coordinator-1"));
  proxy_->process().wait_for_line("Server shell/hostile .* passed over: ");
}

INSTANTIATE_TEST_SUITE_P(All, ProxyLateHostile,
                         testing::Values(Hostile{"Empty", sasl::encode(sasl::Status::ok, "")},
                                         Hostile{"NoToken", sasl::encode(sasl::Status::ok, std::string(156, 'x'))},
                                         Hostile{"CompleteAtOnce", sasl::encode(sasl::Status::complete, "")},
                                         Hostile{"Giant",
                                                 std::string("\x02\x7f\xff\xff\xff", 5) + std::string(9000, 'x')},
                                         Hostile{"Negative", std::string("\x02\xff\xff\xff\xff", 5)},
                                         Hostile{"TwoMiB", std::string("\x02\x00\x20\x00\x00", 5)},
                                         Hostile{"Http", "HTTP/1.1 400 Bad Request\r\n\r\n"},
                                         Hostile{"ACallsAnswer", std::string("\0\0\0\x08\x80\x01\0\x02\0\0\0\0", 12)},
                                         Hostile{"Refusal", sasl::encode(sasl::Status::error, "no \x1b[31m\r\n'way'")}),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace kerbgate::e2e
