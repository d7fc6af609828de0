#include <gtest/gtest.h>

#include "config_fixture.hpp"

namespace kerbgate::config {
namespace {

struct BalanceCase {
  const char* name;
  const char* words;
  Balance balance;
  int draws;
};

class BalanceLine : public testing::TestWithParam<BalanceCase> {};

TEST_P(BalanceLine, ChoosesAnAlgorithm) {
  const Parsed parsed = parse_listen_with(std::string(" balance ") + GetParam().words + "\n");
  ASSERT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
  EXPECT_EQ(parsed.config.backends[0].balance, GetParam().balance);
  EXPECT_EQ(parsed.config.backends[0].random_draws, GetParam().draws);
}

INSTANTIATE_TEST_SUITE_P(All, BalanceLine,
                         testing::Values(BalanceCase{"roundrobin", "roundrobin", Balance::roundrobin, 2},
                                         BalanceCase{"staticRr", "static-rr", Balance::static_rr, 2},
                                         BalanceCase{"leastconn", "leastconn", Balance::leastconn, 2},
                                         BalanceCase{"source", "source", Balance::source, 2},
                                         BalanceCase{"first", "first", Balance::first, 2},
                                         BalanceCase{"random", "random", Balance::random, 2},
                                         BalanceCase{"randomDraws", "random(5)", Balance::random, 5}),
                         [](const auto& test) { return test.param.name; });

TEST(BalanceLine, AloneIsRoundrobinWithAWarning) {
  const Parsed parsed = parse_listen_with(" balance source\n balance\n");
  EXPECT_EQ(parsed.config.backends[0].balance, Balance::roundrobin);
  EXPECT_TRUE(says(parsed, Level::warning, 9, "write 'balance roundrobin'"));
  EXPECT_TRUE(parsed.ok());
}

TEST(Timeouts, EachHasItsPlace) {
  const Parsed parsed = parse_listen_with(
      " timeout connect 1s\n timeout client 2s\n timeout server 3s\n timeout check 4s\n timeout queue 5s\n timeout "
      "tunnel 6s\n"
      " timeout client-fin 7s\n timeout server-fin 8s\n timeout login 9s\n timeout login-answer 10s\n");
  ASSERT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
  const Frontend& front = parsed.config.frontends[0];
  const Backend& back = parsed.config.backends[0];
  EXPECT_EQ(back.connect_timeout, Millis(1000));
  EXPECT_EQ(front.client_timeout, Millis(2000));
  EXPECT_EQ(back.server_timeout, Millis(3000));
  EXPECT_EQ(back.check_timeout, Millis(4000));
  EXPECT_EQ(back.queue_timeout, Millis(5000));
  EXPECT_EQ(back.tunnel_timeout, Millis(6000));
  EXPECT_EQ(front.client_fin_timeout, Millis(7000));
  EXPECT_EQ(back.client_fin_timeout, Millis(7000));
  EXPECT_EQ(back.server_fin_timeout, Millis(8000));
  EXPECT_EQ(front.login_timeout, Millis(9000));
  EXPECT_EQ(back.login_answer_timeout, Millis(10'000));
}

TEST(Timeouts, OfLoginsHaveDefaultsAndAreNeverNone) {
  const Parsed parsed = parse_listen_with("");
  EXPECT_EQ(parsed.config.frontends[0].login_timeout, Millis(30'000));
  EXPECT_EQ(parsed.config.backends[0].login_answer_timeout, Millis(10'000));
  EXPECT_FALSE(parse_listen_with(" timeout login 0\n").ok());
  EXPECT_FALSE(parse_listen_with(" timeout login-answer 0\n").ok());
}

TEST(Timeouts, OldFormsWorkAndShowTheModernOne) {
  const Parsed parsed = parse_listen_with(" contimeout 5000\n clitimeout 50000\n srvtimeout 50s\n");
  EXPECT_TRUE(parsed.ok());
  EXPECT_EQ(parsed.config.backends[0].connect_timeout, Millis(5000));
  EXPECT_EQ(parsed.config.frontends[0].client_timeout, Millis(50'000));
  EXPECT_EQ(parsed.config.backends[0].server_timeout, Millis(50'000));
  EXPECT_TRUE(says(parsed, Level::warning, 8, "write 'timeout connect 5000'"));
  EXPECT_TRUE(says(parsed, Level::warning, 9, "write 'timeout client 50000'"));
  EXPECT_TRUE(says(parsed, Level::warning, 10, "write 'timeout server 50s'"));
}

TEST(Options, AreOffUntilSetAndNoTakesThemBack) {
  const Parsed off = parse_listen_with("");
  EXPECT_FALSE(off.config.frontends[0].tcplog);
  EXPECT_FALSE(off.config.backends[0].redispatch);
  const Parsed on = parse_listen_with(
      " option tcplog\n option dontlognull\n option dontlog-normal\n option redispatch\n option log-health-checks\n");
  ASSERT_TRUE(on.diagnostics.empty()) << printed(on);
  EXPECT_TRUE(on.config.frontends[0].tcplog);
  EXPECT_TRUE(on.config.frontends[0].dontlognull);
  EXPECT_TRUE(on.config.frontends[0].dontlog_normal);
  EXPECT_TRUE(on.config.backends[0].redispatch);
  EXPECT_TRUE(on.config.backends[0].log_health_checks);
  EXPECT_FALSE(parse_listen_with(" option tcplog\n no option tcplog\n").config.frontends[0].tcplog);
}

TEST(Options, KeepaliveIsOnUntilTakenOff) {
  const auto both = [](const Parsed& parsed) {
    return std::pair(parsed.config.frontends[0].keepalive.on, parsed.config.backends[0].keepalive.on);
  };
  EXPECT_EQ(both(parse_listen_with("")), std::pair(true, true));
  EXPECT_EQ(both(parse_listen_with(" no option tcpka\n")), std::pair(false, false));
  EXPECT_EQ(both(parse_listen_with(" no option clitcpka\n")), std::pair(false, true));
  EXPECT_EQ(both(parse_listen_with(" no option srvtcpka\n")), std::pair(true, false));
  EXPECT_EQ(both(parse_listen_with(" no option tcpka\n option clitcpka\n")), std::pair(true, false));
}

TEST(Sections, HoldCountsAndTexts) {
  const Parsed parsed = parse_listen_with(" maxconn 300\n backlog 50\n retries 0\n description for Hue\n");
  ASSERT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
  EXPECT_EQ(parsed.config.frontends[0].maxconn, 300u);
  EXPECT_EQ(parsed.config.frontends[0].backlog, 50);
  EXPECT_EQ(parsed.config.backends[0].retries, 0);
  EXPECT_EQ(parsed.config.frontends[0].description, "for Hue");
}

}  // namespace
}  // namespace kerbgate::config
