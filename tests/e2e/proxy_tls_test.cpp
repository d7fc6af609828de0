#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "authority/authority.hpp"
#include "expect.hpp"
#include "proxy_config.hpp"
#include "support/cluster.hpp"
#include "support/proxy.hpp"
#include "support/sasl.hpp"

/// TLS at the proxy: the manual's three ways with real logins, and what goes wrong on each.
namespace kerbgate::e2e {
namespace {

using tests::Authority;

class ProxyTls : public testing::Test {
 protected:
  explicit ProxyTls(int coordinators = 2) : cluster_(KERBGATE_BIN, coordinators), count_(coordinators) {
    put("ca.pem", ca_.certificate());
    put("proxy.pem", ca_.issue(Cluster::kProxy));
  }

  std::string put(const std::string& name, const std::string& text) {
    const std::string path = cluster_.dir() / name;
    write_file(path, text);
    return path;
  }
  [[nodiscard]] std::string file(const std::string& name) const { return cluster_.dir() / name; }
  /// All coordinators speak TLS, by certificates with their own name and `more`.
  void secure_coordinators(const std::vector<std::string>& more = {}, const std::vector<std::string>& options = {}) {
    for (int n = 1; n <= count_; ++n) {
      std::vector<std::string> names{Cluster::host(n)};
      names.insert(names.end(), more.begin(), more.end());
      std::vector<std::string> words{
          "--certificate", put(Cluster::host(n) + ".pem", ca_.issue(Authority::Request{Cluster::host(n), names}))};
      words.insert(words.end(), options.begin(), options.end());
      cluster_.start(n, words);
    }
  }
  /// One of docs/tls.md's files, with the names, ports and paths of this cluster.
  std::string recipe(const std::string& heading) {
    std::ifstream in(KERBGATE_SOURCE "/docs/tls.md");
    std::string text, line;
    while (std::getline(in, line) && line != "## " + heading) continue;
    while (std::getline(in, line) && !line.starts_with("## "))
      if (line.starts_with("    ")) text += line.substr(4) + '\n';
    const auto replace = [&text](const std::string& from, const std::string& to) {
      EXPECT_NE(text.find(from), std::string::npos) << from;
      for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    };
    replace("log /dev/log local0", "log stdout format raw local0");
    replace("bind :21051", "bind " + cluster_.names().address(Cluster::kProxy) + ":@jdbc@");
    replace("fqdn proxy.example.com", "fqdn " + Cluster::kProxy);
    for (int n = 1; n <= count_; ++n) {
      replace("impala-" + std::to_string(n) + ".example.com:21050", cluster_.address(n));
      const std::string name = "verifyhost impala-" + std::to_string(n) + ".example.com";
      if (text.find(name) != std::string::npos) replace(name, "verifyhost " + Cluster::host(n));
    }
    if (text.find("/etc/kerbgate/") != std::string::npos) replace("/etc/kerbgate/", cluster_.dir() / "");
    return text;
  }
  Proxy start(const std::string& text) { return {KERBGATE_PROXY, cluster_.dir(), cluster_.environment(), text}; }
  std::string bind(const std::string& words) {
    return "listen jdbc\n  bind " + cluster_.names().address(Cluster::kProxy) + ":@jdbc@ " + words + "\n";
  }
  std::string tls_bind(const std::string& more = "") { return bind("ssl crt " + file("proxy.pem") + " " + more); }
  static std::string at(const Proxy& proxy) { return Cluster::kProxy + ":" + std::to_string(proxy.port("jdbc")); }
  Outcome query(const Proxy& proxy, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"--connect", at(proxy), "--ca", file("ca.pem")});
    return cluster_.shell(std::move(more));
  }
  void expect_row(const Outcome& outcome) {
    EXPECT_TRUE(outcome.out.starts_with("alice@EXAMPLE.TEST\tcoordinator-")) << outcome.out << outcome.err;
    EXPECT_EQ(outcome.status, 0);
  }

  std::shared_ptr<TlsSide> client(const std::string& certificate = "") {
    return TlsSide::client({certificate, file("ca.pem"), Cluster::kProxy, false});
  }
  Socket connect(const Proxy& proxy) {
    return Socket::connect(cluster_.names().address(Cluster::kProxy), proxy.port("jdbc"));
  }

  Authority ca_{"test CA"}, other_{"another CA"};
  Cluster cluster_;
  int count_;
};

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

TEST_F(ProxyTls, BridgingCarriesALoginAndAQuery) {
  secure_coordinators();
  Proxy proxy = start(recipe("Bridging"));
  expect_row(query(proxy));
  const std::string line = proxy.process().wait_for_line("impala-jdbc~ impala-jdbc/impala-[12] ");
  EXPECT_TRUE(contains(line, "ssl_version=TLSv1.3"));
  EXPECT_TRUE(contains(line, "service=impala/proxy.example.test@EXAMPLE.TEST"));
}

TEST_F(ProxyTls, OffloadCarriesALoginAndAQuery) {
  Proxy proxy = start(recipe("Offload"));
  expect_row(query(proxy));
  proxy.process().wait_for_line("impala-jdbc~ impala-jdbc/impala-[12] .* -- ");
}

TEST_F(ProxyTls, PassthroughCarriesALoginAndAQuery) {
  secure_coordinators({Cluster::kProxy});
  Proxy proxy = start(recipe("Passthrough"));
  expect_row(query(proxy));
  EXPECT_TRUE(contains(proxy.process().wait_for_line("impala-jdbc impala-jdbc/impala-[12] "), "protocol=tls"));
}

TEST_F(ProxyTls, PassthroughNamesCoordinatorsWhoseCertificateLacksTheProxy) {
  secure_coordinators();
  Proxy proxy = start(recipe("Passthrough"));
  for (int n = 1; n <= 2; ++n)
    proxy.process().wait_for_line(
        "Server impala-jdbc/impala-[12]: its certificate \\(CN=host[12].example.test\\) does not "
        "hold proxy.example.test: clients");
  EXPECT_TRUE(contains(query(proxy).err, "certificate verify failed: hostname mismatch"));
}

TEST_F(ProxyTls, ARefusalComesThroughTls) {
  Proxy proxy = start(recipe("Offload"));
  const Outcome outcome = query(proxy, {"--sasl-host", Cluster::host(1)});
  EXPECT_TRUE(contains(outcome.err, "Bad status: 4 ("));
  EXPECT_TRUE(contains(outcome.err, "impala/host1.example.test"));
}

TEST_F(ProxyTls, ALoginMayComeOctetByOctet) {
  Proxy proxy = start(recipe("Offload"));
  expect_row(query(proxy, {"--one-byte-segments"}));
}

TEST_F(ProxyTls, ACoordinatorWithAnothersCertificateIsPassedOver) {
  secure_coordinators();
  cluster_.start(1, {"--certificate", put("foreign.pem", other_.issue(Cluster::host(1)))});
  Proxy proxy = start(kerberized() + tls_bind() + "  balance roundrobin\n  default-server ssl ca-file " +
                      file("ca.pem") + "\n" + server("c1", cluster_.address(1)) + server("c2", cluster_.address(2)));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(contains(query(proxy).out, "\tcoordinator-2\t"));
  proxy.process().wait_for_line("Server jdbc/c1 .* passed over: TLS handshake failed.*certificate verify failed");
}

TEST_F(ProxyTls, ACoordinatorWithAnotherNameIsPassedOver) {
  secure_coordinators();
  Proxy proxy = start(kerberized() + tls_bind() + "  balance first\n  default-server ssl ca-file " + file("ca.pem") +
                      "\n" + server("c1", cluster_.address(1) + " verifyhost other.test") +
                      server("c2", cluster_.address(2) + " sni str(" + Cluster::host(2) + ")"));
  EXPECT_TRUE(contains(query(proxy).out, "\tcoordinator-2\t"));
  proxy.process().wait_for_line("Server jdbc/c1 .* passed over: TLS handshake failed.*hostname mismatch");
}

TEST_F(ProxyTls, WhenNoHandshakeSucceedsTheClientIsTold) {
  secure_coordinators();
  put("other.pem", other_.certificate());
  Proxy proxy = start(kerberized() + tls_bind() + "  default-server ssl ca-file " + file("other.pem") + "\n" +
                      server("c1", cluster_.address(1)));
  EXPECT_TRUE(contains(query(proxy).err, "Bad status: 4 (no coordinator took this login: "));
}

TEST_F(ProxyTls, CertificatesOfBothSidesAreAskedFor) {
  secure_coordinators({}, {"--client-ca", file("ca.pem")});
  const std::string proxy_line = "  default-server ssl ca-file " + file("ca.pem") + " crt " +
                                 put("proxy-client.pem", ca_.issue("the-proxy")) + "\n";
  Proxy proxy = start(kerberized() + tls_bind("ca-file " + file("ca.pem") + " verify required") + proxy_line +
                      server("c1", cluster_.address(1)));
  expect_row(query(proxy, {"--certificate", put("alice.pem", ca_.issue("alice"))}));
  cluster_.coordinator(1).wait_for_line("^TLS from .* CN=the-proxy");
  EXPECT_TRUE(contains(proxy.process().wait_for_line("jdbc~ jdbc/c1 "), "ssl_c_s_dn=\"CN=alice\""));
  EXPECT_NE(query(proxy).status, 0);
  proxy.process().wait_for_line("jdbc/1: SSL handshake failure \\(peer did not return a certificate\\)$");
}

TEST_F(ProxyTls, ARevokedClientIsRefused) {
  const std::string bad = ca_.issue("mallory"), good = ca_.issue("alice");
  Proxy proxy =
      start(kerberized() +
            tls_bind("ca-file " + file("ca.pem") + " verify required crl-file " + put("crl.pem", ca_.revoke({bad}))) +
            server("c1", cluster_.address(1)));
  EXPECT_NE(query(proxy, {"--certificate", put("bad.pem", bad)}).status, 0);
  proxy.process().wait_for_line("jdbc/1: SSL handshake failure \\(certificate verify failed: certificate revoked\\)$");
  expect_row(query(proxy, {"--certificate", put("good.pem", good)}));
}

TEST_F(ProxyTls, TheCheckIsAHandshake) {
  secure_coordinators();
  put("other.pem", other_.certificate());
  Proxy proxy = start(kerberized() + tls_bind() +
                      server("c1", cluster_.address(1) + " check inter 50ms fall 1 ssl ca-file " + file("other.pem")));
  proxy.process().wait_for_line(
      "Server jdbc/c1 is DOWN, reason: Layer6 invalid response, info: \"certificate verify failed");
}

TEST_F(ProxyTls, ANewCertificateIsServedWithoutASignal) {
  Proxy proxy = start(recipe("Offload"));
  auto shell = cluster_.open_shell({"--connect", at(proxy), "--ca", file("ca.pem")});
  shell->send_line("select 1");
  shell->wait_for_line("^alice@");
  put("proxy.pem", "nothing\n");
  proxy.process().wait_for_line(
      "certificates have changed and are not taken, the old ones stay: .*proxy.pem: holds no");
  expect_row(query(proxy));
  put("proxy.pem", ca_.issue(Authority::Request{"renewed", {Cluster::kProxy}}));
  proxy.process().wait_for_line("certificates reloaded");
  for (;;) {  // the keeper's word comes before the worker's deed
    Socket socket = connect(proxy);
    socket.secure(client());
    if (socket.tls()->peer_subject() == "CN=renewed") break;
  }
  shell->send_line("select 2");
  shell->wait_for_line("^alice@.*select 2");
}

TEST_F(ProxyTls, ReloadServesANewCertificate) {
  const std::string text = recipe("Offload");
  Proxy proxy = start(text);
  put("proxy2.pem", ca_.issue(Authority::Request{"second", {Cluster::kProxy}}));
  std::string changed = text;
  changed.replace(changed.find("proxy.pem"), 9, "proxy2.pem");
  proxy.reload(changed);
  for (;;) {
    Socket socket = connect(proxy);
    socket.secure(client());
    if (socket.tls()->peer_subject() == "CN=second") break;
  }
  expect_row(query(proxy));
}

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

/// The worker is nobody in an empty root; the files are root's alone.
TEST_F(ProxyTls, FilesOfRootAreServedAndTakenUpByAWorkerWithoutRights) {
  if (geteuid() != 0) GTEST_SKIP() << "SKIPPED: only root may change root and user";
  std::filesystem::create_directory(file("jail"));
  const auto protect = [&] { std::filesystem::permissions(file("proxy.pem"), std::filesystem::perms::owner_read); };
  protect();
  Proxy proxy = start(kerberized("  user nobody\n  chroot " + file("jail") + "\n") + tls_bind() +
                      server("c1", cluster_.address(1)));
  proxy.process().wait_for_line("ready:");
  EXPECT_EQ(proxy.process().all().find("everyone on this host may read"), std::string::npos);
  expect_row(query(proxy));
  put("next.pem", ca_.issue(Authority::Request{"renewed", {Cluster::kProxy}}));
  std::filesystem::rename(file("next.pem"), file("proxy.pem"));
  protect();
  proxy.process().wait_for_line("certificates reloaded");
  expect_row(query(proxy));
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

/// Where log lines go, by UDP.
class LogPort {
 public:
  LogPort() : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(fd_, reinterpret_cast<sockaddr*>(&any), sizeof any);
    const timeval limit{kPatience.count(), 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  ~LogPort() { ::close(fd_); }
  LogPort(const LogPort&) = delete;
  LogPort& operator=(const LogPort&) = delete;
  [[nodiscard]] std::string address() const {
    sockaddr_in own{};
    socklen_t size = sizeof own;
    getsockname(fd_, reinterpret_cast<sockaddr*>(&own), &size);
    return "127.0.0.1:" + std::to_string(ntohs(own.sin_port));
  }
  /// The next line about a connection, from the frontend's name on.
  [[nodiscard]] std::string words() const {
    for (;;) {
      char text[2048];
      const ssize_t got = recv(fd_, text, sizeof text, 0);
      if (got < 0) return "(nothing)";
      const std::string line(text, static_cast<std::size_t>(got));
      const auto at = line.find("jdbc/front: ");
      if (at != std::string::npos) return line.substr(at, line.find_last_not_of("\n") + 1 - at);
    }
  }

 private:
  int fd_;
};

/// Debian's HAProxy and this proxy, the same file. Later HAProxies give the reason in brackets, as it is given here.
TEST_F(ProxyTlsBytes, FailedHandshakesReadAsHaproxysDo) {
  if (run({"/bin/sh", "-c", "command -v haproxy"}, {}).status != 0) GTEST_SKIP() << "no haproxy here";
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
      lines.push_back(log.words());
    }
    return lines;
  };
  const std::vector<std::string> theirs = said_by("haproxy"), ours = said_by(KERBGATE_PROXY);
  ASSERT_EQ(ours.size(), theirs.size());
  for (std::size_t i = 0; i < ours.size(); ++i) EXPECT_EQ(ours[i].substr(0, theirs[i].size()), theirs[i]);
}

}  // namespace
}  // namespace kerbgate::e2e
