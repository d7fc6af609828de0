#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <set>

#include "named_server.hpp"
#include "proxy_tls.hpp"
#include "runtime.hpp"
#include "support/web_page.hpp"

/// Servers that coordinators' own web pages list, against pages with the shape that impalad's have.
namespace kerbgate::e2e {
namespace {

struct Member {
  std::string host, address;
  bool coordinator = true, quiescing = false;
};

/// The fields of impalad's /backends?json, in its order.
std::string backends(const std::vector<Member>& members) {
  std::string out;
  for (const Member& one : members) {
    const auto word = [](bool value) { return std::string(value ? "true" : "false"); };
    out += std::string(out.empty() ? "" : ", ") + R"({"address": ")" + one.host + R"(:27000", "krpc_address": ")" +
           one.address + R"(:27000", "backend_id": "8b4f1b1d6e3a4f6c:9a1e1f0c2d3b4a59", "webserver_url": "http://)" +
           one.host + R"(:25000", "is_coordinator": )" + word(one.coordinator) + R"(, "is_executor": true, )" +
           R"("is_quiescing": )" + word(one.quiescing) + R"(, "is_blacklisted": false, "is_active": )" +
           word(!one.quiescing) + R"(, "admit_mem_limit": "6.40 GB", "mem_reserved": "0", "mem_admitted": "0", )" +
           R"("admission_slots": 4, "num_admitted": 0, "admission_slots_in_use": 0, "executor_groups": "default"})";
  }
  return R"({"backends": [)" + out + R"(], "num_active_backends": )" + std::to_string(members.size()) +
         R"(, "__common__": {"process-name": "impalad"}})";
}

class ImpalaBackends : public testing::Test {
 protected:
  ImpalaBackends() { list({eleven, twelve}); }
  void list(const std::vector<Member>& members) { page_.set("/backends?json", 200, backends(members)); }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(page_.port()); }
  std::string text(const std::string& section, const std::string& words = "check inter 50ms") {
    return globals("  stats socket " + socket_ + " level admin\n") + "resolvers impala\n  timeout resolve 50ms\n" +
           section +
           listen("in", "127.0.0.1", "roundrobin",
                  "  server-template s 3 coordinators:" + std::to_string(eleven_.port()) + " resolvers impala " +
                      words + "\n");
  }
  Proxy start(const std::string& more = "") {
    return {KERBGATE_PROXY, dir_, {}, text("  impala-backends c1 " + url() + "\n" + more)};
  }
  static Socket client(const Proxy& proxy) { return Socket::connect("127.0.0.1", proxy.port("in")); }
  using Names = std::multiset<std::string>;
  static Names visited(const Proxy& proxy, int clients) {
    Names out;
    for (int i = 0; i < clients; ++i) {
      Socket one = client(proxy);
      out.insert(name_at(one));
    }
    return out;
  }
  std::string status(const std::string& row) { return show_stat(socket_).at(row).at("status"); }

  TempDir dir_;
  std::string socket_ = dir_ / "admin.sock";
  NamedServer eleven_{"11", "127.0.0.11"}, twelve_{"12", "127.0.0.12", eleven_.port()},
      thirteen_{"13", "127.0.0.13", eleven_.port()};
  const Member eleven{"c11.example.test", "127.0.0.11"}, twelve{"c12.example.test", "127.0.0.12"},
      thirteen{"c13.example.test", "127.0.0.13"};
  WebPage page_{"127.0.0.1"};
};

TEST_F(ImpalaBackends, AreTheCoordinatorsAndNobodyElse) {
  list({{"e13.example.test", "127.0.0.13", false}, twelve, eleven});
  Proxy proxy = start();
  EXPECT_EQ(visited(proxy, 4), (Names{"11", "11", "12", "12"}));
  StatRows rows = show_stat(socket_);
  EXPECT_EQ(rows.at("in/s1").at("addr"), "127.0.0.11:" + std::to_string(eleven_.port()));
  EXPECT_EQ(rows.at("in/s3").at("status"), "MAINT (resolution)");
  EXPECT_TRUE(contains(ask(socket_, "show servers state"), " c11.example.test "));
  EXPECT_TRUE(
      contains(ask_until(socket_, "show resolvers", "2 coordinators"), "Resolvers section impala\n nameserver c1:"));
  EXPECT_TRUE(contains(ask(socket_, "set server in/s1 fqdn x.example.test"), "Impala names the servers here"));
}

TEST_F(ImpalaBackends, ComeAndGoAndTheirConnectionsStay) {
  Proxy proxy = start("  hold obsolete 0\n");
  Socket stays = client(proxy);
  const bool first = name_at(stays) == "11";
  list({first ? twelve : eleven, thirteen});
  proxy.process().wait_for_line("in/s. changed its FQDN from " + (first ? eleven : twelve).host +
                                " to c13.example.test by impala/c1");
  EXPECT_EQ(visited(proxy, 4), (Names{first ? "12" : "11", first ? "12" : "11", "13", "13"}));
  EXPECT_TRUE(echoes(stays));
  list({thirteen});
  proxy.process().wait_for_line("Server in/s. is going DOWN for maintenance \\(not a coordinator any more\\)");
}

TEST_F(ImpalaBackends, OneThatIsMissingFromAListForAMomentStays) {
  Proxy proxy = start();
  list({eleven, thirteen});
  proxy.process().wait_for_line("in/s3 changed its IP from \\(none\\) to 127.0.0.13 by impala/c1");
  EXPECT_EQ(visited(proxy, 3), (Names{"11", "12", "13"})) << "hold obsolete is 30s";
}

TEST_F(ImpalaBackends, OneThatIsBeingShutDownKeepsItsConnectionsAndGetsNoNewOne) {
  Proxy proxy = start();
  Socket stays = client(proxy);
  EXPECT_EQ(name_at(stays), "11");
  Member leaves = eleven;
  leaves.quiescing = true;
  list({leaves, twelve});
  proxy.process().wait_for_line("Server in/s1 is stopping \\(NOLB\\), reason: Impala lists it as quiescing");
  EXPECT_EQ(status("in/s1"), "NOLB");
  EXPECT_EQ(visited(proxy, 3), (Names{"12", "12", "12"}));
  EXPECT_TRUE(echoes(stays));
  list({eleven, twelve});
  proxy.process().wait_for_line("Server in/s1 is UP, reason: Impala does not list it as quiescing any more");
  EXPECT_EQ(visited(proxy, 2), (Names{"11", "12"}));
}

TEST_F(ImpalaBackends, AnAnswerThatIsNoListChangesNothingAndIsSaid) {
  Proxy proxy = start();
  const std::string good = backends({eleven, twelve});
  struct Bad {
    int status;
    std::string body, why;
  };
  const Bad kBad[] = {
      {200, "", "it does not answer in JSON"},
      {200, "<html>", "it does not answer in JSON"},
      {200, good.substr(0, good.size() / 2), "it does not answer in JSON"},
      {200, std::string(5 * 1024 * 1024, ' ') + good, "it does not answer in HTTP: body limit exceeded"},
      {200, "{}", "it answers in JSON without 'backends'"},
      {200, backends({}), "it lists no coordinator among 0 backends"},
      {200, backends({{"e1.test", "127.0.0.13", false}}), "it lists no coordinator among 1 backends"},
      {404, "", "/backends.json answers 404: the port of --metrics_webserver_port has no such page"},
      {503, good, "/backends.json answers 503"}};
  for (const Bad& bad : kBad) {
    page_.set("/backends?json", bad.status, bad.body);
    proxy.process().wait_for_line("resolvers impala: nobody lists the coordinators, .*c1: " + bad.why);
    EXPECT_EQ(visited(proxy, 2), (Names{"11", "12"})) << bad.why;
    page_.set("/backends?json", 200, good);
    proxy.process().wait_for_line("resolvers impala: impala/c1 lists 2 coordinators again");
  }
}

TEST_F(ImpalaBackends, AHoldEndsWhatIsKnown) {
  Proxy proxy = start("  hold other 100ms\n");
  EXPECT_EQ(visited(proxy, 2), (Names{"11", "12"}));
  page_.set("/backends?json", 503, "");
  proxy.process().wait_for_line(
      "Server in/s1 is going DOWN for maintenance \\(c1: /backends.json answers 503\\). 1 active");
  proxy.process().wait_for_line("proxy in has no server available");
}

TEST_F(ImpalaBackends, TheFirstPageThatAnswersCounts) {
  const std::uint16_t nobody = free_port();
  Proxy proxy(KERBGATE_PROXY, dir_, {},
              text("  impala-backends c1 http://127.0.0.1:" + std::to_string(nobody) + "\n  impala-backends c2 " +
                   url() + "\n"));
  EXPECT_EQ(visited(proxy, 2), (Names{"11", "12"}));
  const std::string shown = ask_until(socket_, "show resolvers", "2 coordinators");
  EXPECT_TRUE(contains(shown, " nameserver c1:\n  sent:        1\n")) << "who answered is asked first";
  EXPECT_TRUE(contains(shown, "onnection refused"));
}

TEST_F(ImpalaBackends, AreListedToWhomAPasswordProvesTo) {
  const std::string secret = dir_ / "web.password";
  write_file(secret, "alice:secret\n");
  ASSERT_EQ(chmod(secret.c_str(), 0600), 0);
  page_.demand(WebPage::Auth::digest, "alice", "secret");
  {
    Proxy proxy(KERBGATE_PROXY, dir_, {}, text("  impala-backends c1 " + url() + " auth " + secret + "\n"));
    EXPECT_EQ(visited(proxy, 2), (Names{"11", "12"}));
  }
  Proxy proxy = start();
  proxy.process().wait_for_line("nobody lists the coordinators, .*c1: /backends.json answers 401: give it a file");
}

TEST_F(ImpalaBackends, WhoseCertificateProvesNothingIsNotObeyed) {
  Authority ca{"test CA"}, other{"another CA"};
  write_file(dir_ / "ca.pem", ca.certificate());
  write_file(dir_ / "other.pem", other.certificate());
  write_file(dir_ / "page.pem", ca.issue("localhost"));
  WebPage secure("127.0.0.1", 0, dir_ / "page.pem");
  secure.set("/backends?json", 200, backends({eleven, twelve}));
  const std::string line = "  impala-backends c1 https://localhost:" + std::to_string(secure.port()) + " ca-file ";
  {
    Proxy proxy(KERBGATE_PROXY, dir_, {}, text(line + (dir_ / "ca.pem") + "\n"));
    EXPECT_EQ(visited(proxy, 2), (Names{"11", "12"}));
  }
  Proxy proxy(KERBGATE_PROXY, dir_, {}, text(line + (dir_ / "other.pem") + "\n"));
  proxy.process().wait_for_line("c1: its certificate is not trusted .*nothing is asked of it");
}

TEST(ImpalaBackendsKerberos, AreLookedAtByTheNameThatImpalaGivesThem) {
  Cluster cluster{KERBGATE_BIN, 1};
  cluster.realm().export_keytab({Cluster::kProxyPrincipal}, cluster.dir() / "proxy.keytab");
  WebPage page("127.0.0.1");
  page.set("/backends?json", 200, backends({{Cluster::host(1), cluster.names().address(Cluster::host(1))}}));
  Proxy proxy(KERBGATE_PROXY, cluster.dir(), cluster.environment(),
              kerberized("  kerberos keytab " + (cluster.dir() / "proxy.keytab") + "\n") +
                  "resolvers impala\n  timeout resolve 50ms\n  impala-backends c1 http://127.0.0.1:" +
                  std::to_string(page.port()) + "\n" +
                  listen("shell", cluster.names().address(Cluster::kProxy), "roundrobin",
                         "  option kerberos-check inter 300ms\n  server-template s 2 coordinators:" +
                             std::to_string(cluster.port(1)) + " resolvers impala check inter 100ms\n"));
  cluster.coordinator(1).wait_for_line("login impala/proxy.example.test@EXAMPLE.TEST");
  const std::string without = cluster.keytab(1) + ".new";
  cluster.realm().export_keytab({Cluster::principal(1)}, without);
  std::filesystem::rename(without, cluster.keytab(1));
  proxy.process().wait_for_line("Server shell/s1 is DOWN, reason: kerberos-check, login-refused: ");
  page.set("/backends?json", 503, "");
  proxy.process().wait_for_line("nobody lists the coordinators");
  cluster.merge_keytab(1);
  proxy.process().wait_for_line("Server shell/s1 is UP, reason: kerberos-check, login accepted in ");
}

}  // namespace
}  // namespace kerbgate::e2e
