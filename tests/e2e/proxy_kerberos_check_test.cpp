#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <thread>

#include "proxy_tls.hpp"
#include "rotation.hpp"
#include "runtime.hpp"
#include "support/proxy.hpp"

/// option kerberos-check against a real KDC and coordinators with a real acceptor.
namespace kerbgate::e2e {
namespace {

/// What the proxy of these tests is started with.
std::string checked(Cluster& cluster, const std::string& servers, const std::string& global = "",
                    const std::string& option = "option kerberos-check inter 1s") {
  return kerberized("  kerberos keytab " + (cluster.dir() / "proxy.keytab") + "\n  stats socket " +
                    (cluster.dir() / "runtime.sock") + " level admin\n" + global) +
         listen("shell", cluster.names().address(Cluster::kProxy), "roundrobin",
                "  " + option + "\n  timeout check 2s\n" + servers);
}

std::string checked_server(Cluster& cluster, int n, const std::string& more = "") {
  return "  server host" + std::to_string(n) + " " + cluster.address(n) + " check inter 100ms " + more + "\n";
}

class KerberosCheck : public testing::Test {
 protected:
  KerberosCheck() { export_keytab(); }

  void export_keytab() { cluster_.realm().export_keytab({Cluster::kProxyPrincipal}, keytab()); }
  [[nodiscard]] std::string keytab() const { return cluster_.dir() / "proxy.keytab"; }
  std::string both(const std::string& more = "") {
    return checked_server(cluster_, 1, more) + checked_server(cluster_, 2, more);
  }
  Proxy start(const std::string& text) { return {KERBGATE_PROXY, cluster_.dir(), cluster_.environment(), text}; }
  /// The proxy has logged in there.
  void wait_for_login(int n) { cluster_.coordinator(n).wait_for_line("login impala/proxy.example.test@EXAMPLE.TEST"); }
  void take_proxy_key_away(int n) {
    const std::string fresh = cluster_.keytab(n) + ".new";
    cluster_.realm().export_keytab({Cluster::principal(n)}, fresh);
    std::filesystem::rename(fresh, cluster_.keytab(n));
  }
  std::string answer(const Proxy& proxy) {
    const Outcome outcome = cluster_.shell({"--connect", Cluster::kProxy + ":" + std::to_string(proxy.port("shell"))});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return outcome.out;
  }
  std::string wait_for(const std::string& part) {
    return ask_until(cluster_.dir() / "runtime.sock", "show kerberos", part);
  }
  std::string show(const std::string& what) { return ask(cluster_.dir() / "runtime.sock", what); }

  Cluster cluster_{KERBGATE_BIN, 2};
};

TEST_F(KerberosCheck, LogsInAndLeavesAtOnce) {
  Proxy proxy = start(checked(cluster_, both()));
  for (const int n : {1, 2}) {
    wait_for_login(n);
    cluster_.coordinator(n).wait_for_line("^closed by");
    wait_for_login(n);  // again, an interval later
  }
  wait_for("server shell/host1 kerberos-check up, ");
  const std::string kerberos = wait_for("server shell/host2 kerberos-check up, ");
  EXPECT_TRUE(contains(kerberos, "login accepted in "));
  EXPECT_TRUE(contains(kerberos, "ticket of kvno 1 aes256-"));
}

TEST_F(KerberosCheck, AStaleKeytabTakesItsCoordinatorOutUntilItIsSwapped) {
  Proxy proxy = start(checked(cluster_, both()));
  wait_for_login(1);
  wait_for_login(2);
  cluster_.realm().change_key(Cluster::kProxyPrincipal);
  export_keytab();
  cluster_.merge_keytab(2);
  proxy.process().wait_for_line(
      "Server shell/host1 is DOWN, reason: kerberos-check, kvno-older: a ticket of kvno 2 aes256-.* is refused "
      "\\(closed without a word\\), one of kvno 1 aes256-.* is still accepted; export impala/proxy.*keytool merge.* 1 "
      "active and 0 backup servers left");
  EXPECT_EQ(show_stat(cluster_.dir() / "runtime.sock")["shell/host1"]["status"], "DOWN");
  EXPECT_EQ(show_stat(cluster_.dir() / "runtime.sock")["shell/host1"]["check_status"], "L7RSP");
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(contains(answer(proxy), "coordinator-2"));
  EXPECT_TRUE(contains(show("show kerberos"), "last accepted "));
  EXPECT_TRUE(contains(show("show kerberos"), "server shell/host2 took 2 logins with tickets of kvno 2 aes256-"));

  cluster_.merge_keytab(1);
  proxy.process().wait_for_line(
      "Server shell/host1 is UP, reason: kerberos-check, login accepted in .*, ticket of kvno 2");
  EXPECT_TRUE(contains(answer(proxy) + answer(proxy), "coordinator-1"));
}

TEST_F(KerberosCheck, AKeyThatWasNeverMergedIsToldByTheTicket) {
  take_proxy_key_away(1);
  Proxy proxy = start(checked(cluster_, both()));
  proxy.process().wait_for_line(
      "Server shell/host1 is DOWN, reason: kerberos-check, login-refused: closed without a word; the ticket is for "
      "impala/proxy.example.test@EXAMPLE.TEST, kvno 1 aes256-.*keytool verify KEYTAB --proxy proxy.example.test");
}

TEST_F(KerberosCheck, ACoordinatorThatWasNotToldTheProxysNameIsTold) {
  write_file(cluster_.flagfile(1),
             "-principal=" + Cluster::principal(1) + "@EXAMPLE.TEST\n-keytab_file=" + cluster_.keytab(1) + "\n");
  cluster_.start(1);
  Proxy proxy = start(checked(cluster_, both()));
  proxy.process().wait_for_line(
      "Server shell/host1 is DOWN, reason: kerberos-check, flag-value-differs: closed without a word; it takes a "
      "ticket of its own name, so its --principal is not the proxy's");
}

TEST_F(KerberosCheck, ACoordinatorsOwnWordsTellTheCause) {
  cluster_.start(1, {"--bad-frame"});
  cluster_.start(2, {"--bad-frame"});
  take_proxy_key_away(1);
  Proxy proxy = start(checked(cluster_, both()));
  proxy.process().wait_for_line("Server shell/host1 is DOWN, reason: kerberos-check, proxy-key-not-merged: answered: ");
  // Made again: same version, another key.
  wait_for_login(2);
  cluster_.realm().kadmin({"delprinc", "-force", Cluster::kProxyPrincipal});
  cluster_.realm().add_service(Cluster::kProxyPrincipal);
  std::filesystem::remove(keytab());
  export_keytab();
  cluster_.merge_keytab(1);
  proxy.process().wait_for_line("Server shell/host2 is DOWN, reason: kerberos-check, key-differs: answered: ");
  wait_for("server shell/host1 kerberos-check up, ");
}

TEST_F(KerberosCheck, ACoordinatorThatServesNobodyIsSaturated) {
  cluster_.start(1, {"--busy"});
  Proxy proxy = start(checked(cluster_, both()));
  proxy.process().wait_for_line(
      "Server shell/host1 is DOWN, reason: kerberos-check, service-threads-busy: the login is accepted, and a call "
      "after it is not answered: no answer within 2 s; .*maxconn");
  cluster_.start(1);
  proxy.process().wait_for_line("Server shell/host1 is UP");
}

/// A port that answers whatever comes in HTTP.
class HttpPort {
 public:
  HttpPort() : thread_([this] { run(); }) {}
  ~HttpPort() {
    stopping_ = true;
    thread_.join();
  }
  [[nodiscard]] std::string where() const { return listener_.local(); }

 private:
  void run() {
    while (!stopping_) {
      try {
        Socket socket = listener_.accept(std::chrono::milliseconds(50));
        socket.read_some();
        socket.send("HTTP/1.1 400 Bad Request\r\n\r\n");
        socket.close();
      } catch (const std::exception&) {
        continue;  // nobody came, or who came has left
      }
    }
  }
  Listener listener_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

TEST_F(KerberosCheck, APortThatIsNoCoordinatorsIsDown) {
  HttpPort http;
  Proxy proxy = start(checked(cluster_, both() + "  server web " + http.where() + " check inter 100ms\n"));
  proxy.process().wait_for_line("Server shell/web is DOWN, reason: kerberos-check, port-speaks-otherwise: ");
}

TEST_F(KerberosCheck, ASilentCoordinatorIsDown) {
  cluster_.start(1, {"--silent"});
  Proxy proxy = start(checked(cluster_, both()));
  proxy.process().wait_for_line("Server shell/host1 is DOWN, reason: kerberos-check, login-stalled: ");
  EXPECT_TRUE(contains(answer(proxy), "coordinator-2"));
}

TEST_F(KerberosCheck, WithoutATicketOfItsOwnTheTcpCheckHolds) {
  std::filesystem::remove(keytab());
  cluster_.realm().export_keytab({Cluster::principal(1)}, keytab());
  Proxy proxy = start(checked(cluster_, both()));
  proxy.process().wait_for_line(
      "kerberos-check of backend shell cannot look at its servers, they stand as the TCP check finds them: no ticket "
      "to log in with: .* holds no key of impala/proxy.example.test to log in with");
  EXPECT_TRUE(contains(answer(proxy), "coordinator-"));
  wait_for("kerberos-check unknown");
  export_keytab();
  wait_for_login(1);
}

TEST_F(KerberosCheck, AKdcThatIsAwayTakesNobodyOut) {
  cluster_.realm().stop_kdc();
  Proxy proxy = start(checked(cluster_, both()));
  proxy.process().wait_for_line("kerberos-check of backend shell cannot look at its servers");
  cluster_.realm().restart_kdc();
  wait_for_login(1);
  wait_for_login(2);
  EXPECT_FALSE(contains(proxy.process().all(), "DOWN"));
}

TEST_F(KerberosCheck, APrincipalThatGetsNoTicketIsSaidWithWhatActiveDirectoryWants) {
  cluster_.realm().kadmin({"delprinc", "-force", Cluster::principal(2)});
  const std::string text = checked(
      cluster_, both(), "  kerberos check-principal " + Cluster::principal(2) + " keytab " + cluster_.keytab(2) + "\n");
  Proxy proxy = start(text);
  proxy.process().wait_for_line("Active Directory gives tickets to an account's own name alone");
  proxy.reload(checked(
      cluster_, both(),
      "  kerberos check-principal " + Cluster::principal(1) + "@EXAMPLE.TEST keytab " + cluster_.keytab(1) + "\n"));
  cluster_.coordinator(1).wait_for_line("login impala/host1.example.test@EXAMPLE.TEST");
}

TEST_F(KerberosCheck, AReloadKeepsWhatIsKnownAndWithoutTheOptionItIsForgotten) {
  take_proxy_key_away(1);
  const std::string text = checked(cluster_, both());
  Proxy proxy = start(text);
  proxy.process().wait_for_line("Server shell/host1 is DOWN, reason: kerberos-check");
  proxy.reload(text);
  proxy.process().wait_for_line("^configuration reloaded");
  EXPECT_EQ(show_stat(cluster_.dir() / "runtime.sock")["shell/host1"]["status"], "DOWN");
  proxy.reload(checked(cluster_, both(), "", "no option kerberos-check"));
  proxy.process().wait_for_line("^configuration reloaded");
  const std::string status = show_stat(cluster_.dir() / "runtime.sock")["shell/host1"]["status"];
  EXPECT_TRUE(status.starts_with("UP")) << status;
  EXPECT_FALSE(contains(show("show kerberos"), "kerberos-check"));
}

TEST_F(KerberosCheck, WorksBesideAWorkerWithoutRights) {
  if (geteuid() != 0 || getpwnam("nobody") == nullptr) GTEST_SKIP() << "SKIPPED: only root may change root and user";
  std::filesystem::create_directory(cluster_.dir() / "jail");
  std::filesystem::permissions(keytab(), std::filesystem::perms::owner_read);
  take_proxy_key_away(1);
  Proxy proxy = start(checked(cluster_, both(), "  user nobody\n  chroot " + (cluster_.dir() / "jail") + "\n"));
  proxy.process().wait_for_line("Server shell/host1 is DOWN, reason: kerberos-check");
  wait_for_login(2);
  cluster_.merge_keytab(1);
  proxy.process().wait_for_line("Server shell/host1 is UP, reason: kerberos-check");
}

TEST_F(KerberosCheck, StopsAtOnceInTheMiddleOfALook) {
  cluster_.start(1, {"--silent"});
  Proxy proxy = start(checked(cluster_, checked_server(cluster_, 1) + "  timeout check 60s\n"));
  cluster_.coordinator(1).wait_for_line("^connection from");
  proxy.process().signal(SIGTERM);
  EXPECT_EQ(proxy.process().wait(), 0) << proxy.process().all();
}

class KerberosCheckTls : public ProxyTls {
 protected:
  KerberosCheckTls() { cluster_.realm().export_keytab({Cluster::kProxyPrincipal}, cluster_.dir() / "proxy.keytab"); }
  std::string text(const std::string& server_words) {
    return kerberized("  kerberos keytab " + file("proxy.keytab") + "\n") + tls_bind() +
           "  balance roundrobin\n  option kerberos-check inter 1s\n" + checked_server(cluster_, 1, server_words) +
           checked_server(cluster_, 2, server_words);
  }
};

TEST_F(KerberosCheckTls, GoesThroughTheTlsOfTheServerLineWithItsCertificate) {
  put("client.pem", ca_.issue("proxy"));
  secure_coordinators({}, {"--client-ca", file("ca.pem")});
  Proxy proxy = start(text("ssl ca-file " + file("ca.pem") + " crt " + file("client.pem")));
  for (const int n : {1, 2}) cluster_.coordinator(n).wait_for_line("login impala/proxy.example.test@EXAMPLE.TEST");
  expect_row(query(proxy));
}

TEST_F(KerberosCheckTls, ATlsPortBehindALineWithoutSslIsDown) {
  secure_coordinators();
  Proxy proxy = start(text(""));
  proxy.process().wait_for_line("is DOWN, reason: kerberos-check, tls-not-spoken: the port speaks TLS alone");
}

TEST_F(KerberosCheckTls, AClearPortBehindALineWithSslIsDown) {
  Proxy proxy = start(text("no-check-ssl ssl ca-file " + file("ca.pem")));
  proxy.process().wait_for_line("is DOWN, reason: kerberos-check, tls-not-spoken: ");
}

class KerberosCheckRotation : public Rotation {};

TEST_F(KerberosCheckRotation, KeepsEveryCoordinatorUpThroughStageCommitAndPurge) {
  // The proxy's own keytab is host 1's, as it is where the proxy runs beside a coordinator.
  const std::string text = kerberized("  kerberos keytab " + cluster_.keytab(1) + "\n") +
                           listen("shell", cluster_.names().address(Cluster::kProxy), "roundrobin",
                                  "  option kerberos-check inter 1s\n" + checked_server(cluster_, 1) +
                                      checked_server(cluster_, 2) + checked_server(cluster_, 3));
  Proxy proxy(KERBGATE_PROXY, cluster_.dir(), cluster_.environment(), text);
  const auto seen_by_all = [&] {
    for (int n = 1; n <= kHosts; ++n)
      for (int again = 0; again < 2; ++again)
        cluster_.coordinator(n).wait_for_line("login impala/proxy.example.test@EXAMPLE.TEST");
  };
  seen_by_all();
  must(rotate("stage"));
  push();
  seen_by_all();
  must(rotate("commit"));
  seen_by_all();
  must(rotate("purge", {"--now"}));
  push();
  seen_by_all();
  std::string coordinators;
  for (int n = 1; n <= kHosts; ++n) coordinators += cluster_.coordinator(n).all();
  EXPECT_TRUE(contains(coordinators, "kvno 1 not found in keytab")) << "no old ticket was ever refused";
  EXPECT_EQ(proxy.process().all().find("DOWN"), std::string::npos) << proxy.process().all();
  EXPECT_EQ(proxy.process().all().find("cannot look"), std::string::npos) << proxy.process().all();
}

}  // namespace
}  // namespace kerbgate::e2e
