#include "both_proxies.hpp"
#include "client_hello.hpp"
#include "expect.hpp"

/// acl, tcp-request, use_backend.
namespace kerbgate::e2e {
namespace {

class ProxyRules : public BothProxies {
 protected:
  /// A listener `in` before servers one and two.
  std::string front(const std::string& lines) {
    return "frontend in\n  bind 127.0.0.1:@in@\n" + lines + "backend one\n" + server("s", one_.local()) +
           "backend two\n" + server("s", two_.local());
  }
  /// Whether the connection goes to this server, and bytes both ways.
  static bool goes_to(Socket& client, Listener& listener) {
    Socket served = listener.accept();
    return connected(client, served);
  }

  Listener one_, two_;
};

TEST_P(ProxyRules, RejectClosesAtOnce) {
  Proxy proxy = start(front("  tcp-request connection reject if { src 127.0.0.2 }\n  default_backend one\n"));
  Socket refused = client(proxy, "in", "127.0.0.2");
  EXPECT_TRUE(turned_away(refused));
  Socket served = client(proxy);
  EXPECT_TRUE(goes_to(served, one_));
}

TEST_P(ProxyRules, AcceptEndsTheList) {
  Proxy proxy =
      start(front("  acl known src 127.0.0.1 127.0.0.3\n  tcp-request connection accept if known\n"
                  "  tcp-request connection reject\n  default_backend one\n"));
  Socket refused = client(proxy, "in", "127.0.0.2");
  EXPECT_TRUE(turned_away(refused));
  Socket served = client(proxy, "in", "127.0.0.3");
  EXPECT_TRUE(goes_to(served, one_));
}

TEST_P(ProxyRules, ConditionsReadValuesFromAFile) {
  write_file(dir_ / "office.lst", "# addresses\n127.0.0.2\n\n127.0.0.4/31\n");
  Proxy proxy = start(front("  acl office src -f " + (dir_ / "office.lst") +
                            "\n  tcp-request connection reject unless office\n  default_backend one\n"));
  for (const char* source : {"127.0.0.2", "127.0.0.4", "127.0.0.5"}) {
    Socket served = client(proxy, "in", source);
    EXPECT_TRUE(goes_to(served, one_)) << source;
  }
  Socket refused = client(proxy, "in", "127.0.0.6");
  EXPECT_TRUE(turned_away(refused));
}

TEST_P(ProxyRules, BackendIsChosenByTheFirstRuleThatFits) {
  Proxy proxy =
      start(front("  acl second src 127.0.0.2\n  acl second src 127.0.0.3\n"
                  "  use_backend two if second !{ src 127.0.0.3 }\n  use_backend one if second\n"
                  "  use_backend two unless LOCALHOST\n  default_backend one\n"));
  Socket two = client(proxy, "in", "127.0.0.2"), one = client(proxy, "in", "127.0.0.3"), other = client(proxy);
  EXPECT_TRUE(goes_to(two, two_));
  EXPECT_TRUE(goes_to(one, one_));
  EXPECT_TRUE(goes_to(other, one_));
}

TEST_P(ProxyRules, BackendIsChosenByThePortThatTheClientCameTo) {
  Proxy proxy = start(
      "frontend in\n  bind 127.0.0.1:@in@\n  bind 127.0.0.1:@beeswax@\n"
      "  use_backend two if { dst_port @beeswax@ }\n  default_backend one\nbackend one\n" +
      server("s", one_.local()) + "backend two\n" + server("s", two_.local()));
  Socket one = client(proxy), two = client(proxy, "beeswax");
  EXPECT_TRUE(goes_to(one, one_));
  EXPECT_TRUE(goes_to(two, two_));
}

constexpr const char* kByName =
    "  tcp-request inspect-delay 20s\n  tcp-request content accept if { req.ssl_hello_type 1 }\n"
    "  tcp-request content reject\n  use_backend two if { req.ssl_sni -i -m end .etl.example.com }\n"
    "  default_backend one\n";

TEST_P(ProxyRules, BackendIsChosenByTheNameInAClientHello) {
  Proxy proxy = start(front(kByName));
  for (const auto& [name, listener] :
       {std::pair("lb.ETL.example.com", &two_), {"lb.example.com", &one_}, {"", &one_}}) {
    const std::string hello = client_hello(name);
    Socket client = this->client(proxy);
    client.send(hello.substr(0, 7));
    client.wait_until_acknowledged();
    client.send(hello.substr(7));
    Socket served = listener->accept();
    EXPECT_EQ(served.read(hello.size()), hello) << name;
    EXPECT_TRUE(connected(client, served));
  }
}

TEST_P(ProxyRules, WhatSpeaksNoTlsIsRejectedAndLogged) {
  Proxy proxy = start(front(kByName));
  Socket client = this->client(proxy);
  client.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(turned_away(client));
  proxy.process().wait_for_line(" in in/<NOSRV> -1/-1/[0-9]+ 0 PR 1/1/0/0/0 0/0");
}

TEST_P(ProxyRules, TheDelaysEndDecides) {
  Proxy proxy =
      start(front("  tcp-request inspect-delay 50ms\n  tcp-request content accept if { req.len gt 0 }\n"
                  "  use_backend two if WAIT_END !REQ_CONTENT\n  default_backend one\n"));
  Socket silent = client(proxy);
  Socket served = two_.accept();
  EXPECT_TRUE(connected(silent, served));
}

TEST_P(ProxyRules, ABackendHasRulesOfItsOwn) {
  Proxy proxy =
      start(front("  default_backend one\n") + "backend one_more\n  tcp-request content reject if { src 127.0.0.2 }\n" +
            server("s", one_.local()) + "frontend more\n  bind 127.0.0.1:@more@\n  default_backend one_more\n");
  Socket refused = client(proxy, "more", "127.0.0.2");
  EXPECT_TRUE(turned_away(refused));
  proxy.process().wait_for_line(" more one_more/<NOSRV> .* PR ");
  Socket served = client(proxy, "more");
  EXPECT_TRUE(goes_to(served, one_));
}

TEST_P(ProxyRules, LimitsConnectionsOfOneAddress) {
  Proxy proxy =
      start(front("  stick-table type ip size 100 expire 1m store conn_cur\n"
                  "  tcp-request connection track-sc0 src\n"
                  "  tcp-request connection reject if { sc0_conn_cur gt 1 }\n  default_backend one\n"));
  Socket first = client(proxy);
  Socket served = one_.accept();
  EXPECT_TRUE(connected(first, served));
  Socket second = client(proxy);
  EXPECT_TRUE(turned_away(second));
  Socket other = client(proxy, "in", "127.0.0.2");
  EXPECT_TRUE(goes_to(other, one_));
  first.close();
  EXPECT_EQ(served.read_all(), "");
  served.close();
  proxy.process().wait_for_line("127.0.0.1:.* in one/s ");  // it is over: its place is free
  Socket third = client(proxy);
  EXPECT_TRUE(goes_to(third, one_));
}

TEST_P(ProxyRules, LimitsTheRateOfOneAddress) {
  Proxy proxy =
      start(front("  stick-table type ip size 100 expire 1h store conn_rate(1h)\n"
                  "  tcp-request connection track-sc0 src\n"
                  "  tcp-request connection reject if { src_conn_rate gt 3 }\n  default_backend one\n"));
  for (int i = 0; i < 3; ++i) {
    Socket served = client(proxy);
    EXPECT_TRUE(goes_to(served, one_)) << i;
  }
  Socket refused = client(proxy);
  EXPECT_TRUE(turned_away(refused));
}

TEST_P(ProxyRules, ABackendIsLeftWhenItsServersAre) {
  Proxy proxy = start(front("  use_backend two if { nbsrv(down) lt 1 }\n  default_backend one\n") + "backend down\n" +
                      "  server s " + one_.local() + " disabled\n");
  Socket client = this->client(proxy);
  EXPECT_TRUE(goes_to(client, two_));
}

KERBGATE_BOTH_PROXIES(ProxyRules);

/// What HAProxy lacks, or does otherwise on purpose.
class OwnRules : public ProxyRules {};
INSTANTIATE_TEST_SUITE_P(Programs, OwnRules, testing::Values(Program{"kerbgate", KERBGATE_PROXY}),
                         [](const auto& tested) { return tested.param.name; });

// HAProxy looks at what has come in the first instant, and sends everybody to the default.
TEST_P(OwnRules, WithoutADelayTheNameIsWaitedFor) {
  Proxy proxy = start(front("  use_backend two if { req.ssl_sni lb.example.com }\n  default_backend one\n"));
  const std::string hello = client_hello("lb.example.com");
  Socket client = this->client(proxy);
  for (const char c : hello) client.send({&c, 1});
  Socket served = two_.accept();
  EXPECT_EQ(served.read(hello.size()), hello);
  EXPECT_TRUE(connected(client, served));
}

TEST_P(OwnRules, ClientThatEndsItsSideIsJudgedByWhatItSaid) {
  Proxy proxy = start(front("  use_backend two if { req.len gt 100 }\n  default_backend one\n"));
  Socket client = this->client(proxy);
  client.send("short");
  client.shutdown_write();
  Socket served = one_.accept();
  EXPECT_EQ(served.read_all(), "short");
  served.send("answer");
  served.close();
  EXPECT_EQ(client.read_all(), "answer");
}

TEST_P(OwnRules, PassthroughReadsTheHelloAndNothingElse) {
  Proxy proxy(
      KERBGATE_PROXY, dir_, {},
      globals("  kerberos fqdn lb.example.test\n  kerberos dns-check off\n") +
          front("  tls-passthrough\n  use_backend two if { req.ssl_sni lb.example.com }\n  default_backend one\n"));
  const std::string hello = client_hello("lb.example.com");
  Socket tls = this->client(proxy);
  tls.send(hello);
  Socket served = two_.accept();
  EXPECT_EQ(served.read(hello.size()), hello);
  served.send("hello");
  EXPECT_EQ(tls.read(5), "hello");
  EXPECT_TRUE(connected(tls, served));
  Socket other = this->client(proxy);
  other.send("SSH-2.0-OpenSSH\r\n");
  Socket unread = one_.accept();
  EXPECT_EQ(unread.read(17), "SSH-2.0-OpenSSH\r\n");
}

TEST_P(OwnRules, AClientHelloGoesToTheNextServerWhenOneEndsWithoutAWord) {
  Proxy proxy = start("listen in\n  bind 127.0.0.1:@in@\n  tls-passthrough\n  balance first\n" +
                      server("closing", one_.local()) + server("good", two_.local()));
  const std::string hello = client_hello("lb.example.com");
  Socket client = this->client(proxy);
  client.send(hello);
  one_.accept().close();
  Socket served = two_.accept();
  EXPECT_EQ(served.read(hello.size()), hello);
}

TEST_P(OwnRules, ReloadReadsListsAnewAndKeepsTables) {
  write_file(dir_ / "office.lst", "127.0.0.2\n");
  const std::string text =
      globals() + front("  stick-table type ip size 100 store conn_cnt\n  acl office src -f " + (dir_ / "office.lst") +
                        "\n  tcp-request connection track-sc0 src\n  tcp-request connection reject if office\n"
                        "  tcp-request connection reject if { src 127.0.0.5 } { sc0_conn_cnt gt 1 }\n"
                        "  default_backend one\n");
  Proxy proxy(KERBGATE_PROXY, dir_, {}, text);
  Socket refused = client(proxy, "in", "127.0.0.2"), counted = client(proxy, "in", "127.0.0.5");
  EXPECT_TRUE(turned_away(refused));
  EXPECT_TRUE(goes_to(counted, one_));
  write_file(dir_ / "office.lst", "127.0.0.3\n");
  proxy.reload(text);
  proxy.process().wait_for_line("^configuration reloaded");
  Socket now_refused = client(proxy, "in", "127.0.0.3"), now_served = client(proxy, "in", "127.0.0.2"),
         second = client(proxy, "in", "127.0.0.5");
  EXPECT_TRUE(turned_away(now_refused));
  EXPECT_TRUE(goes_to(now_served, one_));
  EXPECT_TRUE(turned_away(second));
}

TEST_P(OwnRules, ABadListChangesNothingAtAReload) {
  write_file(dir_ / "office.lst", "127.0.0.2\n");
  const std::string text = globals() + front("  acl office src -f " + (dir_ / "office.lst") +
                                             "\n  tcp-request connection reject if office\n  default_backend one\n");
  Proxy proxy(KERBGATE_PROXY, dir_, {}, text);
  write_file(dir_ / "office.lst", "127.0.0.1\nnonsense\n");
  proxy.reload(text);
  proxy.process().wait_for_line("reload refused, nothing has changed: .*office.lst:2: 'nonsense' is not a valid");
  Socket client = this->client(proxy), refused = this->client(proxy, "in", "127.0.0.2");
  EXPECT_TRUE(goes_to(client, one_));
  EXPECT_TRUE(turned_away(refused));
}

}  // namespace
}  // namespace kerbgate::e2e
