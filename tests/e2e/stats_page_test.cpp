#include "stats_page.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>

#include "authority/authority.hpp"
#include "expect.hpp"

/// The stats page over real sockets.
namespace kerbgate::e2e {
namespace {

constexpr const char* kHaproxy = "/usr/sbin/haproxy";

TEST(StatsPage, IsServedOnHaproxysPathsToWhoHasThePassword) {
  const PagedProxy paged;
  for (const char* target : {"/", "/haproxy?stats", "/;csv", "/stats.json", "/metrics"}) {
    EXPECT_EQ(paged.get(target).status, 200) << target;
    const HttpAnswer closed = http(paged.port(), target, "");
    EXPECT_EQ(closed.status, 401) << target;
    EXPECT_FALSE(contains(closed.body, "one")) << target;
    EXPECT_EQ(http(paged.port(), target, "Authorization: Basic YWRtaW46c2VjcmV4\r\n").status, 401);
  }
  EXPECT_EQ(paged.get("/nope").status, 404);
  EXPECT_EQ(http(paged.port(), "/healthz", "").status, 200);
}

TEST(StatsPage, CsvHasHaproxysColumns) {
  if (::access(kHaproxy, X_OK) != 0) GTEST_SKIP() << "no " << kHaproxy;
  const PagedProxy paged;
  const TempDir dir;
  const Proxy haproxy(kHaproxy, dir, {}, "defaults\n timeout client 5s\n" + PagedProxy::page(" stats uri /\n"));
  // HAProxy's answer has no length: it ends with the connection.
  Socket socket = Socket::connect("127.0.0.1", haproxy.port("stats"));
  socket.send("GET /;csv HTTP/1.0\r\n\r\n");
  const std::string all = socket.read_all();
  const std::size_t body = all.find("# pxname");  // the answer may be chunked
  ASSERT_NE(body, std::string::npos) << all;
  const std::string ours = paged.get("/;csv").body;
  EXPECT_EQ(ours.substr(0, ours.find('\n')), all.substr(body, all.find('\n', body) - body));
}

TEST(StatsPage, CountsTheSessionsThatRun) {
  PagedProxy paged;
  auto [client, served] = paged.session();
  EXPECT_EQ(paged.row("one/FRONTEND").at("scur"), "1");
  EXPECT_EQ(paged.row("one/s").at("bin"), "4") << "bytes of a session that goes on";
  EXPECT_TRUE(contains(paged.get("/stats.json").body, "\"bytes_in\":4"));
}

TEST(StatsPage, AFormDrainsAServerAndItsSessionsGoOn) {
  PagedProxy paged;
  auto [client, served] = paged.session();
  const HttpAnswer answer = post(paged.port(), "/", "b=one&s=s&action=drain&token=" + paged.token());
  EXPECT_EQ(answer.status, 303);
  EXPECT_TRUE(contains(answer.head, "Location: /;st=DONE"));
  EXPECT_EQ(paged.row("one/s").at("status").substr(0, 5), "DRAIN");
  EXPECT_TRUE(contains(paged.get("/;st=DONE").body, "Done."));
  paged.proxy().process().wait_for_line("Stats page stats: drain of one/s by admin from 127\\.0\\.0\\.1");
  client.send("more");
  EXPECT_EQ(served.read(4), "more");
  post(paged.port(), "/", "b=one&s=s&action=ready&token=" + paged.token());
  EXPECT_EQ(paged.row("one/s").at("status"), "no check");
}

TEST(StatsPage, AFormEndsTheSessionsOfAServer) {
  PagedProxy paged;
  auto [client, served] = paged.session();
  EXPECT_EQ(post(paged.port(), "/", "b=one&s=s&action=shutdown&token=" + paged.token()).status, 303);
  EXPECT_THROW(client.read(1), ConnectionReset);
  paged.proxy().process().wait_for_line(" one one/s .* K");
}

TEST(StatsPage, AFormWithoutTheTokenChangesNothing) {
  const PagedProxy paged;
  for (const std::string& token : {std::string(), std::string(32, '0')})
    EXPECT_TRUE(contains(post(paged.port(), "/", "b=one&s=s&action=maint&token=" + token).head, ";st=ERRP"));
  EXPECT_EQ(post(paged.port(), "/", "b=one&s=s&action=maint", kPassword + "Origin: http://evil.example\r\n").status,
            403);
  EXPECT_EQ(paged.row("one/s").at("status"), "no check");
}

TEST(StatsPage, WithoutStatsAdminNothingCanBeChanged) {
  const PagedProxy paged(" stats auth admin:secret\n");
  EXPECT_EQ(paged.token(), "");
  EXPECT_EQ(post(paged.port(), "/", "b=one&s=s&action=maint").status, 403);
}

TEST(StatsPage, ARefusedChangeSaysWhoIsNotLet) {
  const PagedProxy paged(" stats auth admin:secret\n stats admin if { src 192.0.2.0/24 }\n");
  EXPECT_EQ(paged.token(), "");
  const HttpAnswer refused = post(paged.port(), "/", "b=one&s=s&action=maint");
  EXPECT_EQ(refused.status, 403);
  EXPECT_TRUE(contains(refused.body, "'stats admin' does not let 127.0.0.1 change anything"));
}

TEST(StatsPage, ConditionsOfAddressesLetChangesIn) {
  PagedProxy paged(" acl office src 10.0.0.0/8 127.0.0.0/8\n stats auth admin:secret\n stats admin if office\n");
  EXPECT_EQ(post(paged.port(), "/", "b=one&s=s&action=maint&token=" + paged.token()).status, 303);
  EXPECT_TRUE(paged.comes_true([&] { return paged.row("one/s").at("status") == "MAINT"; }));
}

/// A page behind `ssl`, and a client that verifies it.
class SecuredPage : public testing::Test {
 protected:
  SecuredPage() {
    write_file(dir_ / "ca.pem", ca_.certificate());
    write_file(dir_ / "page.pem", ca_.issue("lb.example.com"));
    proxy_ =
        std::make_unique<Proxy>(KERBGATE_PROXY, dir_, Environment{},
                                globals() + listen("one", "127.0.0.1", "leastconn", server("s", backend_.local())) +
                                    "listen stats\n mode http\n bind 127.0.0.1:@stats@ ssl crt " + (dir_ / "page.pem") +
                                    "\n stats auth admin:secret\n stats admin if TRUE\n");
  }
  Socket connect() {
    Socket out = Socket::connect("127.0.0.1", proxy_->port("stats"));
    out.secure(TlsSide::client({"", dir_ / "ca.pem", "lb.example.com"}));
    return out;
  }
  static std::string request(const std::string& target) {
    return "GET " + target + " HTTP/1.1\r\nHost: lb\r\n" + kPassword + "\r\n";
  }

  TempDir dir_;
  tests::Authority ca_{"Test CA"};
  Listener backend_;
  std::unique_ptr<Proxy> proxy_;
};

TEST_F(SecuredPage, IsServedOneRequestAfterTheOther) {
  Socket client = connect();
  for (const char* target : {"/", "/;csv", "/metrics", "/stats.json"}) {
    client.send(request(target));
    EXPECT_EQ(read_answer(client).status, 200) << target;
  }
  client.send("GET / HTTP/1.1\r\nHost: lb\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(read_answer(client).status, 401);
  EXPECT_EQ(client.read_all(), "") << "a clean end";
}

TEST_F(SecuredPage, IsNothingInClear) {
  Socket client = Socket::connect("127.0.0.1", proxy_->port("stats"));
  client.send(request("/"));
  try {
    EXPECT_EQ(client.read_all().find("HTTP"), std::string::npos);
  } catch (const ConnectionReset&) {
  }
  proxy_->process().wait_for_line("Stats page stats: no TLS with 127.0.0.1:\\d+: .*http request");
  Socket other = connect();
  other.send(request("/"));
  EXPECT_EQ(read_answer(other).status, 200);
}

TEST_F(SecuredPage, AChangedCertificateIsServedAfterAReload) {
  Socket before = connect();
  write_file(dir_ / "page.pem", ca_.issue(tests::Authority::Request{"other", {"other.example.com", "lb.example.com"}}));
  proxy_->process().signal(SIGHUP);
  proxy_->process().wait_for_line("configuration reloaded");
  const auto until = std::chrono::steady_clock::now() + kPatience;
  std::string subject;
  while (subject.find("CN=other") == std::string::npos && std::chrono::steady_clock::now() < until)
    subject = connect().tls()->peer_subject();
  EXPECT_TRUE(contains(subject, "other"));
  before.send(request("/"));
  EXPECT_EQ(read_answer(before).status, 200) << "a connection from before the reload";
}

/// The page's own section is a frontend among the others.
TEST(StatsPage, HasARowOfItsOwnAsInHaproxy) {
  if (::access(kHaproxy, X_OK) != 0) GTEST_SKIP() << "SKIPPED: no " << kHaproxy;
  std::map<std::string, std::string> rows[2];
  for (int i = 0; i < 2; ++i) {
    const TempDir dir;
    Listener backend;
    // HAProxy counts the runtime socket's section, where there is one, as the first.
    Proxy proxy(i == 0 ? KERBGATE_PROXY : kHaproxy, dir, {},
                globals("  stats socket " + (dir / "admin.sock") + "\n") +
                    listen("one", "127.0.0.1", "leastconn", server("s", backend.local())) +
                    PagedProxy::page(" stats uri /s\n timeout client 5s\n"));
    // HAProxy's answers have no length: they end with the connection.
    const auto get = [&](const std::string& target) {
      Socket socket = Socket::connect("127.0.0.1", proxy.port("stats"));
      socket.send("GET " + target + " HTTP/1.0\r\n\r\n");
      return socket.read_all();
    };
    for (int n = 0; n < 2; ++n) EXPECT_TRUE(contains(get("/s"), "200 OK"));
    const std::string csv = get("/s;csv");
    // Nor is it whole where it is cut into chunks: the two lines are.
    const auto line_at = [&](const char* begin) {
      const std::size_t at = csv.find(begin);
      return csv.substr(at, csv.find('\n', at) - at) + '\n';
    };
    rows[i] = stat_rows(line_at("# pxname") + line_at("stats,FRONTEND")).at("stats/FRONTEND");
  }
  for (const char* column :
       {"pxname", "svname", "stot", "status", "iid", "sid", "type", "mode", "dreq", "econ", "weight"})
    EXPECT_EQ(rows[0].at(column), rows[1].at(column)) << column;
  EXPECT_NE(rows[0].at("bin"), "0");
}

TEST(StatsPage, HealthzSaysWhenNoServerIsLeft) {
  PagedProxy paged;
  EXPECT_EQ(paged.get("/healthz").status, 200);
  post(paged.port(), "/", "b=one&s=s&action=maint&token=" + paged.token());
  EXPECT_EQ(paged.get("/healthz").status, 503);
}

TEST(StatsPage, AReloadKeepsItsSocketAndTakesTheNewPassword) {
  PagedProxy paged;
  Socket open = Socket::connect("127.0.0.1", paged.port());
  paged.reload(" stats auth admin:other\n");
  EXPECT_TRUE(paged.comes_true([&] { return paged.get("/").status == 401; }));
  open.send("GET /healthz HTTP/1.1\r\nHost: lb\r\n\r\n");
  EXPECT_EQ(read_answer(open).status, 200) << "a connection from before the reload";
}

TEST(StatsPage, AReloadTakesItAwayAndBringsItBack) {
  PagedProxy paged;
  const std::string with = paged.page(" stats auth admin:secret\n");
  const std::string without = globals() + listen("one", "127.0.0.1", "leastconn", server("s", paged.backend().local()));
  paged.proxy().reload(without);
  paged.proxy().wait_listening("stats", false);
  paged.proxy().reload(without + with);
  paged.proxy().wait_listening("stats");
  EXPECT_TRUE(paged.comes_true([&] { return paged.get("/").status == 200; }));
}

TEST(StatsPage, AnswersPipelinedRequestsInOrderAndHeadWithoutABody) {
  const PagedProxy paged;
  Socket socket = Socket::connect("127.0.0.1", paged.port());
  socket.send(
      "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nHEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /metrics HTTP/1.1\r\nHost: "
      "a\r\n\r\n");
  EXPECT_EQ(read_answer(socket).body, "ok\n");
  std::string head;
  while (!head.ends_with("\r\n\r\n")) head += socket.read(1);
  EXPECT_TRUE(contains(head, "Content-Length: 3"));
  EXPECT_EQ(read_answer(socket).status, 401);
}

struct Hostile {
  const char* name;
  std::string bytes;
  int status;
};

class HostileRequest : public testing::TestWithParam<Hostile> {};

TEST_P(HostileRequest, IsRefusedAndClosed) {
  const PagedProxy paged;
  Socket socket = Socket::connect("127.0.0.1", paged.port());
  try {
    socket.send(GetParam().bytes);
  } catch (const std::runtime_error&) {  // closed while it was still talking
  }
  EXPECT_EQ(read_answer(socket).status, GetParam().status);
  EXPECT_EQ(socket.read_all(), "");
  EXPECT_EQ(paged.get("/").status, 200);
}

INSTANTIATE_TEST_SUITE_P(
    All, HostileRequest,
    testing::Values(
        Hostile{"Garbage", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400},
        Hostile{"HeaderOfAMebibyte", "GET / HTTP/1.1\r\nX: " + std::string(1 << 20, 'x') + "\r\n\r\n", 431},
        Hostile{"TargetOfAMebibyte", "GET /" + std::string(1 << 20, 'x') + " HTTP/1.1\r\n\r\n", 431},
        Hostile{"BadChunk", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
        Hostile{"ChunkWithoutEnd", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n", 400},
        Hostile{"FormOfFourGibibytes", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4294967296\r\n\r\n", 413},
        Hostile{"NegativeLength", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
        Hostile{"TwoLengths", "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400}),
    [](const auto& tested) { return tested.param.name; });

TEST(StatsPage, AHalfRequestIsClosedInTime) {
  const PagedProxy paged(" timeout http-request 100ms\n");
  for (const char* part :
       {"", "GET", "GET / HTTP/1.1\r\nHost: a\r\n", "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab"}) {
    Socket socket = Socket::connect("127.0.0.1", paged.port());
    if (*part != '\0') socket.send(part);
    try {
      EXPECT_EQ(socket.read_all(), "") << part;
    } catch (const ConnectionReset&) {
    }
  }
}

TEST(StatsPage, AThousandIdleConnectionsDisturbNobody) {
  PagedProxy paged(" timeout http-request 1m\n stats auth admin:secret\n");
  std::vector<Socket> idle;
  try {
    for (int i = 0; i < 1000; ++i) {
      idle.push_back(Socket::connect("127.0.0.1", paged.port()));
      idle.back().send("GET / HTTP/1.1\r\nX-Slow:");
    }
  } catch (const std::runtime_error&) {  // one that had to give way while it was talking
  }
  EXPECT_GT(idle.size(), 64u);
  EXPECT_EQ(paged.get("/").status, 200);
  auto [client, served] = paged.session();
  EXPECT_EQ(paged.row("one/FRONTEND").at("scur"), "1");
}

/// Prometheus' own tool, where it is installed.
std::string promtool() {
  for (const char* path : {"/usr/bin/promtool", "/usr/local/bin/promtool"})
    if (::access(path, X_OK) == 0) return path;
  return "";
}

TEST(StatsPage, PromtoolFindsNothingWrongWithMetrics) {
  if (promtool().empty()) GTEST_SKIP() << "no promtool";
  PagedProxy paged;
  auto [client, served] = paged.session();
  const TempDir dir;
  write_file(dir / "metrics", paged.get("/metrics").body);
  const Outcome outcome = run({"sh", "-c", promtool() + " check metrics < " + (dir / "metrics")}, {});
  EXPECT_EQ(outcome.status, 0) << outcome.err << outcome.out;
  EXPECT_EQ(outcome.err + outcome.out, "");
}

TEST(Monitoring, PromtoolAcceptsTheAlertRules) {
  if (promtool().empty()) GTEST_SKIP() << "no promtool";
  const Outcome outcome =
      run({promtool(), "check", "rules", std::string(KERBGATE_SOURCE) + "/docs/monitoring/alerts.yml"}, {});
  EXPECT_EQ(outcome.status, 0) << outcome.err << outcome.out;
  const Outcome tested =
      run({promtool(), "test", "rules", std::string(KERBGATE_SOURCE) + "/docs/monitoring/alerts_test.yml"}, {});
  EXPECT_EQ(tested.status, 0) << tested.err << tested.out;
}

TEST(Monitoring, EveryMetricOfDashboardAndAlertsExists) {
  const PagedProxy paged;
  const TempDir dir;
  write_file(dir / "metrics", paged.get("/metrics").body);
  const std::string source = KERBGATE_SOURCE;
  const Outcome outcome = run({"python3", source + "/tests/e2e/browser/metric_names.py", dir / "metrics",
                               source + "/docs/monitoring/grafana.json", source + "/docs/monitoring/alerts.yml"},
                              {});
  EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
}

}  // namespace
}  // namespace kerbgate::e2e
