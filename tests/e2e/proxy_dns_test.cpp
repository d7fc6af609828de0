#include <pwd.h>
#include <signal.h>

#include <filesystem>
#include <set>

#include "both_proxies.hpp"
#include "expect.hpp"
#include "named_server.hpp"
#include "runtime.hpp"
#include "support/dnsmasq.hpp"

/// Servers that are looked up while the proxy runs, at a real nameserver.
namespace kerbgate::e2e {
namespace {

const std::string kHost = "imp.example.test";

std::string line(const std::string& address, const std::string& name = kHost) { return address + ' ' + name + '\n'; }

/// Coordinators on addresses of their own, all on one port; each is called by its address's last number.
class Dns : public testing::Test {
 protected:
  void SetUp() override {
    if (!Dnsmasq::installed()) GTEST_SKIP() << "SKIPPED: " << Dnsmasq::kProgram << " is not installed";
    dns_ = std::make_unique<Dnsmasq>(dir_, line("127.0.0.11") + line("127.0.0.12"));
  }
  std::string resolvers(const std::string& more = "") const {
    return "resolvers dns\n  nameserver ns1 127.0.0.1:" + std::to_string(dns_->port()) +
           "\n  timeout resolve 50ms\n  timeout retry 200ms\n  hold nx 100ms\n  hold other 100ms\n  hold refused "
           "100ms\n"
           "  hold timeout 100ms\n" +
           more;
  }
  std::string runtime(const std::string& more = "") const {
    return globals("  stats socket " + path_ + " level admin\n" + more);
  }
  [[nodiscard]] std::string at_port() const { return kHost + ':' + std::to_string(eleven_.port()); }
  static Socket client(const Proxy& proxy, const std::string& source = "127.0.0.1") {
    return Socket::connect("127.0.0.1", proxy.port("in"), source);
  }
  /// The servers that so many clients come to.
  static std::multiset<std::string> visited(const Proxy& proxy, int clients) {
    std::multiset<std::string> out;
    for (int i = 0; i < clients; ++i) {
      Socket one = client(proxy);
      out.insert(name_at(one));
    }
    return out;
  }
  void wait_for_status(const std::string& row, const std::string& status) const {
    for (const auto until = std::chrono::steady_clock::now() + kPatience; std::chrono::steady_clock::now() < until;)
      if (show_stat(path_).at(row).at("status") == status) return;
    FAIL() << row << " is " << show_stat(path_).at(row).at("status");
  }
  using Names = std::multiset<std::string>;

  TempDir dir_;
  std::string path_ = dir_ / "admin.sock";
  NamedServer eleven_{"11", "127.0.0.11"}, twelve_{"12", "127.0.0.12", eleven_.port()},
      thirteen_{"13", "127.0.0.13", eleven_.port()};
  std::unique_ptr<Dnsmasq> dns_;
};

/// The same file on both programs.
class DnsOfBoth : public Dns, public testing::WithParamInterface<Program> {
 protected:
  void SetUp() override {
    Dns::SetUp();
    if (access(GetParam().path, X_OK) != 0) GTEST_SKIP() << "SKIPPED: " << GetParam().path << " is not installed";
  }
};

TEST_P(DnsOfBoth, ATemplateIsFilledAndFollowsAndItsConnectionsStay) {
  Proxy proxy(GetParam().path, dir_, {},
              runtime() + resolvers() +
                  listen("in", "127.0.0.1", "roundrobin",
                         "  server-template s 3 " + at_port() + " resolvers dns init-addr none check inter 50ms\n"));
  wait_for_status("in/s1", "UP");
  wait_for_status("in/s2", "UP");
  EXPECT_EQ(show_stat(path_).at("in/s3").at("status"), "MAINT (resolution)");
  EXPECT_EQ(visited(proxy, 4), (Names{"11", "11", "12", "12"}));
  Socket stays = client(proxy);
  const std::string left = name_at(stays), stayed = left == "11" ? "12" : "11";
  dns_->set(line("127.0.0." + stayed) + line("127.0.0.13"));
  proxy.process().wait_for_line("in/s. changed its IP from 127.0.0." + left + " to 127.0.0.13 by ");
  wait_for_status("in/BACKEND", "UP");
  EXPECT_EQ(visited(proxy, 4), (Names{stayed, stayed, "13", "13"}));
  EXPECT_TRUE(echoes(stays));
}

TEST_P(DnsOfBoth, ANameThatVanishesTakesItsServerOutAndBringsItBack) {
  Proxy proxy(GetParam().path, dir_, {},
              runtime() + resolvers() +
                  listen("in", "127.0.0.1", "roundrobin",
                         "  server one " + at_port() + " resolvers dns init-addr none check inter 50ms\n"));
  wait_for_status("in/one", "UP");
  Socket stays = client(proxy);
  name_at(stays);
  dns_->set(line("127.0.0.11", "other.example.test"));
  proxy.process().wait_for_line(
      "Server in/one is going DOWN for maintenance \\(DNS NX status\\). 0 active and 0 backup");
  wait_for_status("in/one", "MAINT (resolution)");
  EXPECT_TRUE(echoes(stays));
  Socket refused = client(proxy);
  EXPECT_TRUE(turned_away(refused));
  dns_->set(line("127.0.0.13"));
  proxy.process().wait_for_line("Server in/one \\('imp.example.test'\\) is UP/READY \\(resolves again\\)");
  Socket again = client(proxy);
  EXPECT_EQ(name_at(again), "13");
  EXPECT_TRUE(echoes(stays));
  EXPECT_EQ(show_stat(path_).at("in/one").at("stot"), "2");
}

TEST_P(DnsOfBoth, AServerThatTracksOneWhoseNameVanishedGoesAndComesWithIt) {
  Proxy proxy(GetParam().path, dir_, {},
              runtime() + resolvers() +
                  listen("in", "127.0.0.1", "roundrobin",
                         "  server one " + at_port() + " resolvers dns init-addr none check inter 50ms\n") +
                  listen("other", "127.0.0.1", "roundrobin",
                         "  server two 127.0.0.12:" + std::to_string(eleven_.port()) + " track in/one\n"));
  wait_for_status("in/one", "UP");
  wait_for_status("other/two", "UP");
  dns_->set(line("127.0.0.11", "other.example.test"));
  proxy.process().wait_for_line(
      "Server other/two is going DOWN for maintenance \\(DNS NX status\\) via in/one. 0 active and 0 backup");
  wait_for_status("other/two", "MAINT (via in/one)");
  dns_->set(line("127.0.0.11"));
  wait_for_status("other/two", "UP");
  Socket again = Socket::connect("127.0.0.1", proxy.port("other"));
  EXPECT_EQ(name_at(again), "12");
}

TEST_P(DnsOfBoth, ServiceRecordsBringPortsAndWeights) {
  NamedServer other{"14", "127.0.0.14"};
  dns_->set(line("127.0.0.11", "h1.test") + line("127.0.0.14", "h2.test"));
  const std::string service = "--srv-host=_imp._tcp.test,";
  dns_->restart({service + "h1.test," + std::to_string(eleven_.port()) + ",1,768",
                 service + "h2.test," + std::to_string(other.port()) + ",1,256"});
  Proxy proxy(GetParam().path, dir_, {},
              runtime() + resolvers() +
                  listen("in", "127.0.0.1", "roundrobin",
                         "  server-template s 3 _imp._tcp.test resolvers dns init-addr none check inter 50ms\n"));
  wait_for_status("in/s1", "UP");
  wait_for_status("in/s2", "UP");
  EXPECT_EQ(visited(proxy, 8), (Names{"11", "11", "11", "11", "11", "11", "14", "14"}));
  EXPECT_TRUE(
      contains(ask(path_, "show servers state"), " h2.test " + std::to_string(other.port()) + " _imp._tcp.test "));
}

TEST_P(DnsOfBoth, ASilentNameserverTakesItsServersOutAfterTheHold) {
  Proxy proxy(
      GetParam().path, dir_, {},
      runtime() + resolvers("  resolve_retries 2\n") +
          listen("in", "127.0.0.1", "roundrobin", "  server one " + at_port() + " resolvers dns init-addr none\n"));
  wait_for_status("in/one", "no check");
  dns_->process().signal(SIGSTOP);
  wait_for_status("in/one", "MAINT (resolution)");
  dns_->process().signal(SIGCONT);
  wait_for_status("in/one", "no check");
}

KERBGATE_BOTH_PROXIES(DnsOfBoth);

TEST_F(Dns, TheStartWaitsForTheFirstAnswer) {
  Proxy proxy(KERBGATE_PROXY, dir_, {},
              runtime() + resolvers() +
                  listen("in", "127.0.0.1", "roundrobin", "  server-template s 3 " + at_port() + " resolvers dns\n"));
  EXPECT_EQ(visited(proxy, 2), (Names{"11", "12"}));
}

TEST_F(Dns, AReloadKeepsSlotsCountsAndConnections) {
  const std::string text = runtime() + resolvers("  hold timeout 1h\n");
  const auto with = [&](const std::string& slots) {
    return text + listen("in", "127.0.0.1", "roundrobin",
                         "  server-template s " + slots + ' ' + at_port() + " resolvers dns\n");
  };
  Proxy proxy(KERBGATE_PROXY, dir_, {}, with("2"));
  Socket stays = client(proxy);
  EXPECT_EQ(name_at(stays), "11");
  dns_->process().signal(SIGSTOP);  // a reload asks nobody for what is known
  proxy.reload(with("3"));
  proxy.process().wait_for_line("configuration reloaded");
  StatRows rows = show_stat(path_);
  EXPECT_EQ(rows.at("in/s1").at("stot"), "1");
  EXPECT_EQ(rows.at("in/s1").at("scur"), "1");
  EXPECT_EQ(rows.at("in/s1").at("addr"), "127.0.0.11:" + std::to_string(eleven_.port()));
  EXPECT_TRUE(echoes(stays));
  dns_->process().signal(SIGCONT);
  dns_->set(line("127.0.0.11") + line("127.0.0.12") + line("127.0.0.13"));
  proxy.process().wait_for_line("in/s3 changed its IP from \\(none\\) to 127.0.0.13 by dns/ns1");
  wait_for_status("in/s3", "no check");
}

TEST_F(Dns, ARefusedReloadGoesOnAskingAsBefore) {
  const std::string good = runtime() + resolvers() +
                           listen("in", "127.0.0.1", "roundrobin", "  server one " + at_port() + " resolvers dns\n");
  Proxy proxy(KERBGATE_PROXY, dir_, {}, good);
  Listener taken;
  proxy.reload(good + "  server two other.example.test:1 resolvers dns\n  bind " + taken.local() + "\n");
  proxy.process().wait_for_line("reload refused");
  dns_->set(line("127.0.0.13"));
  proxy.process().wait_for_line("in/one changed its IP from 127.0.0.11 to 127.0.0.13 by dns/ns1");
  EXPECT_EQ(visited(proxy, 1), Names{"13"});
}

TEST_F(Dns, ANameserverThatIsSilentHoldsUpNoOtherListener) {
  dns_->process().signal(SIGSTOP);
  Proxy proxy(
      KERBGATE_PROXY, dir_, {},
      runtime() + resolvers() +
          listen("in", "127.0.0.1", "roundrobin", "  server one " + at_port() + " resolvers dns init-addr none\n") +
          listen("fixed", "127.0.0.1", "roundrobin", server("two", "127.0.0.12:" + std::to_string(eleven_.port()))));
  Socket fixed = Socket::connect("127.0.0.1", proxy.port("fixed"));
  EXPECT_EQ(name_at(fixed), "12");
  dns_->process().signal(SIGCONT);
  proxy.process().wait_for_line("in/one changed its IP from \\(none\\) to 127.0.0.1. by dns/ns1");
  EXPECT_EQ(visited(proxy, 1).size(), 1u);
}

TEST_F(Dns, TwoProxiesSendAClientToTheSameCoordinatorWhateverTheirSlots) {
  const std::string text =
      resolvers() + listen("in", "127.0.0.1", "source", "  server-template s 3 " + at_port() + " resolvers dns\n");
  dns_->set(line("127.0.0.13"));
  const TempDir elsewhere;
  Proxy late(KERBGATE_PROXY, elsewhere, {}, globals() + text);
  dns_->set(line("127.0.0.11") + line("127.0.0.12") + line("127.0.0.13"));
  late.process().wait_for_line("in/s3 changed its IP");
  Proxy proxy(KERBGATE_PROXY, dir_, {}, runtime() + text);
  EXPECT_EQ(show_stat(path_).at("in/s1").at("addr"), "127.0.0.11:" + std::to_string(eleven_.port()));
  std::set<std::string> seen;
  for (int i = 1; i <= 24; ++i) {
    const std::string from = "127.1.0." + std::to_string(i);
    Socket here = client(proxy, from), there = client(late, from);
    const std::string name = name_at(here);
    EXPECT_EQ(name_at(there), name) << from;
    seen.insert(name);
  }
  EXPECT_EQ(seen.size(), 3u);
}

TEST_F(Dns, OperatorsSeeNameserversAndGiveAServerAnotherName) {
  dns_->set(line("127.0.0.11") + line("127.0.0.13", "moved.example.test"));
  Proxy proxy(KERBGATE_PROXY, dir_, {},
              runtime() + resolvers() +
                  listen("in", "127.0.0.1", "roundrobin",
                         "  server one " + at_port() + " resolvers dns\n  server two 127.0.0.1:1\n"));
  EXPECT_TRUE(contains(ask(path_, "set server in/two fqdn x.test"), "failed because no resolution is configured."));
  EXPECT_TRUE(contains(ask(path_, "set server in/one fqdn"), "requires a FQDN."));
  EXPECT_TRUE(contains(ask(path_, "set server in/one fqdn 1.2.3.4"), "invalid fqdn '1.2.3.4'"));
  EXPECT_EQ(ask(path_, "set server in/one fqdn moved.example.test"),
            "in/one changed its FQDN from imp.example.test to moved.example.test by 'stats socket command'\n\n");
  proxy.process().wait_for_line("in/one changed its IP from 127.0.0.11 to 127.0.0.13 by dns/ns1");
  EXPECT_TRUE(contains(ask(path_, "show servers state"), " moved.example.test "));
  std::string counted;
  for (const auto until = std::chrono::steady_clock::now() + kPatience;
       counted.find("Resolvers section dns\n nameserver ns1:\n  sent:        ") == std::string::npos &&
       std::chrono::steady_clock::now() < until;)
    counted = ask(path_, "show resolvers");
  EXPECT_TRUE(contains(counted, "Resolvers section dns\n nameserver ns1:\n  sent:        "));
  EXPECT_TRUE(contains(ask(path_, "show resolvers nope"), "Can't find that resolvers section"));
}

TEST_F(Dns, AWorkerInAnEmptyRootFollowsNamesToo) {
  if (geteuid() != 0) GTEST_SKIP() << "SKIPPED: only root may change root and user";
  if (getpwnam("nobody") == nullptr) GTEST_SKIP() << "SKIPPED: no user nobody";
  const std::string jail = dir_ / "jail";
  std::filesystem::create_directory(jail);
  Proxy proxy(KERBGATE_PROXY, dir_, {},
              runtime("  user nobody\n  chroot " + jail + "\n") + resolvers() +
                  listen("in", "127.0.0.1", "roundrobin", "  server one " + at_port() + " resolvers dns\n"));
  EXPECT_EQ(visited(proxy, 1), Names{"11"});
  dns_->set(line("127.0.0.13"));
  proxy.process().wait_for_line("in/one changed its IP from 127.0.0.11 to 127.0.0.13 by dns/ns1");
  EXPECT_EQ(visited(proxy, 1), Names{"13"});
}

}  // namespace
}  // namespace kerbgate::e2e
