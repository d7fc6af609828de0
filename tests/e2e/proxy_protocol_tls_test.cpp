#include "proxy_tls.hpp"

/// PROXY headers stand before TLS, on both sides.
namespace kerbgate::e2e {
namespace {

const std::string kHeader = "PROXY TCP4 192.0.2.7 192.0.2.9 56324 21050\r\n";

class ProxyProtocolTls : public ProxyTls {
 protected:
  ProxyProtocolTls() : ProxyTls(0) { put("server.pem", ca_.issue(Authority::Request{"server", {"server.test"}})); }
  Listener listener_;
};

TEST_F(ProxyProtocolTls, AnnouncesTheClientBeforeTheHandshake) {
  Proxy proxy =
      start(globals() + tls_bind("accept-proxy") +
            server("s", listener_.local() + " ssl ca-file " + file("ca.pem") + " verifyhost server.test send-proxy"));
  Socket client = connect(proxy);
  client.send(kHeader);
  client.secure(this->client());
  Socket served = listener_.accept();
  EXPECT_EQ(served.read(kHeader.size()), kHeader);
  served.secure(TlsSide::server({file("server.pem"), "", "", false}));
  client.send("ping");
  EXPECT_EQ(served.read(4), "ping");
  served.send("pong");
  EXPECT_EQ(client.read(4), "pong");
  client.close();
  served.close();
  proxy.process().wait_for_line("^192.0.2.7:56324 .* jdbc~ jdbc/s ");
}

TEST_F(ProxyProtocolTls, SessionRulesRunBehindTheHandshake) {
  Proxy proxy = start(globals() + tls_bind("accept-proxy") + "  tcp-request session reject if { src 192.0.2.7 }\n" +
                      server("s", listener_.local()));
  Socket client = connect(proxy);
  client.send(kHeader);
  client.secure(this->client());
  EXPECT_THROW({ client.read(1); }, std::exception);
  EXPECT_FALSE(listener_.pending());
}

}  // namespace
}  // namespace kerbgate::e2e
