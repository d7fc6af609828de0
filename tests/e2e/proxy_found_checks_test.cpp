#include <gtest/gtest.h>

#include <filesystem>

#include "proxy_config.hpp"
#include "runtime.hpp"
#include "support/dnsmasq.hpp"
#include "support/proxy.hpp"

/// option kerberos-check of servers that a real nameserver names while the proxy runs.
namespace kerbgate::e2e {
namespace {

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t out = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++out;
  return out;
}

class FoundChecks : public testing::Test {
 protected:
  void SetUp() override {
    if (!Dnsmasq::installed()) GTEST_SKIP() << "SKIPPED: " << Dnsmasq::kProgram << " is not installed";
    export_keytab();
    dns_ = std::make_unique<Dnsmasq>(cluster_.dir(), hosts());
  }
  void export_keytab() { cluster_.realm().export_keytab({Cluster::kProxyPrincipal}, cluster_.dir() / "proxy.keytab"); }
  std::string hosts() {
    return cluster_.names().address(Cluster::host(1)) + ' ' + Cluster::host(1) + '\n' +
           cluster_.names().address(Cluster::host(2)) + ' ' + Cluster::host(2) + '\n' +
           cluster_.names().address(Cluster::host(1)) + " one.test\n";
  }
  /// What `_imp._tcp.test` says from now on.
  void name(std::initializer_list<int> coordinators) {
    std::vector<std::string> options;
    for (const int n : coordinators)
      options.push_back("--srv-host=_imp._tcp.test," + Cluster::host(n) + ',' + std::to_string(cluster_.port(n)) +
                        ",1,1");
    dns_->restart(options);
  }
  std::string text(const std::string& servers) {
    return kerberized("  kerberos keytab " + (cluster_.dir() / "proxy.keytab") + "\n  stats socket " + socket() +
                      " level admin\n") +
           "resolvers dns\n  nameserver ns1 127.0.0.1:" + std::to_string(dns_->port()) +
           "\n  timeout resolve 50ms\n  timeout retry 200ms\n  hold nx 50ms\n  hold other 50ms\n  hold refused 50ms\n" +
           listen("shell", cluster_.names().address(Cluster::kProxy), "roundrobin",
                  "  option kerberos-check inter 300ms\n  timeout check 2s\n" + servers);
  }
  static std::string services() { return "  server-template s 3 _imp._tcp.test resolvers dns check inter 100ms\n"; }
  Proxy start(const std::string& servers) {
    return {KERBGATE_PROXY, cluster_.dir(), cluster_.environment(), text(servers)};
  }
  [[nodiscard]] std::string socket() const { return cluster_.dir() / "runtime.sock"; }
  void wait_for_login(int n) { cluster_.coordinator(n).wait_for_line("login impala/proxy.example.test@EXAMPLE.TEST"); }
  std::string answer(const Proxy& proxy) {
    const Outcome outcome = cluster_.shell({"--connect", Cluster::kProxy + ":" + std::to_string(proxy.port("shell"))});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return outcome.out;
  }

  Cluster cluster_{KERBGATE_BIN, 2};
  std::unique_ptr<Dnsmasq> dns_;
};

TEST_F(FoundChecks, AStaleKeytabTakesTheServerOutThatDnsNamed) {
  name({1, 2});
  Proxy proxy = start(services());
  EXPECT_EQ(count_of(proxy.process().all(), "not yet"), 0U) << proxy.process().all();
  wait_for_login(1);
  wait_for_login(2);
  cluster_.realm().change_key(Cluster::kProxyPrincipal);
  export_keytab();
  cluster_.merge_keytab(2);
  proxy.process().wait_for_line(
      "Server shell/s. is DOWN, reason: kerberos-check, kvno-older: a ticket of kvno 2 aes256");
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(answer(proxy).find("coordinator-2") != std::string::npos);
  cluster_.merge_keytab(1);
  proxy.process().wait_for_line("Server shell/s. is UP, reason: kerberos-check, login accepted in .*kvno 2");
}

TEST_F(FoundChecks, ANameThatComesIsLookedAtAndOneThatWentIsNotAnyMore) {
  name({1});
  Proxy proxy = start(services());
  wait_for_login(1);
  name({2});
  proxy.process().wait_for_line("shell/s. changed its FQDN from host1.example.test to host2.example.test");
  wait_for_login(2);
  const auto logins = [this](int n) { return count_of(cluster_.coordinator(n).all(), "login impala/proxy"); };
  const std::size_t before = logins(1);
  for (int again = 0; again < 3; ++again) wait_for_login(2);
  EXPECT_LE(logins(1), before + 1) << "one look may have been under way";
  EXPECT_EQ(count_of(ask(socket(), "show kerberos"), "kerberos-check up"), 1U);
}

TEST_F(FoundChecks, AServerThatIsSomebodyElseNowIsNotHeldToWhatTheOtherWas) {
  std::filesystem::remove(cluster_.keytab(1));
  cluster_.realm().export_keytab({Cluster::principal(1)}, cluster_.keytab(1));
  name({1});
  Proxy proxy = start(services());
  proxy.process().wait_for_line("Server shell/s1 is DOWN, reason: kerberos-check");
  name({2});
  proxy.process().wait_for_line("Server shell/s1 is UP, reason: it is another place");
  wait_for_login(2);
  EXPECT_TRUE(answer(proxy).find("coordinator-2") != std::string::npos);
}

TEST_F(FoundChecks, AHostWhoseAddressAloneIsKnownIsAskedForByItsReverseName) {
  write_file(cluster_.flagfile(1),
             "-principal=" + Cluster::principal(1) + "@EXAMPLE.TEST\n-keytab_file=" + cluster_.keytab(1) + "\n");
  cluster_.start(1);
  Proxy proxy = start("  server-template s 2 one.test:" + std::to_string(cluster_.port(1)) +
                      " resolvers dns check inter 100ms\n");
  proxy.process().wait_for_line(
      "Server shell/s1 is DOWN, reason: kerberos-check, flag-value-differs: closed without a word; it takes a ticket "
      "of "
      "its own name");
}

TEST_F(FoundChecks, AReloadKeepsWhatIsKnownOfThem) {
  std::filesystem::remove(cluster_.keytab(1));
  cluster_.realm().export_keytab({Cluster::principal(1)}, cluster_.keytab(1));
  name({1, 2});
  Proxy proxy = start(services());
  proxy.process().wait_for_line("Server shell/s1 is DOWN, reason: kerberos-check");
  proxy.reload(text(services()));
  proxy.process().wait_for_line("^configuration reloaded");
  EXPECT_EQ(show_stat(socket())["shell/s1"]["status"], "DOWN");
  EXPECT_FALSE(proxy.process().all().find("it is another place") != std::string::npos);
}

}  // namespace
}  // namespace kerbgate::e2e
