#include "both_proxies.hpp"
#include "expect.hpp"

/// Clients that keep their server.
namespace kerbgate::e2e {
namespace {

class ProxyStick : public BothProxies {
 protected:
  std::string section(const std::string& lines, const std::string& of_one = "") {
    return "listen in\n  bind 127.0.0.1:@in@\n  balance roundrobin\n" + lines + "  server one " + one_.local() +
           of_one + "\n" + server("two", two_.local());
  }
  /// The server that a new connection from there comes to; it is closed again.
  std::string visit(Proxy& proxy, const std::string& source) {
    Socket client = this->client(proxy, "in", source);
    client.send("x");
    client.shutdown_write();
    const std::string line = [&] {
      std::string name;
      for (;;) {
        for (Listener* listener : {&one_, &two_}) {
          if (!listener->pending()) continue;
          Socket server = listener->accept();
          EXPECT_EQ(server.read(1), "x");  // one that leaves before would be replaced
          name = listener == &one_ ? "one" : "two";
        }
        if (!name.empty()) return name;
        proxy.process().wait_for_news(0, std::chrono::milliseconds(1));
      }
    }();
    proxy.process().wait_for_line("^" + source + ":.* in in/" + line + " ");
    return line;
  }

  Listener one_, two_;
};

const std::string kOn = "  stick-table type ip size 100 expire 1h\n  stick on src\n";

TEST_P(ProxyStick, AnAddressKeepsItsServer) {
  Proxy proxy = start(section(kOn));
  const std::string first = visit(proxy, "127.0.0.1"), second = visit(proxy, "127.0.0.2");
  EXPECT_NE(first, second);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(visit(proxy, "127.0.0.1"), first);
    EXPECT_EQ(visit(proxy, "127.0.0.2"), second);
  }
}

TEST_P(ProxyStick, AConditionSaysWhoSticks) {
  Proxy proxy =
      start(section("  stick-table type ip size 100\n  stick match src\n"
                    "  stick store-request src if { src 127.0.0.2 }\n"));
  const std::string own = visit(proxy, "127.0.0.2");
  EXPECT_EQ(visit(proxy, "127.0.0.2"), own);
  EXPECT_EQ(visit(proxy, "127.0.0.2"), own);
  EXPECT_NE(visit(proxy, "127.0.0.3"), visit(proxy, "127.0.0.3"));
}

TEST_P(ProxyStick, ATableMayBeAnotherSections) {
  Proxy proxy =
      start(section("  stick on src table clients\n") + "backend clients\n  stick-table type ip size 100 expire 1h\n");
  const std::string first = visit(proxy, "127.0.0.1");
  EXPECT_EQ(visit(proxy, "127.0.0.1"), first);
  EXPECT_EQ(visit(proxy, "127.0.0.1"), first);
}

KERBGATE_BOTH_PROXIES(ProxyStick);

class OwnStick : public ProxyStick {};
INSTANTIATE_TEST_SUITE_P(Programs, OwnStick, testing::Values(Program{"kerbgate", KERBGATE_PROXY}),
                         [](const auto& tested) { return tested.param.name; });

TEST_P(OwnStick, ATableLivesOverAReload) {
  Proxy proxy = start(section(kOn));
  const std::string first = visit(proxy, "127.0.0.1");
  proxy.reload(globals() + section(kOn));
  proxy.process().wait_for_line("^configuration reloaded");
  EXPECT_EQ(visit(proxy, "127.0.0.1"), first);
  EXPECT_EQ(visit(proxy, "127.0.0.1"), first);
}

TEST_P(OwnStick, AServerInMaintenanceIsReplacedAndTheNewOneKept) {
  Proxy proxy = start(section(kOn));
  std::string source = "127.0.0.1";
  if (visit(proxy, source) != "one") source = "127.0.0.2";
  ASSERT_EQ(visit(proxy, source), "one");
  proxy.reload(globals() + section(kOn, " disabled"));
  proxy.process().wait_for_line("^configuration reloaded");
  EXPECT_EQ(visit(proxy, source), "two");
  proxy.reload(globals() + section(kOn));
  proxy.process().wait_for_line("^configuration reloaded");
  EXPECT_EQ(visit(proxy, source), "two");
  EXPECT_EQ(visit(proxy, source), "two");
}

}  // namespace
}  // namespace kerbgate::e2e
