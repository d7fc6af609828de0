#include "both_proxies.hpp"
#include "expect.hpp"

/// The PROXY protocol, in and out.
namespace kerbgate::e2e {
namespace {

using namespace std::string_literals;

const std::string kV1 = "PROXY TCP4 192.0.2.7 192.0.2.9 56324 21050\r\n";
const std::string kV1Six = "PROXY TCP6 2001:db8::7 2001:db8::9 56324 21050\r\n";
const std::string kSignature = "\r\n\r\n\0\r\nQUIT\n"s;
const std::string kV2 = kSignature + "\x21\x11\x00\x0c\xc0\x00\x02\x07\xc0\x00\x02\x09\xdc\x04\x52\x3a"s;

class ProxyProtocol : public BothProxies {
 protected:
  Proxy start_accepting(const std::string& lines = "", const std::string& server_options = "") {
    return start("listen in\n  bind 127.0.0.1:@in@ accept-proxy\n" + lines + "  server s " + backend_.local() +
                 server_options + "\n");
  }
  Proxy start_sending(const std::string& option) {
    return start("listen in\n  bind 127.0.0.1:@in@\n  server s " + backend_.local() + " " + option + "\n");
  }
  /// The beginning of the line of a connection that this header began, in one segment with its first bytes.
  void expect_client(Proxy& proxy, const std::string& header, const std::string& client_pattern) {
    Socket client = this->client(proxy);
    client.send(header + "glued");
    Socket served = backend_.accept();
    EXPECT_EQ(served.read(5), "glued");
    EXPECT_TRUE(connected(client, served));
    client.close();
    served.close();
    proxy.process().wait_for_line("^" + client_pattern + " \\[.* in in/s ");
  }

  Listener backend_;
};

TEST_P(ProxyProtocol, AnnouncesTheClient) {
  Proxy proxy = start_accepting();
  expect_client(proxy, kV1, "192.0.2.7:56324");
  expect_client(proxy, kV1Six, "2001:db8::7:56324");
  expect_client(proxy, kV2, "192.0.2.7:56324");
}

TEST_P(ProxyProtocol, OfNobodyLeavesTheConnectionsOwnAddress) {
  Proxy proxy = start_accepting();
  expect_client(proxy, "PROXY UNKNOWN\r\n", "127.0.0.1:[0-9]+");
  expect_client(proxy, kSignature + "\x20\x00\x00\x00"s, "127.0.0.1:[0-9]+");
  expect_client(proxy, kSignature + "\x20\x11\x00\x0c"s + std::string(12, 'x'), "127.0.0.1:[0-9]+");
}

TEST_P(ProxyProtocol, AChecksumIsTaken) {
  Proxy proxy = start_accepting();
  const std::string header = kSignature + "\x21\x11\x00\x13\x0a\x00\x00\x01\x0a\x00\x00\x02\x04\x01\x52\x3a"s +
                             "\x03\x00\x04\xec\x3a\x25\xe9"s;
  expect_client(proxy, header, "10.0.0.1:1025");
}

TEST_P(ProxyProtocol, AnnouncedAddressIsTheOneRulesSee) {
  Proxy proxy = start_accepting(
      "  tcp-request connection reject unless { src 127.0.0.1 }\n"
      "  tcp-request session reject if { src 192.0.2.0/24 }\n"
      "  tcp-request content reject if { dst_port 9 }\n");
  Socket session = client(proxy);
  session.send(kV1);
  EXPECT_TRUE(turned_away(session));
  Socket content = client(proxy);
  content.send("PROXY TCP4 198.51.100.1 192.0.2.9 1 9\r\n");
  EXPECT_TRUE(turned_away(content));
  expect_client(proxy, "PROXY TCP4 198.51.100.1 192.0.2.9 1 10\r\n", "198.51.100.1:1");
}

TEST_P(ProxyProtocol, IsExpectedOfThoseWhomARuleNames) {
  Proxy proxy = start(
      "listen in\n  bind 127.0.0.1:@in@\n"
      "  tcp-request connection expect-proxy layer4 if { src 127.0.0.2 }\n  server s " +
      backend_.local() + "\n");
  Socket balancer = client(proxy, "in", "127.0.0.2");
  balancer.send(kV1 + "x");
  Socket served = backend_.accept();
  EXPECT_EQ(served.read(1), "x");
  Socket liar = client(proxy);
  liar.send(kV1);
  Socket unread = backend_.accept();
  EXPECT_EQ(unread.read(kV1.size()), kV1) << "from anybody else it is no header";
}

TEST_P(ProxyProtocol, WhatIsNoHeaderEndsTheConnectionWithALine) {
  Proxy proxy = start_accepting();
  for (const std::string& bytes : {"GET / HTTP/1.0\r\n\r\n"s, "PROXY TCP4 1.2.3.4\r\n"s}) {
    Socket client = this->client(proxy);
    client.send(bytes);
    EXPECT_TRUE(turned_away(client)) << bytes;
    proxy.process().wait_for_line("127.0.0.1:[0-9]+ \\[.*\\] in/1: .*PROXY protocol header");
  }
  EXPECT_FALSE(backend_.pending());
}

TEST_P(ProxyProtocol, IsSentToAServer) {
  Proxy proxy = start_sending("send-proxy");
  Socket client = this->client(proxy);
  Socket served = backend_.accept();
  const std::string port = client.local().substr(client.local().rfind(':') + 1);
  const std::string header = "PROXY TCP4 127.0.0.1 127.0.0.1 " + port + " " + std::to_string(proxy.port("in")) + "\r\n";
  EXPECT_EQ(served.read(header.size()), header);
  EXPECT_TRUE(connected(client, served));
}

TEST_P(ProxyProtocol, IsSentToAServerAsVersionTwo) {
  Proxy proxy = start_sending("send-proxy-v2");
  Socket client = this->client(proxy);
  Socket served = backend_.accept();
  EXPECT_EQ(served.read(24), kSignature + "\x21\x11\x00\x0c\x7f\x00\x00\x01\x7f\x00\x00\x01"s);
  served.read(4);
  EXPECT_TRUE(connected(client, served));
}

TEST_P(ProxyProtocol, HandsOnWhoWasAnnounced) {
  Proxy proxy = start_accepting("", " send-proxy");
  Socket client = this->client(proxy);
  client.send(kV2);
  Socket served = backend_.accept();
  EXPECT_EQ(served.read(kV1.size()), kV1);
}

KERBGATE_BOTH_PROXIES(ProxyProtocol);

/// Where HAProxy 2.6 falls short (or accepts what is none).
class OwnProxyProtocol : public ProxyProtocol {};
INSTANTIATE_TEST_SUITE_P(Programs, OwnProxyProtocol, testing::Values(Program{"kerbgate", KERBGATE_PROXY}),
                         [](const auto& tested) { return tested.param.name; });

TEST_P(OwnProxyProtocol, ComesInAnyPieces) {
  Proxy proxy = start_accepting();
  for (const std::string& header : {kV1, kV2}) {
    Socket client = this->client(proxy);
    for (const char byte : header) {
      client.send({&byte, 1});
      client.wait_until_acknowledged();
    }
    client.send("x");
    Socket served = backend_.accept();
    EXPECT_EQ(served.read(1), "x");
    client.close();
    served.close();
    proxy.process().wait_for_line("^192.0.2.7:56324 \\[.* in in/s ");
  }
}

// HAProxy resets at once behind it, and the header may be lost.
TEST_P(OwnProxyProtocol, ChecksAnnounceNobody) {
  Proxy proxy = start_sending("check check-send-proxy send-proxy inter 100ms");
  const std::string header = "PROXY UNKNOWN\r\n";
  EXPECT_EQ(backend_.accept().read(header.size()), header);
}

TEST_P(OwnProxyProtocol, WrongOnesAreNamed) {
  Proxy proxy = start_accepting();
  for (const auto& [header, why] :
       {std::pair("PROXY TCP4 1.2.3.400 192.0.2.9 1 2\r\n"s, "an address in it is not of the family it names"),
        {"PROXY TCP4 192.0.2.7 192.0.2.9 70000 2\r\n"s, "a port in it is no number from 0 to 65535"},
        {std::string("PROXY TCP4 ") + std::string(200, '1'), "its line does not end within 107 octets"},
        {kSignature + "\x21\x11\x00\x10"s + std::string(12, 'x') + "\x01\x00\x09\x00"s,
         "a TLV reaches over its end"}}) {
    Socket client = this->client(proxy);
    client.send(header);
    EXPECT_TRUE(turned_away(client)) << why;
    proxy.process().wait_for_line(std::string("Received an invalid PROXY protocol header: ") + why);
  }
}

TEST_P(OwnProxyProtocol, HasItsTime) {
  Proxy proxy = start_accepting("  timeout client-hs 100ms\n");
  Socket client = this->client(proxy);
  client.send("PROXY TCP4");
  EXPECT_TRUE(turned_away(client));
  proxy.process().wait_for_line("in/1: Timeout while waiting for PROXY protocol header");
}

TEST_P(OwnProxyProtocol, SourceHashTakesTheAnnouncedAddress) {
  Listener other;
  Proxy proxy = start("listen in\n  bind 127.0.0.1:@in@ accept-proxy\n  option logasap\n  balance source\n" +
                      server("a", backend_.local()) + server("b", other.local()));
  bool a = false, b = false;
  for (int i = 1; i < 200 && !(a && b); ++i) {
    Socket client = this->client(proxy);
    client.send("PROXY TCP4 192.0.2." + std::to_string(i) + " 192.0.2.9 1 2\r\n");
    client.close();
    const std::string line = proxy.process().wait_for_line(" in in/[ab] ");
    (line.find(" in/a ") != std::string::npos ? a : b) = true;
  }
  EXPECT_TRUE(a && b);
}

}  // namespace
}  // namespace kerbgate::e2e
