#include <algorithm>
#include <fstream>

#include "both_proxies.hpp"
#include "expect.hpp"
#include "proxy_tls.hpp"

/// Lines of connections: the same formats on HAProxy and on kerbgate, in every way that a connection ends here.
namespace kerbgate::e2e {
namespace {

/// All that does not depend on the clock, ports or other tests' connections.
const std::string kFormat =
    "END %ts %tsc f=%f/%ft b=%b/%s fi=%fi ci=%ci,%{+X}ci,%{+Q}ci si=%si U=%U B=%B ac=%ac/%fc/%bc/%sc/%rc "
    "q=%sq/%bq n=%rt/%lc,%{+X}rt tls=%sslv/%sslc/%ID/%{+Q}sslv http=<%hr>%ST  %%x %{+Q}[fe_name] %[src] %[ssl_fc] "
    "<%[ssl_fc_sni]> %[nbsrv]";

class LogFormat : public BothProxies {
 protected:
  Proxy begin(const std::string& lines) {
    return start("listen in\n  bind 127.0.0.1:@in@\n  retries 0\n  log-format \"" + kFormat + "\"\n" + lines);
  }
  Proxy before_server(const std::string& lines = "") { return begin(lines + server("s", backend_.local())); }
  /// The line that a connection with these parts ends in.
  static std::string line(const std::string& state, const std::string& server, int up, int down, const char* address,
                          const std::string& counts = "1/1/0/0/0 q=0/0", const std::string& number = "0") {
    return "END " + state + ' ' + state + "-- f=in/in b=in/" + server +
           " fi=127.0.0.1 ci=127.0.0.1,7F000001,\"127.0.0.1\" si=" + address + " U=" + std::to_string(up) +
           " B=" + std::to_string(down) + " ac=" + counts + " n=" + number + '/' + "0,000" + number +
           " tls=-/-/-/\"\" http=<>0 %x \"in\" 127.0.0.1 0 <-> ";
  }
  static std::string next_line(Proxy& proxy) { return proxy.process().wait_for_line("END"); }
  void exchange(Socket& client, Socket& server) {
    client.send("hello");
    EXPECT_EQ(server.read(5), "hello");
    server.send("welcome");
    EXPECT_EQ(client.read(7), "welcome");
  }

  /// Both ends of a connection over which bytes have gone both ways.
  std::pair<Socket, Socket> session(const Proxy& proxy) {
    Socket client = this->client(proxy);
    Socket server = backend_.accept();
    exchange(client, server);
    return {std::move(client), std::move(server)};
  }

  Listener backend_;
};

TEST_P(LogFormat, EndedWell) {
  Proxy proxy = before_server();
  auto [client, server] = session(proxy);
  server.close();
  EXPECT_EQ(client.read_all(), "");
  client.close();
  EXPECT_EQ(next_line(proxy), line("--", "s", 5, 7, "127.0.0.1") + "1");
}

TEST_P(LogFormat, ResetByTheClient) {
  Proxy proxy = before_server();
  auto [client, server] = session(proxy);
  client.reset();
  EXPECT_EQ(next_line(proxy), line("CD", "s", 5, 7, "127.0.0.1") + "1");
}

TEST_P(LogFormat, ResetByTheServer) {
  Proxy proxy = before_server();
  auto [client, server] = session(proxy);
  server.reset();
  EXPECT_TRUE(turned_away(client));
  EXPECT_EQ(next_line(proxy), line("SD", "s", 5, 7, "127.0.0.1") + "1");
}

TEST_P(LogFormat, SilenceOfTheClient) {
  Proxy proxy = before_server("  timeout client 200ms\n");
  auto [client, server] = session(proxy);
  EXPECT_EQ(server.read_all(), "");
  server.close();
  EXPECT_EQ(next_line(proxy), line("cD", "s", 5, 7, "127.0.0.1") + "1");
}

TEST_P(LogFormat, SilenceOfTheServer) {
  Proxy proxy = before_server("  timeout server 200ms\n");
  auto [client, server] = session(proxy);
  EXPECT_EQ(client.read_all(), "");
  client.close();
  EXPECT_EQ(next_line(proxy), line("sD", "s", 5, 7, "127.0.0.1") + "1");
}

TEST_P(LogFormat, RefusedByTheServer) {
  Proxy proxy = begin(server("s", "127.0.0.1:" + std::to_string(free_port())));
  Socket client = this->client(proxy);
  EXPECT_TRUE(turned_away(client));
  EXPECT_EQ(next_line(proxy), line("SC", "s", 0, 0, "127.0.0.1") + "1");
}

TEST_P(LogFormat, NoServer) {
  Proxy proxy = begin("  server s 127.0.0.1:1 disabled\n");
  Socket client = this->client(proxy);
  EXPECT_TRUE(turned_away(client));
  EXPECT_EQ(next_line(proxy), line("SC", "<NOSRV>", 0, 0, "-") + "0");
}

/// A server that has room for one client, and that one is there.
class FullServer : public LogFormat {
 protected:
  Proxy full(const std::string& lines) {
    Proxy proxy = begin(lines + "  server s " + backend_.local() + " maxconn 1\n");
    first_.emplace(this->client(proxy));
    held_.emplace(backend_.accept());
    exchange(*first_, *held_);
    return proxy;
  }
  std::optional<Socket> first_, held_;
};

TEST_P(FullServer, WaitedForInVain) {
  Proxy proxy = full("  timeout queue 200ms\n");
  Socket client = this->client(proxy);
  EXPECT_TRUE(turned_away(client));
  EXPECT_EQ(next_line(proxy), line("sQ", "<NOSRV>", 0, 0, "-", "2/2/1/0/0 q=0/1", "1") + "1");
}

TEST_P(FullServer, ServedInTheirTurn) {
  Proxy proxy = full("  timeout queue 20s\n");
  Socket second = this->client(proxy), third = this->client(proxy);
  // What it accepted before these bytes came back is in the queue.
  for (int i = 0; i < 2; ++i) exchange(*first_, *held_);
  held_->close();
  first_->close();
  EXPECT_TRUE(contains(next_line(proxy), "END -- "));
  for (Socket* client : {&second, &third}) {
    Socket server = backend_.accept();
    server.send("welcome");
    server.close();
    EXPECT_EQ(client->read_all(), "welcome");
    client->close();
    const std::string place = client == &second ? " q=0/1 n=1/1," : " q=0/2 n=2/2,";
    EXPECT_TRUE(contains(next_line(proxy), place));
  }
}

TEST_P(LogFormat, RejectedByARule) {
  Proxy proxy = before_server("  tcp-request content reject\n");
  Socket client = this->client(proxy);
  EXPECT_TRUE(turned_away(client));
  EXPECT_EQ(next_line(proxy), line("PR", "<NOSRV>", 0, 0, "-") + "1");
}

TEST_P(LogFormat, SaidEarlyAnnouncesWhatWillGrow) {
  Proxy proxy = start("listen in\n  bind 127.0.0.1:@in@\n  option logasap\n  log-format \"END %ts %B %s %{+Q}f\"\n" +
                      server("s", backend_.local()));
  Socket client = this->client(proxy);
  Socket server = backend_.accept();
  EXPECT_EQ(next_line(proxy), "END -- +0 s \"in\"");
}

TEST_P(LogFormat, LaterTcplogHolds) {
  Proxy proxy = before_server("  option tcplog\n");
  auto [client, server] = session(proxy);
  server.close();
  client.close();
  EXPECT_TRUE(contains(proxy.process().wait_for_line("in/s"), " 7 -- 1/1/0/0/0 0/0"));
}

TEST_P(LogFormat, ErrorFormatIsOfWhatWasNoSession) {
  Proxy proxy =
      start("listen in\n  bind 127.0.0.1:@in@ accept-proxy\n  error-log-format \"END %ci %s <%[fc_err_str]>\"\n" +
            server("s", backend_.local()));
  Socket client = this->client(proxy);
  client.send("NO PROXY HEADER\r\n");
  EXPECT_TRUE(turned_away(client));
  EXPECT_TRUE(contains(next_line(proxy), "END 127.0.0.1 <NOSRV> <Received "));
}

TEST_P(LogFormat, TagIsTheSections) {
  Proxy proxy = start(
      "listen in\n  log-tag impala\n  log stdout format rfc3164 local0\n  bind 127.0.0.1:@in@\n"
      "  log-format \"END %s\"\n" +
      server("s", backend_.local()));
  Socket client = this->client(proxy);
  backend_.accept().close();
  client.close();
  EXPECT_TRUE(contains(proxy.process().wait_for_line("impala\\["), " impala["));
}

/// The same on both programs, for clients that come by TLS.
class LogFormatTls : public ProxyTls, public testing::WithParamInterface<Program> {
 protected:
  LogFormatTls() : ProxyTls(0) {}
  void SetUp() override {
    if (access(GetParam().path, X_OK) != 0) GTEST_SKIP() << "SKIPPED: " << GetParam().path << " is not installed";
  }
};

TEST_P(LogFormatTls, NamesVersionCipherAndServerName) {
  Listener backend;
  Proxy proxy(GetParam().path, cluster_.dir(), {},
              globals() + tls_bind() +
                  "  log-format \"END %ts %ft %{+Q}sslv %sslc %[ssl_fc] %[ssl_fc_sni] %[ssl_fc_protocol] "
                  "%[ssl_fc_cipher] %{+Q}[ssl_c_s_dn]\"\n" +
                  server("s", backend.local()));
  Socket client = connect(proxy);
  client.secure(this->client());
  Socket server = backend.accept();
  client.send("x");
  EXPECT_EQ(server.read(1), "x");
  server.close();
  EXPECT_EQ(client.read_all(), "");  // to the end: who leaves with session tickets unread resets
  client.close();
  const std::string cipher = "TLS_AES_256_GCM_SHA384";
  EXPECT_EQ(proxy.process().wait_for_line("END"),
            "END -- jdbc~ \"TLSv1.3\" " + cipher + " 1 " + Cluster::kProxy + " TLSv1.3 " + cipher + " \"\"");
}

KERBGATE_BOTH_PROXIES(LogFormatTls);
KERBGATE_BOTH_PROXIES(LogFormat);
KERBGATE_BOTH_PROXIES(FullServer);

TEST(LogJson, IsOneObjectWhateverTheFrame) {
  const TempDir dir;
  Listener backend;
  Proxy proxy(KERBGATE_PROXY, dir, {},
              globals() + "listen in\n  bind 127.0.0.1:@in@\n  log-format json\n" + server("s", backend.local()));
  Socket client = Socket::connect("127.0.0.1", proxy.port("in"));
  Socket server = backend.accept();
  client.send("x");
  EXPECT_EQ(server.read(1), "x");
  client.close();
  server.close();
  const std::string line = proxy.process().wait_for_line("^\\{");
  EXPECT_TRUE(contains(line, "\"server\":\"s\""));
  EXPECT_TRUE(contains(line, "\"bytes_in\":1,"));
  EXPECT_EQ(line.back(), '}');
}

}  // namespace
}  // namespace kerbgate::e2e
