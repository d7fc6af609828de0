#include <gtest/gtest.h>

#include <map>
#include <set>

#include "expect.hpp"
#include "proxy_config.hpp"
#include "support/cluster.hpp"
#include "support/proxy.hpp"
#include "support/sasl.hpp"

/// Kerberized queries through the proxy: real KDC, real tickets, coordinators that accept them.
namespace kerbgate::e2e {
namespace {

class ProxyLogin : public testing::Test {
 protected:
  explicit ProxyLogin(int coordinators = 3) : cluster_(KERBGATE_BIN, coordinators), count_(coordinators) {}

  std::string servers() const {
    std::string lines;
    for (int n = 1; n <= count_; ++n) lines += server("coordinator" + std::to_string(n), cluster_.address(n));
    return lines;
  }
  std::string section(const std::string& name, const std::string& balance) {
    return listen(name, cluster_.names().address(Cluster::kProxy), balance, servers());
  }
  Proxy start(const std::string& text) { return {KERBGATE_PROXY, cluster_.dir(), cluster_.environment(), text}; }
  static std::string at(const Proxy& proxy, const std::string& name) {
    return Cluster::kProxy + ":" + std::to_string(proxy.port(name));
  }
  /// Which coordinator answers a query; empty with a failed expectation when none does.
  std::string coordinator_of(const Proxy& proxy, const std::string& name, const std::string& source = "127.0.0.1") {
    const Outcome outcome = cluster_.shell({"--connect", at(proxy, name), "--source-address", source});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_TRUE(outcome.out.starts_with("alice@EXAMPLE.TEST\t")) << outcome.out;
    const auto first = outcome.out.find('\t') + 1;
    return outcome.out.substr(first, outcome.out.find('\t', first) - first);
  }

  Cluster cluster_;
  int count_;
};

class ProxyLoginOfOne : public ProxyLogin {
 protected:
  ProxyLoginOfOne() : ProxyLogin(1) {}
};

TEST_F(ProxyLogin, LeastconnGivesHeldSessionsToDifferentCoordinators) {
  Proxy proxy = start(kerberized() + section("shell", "leastconn"));
  std::vector<std::unique_ptr<Process>> shells;
  std::set<std::string> seen;
  for (int i = 0; i < 3; ++i) {
    shells.push_back(cluster_.open_shell({"--connect", at(proxy, "shell")}));
    shells.back()->send_line("select 1");
    seen.insert(shells.back()->wait_for_line("^alice@EXAMPLE.TEST\t"));
  }
  EXPECT_EQ(seen.size(), 3u);
}

TEST_F(ProxyLogin, SourceKeepsAClientAddressOnOneCoordinator) {
  Proxy proxy = start(kerberized() + section("jdbc", "source"));
  std::map<std::string, std::string> first;
  std::set<std::string> used;
  for (const bool again : {false, true})
    for (int n = 1; n <= 12; ++n) {
      const std::string source = "127.0.7." + std::to_string(n);
      const std::string coordinator = coordinator_of(proxy, "jdbc", source);
      used.insert(coordinator);
      if (again) {
        EXPECT_EQ(coordinator, first[source]) << source;
      }
      first[source] = coordinator;
    }
  EXPECT_GT(used.size(), 1u);
}

TEST_F(ProxyLogin, SucceedsEveryTimeWhileOneKeytabIsStale) {
  Proxy proxy = start(kerberized() + section("shell", "leastconn"));
  cluster_.realm().change_key(Cluster::kProxyPrincipal);
  cluster_.merge_keytab(1);
  cluster_.merge_keytab(2);
  for (int i = 0; i < 6; ++i) EXPECT_NE(coordinator_of(proxy, "shell"), "coordinator-3");
  cluster_.coordinator(3).wait_for_line("^failed .* kvno 2 not found in keytab");
}

struct Fault {
  const char* name;
  const char* option;
};

class FaultyCoordinator : public ProxyLogin, public testing::WithParamInterface<Fault> {};

TEST_P(FaultyCoordinator, CostsNoClientAnError) {
  cluster_.start(1, {GetParam().option});
  cluster_.start(2, {GetParam().option});
  Proxy proxy = start(kerberized() + section("shell", "roundrobin"));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(coordinator_of(proxy, "shell"), "coordinator-3");
}

INSTANTIATE_TEST_SUITE_P(Faults, FaultyCoordinator,
                         testing::Values(Fault{"ClosesBeforeAnAnswer", "--accept-then-close"},
                                         Fault{"ResetsBeforeAnAnswer", "--accept-then-reset"}),
                         [](const auto& tested) { return tested.param.name; });

TEST_F(ProxyLogin, GoesToTheNextServerWhenOneRefusesTheConnection) {
  cluster_.stop(1);
  cluster_.stop(2);
  Proxy proxy = start(kerberized() + section("shell", "roundrobin"));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(coordinator_of(proxy, "shell"), "coordinator-3");
}

TEST_F(ProxyLogin, RefusedByAllIsToldInAnErrorFrame) {
  for (const int n : {1, 2, 3}) cluster_.stop(n);
  Proxy proxy = start(kerberized() + section("shell", "leastconn"));
  const Outcome outcome = cluster_.shell({"--connect", at(proxy, "shell")});
  EXPECT_TRUE(contains(outcome.err, "Bad status: 4 (")) << proxy.process().all();
  EXPECT_EQ(outcome.status, 1);
}

TEST_F(ProxyLogin, RejectedByAllIsToldInAnErrorFrame) {
  cluster_.realm().change_key(Cluster::kProxyPrincipal);
  Proxy proxy = start(kerberized() + section("shell", "leastconn"));
  EXPECT_TRUE(contains(cluster_.shell({"--connect", at(proxy, "shell")}).err, "Bad status: 4 ("));
  for (const int n : {1, 2, 3}) cluster_.coordinator(n).wait_for_line("^failed .* keytab is likely out of date");
}

TEST_F(ProxyLoginOfOne, NoCoordinatorIsDialledBeforeTheClientsFirstBytes) {
  Proxy proxy = start(kerberized() + section("shell", "leastconn"));
  const Socket silent = Socket::connect(cluster_.names().address(Cluster::kProxy), proxy.port("shell"));
  EXPECT_EQ(coordinator_of(proxy, "shell"), "coordinator-1");
  cluster_.coordinator(1).wait_for_line("^closed by");
  const std::string log = cluster_.coordinator(1).out();
  EXPECT_EQ(log.find("connection from"), log.rfind("connection from")) << log;
}

TEST_F(ProxyLoginOfOne, TicketForAnotherNameIsRefusedWithBothNames) {
  Proxy proxy = start(kerberized() + section("shell", "leastconn"));
  const Outcome outcome = cluster_.shell({"--connect", at(proxy, "shell"), "--sasl-host", Cluster::host(1)});
  EXPECT_TRUE(contains(outcome.err, "Bad status: 4 ("));
  EXPECT_TRUE(contains(outcome.err, "impala/host1.example.test"));
  EXPECT_TRUE(contains(outcome.err, "impala/proxy.example.test"));
}

TEST_F(ProxyLoginOfOne, WorksInSegmentsOfOneByte) {
  Proxy proxy = start(kerberized() + section("shell", "leastconn"));
  const Outcome outcome = cluster_.shell({"--connect", at(proxy, "shell"), "--one-byte-segments"});
  EXPECT_EQ(outcome.out, "alice@EXAMPLE.TEST\tcoordinator-1\tselect 1\n") << outcome.err;
}

TEST_F(ProxyLoginOfOne, PassModeCarriesLoginsToo) {
  Proxy proxy = start(globals() + section("shell", "leastconn"));
  EXPECT_EQ(coordinator_of(proxy, "shell"), "coordinator-1");
}

TEST_F(ProxyLoginOfOne, AHundredPortScansLeaveOthersServed) {
  Proxy proxy = start(kerberized() + section("shell", "leastconn"));
  for (int i = 0; i < 100; ++i) {
    Socket scan = Socket::connect(cluster_.names().address(Cluster::kProxy), proxy.port("shell"));
    if (i % 2 != 0) scan.reset();
  }
  EXPECT_EQ(coordinator_of(proxy, "shell"), "coordinator-1");
}

struct BadOpening {
  const char* name;
  std::string bytes;
};

class Garbage : public ProxyLoginOfOne, public testing::WithParamInterface<BadOpening> {};

TEST_P(Garbage, EndsItsOwnConnectionAlone) {
  Proxy proxy = start(kerberized() + section("shell", "leastconn"));
  Socket client = Socket::connect(cluster_.names().address(Cluster::kProxy), proxy.port("shell"));
  client.send(GetParam().bytes);
  try {
    client.read_all();
  } catch (const ConnectionReset&) {
  }
  EXPECT_EQ(coordinator_of(proxy, "shell"), "coordinator-1");
}

INSTANTIATE_TEST_SUITE_P(Openings, Garbage,
                         testing::Values(BadOpening{"NoProtocol", std::string("\xde\xad\xbe\xef\0\0\0\0\xff", 9)},
                                         BadOpening{"HugeFrame", std::string("\x01\x7f\xff\xff\xff", 5) + "GSSAPI"},
                                         BadOpening{"NegativeLength", std::string("\x01\xff\xff\xff\xff", 5)},
                                         BadOpening{"OkBeforeStart", sasl::encode(sasl::Status::ok, "x")},
                                         BadOpening{"UnknownMechanism", sasl::encode(sasl::Status::start, "SCRAM") +
                                                                            sasl::encode(sasl::Status::ok, "x")},
                                         BadOpening{"TokenThatIsNone",
                                                    sasl::encode(sasl::Status::start, "GSSAPI") +
                                                        sasl::encode(sasl::Status::ok, "not a token")}),
                         [](const auto& tested) { return tested.param.name; });

TEST_F(ProxyLoginOfOne, SilentClientIsClosedAfterTimeoutLogin) {
  Proxy proxy = start(kerberized() + section("shell", "leastconn") + "  timeout login 100ms\n");
  Socket client = Socket::connect(cluster_.names().address(Cluster::kProxy), proxy.port("shell"));
  client.send("\1");
  try {
    client.read_all();
  } catch (const ConnectionReset&) {
  }
  EXPECT_EQ(coordinator_of(proxy, "shell"), "coordinator-1");
}

// Whoever knows no password may announce a large token and keep back its end.
TEST_F(ProxyLoginOfOne, LargeTokensThatNeverEndHaveALimitInAll) {
  Proxy proxy = start(kerberized() + section("shell", "leastconn"));
  const std::string start_frame("\x01\0\0\0\x06GSSAPI", 11), token_frame("\x02\0\x10\0\0", 5);
  const std::string most((1 << 20) - 1, '\0');
  std::vector<Socket> clients;
  std::string told;
  for (int i = 0; i < 80 && told.empty(); ++i) {
    clients.push_back(Socket::connect(cluster_.names().address(Cluster::kProxy), proxy.port("shell")));
    clients.back().send(start_frame + token_frame + most);
    try {
      clients.back().wait_until_acknowledged();
    } catch (const std::exception&) {
    }
    if (contains(proxy.process().all(), "hold 64 MiB here")) told = clients.back().read_some();
  }
  EXPECT_TRUE(contains(told, "logins that are not decided yet hold 64 MiB here, and this one is large"));
  EXPECT_EQ(coordinator_of(proxy, "shell"), "coordinator-1") << "the usual ones are let in";
}

TEST_F(ProxyLoginOfOne, RefusesToStartWhenThePtrNamesAnotherHost) {
  cluster_.names().set_reverse(Cluster::kProxy, "node7.example.test");
  try {
    start(kerberized() + section("shell", "leastconn"));
    FAIL() << "it started";
  } catch (const std::runtime_error& error) {
    EXPECT_TRUE(contains(error.what(), "ended with 1"));
    EXPECT_TRUE(contains(error.what(), "node7.example.test"));
    EXPECT_TRUE(contains(error.what(), cluster_.names().address(Cluster::kProxy)));
    EXPECT_TRUE(contains(error.what(), Cluster::kProxy));
  }
}

TEST_F(ProxyLoginOfOne, WarnsAndStartsWithDnsCheckWarn) {
  cluster_.names().set_reverse(Cluster::kProxy, "node7.example.test");
  Proxy proxy = start(kerberized("  kerberos dns-check warn\n") + section("shell", "leastconn"));
  proxy.process().wait_for_line("node7\\.example\\.test");
}

}  // namespace
}  // namespace kerbgate::e2e
