#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "log_port.hpp"
#include "proxy_tls.hpp"
#include "support/sasl.hpp"

/// TLS at the proxy without Kerberos: refused handshakes, sessions, ends and cuts, bad files.
namespace kerbgate::e2e {
namespace {

/// Bytes without Kerberos, between a listener of the test and its clients.
class ProxyTlsBytes : public ProxyTls {
 protected:
  ProxyTlsBytes() : ProxyTls(0) { put("server.pem", ca_.issue(Authority::Request{"server", {"server.test"}})); }
  std::string server_line(const std::string& more = "") {
    return server("s", listener_.local() + (more.empty() ? "" : " " + more));
  }
  std::string tls_server(const std::string& more = "") {
    return server_line("ssl ca-file " + file("ca.pem") + " verifyhost server.test " + more);
  }
  std::shared_ptr<TlsSide> service() { return TlsSide::server({file("server.pem"), "", "", false}); }

  Listener listener_;
};

TEST_F(ProxyTlsBytes, ATls11ClientIsRefusedAndNamed) {
  Proxy proxy = start(globals() + tls_bind() + server_line());
  Socket socket = connect(proxy);
  // A ClientHello of TLS 1.1 that offers nothing newer.
  const std::string body = std::string("\x03\x02", 2) + std::string(32, 'r') + std::string("\0\0\2\0\x2f\1\0", 7);
  const std::string hello = std::string("\1\0\0", 3) + char(body.size()) + body;
  socket.send(std::string("\x16\x03\x01\0", 4) + char(hello.size()) + hello);
  EXPECT_EQ(socket.read_some().substr(0, 1), "\x15");  // an alert
  proxy.process().wait_for_line("jdbc/1: SSL handshake failure \\(unsupported protocol\\)$");
}

TEST_F(ProxyTlsBytes, GarbageIsNamedAndLeavesOthersServed) {
  Proxy proxy = start(globals() + tls_bind() + server_line());
  Socket garbage = connect(proxy);
  garbage.send("GET / HTTP/1.1\r\n\r\n");
  proxy.process().wait_for_line("jdbc/1: SSL handshake failure \\(http request\\)$");
  connect(proxy).close();
  proxy.process().wait_for_line("jdbc/1: Connection closed during SSL handshake$");
  Socket good = connect(proxy);
  good.secure(client());
  good.send("x");
  EXPECT_EQ(listener_.accept().read(1), "x");
}

TEST_F(ProxyTlsBytes, AStalledHandshakeTimesOut) {
  Proxy proxy = start(globals() + tls_bind() + "  timeout client-hs 100ms\n" + server_line());
  Socket stalled = connect(proxy);
  stalled.send(std::string("\x16\x03\x01", 3));
  proxy.process().wait_for_line("jdbc/1: Timeout during SSL handshake$");
  EXPECT_EQ(stalled.read_some(), "");
}

TEST_F(ProxyTlsBytes, AServerThatStallsInTheHandshakeTimesOut) {
  Proxy proxy =
      start(globals() + "listen jdbc\n  bind 127.0.0.1:@jdbc@\n  timeout connect 100ms\n  retries 0\n" + tls_server());
  Socket client = Socket::connect("127.0.0.1", proxy.port("jdbc"));
  const Socket silent = listener_.accept();
  proxy.process().wait_for_line("jdbc jdbc/s .* sC ");
}

TEST_F(ProxyTlsBytes, SessionsAreResumedButNotAcrossListeners) {
  const std::string address = cluster_.names().address(Cluster::kProxy);
  Proxy proxy = start(globals() + tls_bind() + server_line() + "listen second\n  bind " + address +
                      ":@second@ ssl crt " + file("proxy.pem") + "\n" + server_line());
  const auto side = client();
  const auto resumed = [&](const std::string& name) {
    Socket socket = Socket::connect(address, proxy.port(name));
    socket.secure(side);
    socket.send("x");
    Socket served = listener_.accept();
    served.send("y");
    EXPECT_EQ(socket.read(1), "y");  // the ticket has come before it
    return socket.tls()->resumed();
  };
  EXPECT_FALSE(resumed("jdbc"));
  EXPECT_TRUE(resumed("jdbc"));
  EXPECT_FALSE(resumed("second"));
}

TEST_F(ProxyTlsBytes, SixtyFourMebibytesReachASlowReaderWhole) {
  Proxy proxy = start(globals() + tls_bind() + tls_server());
  Socket user = connect(proxy);
  user.secure(client());
  Socket server = listener_.accept();
  server.secure(service());
  constexpr std::size_t kSize = 64u << 20;
  std::string sent(1 << 20, '\0');
  for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = char(i * 7 + (i >> 9));
  std::thread sending([&] {
    for (std::size_t i = 0; i < kSize; i += sent.size()) server.send(sent);
    server.shutdown_write();
  });
  std::size_t got = 0;
  bool same = true;
  for (std::string piece; !(piece = user.read_some(9000)).empty(); got += piece.size())
    for (std::size_t i = 0; i < piece.size(); i += 101) same = same && piece[i] == sent[(got + i) % sent.size()];
  sending.join();
  EXPECT_EQ(got, kSize);
  EXPECT_TRUE(same);
}

TEST_F(ProxyTlsBytes, AServersResetIsACutForATlsClient) {
  Proxy proxy = start(globals() + tls_bind() + server_line());
  Socket user = connect(proxy);
  user.secure(client());
  Socket server = listener_.accept();
  server.send("half of it");
  EXPECT_EQ(user.read(10), "half of it");
  server.reset();
  EXPECT_THROW(user.read_some(), ConnectionReset);
  proxy.process().wait_for_line("jdbc~ jdbc/s .* SD ");
}

TEST_F(ProxyTlsBytes, AServersMissingCloseNotifyIsACut) {
  Proxy proxy = start(globals() + tls_bind() + tls_server());
  Socket user = connect(proxy);
  user.secure(client());
  Socket server = listener_.accept();
  server.secure(service());
  server.send("half of it");
  EXPECT_EQ(user.read(10), "half of it");
  server.cut();
  EXPECT_THROW(user.read_some(), ConnectionReset);
}

TEST_F(ProxyTlsBytes, AClientsMissingCloseNotifyIsAResetForTheServer) {
  Proxy proxy = start(globals() + tls_bind() + server_line());
  Socket user = connect(proxy);
  user.secure(client());
  user.send("half of it");
  Socket server = listener_.accept();
  EXPECT_EQ(server.read(10), "half of it");
  user.cut();
  EXPECT_THROW(server.read_some(), ConnectionReset);
  proxy.process().wait_for_line("jdbc~ jdbc/s .* CD ");
}

TEST_F(ProxyTlsBytes, CleanEndsStayCleanOneDirectionAtATime) {
  Proxy proxy = start(globals() + tls_bind() + tls_server());
  Socket user = connect(proxy);
  user.secure(client());
  Socket server = listener_.accept();
  server.secure(service());
  user.send("question");
  user.shutdown_write();
  EXPECT_EQ(server.read_all(), "question");
  server.send("answer");
  server.shutdown_write();
  EXPECT_EQ(user.read_all(), "answer");
  proxy.process().wait_for_line("jdbc~ jdbc/s .* -- ");
}

TEST_F(ProxyTlsBytes, TheClientsNameIsAskedForAtTheServer) {
  put("server.pem", ca_.issue(Authority::Request{"server", {Cluster::kProxy}}));
  Proxy proxy = start(globals() + tls_bind() + server_line("ssl ca-file " + file("ca.pem") + " sni ssl_fc_sni"));
  Socket user = connect(proxy);
  user.secure(client());
  Socket server = listener_.accept();
  server.secure(service());
  server.send("ok");
  EXPECT_EQ(user.read(2), "ok");
}

TEST_F(ProxyTlsBytes, PasswordsMayComeThroughTlsWhereTheyAreListed) {
  const std::string login =
      sasl::encode(sasl::Status::start, "PLAIN") + sasl::encode(sasl::Status::ok, std::string("\0alice\0secret", 13));
  Proxy proxy = start(kerberized() + tls_bind() + "  kerberos mechanisms GSSAPI PLAIN\n" + server_line() +
                      listen("clear", "127.0.0.1", "first", "  kerberos mechanisms GSSAPI PLAIN\n" + server_line()));
  Socket user = connect(proxy);
  user.secure(client());
  user.send(login);
  EXPECT_EQ(listener_.accept().read(login.size()), login);
  Socket in_clear = Socket::connect("127.0.0.1", proxy.port("clear"));
  in_clear.send(login);
  EXPECT_TRUE(contains(in_clear.read_all(), "would send a password in clear"));
}

struct BadStart {
  const char* name;
  const char* file;
  const char* says;
};
class TlsAtTheStart : public ProxyTlsBytes, public testing::WithParamInterface<BadStart> {};

TEST_P(TlsAtTheStart, WhatCannotBeServedIsRefusedByCheckToo) {
  const std::string good = ca_.issue("x");
  put("no-key.pem", tests::certificate_of(good));
  put("foreign-key.pem", tests::certificate_of(good) + tests::key_of(ca_.issue("y")));
  put("config.cfg", globals() + "listen a\n  bind 127.0.0.1:" + std::to_string(free_port()) + " ssl crt " +
                        file(GetParam().file) + "\n" + server_line());
  for (const char* task : {"-c", "-db"}) {
    const Outcome outcome = run({KERBGATE_PROXY, task, "-f", file("config.cfg")}, cluster_.environment());
    EXPECT_EQ(outcome.status, 1) << task;
    EXPECT_TRUE(contains(outcome.err, "[ALERT]"));
    EXPECT_TRUE(contains(outcome.err, GetParam().file));
    EXPECT_TRUE(contains(outcome.err, GetParam().says));
  }
}

INSTANTIATE_TEST_SUITE_P(Files, TlsAtTheStart,
                         testing::Values(BadStart{"Missing", "missing.pem", "No such file"},
                                         BadStart{"NoKey", "no-key.pem", "holds no private key"},
                                         BadStart{"ForeignKey", "foreign-key.pem", "does not belong"}),
                         [](const auto& tested) { return tested.param.name; });

TEST_F(ProxyTlsBytes, CheckWarnsOfWhatClientsWillRefuse) {
  put("old.pem", ca_.issue(Authority::Request{"other", {"other.test"}, -30, -1}));
  put("config.cfg", kerberized("  kerberos dns-check off\n") + "listen a\n  bind 127.0.0.1:" +
                        std::to_string(free_port()) + " ssl crt " + file("old.pem") + "\n" + server_line());
  const Outcome outcome = run({KERBGATE_PROXY, "-c", "-f", file("config.cfg")}, cluster_.environment());
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "old.pem expired at "));
  EXPECT_TRUE(
      contains(outcome.err, "old.pem does not hold the name proxy.example.test (subjectAltName: it has other.test)"));
}

/// Debian's HAProxy and this proxy, the same file. Later HAProxies give the reason in brackets, as it is given here.
TEST_F(ProxyTlsBytes, FailedHandshakesReadAsHaproxysDo) {
  if (run({"/bin/sh", "-c", "command -v haproxy"}, {}).status != 0) GTEST_SKIP() << "SKIPPED: no haproxy here";
  const auto said_by = [&](const std::string& program) {
    const LogPort log;
    Proxy proxy(program, cluster_.dir(), cluster_.environment(),
                "global\n  log " + log.address() + " format raw local0\n  nbthread 1\n" +
                    "defaults\n  mode tcp\n  log global\n  option tcplog\n  timeout connect 5s\n  timeout client 5s\n  "
                    "timeout server 5s\n" +
                    "listen jdbc\n  bind 127.0.0.1:@jdbc@ ssl crt " + file("proxy.pem") + " name front\n" +
                    server_line());
    std::vector<std::string> lines;
    for (const char* bytes : {"", "\x16\x03", "GET / HTTP/1.0\r\n\r\n", "\1garbage"}) {
      Socket socket = Socket::connect("127.0.0.1", proxy.port("jdbc"));
      if (*bytes != '\0') socket.send(bytes);
      socket.shutdown_write();
      lines.push_back(log.next("jdbc/front: "));
    }
    return lines;
  };
  const std::vector<std::string> theirs = said_by("haproxy"), ours = said_by(KERBGATE_PROXY);
  ASSERT_EQ(ours.size(), theirs.size());
  for (std::size_t i = 0; i < ours.size(); ++i) EXPECT_EQ(ours[i].substr(0, theirs[i].size()), theirs[i]);
}

/// The words of a server line decide alike whom to trust.
TEST_F(ProxyTlsBytes, ServersAreTrustedAsHaproxyTrustsThem) {
  if (run({"/bin/sh", "-c", "command -v haproxy"}, {}).status != 0) GTEST_SKIP() << "SKIPPED: no haproxy here";
  const std::string pem = ca_.issue(Authority::Request{"server", {"server.test"}});
  put("server.pem", pem);
  put("other-ca.pem", other_.certificate());
  put("revoked.pem", ca_.revoke({pem}));
  put("revokes-none.pem", ca_.revoke({}));
  const std::string mine = "ssl ca-file " + file("ca.pem") + " ";
  const auto side = service();
  const auto trusts = [&](const std::string& program, const std::string& words) {
    Proxy proxy(program, cluster_.dir(), cluster_.environment(),
                "global\n  nbthread 1\n  maxconn 100\ndefaults\n  mode tcp\n  retries 0\n  timeout connect 5s\n  "
                "timeout client "
                "5s\n  timeout server 5s\nlisten jdbc\n  bind 127.0.0.1:@jdbc@\n" +
                    server_line(words));
    Socket user = Socket::connect("127.0.0.1", proxy.port("jdbc"));
    user.send("x");
    Socket server = listener_.accept();
    try {
      server.secure(side);
      return server.read_some() == "x";
    } catch (const std::runtime_error&) {
      return false;
    }
  };
  for (const std::string& words :
       {std::string("ssl verify none"), mine, mine + "verify required verifyhost server.test",
        mine + "verify required verifyhost wrong.test", mine + "verify required sni str(server.test)",
        mine + "verify required sni str(wrong.test)",
        mine + "verify required sni str(wrong.test) verifyhost server.test", mine + "verify none verifyhost wrong.test",
        mine + "crl-file " + file("revoked.pem"), mine + "crl-file " + file("revokes-none.pem"),
        "ssl ca-file " + file("other-ca.pem"), mine + "ssl-max-ver TLSv1.2", mine + "ssl-min-ver TLSv1.3"})
    EXPECT_EQ(trusts(KERBGATE_PROXY, words), trusts("haproxy", words)) << words;
}

}  // namespace
}  // namespace kerbgate::e2e
