#include "proxy_tls.hpp"

#include <unistd.h>

#include <filesystem>

/// TLS at the proxy: the manual's three ways with real logins, and what goes wrong on each.
namespace kerbgate::e2e {
namespace {

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

TEST_F(ProxyTls, ALoginInClearIsToldThatThePortSpeaksTls) {
  Proxy proxy = start(recipe("Offload"));
  const Outcome outcome = cluster_.shell({"--connect", at(proxy)});
  EXPECT_TRUE(contains(outcome.err, "Bad status: 4 (")) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "this port speaks TLS and the login came in clear")) << outcome.err;
  EXPECT_TRUE(contains(proxy.process().wait_for_line("SSL handshake failure"), "wrong version number"));
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

}  // namespace
}  // namespace kerbgate::e2e
