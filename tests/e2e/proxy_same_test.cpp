#include <map>

#include "both_proxies.hpp"
#include "expect.hpp"
#include "runtime.hpp"

/// One text, two programs, the same outcome: who is served by whom, what waits, and how sessions end.
namespace kerbgate::e2e {
namespace {

class SameAsHaproxy : public BothProxies {
 protected:
  /// A `listen` section `in` whose connections are logged once a server has taken them.
  Proxy start_in(const std::string& lines) { return start("listen in\n  bind 127.0.0.1:@in@\n" + lines); }
  static std::string logasap() { return "  option logasap\n"; }

  /// The name of the server that this client's line names.
  static std::string taker(Proxy& proxy) {
    const std::string line = proxy.process().wait_for_line(" in in/[a-z<>A-Z]+ ");
    const std::size_t at = line.find(" in in/") + 7;
    return line.substr(at, line.find(' ', at) - at);
  }
  /// How many of `count` connections, held open, each server gets.
  std::map<std::string, int> spread(Proxy& proxy, int count) {
    std::map<std::string, int> got;
    for (int i = 0; i < count; ++i) {
      held_.push_back(client(proxy));
      ++got[taker(proxy)];
    }
    return got;
  }

  Listener a_, b_, c_;
  std::vector<Socket> held_;
};

using Spread = std::map<std::string, int>;

TEST_P(SameAsHaproxy, RoundrobinGivesByWeight) {
  Proxy proxy = start_in(logasap() + "  balance roundrobin\n  server a " + a_.local() + " weight 3\n  server b " +
                         b_.local() + " weight 1\n");
  EXPECT_EQ(spread(proxy, 12), (Spread{{"a", 9}, {"b", 3}}));
}

TEST_P(SameAsHaproxy, LeastconnEvensOutWhatIsHeld) {
  Proxy proxy = start_in(logasap() + "  balance leastconn\n" + server("a", a_.local()) + server("b", b_.local()) +
                         server("c", c_.local()));
  EXPECT_EQ(spread(proxy, 9), (Spread{{"a", 3}, {"b", 3}, {"c", 3}}));
}

TEST_P(SameAsHaproxy, LeastconnGivesByWeight) {
  Proxy proxy = start_in(logasap() + "  balance leastconn\n  server a " + a_.local() + " weight 2\n  server b " +
                         b_.local() + " weight 1\n");
  EXPECT_EQ(spread(proxy, 9), (Spread{{"a", 6}, {"b", 3}}));
}

TEST_P(SameAsHaproxy, FirstFillsOneServerAfterTheOther) {
  Proxy proxy = start_in(logasap() + "  balance first\n  server a " + a_.local() + " maxconn 2\n  server b " +
                         b_.local() + " maxconn 2\n  server c " + c_.local() + "\n");
  EXPECT_EQ(spread(proxy, 6), (Spread{{"a", 2}, {"b", 2}, {"c", 2}}));
}

TEST_P(SameAsHaproxy, SourceKeepsAnAddressOnItsServer) {
  Proxy proxy = start_in(logasap() + "  balance source\n" + server("a", a_.local()) + server("b", b_.local()));
  for (int address = 2; address < 10; ++address) {
    std::string first;
    for (int i = 0; i < 3; ++i) {
      const Socket one = client(proxy, "in", "127.0.0." + std::to_string(address));
      const std::string name = taker(proxy);
      if (i == 0) first = name;
      EXPECT_EQ(name, first) << address;
    }
  }
}

TEST_P(SameAsHaproxy, ABackupIsUsedOnlyWhenNobodyElseIsThere) {
  Proxy proxy = start_in(logasap() + "  server a " + a_.local() + " disabled\n  server b " + b_.local() +
                         " backup\n  server c " + c_.local() + "\n");
  EXPECT_EQ(spread(proxy, 3), (Spread{{"c", 3}}));
  Proxy alone = start_in(logasap() + "  server a " + a_.local() + " disabled\n  server b " + b_.local() + " backup\n");
  EXPECT_EQ(spread(alone, 3), (Spread{{"b", 3}}));
}

TEST_P(SameAsHaproxy, AWeightOfZeroGetsNobody) {
  Proxy proxy =
      start_in(logasap() + "  server a " + a_.local() + " weight 0\n  server b " + b_.local() + " weight 10\n");
  EXPECT_EQ(spread(proxy, 4), (Spread{{"b", 4}}));
}

TEST_P(SameAsHaproxy, WhoWaitedIsLoggedWithHisTurn) {
  for (const char* balance : {"leastconn", "source"}) {
    const std::string turn = balance == std::string("source") ? "1/0" : "0/1";
    Proxy proxy = start_in("  balance " + std::string(balance) + "\n  server a " + a_.local() + " maxconn 1\n");
    Socket first = client(proxy);
    Socket served = a_.accept();
    ASSERT_TRUE(connected(first, served));
    Socket second = client(proxy);
    second.send("ping");
    second.wait_until_acknowledged();
    EXPECT_FALSE(a_.pending());
    first.close();
    served.close();
    Socket next = a_.accept();
    EXPECT_EQ(next.read(4), "ping");
    second.close();
    next.close();
    proxy.process().wait_for_line(" in in/a [0-9]+/[0-9]+/[0-9]+ 4 -- 2/2/1/0/0 0/0$");
    proxy.process().wait_for_line(" in in/a [0-9]+/[0-9]+/[0-9]+ 0 -- 1/1/0/0/0 " + turn + "$");
  }
}

TEST_P(SameAsHaproxy, TheQueuesEndIsLoggedAsOne) {
  Proxy proxy = start_in("  timeout queue 100ms\n  server a " + a_.local() + " maxconn 1\n");
  Socket first = client(proxy);
  Socket served = a_.accept();
  ASSERT_TRUE(connected(first, served));
  Socket second = client(proxy);
  EXPECT_TRUE(turned_away(second));
  proxy.process().wait_for_line(" in in/<NOSRV> [0-9]+/-1/[0-9]+ 0 sQ 2/2/1/0/0 0/1$");
}

TEST_P(SameAsHaproxy, WithoutAServerTheLineHasNone) {
  Proxy proxy = start_in("  server a " + a_.local() + " disabled\n");
  Socket nobody = client(proxy);
  EXPECT_TRUE(turned_away(nobody));
  proxy.process().wait_for_line(" in in/<NOSRV> -1/-1/[0-9]+ 0 SC ");
}

TEST_P(SameAsHaproxy, ASilentClientEndsByItsTimeout) {
  Proxy proxy = start_in("  timeout client 100ms\n" + server("a", a_.local()));
  Socket client = this->client(proxy);
  Socket served = a_.accept();
  EXPECT_TRUE(turned_away(served));
  served.close();
  EXPECT_TRUE(turned_away(client));
  proxy.process().wait_for_line(" in in/a [0-9]+/[0-9]+/[0-9]+ 0 cD ");
}

TEST_P(SameAsHaproxy, ASilentServerEndsByItsTimeout) {
  Proxy proxy = start_in("  timeout server 100ms\n" + server("a", a_.local()));
  Socket client = this->client(proxy);
  client.send("ping");
  Socket served = a_.accept();
  EXPECT_EQ(served.read(4), "ping");
  EXPECT_TRUE(turned_away(client));
  client.close();
  EXPECT_TRUE(turned_away(served));
  proxy.process().wait_for_line(" in in/a [0-9]+/[0-9]+/[0-9]+ 0 sD ");
}

TEST_P(SameAsHaproxy, AHalfClosedConnectionGoesOnTheOtherWay) {
  Proxy proxy = start_in(server("a", a_.local()));
  Socket client = this->client(proxy);
  client.send("question");
  client.shutdown_write();
  Socket served = a_.accept();
  EXPECT_EQ(served.read_all(), "question");
  served.send("answer");
  served.close();
  EXPECT_EQ(client.read_all(), "answer");
  proxy.process().wait_for_line(" in in/a [0-9]+/[0-9]+/[0-9]+ 6 -- ");
}

TEST_P(SameAsHaproxy, AClientsResetIsLoggedAsItsDoing) {
  Proxy proxy = start_in(server("a", a_.local()));
  Socket client = this->client(proxy);
  Socket served = a_.accept();
  ASSERT_TRUE(connected(client, served));
  client.reset();
  EXPECT_TRUE(turned_away(served));
  proxy.process().wait_for_line(" in in/a [0-9]+/[0-9]+/[0-9]+ 4 CD ");
}

TEST_P(SameAsHaproxy, ASessionThatTheOperatorEndsIsLoggedAsKilled) {
  const std::string path = dir_ / "admin.sock";
  Proxy proxy(GetParam().path, dir_, {},
              globals("  stats socket " + path + " level admin\n") + "listen in\n  bind 127.0.0.1:@in@\n" +
                  server("a", a_.local()));
  Socket client = this->client(proxy);
  Socket served = a_.accept();
  ASSERT_TRUE(connected(client, served));
  ask(path, "shutdown sessions server in/a");
  EXPECT_TRUE(turned_away(client));
  EXPECT_TRUE(turned_away(served));
  proxy.process().wait_for_line(" in in/a [0-9]+/[0-9]+/[0-9]+ 4 K- ");
}

TEST_P(SameAsHaproxy, AListenersLimitLetsTheNextOneWait) {
  Proxy proxy = start_in("  maxconn 1\n" + server("a", a_.local()));
  Socket first = client(proxy);
  Socket served = a_.accept();
  ASSERT_TRUE(connected(first, served));
  Socket second = client(proxy);
  second.send("ping");
  EXPECT_FALSE(a_.pending());
  first.close();
  served.close();
  EXPECT_EQ(a_.accept().read(4), "ping");
}

TEST_P(SameAsHaproxy, AConnectionWithoutDataIsNotLoggedWhereThatIsAsked) {
  Proxy proxy = start_in("  option dontlognull\n" + server("a", a_.local()));
  client(proxy).close();
  Socket client = this->client(proxy);
  client.send("x");
  client.shutdown_write();
  Socket served = a_.accept();
  while (served.read_all().empty()) served = a_.accept();  // the one before said nothing
  served.send("y");
  served.close();
  EXPECT_EQ(client.read_all(), "y");
  EXPECT_TRUE(contains(proxy.process().wait_for_line(" in in/a "), " 1 -- "));
}

KERBGATE_BOTH_PROXIES(SameAsHaproxy);

}  // namespace
}  // namespace kerbgate::e2e
