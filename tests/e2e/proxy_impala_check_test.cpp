#include <gtest/gtest.h>
#include <sys/stat.h>

#include "http.hpp"
#include "proxy_tls.hpp"
#include "runtime.hpp"
#include "support/web_page.hpp"

/// option impala-check and balance leastqueries, against web pages with the shapes that impalad's have.
namespace kerbgate::e2e {
namespace {

class ImpalaCheck : public ProxyTls {
 protected:
  ImpalaCheck() { serve(); }

  /// Both web pages are on one port, as coordinators' are.
  void serve(const std::vector<std::string>& certificates = {"", ""}) {
    pages_.clear();
    for (int attempt = 0; pages_.size() != 2 && attempt < 20; ++attempt) try {
        pages_.clear();
        pages_.push_back(std::make_unique<WebPage>(cluster_.names().address(Cluster::host(1)), 0, certificates[0]));
        pages_.push_back(std::make_unique<WebPage>(cluster_.names().address(Cluster::host(2)), 0, certificates[1],
                                                   pages_[0]->port()));
      } catch (const std::system_error&) {
        continue;  // another process had that port on the other address
      }
    ASSERT_EQ(pages_.size(), 2U);
  }
  WebPage& page(int n) { return *pages_.at(std::size_t(n) - 1); }
  std::string text(const std::string& option, const std::string& balance = "roundrobin",
                   const std::string& words = "") {
    std::string out = globals("  stats socket " + socket() + " level admin\n") + "listen in\n  bind 127.0.0.1:@in@\n" +
                      "  balance " + balance + "\n  timeout check 5s\n  option impala-check inter 200ms port " +
                      std::to_string(page(1).port()) + " " + option + "\n";
    for (int n = 1; n <= 2; ++n)
      out += "  server host" + std::to_string(n) + " " + cluster_.address(n) + " check inter 100ms " + words + "\n";
    return out;
  }
  [[nodiscard]] std::string socket() const { return file("runtime.sock"); }
  std::string secret(const std::string& content, mode_t mode = 0600) {
    const std::string path = put("web.password", content);
    EXPECT_EQ(chmod(path.c_str(), mode), 0);
    return path;
  }
  /// Waits until the runtime socket says of host n's check what is wanted.
  std::string wait_for_look(int n, const std::string& found = "up, ") {
    const std::string line = "server in/host" + std::to_string(n) + " impala-check ";
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    for (;;) {
      const std::string all = ask_until(socket(), "show kerberos", line);
      const std::size_t at = all.find(line);
      std::string answer = all.substr(at, all.find('\n', at) - at);
      if (answer.find(found) != std::string::npos) return answer;
      if (std::chrono::steady_clock::now() > deadline) throw TimedOut(answer);
    }
  }

  std::vector<std::unique_ptr<WebPage>> pages_;
};

TEST_F(ImpalaCheck, AQuiescingCoordinatorKeepsItsSessionsAndGetsNoNewOne) {
  Proxy proxy = start(text(""));
  wait_for_look(1);
  Socket before = Socket::connect("127.0.0.1", proxy.port("in"));
  cluster_.coordinator(1).wait_for_line("^connection from");
  page(1).say_quiescing(true);
  proxy.process().wait_for_line(
      "Server in/host1 is stopping \\(NOLB\\), reason: impala-check, it is being shut down \\(is_quiescing\\)");
  EXPECT_EQ(show_stat(socket())["in/host1"]["status"], "NOLB");
  for (int i = 0; i < 3; ++i) {
    const Socket client = Socket::connect("127.0.0.1", proxy.port("in"));
    cluster_.coordinator(2).wait_for_line("^connection from");
  }
  EXPECT_TRUE(contains(ask(socket(), "show stat"), "in,host1,"));
  before.close();
  cluster_.coordinator(1).wait_for_line("^closed by");
  page(1).say_quiescing(false);
  proxy.process().wait_for_line("Server in/host1 is UP, reason: impala-check, /healthz answers 200");
}

TEST_F(ImpalaCheck, ACoordinatorThatHasNotJoinedTheClusterIsDown) {
  Proxy proxy = start(text(""));
  wait_for_look(1);
  page(1).set("/healthz", 503, "Not Available");
  proxy.process().wait_for_line("Server in/host1 is DOWN, reason: impala-check, /healthz answers 503");
  page(1).set("/healthz", 200, "OK");
  proxy.process().wait_for_line("Server in/host1 is UP");
}

TEST_F(ImpalaCheck, TakesTheSessionsOfAServerWithItWhereTheLineSaysSo) {
  Proxy proxy = start(text("", "roundrobin", "on-marked-down shutdown-sessions"));
  wait_for_look(1);
  Socket cut = Socket::connect("127.0.0.1", proxy.port("in"));
  cluster_.coordinator(1).wait_for_line("^connection from");
  Socket stays = Socket::connect("127.0.0.1", proxy.port("in"));
  cluster_.coordinator(2).wait_for_line("^connection from");
  page(1).set("/healthz", 503, "Not Available");
  proxy.process().wait_for_line("Server in/host1 is DOWN, reason: impala-check");
  cluster_.coordinator(1).wait_for_line("^failed from .* connection reset");
  proxy.process().wait_for_line("in/host1 .* D- ");
  const std::string other = cluster_.coordinator(2).all();
  EXPECT_TRUE(other.find("failed from") == std::string::npos && other.find("closed by") == std::string::npos) << other;
}

TEST_F(ImpalaCheck, AMetricsPortWithoutAFrontPageIsEnough) {
  page(1).remove("/?json");
  page(2).remove("/?json");
  Proxy proxy = start(text(""));
  wait_for_look(1);
  EXPECT_TRUE(contains(ask(socket(), "show kerberos"), "server in/host1 impala-check up, "));
}

TEST_F(ImpalaCheck, APasswordIsProvedByDigestAndByBasic) {
  for (const auto auth : {WebPage::Auth::digest, WebPage::Auth::basic}) {
    for (int n = 1; n <= 2; ++n) page(n).demand(auth, "alice", "secret");
    Proxy proxy = start(text("auth " + secret("alice:secret\n")));
    wait_for_look(1);
    wait_for_look(2);
    page(1).set("/healthz", 503, "Not Available");
    proxy.process().wait_for_line("Server in/host1 is DOWN");
    page(1).set("/healthz", 200, "OK");
  }
}

TEST_F(ImpalaCheck, APasswordThatIsWrongOrOpenOrNotTheRightKindTakesNobodyOut) {
  for (int n = 1; n <= 2; ++n) page(n).demand(WebPage::Auth::digest, "alice", "secret");
  const auto blind = [&](const std::string& option, const std::string& why) {
    Proxy proxy = start(text(option));
    proxy.process().wait_for_line("impala-check of backend in cannot look at its servers, .*" + why);
    Socket client = Socket::connect("127.0.0.1", proxy.port("in"));
    EXPECT_FALSE(contains(proxy.process().all(), "DOWN"));
  };
  blind("", "/healthz answers 401: give the check a file USER:PASSWORD");
  blind("auth " + secret("alice:wrong"), "does not take the password in .*web.password");
  blind("auth " + secret("alice:secret", 0644), "may be read by others than its owner: chmod 0600");
  blind("auth " + secret("alice"), "holds no line USER:PASSWORD");
  for (int n = 1; n <= 2; ++n) page(n).demand(WebPage::Auth::negotiate, "", "");
  blind("auth " + secret("alice:secret"), "it asks for negotiate, and Basic and Digest are known here");
}

TEST_F(ImpalaCheck, APasswordGoesThroughTlsToWhomTheCertificateProvesAlone) {
  serve({put("one.pem", ca_.issue(Cluster::host(1))), put("two.pem", ca_.issue(Cluster::host(2)))});
  for (int n = 1; n <= 2; ++n) page(n).demand(WebPage::Auth::basic, "alice", "secret");
  const std::string option = "ssl auth " + secret("alice:secret");
  {
    Proxy proxy = start(text(option, "roundrobin", "ca-file " + file("ca.pem")));
    wait_for_look(1);
    wait_for_look(2);
  }
  Proxy proxy = start(text(option, "roundrobin", "ca-file " + put("other.pem", other_.certificate())));
  proxy.process().wait_for_line(
      "its certificate is not trusted .*, so that nothing is asked of it; name its CA with 'ca-file'");
}

TEST_F(ImpalaCheck, LeastqueriesFollowsWhatCoordinatorsSay) {
  page(1).say_queries(40);
  page(2).remove("/jsonmetrics");
  page(2).set("/metrics_prometheus", 200,
              "# HELP impala_server_num_queries_registered The total number of queries registered\n"
              "# TYPE impala_server_num_queries_registered gauge\nimpala_server_num_queries_registered 2\n");
  Proxy proxy = start(text("", "leastqueries"));
  wait_for_look(1, "40 queries");
  wait_for_look(2, "2 queries");
  for (int i = 0; i < 4; ++i) {
    const Socket client = Socket::connect("127.0.0.1", proxy.port("in"));
    cluster_.coordinator(2).wait_for_line("^connection from");
  }
  page(1).say_queries(0);
  wait_for_look(1, ", 0 queries");
  const Socket client = Socket::connect("127.0.0.1", proxy.port("in"));
  cluster_.coordinator(1).wait_for_line("^connection from");
}

TEST_F(ImpalaCheck, ShowsItselfOnThePageInJsonAndInMetrics) {
  page(1).say_queries(7);
  Proxy proxy = start(text("", "leastqueries") +
                      "listen stats\n  bind 127.0.0.1:@stats@\n  mode http\n  timeout client 5s\n  stats enable\n");
  wait_for_look(1, "7 queries");
  wait_for_look(2, "0 queries");
  const std::uint16_t port = proxy.port("stats");
  EXPECT_TRUE(contains(http(port, "/").body, "impala-check up: /healthz answers 200, 7 queries"));
  EXPECT_TRUE(contains(http(port, "/stats.json").body, "\"queries\":7"));
  const std::string metrics = http(port, "/metrics").body;
  EXPECT_TRUE(contains(metrics, "kerbgate_server_queries{proxy=\"in\",server=\"host1\"} 7"));
  EXPECT_TRUE(contains(
      metrics, "kerbgate_server_check_state{proxy=\"in\",server=\"host1\",check=\"impala-check\",state=\"up\"} 1"));
}

}  // namespace
}  // namespace kerbgate::e2e
