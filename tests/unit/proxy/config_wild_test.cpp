#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "config_fixture.hpp"

namespace kerbgate::config {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.is_open()) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The sample of Impala's documentation, which HAProxy 2.6 and later refuse.
class ImpalaDocumentation : public testing::Test {
 protected:
  Parsed parsed_ = parse_text(read_file(KERBGATE_SOURCE "/tests/e2e/files/impala-documentation.cfg"));
};

TEST_F(ImpalaDocumentation, IsAcceptedWithWarningsOfItsDeadForms) {
  EXPECT_TRUE(parsed_.ok()) << printed(parsed_);
  EXPECT_EQ(count(parsed_, Level::note), 3u) << printed(parsed_);
  EXPECT_EQ(count(parsed_, Level::warning), 6u) << printed(parsed_);
  EXPECT_TRUE(says(parsed_, Level::warning, 24, "write 'listen stats' and under it 'bind :25002'"));
  EXPECT_TRUE(says(parsed_, Level::warning, 25, "write 'balance roundrobin'"));
  EXPECT_TRUE(parsed_.config.frontends.at(0).stats.enabled) << "served as written";
  EXPECT_TRUE(says(parsed_, Level::warning, 29, "write 'listen impala' and under it 'bind :25003'"));
  EXPECT_TRUE(says(parsed_, Level::warning, 29, "'option forwardfor' ignored for listen 'impala'"));
}

TEST_F(ImpalaDocumentation, GlobalHoldsItsValues) {
  const Global& global = parsed_.config.global;
  ASSERT_EQ(global.log.size(), 2u);
  EXPECT_EQ(global.log[1], (LogTarget{LogTarget::Kind::udp, "127.0.0.1", 514, 1024, LogFormat::rfc3164, 17, 5, 0}));
  EXPECT_EQ(global.chroot, "/var/lib/haproxy");
  EXPECT_EQ(global.pidfile, "/var/run/haproxy.pid");
  EXPECT_EQ(global.maxconn, 4000u);
  EXPECT_EQ(global.user, "haproxy");
  EXPECT_EQ(global.group, "haproxy");
  EXPECT_TRUE(global.daemon);
}

TEST_F(ImpalaDocumentation, ListenersHoldTheirValues) {
  const auto& fronts = parsed_.config.frontends;
  ASSERT_EQ(fronts.size(), 3u);
  EXPECT_EQ(fronts[0].name, "stats");
  EXPECT_EQ(fronts[0].binds.at(0).key(), ":25002");
  EXPECT_EQ(fronts[0].mode, Mode::http);
  EXPECT_TRUE(fronts[0].stats.enabled);
  EXPECT_EQ(fronts[0].stats.auth, std::vector<std::string>{"username:password"});
  EXPECT_EQ(fronts[1].binds.at(0).key(), ":25003");
  EXPECT_EQ(fronts[2].binds.at(0).key(), ":21051");
  for (const std::size_t i : {1u, 2u}) {
    EXPECT_EQ(fronts[i].mode, Mode::tcp);
    EXPECT_TRUE(fronts[i].tcplog);
    EXPECT_TRUE(fronts[i].dontlognull);
    EXPECT_EQ(fronts[i].maxconn, 3000u);
    EXPECT_EQ(fronts[i].client_timeout, Millis(3'600'000));
    EXPECT_EQ(fronts[i].log.size(), 2u);
    EXPECT_EQ(fronts[i].kerberos.effective_login(), Login::pass);
  }
}

TEST_F(ImpalaDocumentation, BackendsHoldTheirServers) {
  const Backend* impala = parsed_.config.backend("impala");
  const Backend* jdbc = parsed_.config.backend("impalajdbc");
  ASSERT_NE(impala, nullptr);
  ASSERT_NE(jdbc, nullptr);
  EXPECT_EQ(impala->balance, Balance::leastconn);
  EXPECT_EQ(jdbc->balance, Balance::source);
  for (const Backend* backend : {impala, jdbc}) {
    ASSERT_EQ(backend->servers.size(), 4u);
    EXPECT_EQ(backend->retries, 3);
    EXPECT_TRUE(backend->redispatch);
    EXPECT_EQ(backend->connect_timeout, Millis(5000));
    EXPECT_EQ(backend->server_timeout, Millis(3'600'000));
    for (const Server& server : backend->servers) {
      EXPECT_TRUE(server.check);
      EXPECT_EQ(server.port, backend == impala ? 21000 : 21050);
    }
  }
  EXPECT_EQ(impala->servers[2].name, "symbolic_name_3");
  EXPECT_EQ(jdbc->servers[3].host, "impala-host-4.example.com");
}

struct WildCase {
  const char* name;
  std::string text;
  std::vector<std::string> warnings;  ///< parts of what must be warned of, in order
};

/// Files of the kinds that operators have: HAProxy 1.3 to 2.2, Cloudera's and Hue's guides, Debian's packaged one.
class WildFile : public testing::TestWithParam<WildCase> {};

TEST_P(WildFile, RunsWithWarnings) {
  const Parsed parsed = parse_text(GetParam().text);
  EXPECT_TRUE(parsed.ok()) << printed(parsed);
  ASSERT_FALSE(parsed.config.frontends.empty());
  std::size_t next = 0;
  for (const Diagnostic& d : parsed.diagnostics) {
    if (next < GetParam().warnings.size() && d.level == Level::warning &&
        d.message.find(GetParam().warnings[next]) != std::string::npos)
      ++next;
  }
  EXPECT_EQ(next, GetParam().warnings.size()) << printed(parsed);
}

INSTANTIATE_TEST_SUITE_P(
    All, WildFile,
    testing::Values(
        WildCase{"listenWithAddress",
                 "defaults\n  mode tcp\n  contimeout 5000\n  clitimeout 50000\n  srvtimeout 50000\n\n"
                 "listen hue 0.0.0.0:8002\n  balance leastconn\n  server hue1 10.1.1.1:8888 check inter 2000 rise 2 "
                 "fall 5\n",
                 {"write 'timeout connect 5000'", "write 'timeout client 50000'", "write 'timeout server 50000'",
                  "write 'listen hue' and under it 'bind 0.0.0.0:8002'"}},
        WildCase{"nbproc",
                 "global\n  daemon\n  nbproc 4\n  maxconn 100000\n  log 127.0.0.1 local0\n  debug\n  quiet\n"
                 "defaults\n  maxconn 100000\n  mode tcp\n  timeout connect 5000ms\n  timeout client 50000ms\n  "
                 "timeout server 50000ms\n"
                 "listen impala :21050\n  balance source\n  server a 10.1.1.1:21050 check\n  server b 10.1.1.2:21050 "
                 "check backup\n",
                 {"write 'nbthread 4'", "is a dead form; write 'listen impala'"}},
        WildCase{
            "sameNamedFrontendAndBackend",
            "defaults\n timeout connect 10s\n timeout client 10h\n timeout server 10h\n retries 3\n option redispatch\n"
            "frontend hs2\n bind *:10000\n mode tcp\n option tcplog\n default_backend hs2\n"
            "backend hs2\n mode tcp\n balance source\n option tcpka\n server n1 n1.corp:10000 check\n",
            {"backend 'hs2' has the same name as frontend 'hs2'"}},
        WildCase{"frontendWithAddress",
                 "defaults\n timeout connect 10s\n timeout client 10h\n timeout server 10h\n"
                 "frontend web :8088\n default_backend nodes\nbackend nodes\n balance\n server n1 n1.corp:8088 cookie "
                 "n1 check\n",
                 {"write 'frontend web' and under it 'bind :8088'", "write 'balance roundrobin'"}},
        WildCase{
            "aclAndStick",
            "defaults\n log global\n timeout connect 1m\n timeout client 1h\n timeout server 1h\n"
            "global\n log /dev/log local0 notice\n tune.bufsize 16384\n unix-bind mode 600\n max-spread-checks 5s\n"
            "frontend impala\n description \"Impala JDBC\"\n bind *:21050 name jdbc\n mode tcp\n option tcplog\n"
            " acl internal_networks src 192.168.0.0/16 172.16.0.0/12 10.0.0.0/8 127.0.0.1\n"
            " tcp-request connection accept if internal_networks\n default_backend impala-jdbc\n"
            "backend impala-jdbc\n description \"coordinators\"\n mode tcp\n balance first\n stick-table type ip size "
            "1m expire 1d\n"
            " stick on src\n option tcp-check\n server c1 impala1:21050 check\n server c2 impala2:21050 backup\n",
            {}},
        WildCase{"statsPage",
                 "defaults\n mode http\n timeout connect 10s\n timeout client 1m\n timeout server 1m\n option "
                 "http-server-close\n"
                 "listen stats\n bind :1936\n stats enable\n stats hide-version\n stats realm Haproxy\\ Statistics\n "
                 "stats uri /\n"
                 " stats refresh 10s\n stats auth admin:admin\n stats show-node\n"
                 "listen impala\n bind :25003\n mode tcp\n server s h:21000 check\n",
                 {}},
        WildCase{
            "debianPackage",
            "global\n\tlog /dev/log\tlocal0\n\tlog /dev/log\tlocal1 notice\n\tchroot /var/lib/haproxy\n"
            "\tstats socket /run/haproxy/admin.sock mode 660 level admin\n\tstats timeout 30s\n\tuser haproxy\n\tgroup "
            "haproxy\n"
            "\tdaemon\n\n\t# Default SSL material locations\n\tca-base /etc/ssl/certs\n\tcrt-base /etc/ssl/private\n\n"
            "\tssl-default-bind-ciphers A:B\n\tssl-default-bind-ciphersuites C\n"
            "\tssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets\n\n"
            "defaults\n\tlog\tglobal\n\tmode\thttp\n\toption\thttplog\n\toption\tdontlognull\n\ttimeout connect 5000\n"
            "\ttimeout client  50000\n\ttimeout server  50000\n\terrorfile 400 /etc/haproxy/errors/400.http\n"
            "\nlisten impala\n\tbind :25003\n\tmode tcp\n\tserver s h:21000 check\n",
            {}},
        WildCase{"onMarkedDownAndPeers",
                 "peers lb\n peer lb1 10.0.0.1:1024\n peer lb2 10.0.0.2:1024\n"
                 "defaults\n timeout connect 10s\n timeout client 1m\n timeout server 1m\n default-server inter 10s "
                 "fall 3 rise 2\n"
                 "listen meta\n bind 10.0.0.1:9083 transparent\n option clitcpka\n hash-type consistent\n"
                 " server a a:9083 check fastinter 1s on-marked-down shutdown-sessions\n",
                 {"'peers' sections do nothing here"}}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace kerbgate::config
