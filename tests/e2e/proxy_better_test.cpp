#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "both_proxies.hpp"
#include "expect.hpp"
#include "silent.hpp"
#include "support/names.hpp"

/// Where the proxy differs from HAProxy on purpose. Each test shows both: what HAProxy does, and what is done here. The
/// list for operators is docs/haproxy.md.
namespace kerbgate::e2e {
namespace {

constexpr const char* kHaproxy = "/usr/sbin/haproxy";

class BetterThanHaproxy : public testing::Test {
 protected:
  void SetUp() override {
    if (access(kHaproxy, X_OK) != 0) GTEST_SKIP() << "SKIPPED: no " << kHaproxy << " to compare with";
  }
  /// The configuration, run by one and then by the other: what `use` makes of each.
  template <typename Use>
  void compare(const std::string& sections, Use use) {
    for (const bool own : {false, true}) {
      SCOPED_TRACE(own ? "kerbgate" : "HAProxy");
      Proxy proxy(own ? KERBGATE_PROXY : kHaproxy, dir_, {}, globals() + sections);
      use(proxy, own);
    }
  }
  static Socket client(const Proxy& proxy, const std::string& source = "127.0.0.1") {
    return Socket::connect("127.0.0.1", proxy.port("in"), source);
  }
  static std::string in(const std::string& lines) { return "listen in\n  bind 127.0.0.1:@in@\n" + lines; }
  /// The server that took the connection from each of these addresses, by its line (option logasap).
  static std::map<std::string, std::string> takers(Proxy& proxy, const std::vector<std::string>& addresses) {
    std::map<std::string, std::string> by;
    for (const std::string& address : addresses) {
      const Socket one = client(proxy, address);
      const std::string line = proxy.process().wait_for_line(" in in/[a-z]+ ");
      const std::size_t at = line.find(" in in/") + 7;
      by[address] = line.substr(at, line.find(' ', at) - at);
    }
    return by;
  }
  static std::vector<std::string> addresses(const std::string& before, int count, const std::string& after = "") {
    std::vector<std::string> all;
    for (int i = 1; i <= count; ++i) all.push_back(before + std::to_string(i) + after);
    return all;
  }

  TempDir dir_;
  Listener a_, b_, c_, d_;
};

TEST_F(BetterThanHaproxy, AServersResetIsNoCleanEnd) {
  compare(in(server("a", a_.local())), [&](Proxy& proxy, bool own) {
    Socket client = this->client(proxy);
    Socket served = a_.accept();
    served.send("half of a result");
    EXPECT_EQ(client.read(16), "half of a result");
    served.reset();
    if (own)
      EXPECT_THROW(client.read_all(), ConnectionReset);
    else
      EXPECT_EQ(client.read_all(), "") << "the end of the stream";
  });
}

TEST_F(BetterThanHaproxy, AServerThatLeavesBeforeAWordIsReplaced) {
  const std::string text =
      in("  option logasap\n  balance first\n" + server("a", a_.local()) + server("b", b_.local()));
  compare(text, [&](Proxy& proxy, bool own) {
    Socket client = this->client(proxy);
    Socket leaves = a_.accept();
    proxy.process().wait_for_line(" in in/a ");  // else it might be taken for a refused connection
    leaves.reset();
    if (own) {
      Socket served = b_.accept();
      EXPECT_TRUE(connected(client, served));
    } else {
      EXPECT_TRUE(turned_away(client));
      EXPECT_FALSE(b_.pending());
    }
  });
}

TEST_F(BetterThanHaproxy, ADeadServerWithoutACheckCostsNoSourceItsService) {
  const std::string dead = "127.0.0.1:" + std::to_string(free_port());
  compare(in("  option logasap\n  balance source\n  timeout connect 50ms\n  retries 1\n" + server("a", a_.local()) +
             server("dead", dead)),
          [&](Proxy& proxy, bool own) {
            int failed = 0;
            for (const auto& [address, name] : takers(proxy, addresses("127.0.0.", 12)))
              if (name != "a") ++failed;
            if (own)
              EXPECT_EQ(failed, 0);
            else
              EXPECT_GT(failed, 0) << "they are sent to the dead one again and again";
          });
}

TEST_F(BetterThanHaproxy, AServerThatGoesMovesItsOwnClientsAlone) {
  const std::string before = "  option logasap\n  balance source\n" + server("a", a_.local()) + server("b", b_.local()),
                    after = server("d", d_.local());
  std::map<bool, std::map<std::string, std::string>> first;
  const auto clients = addresses("127.0.0.", 40);
  compare(in(before + server("c", c_.local()) + after),
          [&](Proxy& proxy, bool own) { first[own] = takers(proxy, clients); });
  compare(in(before + after), [&](Proxy& proxy, bool own) {
    int moved = 0;
    for (const auto& [address, name] : takers(proxy, clients))
      if (first[own][address] != "c" && first[own][address] != name) ++moved;
    if (own)
      EXPECT_EQ(moved, 0);
    else
      EXPECT_GT(moved, 10) << "its map is made anew";
  });
}

TEST_F(BetterThanHaproxy, AddressesThatEndAlikeAreSpread) {
  compare(in("  option logasap\n  balance source\n" + server("a", a_.local()) + server("b", b_.local())),
          [&](Proxy& proxy, bool own) {
            std::set<std::string> used;
            for (const auto& [address, name] : takers(proxy, addresses("127.0.", 20, ".7"))) used.insert(name);
            EXPECT_EQ(used.size(), own ? 2u : 1u);
          });
}

TEST_F(BetterThanHaproxy, ANameThatDoesNotResolveStopsOneServerAlone) {
  const Names names(dir_);
  write_file(dir_ / "hosts", "127.0.0.1 localhost\n");
  const std::string text = globals() + "listen in\n  bind 127.0.0.1:" + std::to_string(free_port()) +
                           "\n  server a nowhere.example.test:21050\n  server b " + b_.local() + "\n";
  write_file(dir_ / "name.cfg", text);
  const Outcome other = run({kHaproxy, "-c", "-f", dir_ / "name.cfg"}, names.environment());
  const Outcome own = run({KERBGATE_PROXY, "-c", "-f", dir_ / "name.cfg"}, names.environment());
  EXPECT_EQ(other.status, 1) << other.err;
  EXPECT_EQ(own.status, 0) << own.err;
  EXPECT_TRUE(contains(own.err, "nowhere.example.test"));
}

TEST_F(BetterThanHaproxy, TheImpalaDocumentationsFileRuns) {
  const std::string sample = std::string(KERBGATE_SOURCE) + "/tests/e2e/files/impala-documentation.cfg";
  const Names names(dir_);
  write_file(dir_ / "hosts", "127.0.0.1 localhost\n");
  EXPECT_EQ(run({kHaproxy, "-c", "-f", sample}, names.environment()).status, 1);
  EXPECT_EQ(run({KERBGATE_PROXY, "-c", "-f", sample}, names.environment()).status, 0);
}

TEST_F(BetterThanHaproxy, AnAddressThatIsNoneIsNotAnnounced) {
  const std::string text =
      "listen in\n  bind 127.0.0.1:@in@ accept-proxy\n  option logasap\n" + server("a", a_.local());
  compare(text, [&](Proxy& proxy, bool own) {
    Socket client = this->client(proxy);
    client.send("PROXY TCP4 1.2.3.400 192.0.2.9 70000 21050\r\n");
    if (own) {
      EXPECT_TRUE(turned_away(client));
      proxy.process().wait_for_line("Received an invalid PROXY protocol header");
    } else {
      proxy.process().wait_for_line("^1.2.4.144:4464 \\[.* in in/a ");
    }
  });
}

TEST_F(BetterThanHaproxy, AnAnnouncementMayComeInPieces) {
  const std::string text =
      "listen in\n  bind 127.0.0.1:@in@ accept-proxy\n  option logasap\n" + server("a", a_.local());
  compare(text, [&](Proxy& proxy, bool own) {
    Socket client = this->client(proxy);
    client.send("PROXY TCP4 192.0.2.7 ");
    client.wait_until_acknowledged();
    if (!own) {
      EXPECT_TRUE(turned_away(client));
      return;
    }
    client.send("192.0.2.9 56324 21050\r\n");
    proxy.process().wait_for_line("^192.0.2.7:56324 \\[.* in in/a ");
  });
}

TEST_F(BetterThanHaproxy, AReloadForgetsNoConnection) {
  const std::string text =
      in("  option logasap\n  balance leastconn\n" + server("a", a_.local()) + server("b", b_.local()));
  const auto taker = [](Process& process) {
    const std::string line = process.wait_for_line(" in in/[ab] ");
    return line.substr(line.find(" in in/") + 7, 1);
  };
  compare(text, [&](Proxy& proxy, bool own) {
    std::vector<Socket> held;
    for (const char* expected : {"a", "b", "a"}) {
      held.push_back(client(proxy));
      EXPECT_EQ(taker(proxy.process()), expected);
    }
    // Two are on a, one is on b.
    if (own) {
      proxy.reload(globals() + text);
      proxy.process().wait_for_line("^configuration reloaded");
      held.push_back(client(proxy));
      EXPECT_EQ(taker(proxy.process()), "b");
      return;
    }
    Process next({kHaproxy, "-f", proxy.file(), "-sf", std::to_string(proxy.process().pid())}, {});
    proxy.process().wait_for_line("Proxy in stopped");
    held.push_back(client(proxy));
    EXPECT_EQ(taker(next), "a") << "the new process has counted none";
  });
}

TEST_F(BetterThanHaproxy, AResetInTheQueueIsNamedAsThat) {
  compare(in(server("a", a_.local() + " maxconn 1")), [&](Proxy& proxy, bool own) {
    Socket first = client(proxy);
    Socket served = a_.accept();
    ASSERT_TRUE(connected(first, served));
    Socket second = client(proxy);
    second.send("said before the reset");
    second.wait_until_acknowledged();
    second.reset();
    proxy.process().wait_for_line(std::string(" in in/<NOSRV> [0-9]+/-1/[0-9]+ 0 ") + (own ? "CQ" : "CD") +
                                  " 2/2/1/0/0 0/1$");
  });
}

TEST_F(BetterThanHaproxy, AResetWhileAServerIsDialledIsNamedAsThat) {
  const Silent silent;
  compare(in(server("a", silent.where())), [&](Proxy& proxy, bool own) {
    Socket leaving = client(proxy);
    leaving.send("said before the reset");
    leaving.wait_until_acknowledged();
    leaving.reset();
    proxy.process().wait_for_line(std::string(" in in/a [0-9]+/-1/[0-9]+ 0 ") + (own ? "CC" : "CD") +
                                  " 1/1/0/0/0 0/0$");
  });
}

TEST_F(BetterThanHaproxy, AClientWithoutALoginTakesNoCoordinatorsThread) {
  Listener coordinator;
  const std::string text = in("  option logasap\n" + server("a", coordinator.local()));
  Proxy other(kHaproxy, dir_, {}, globals() + text);
  const Socket silent = client(other);
  coordinator.accept();
  const TempDir dir;
  Proxy own(KERBGATE_PROXY, dir, {}, globals("  kerberos fqdn lb.example.test\n  kerberos dns-check off\n") + text);
  const Socket silent_too = client(own);
  Socket speaks = client(own);
  speaks.send("GET / HTTP/1.0\r\n\r\n");
  Socket served = coordinator.accept();
  EXPECT_EQ(served.read(3), "GET") << "who came second and spoke is the first to be dialled for";
  EXPECT_FALSE(coordinator.pending());
}

/// docs/haproxy.md names a test for each of its rows.
TEST(FromHaproxy, NamesTestsThatExist) {
  std::set<std::string> tests;
  const testing::UnitTest& all = *testing::UnitTest::GetInstance();
  for (int suite = 0; suite < all.total_test_suite_count(); ++suite) {
    const testing::TestSuite& one = *all.GetTestSuite(suite);
    const std::string name = one.name();
    for (int test = 0; test < one.total_test_count(); ++test) {
      const std::string own = one.GetTestInfo(test)->name();
      tests.insert(name.substr(name.find('/') + 1) + "." + own.substr(0, own.find('/')));
    }
  }
  std::ifstream file(std::string(KERBGATE_SOURCE) + "/docs/haproxy.md");
  std::stringstream page;
  page << file.rdbuf();
  const std::string text = page.str();
  static const std::regex kTest("`([A-Z][A-Za-z0-9]+\\.[A-Z][A-Za-z0-9]+)`");
  int named = 0;
  for (std::sregex_iterator at(text.begin(), text.end(), kTest), end; at != end; ++at, ++named)
    EXPECT_TRUE(tests.contains((*at)[1])) << (*at)[1];
  EXPECT_GT(named, 0);
  for (const std::string& name : tests)
    if (name.starts_with("BetterThanHaproxy.")) {
      EXPECT_TRUE(contains(text, "`" + name + "`"));
    }
}

}  // namespace
}  // namespace kerbgate::e2e
