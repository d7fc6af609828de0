#include <gtest/gtest.h>

#include "config_fixture.hpp"

namespace kerbgate::config {
namespace {

/// A page of its own on the loopback, with more lines.
Parsed parse_page(const std::string& lines, const std::string& bind = "127.0.0.1:8404") {
  return parse_text("listen stats\n mode http\n bind " + bind + "\n" + lines);
}

TEST(StatsPage, EveryLineTurnsItOnAndFillsItsSetting) {
  const Parsed parsed = parse_page(
      " stats uri /s\n stats auth a:b\n stats auth c:d\n stats refresh 30\n stats hide-version\n stats realm My\\ LB\n"
      " stats show-node n1\n stats show-desc the front\n stats show-legends\n stats scope .\n stats scope impala\n"
      " stats admin if LOCALHOST\n timeout http-request 3s\n");
  EXPECT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
  const StatsSettings& stats = parsed.config.frontends.at(0).stats;
  EXPECT_TRUE(stats.enabled);
  EXPECT_TRUE(stats.hide_version);
  EXPECT_EQ(stats.uri, "/s");
  EXPECT_EQ(stats.auth, (std::vector<std::string>{"a:b", "c:d"}));
  EXPECT_EQ(stats.refresh, Millis(30'000)) << "bare numbers are seconds here, as in HAProxy";
  EXPECT_EQ(stats.realm, "My LB");
  EXPECT_EQ(stats.node, "n1");
  EXPECT_EQ(stats.description, "the front");
  EXPECT_TRUE(stats.show_node && stats.show_description && stats.show_legends);
  EXPECT_EQ(stats.scope, (std::vector<std::string>{".", "impala"}));
  EXPECT_EQ(stats.admin, StatsAdmin::localhost);
  EXPECT_EQ(parsed.config.frontends[0].request_timeout, Millis(3000));
}

TEST(StatsPage, AdminTakesItsConditions) {
  const std::pair<const char*, StatsAdmin> kCases[] = {{"if TRUE", StatsAdmin::always},
                                                       {"if FALSE", StatsAdmin::never},
                                                       {"unless FALSE", StatsAdmin::always},
                                                       {"unless TRUE", StatsAdmin::never},
                                                       {"if LOCALHOST", StatsAdmin::localhost}};
  for (const auto& [condition, wanted] : kCases) {
    const Parsed parsed = parse_page(" stats auth a:b\n stats admin " + std::string(condition) + "\n");
    EXPECT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
    EXPECT_EQ(parsed.config.frontends.at(0).stats.admin, wanted) << condition;
  }
}

TEST(StatsPage, AnUnknownConditionLetsNobodyChangeAnything) {
  const Parsed parsed = parse_page(" stats auth a:b\n stats admin if AUTHED\n");
  EXPECT_TRUE(says(parsed, Level::warning, 5, "nothing can be changed"));
  EXPECT_EQ(parsed.config.frontends.at(0).stats.admin, StatsAdmin::never);
}

TEST(StatsPage, WrongArgumentsAreErrors) {
  for (const char* line : {"stats auth nopassword", "stats auth :secret", "stats refresh soon", "stats admin",
                           "stats admin when TRUE", "stats enable now", "stats uri stats", "stats scope"})
    EXPECT_FALSE(parse_page(std::string(" ") + line + "\n").ok()) << line;
}

TEST(StatsPage, APasswordIsNotRepeatedInTheMessage) {
  const Parsed parsed = parse_page(" stats auth :secret\n");
  ASSERT_FALSE(parsed.ok());
  for (const Diagnostic& d : parsed.diagnostics) EXPECT_EQ(d.message.find("secret"), std::string::npos);
}

TEST(StatsPage, WhoMaySeeItByItsRequestIsRefused) {
  const Parsed parsed = parse_page(" stats enable\n stats http-request deny unless TRUE\n");
  EXPECT_TRUE(says(parsed, Level::alert, 5, "shown to all"));
}

TEST(StatsPage, InModeTcpIsWarnedOfAndNotServed) {
  const Parsed parsed = parse_text(
      "listen a\n bind :1\n stats enable\n server s h:2\n timeout client 1s\n timeout connect 1s\n timeout server "
      "1s\n");
  EXPECT_TRUE(says(parsed, Level::warning, 1, "requires HTTP mode")) << printed(parsed);
  EXPECT_FALSE(parsed.config.frontends.at(0).stats.enabled);
}

TEST(StatsPage, DoesNotHideASectionThatLeadsToServers) {
  const Parsed parsed = parse_page(" stats enable\n server s h:2\n");
  EXPECT_TRUE(says(parsed, Level::warning, 1, "give the page a section of its own")) << printed(parsed);
  EXPECT_FALSE(parsed.config.frontends.at(0).stats.enabled);
}

TEST(StatsPage, OpenToAllIsWarnedOf) {
  EXPECT_TRUE(says(parse_page(" stats enable\n", ":8404"), Level::warning, 1, "stats auth"));
  EXPECT_TRUE(parse_page(" stats enable\n", "127.0.0.1:8404").diagnostics.empty());
  EXPECT_TRUE(parse_page(" stats auth a:b\n", ":8404").diagnostics.empty());
}

TEST(StatsPage, IsNotServedInClearWhereTlsWasMeant) {
  EXPECT_TRUE(
      says(parse_page(" stats enable\n", "127.0.0.1:8404 ssl crt /x.pem"), Level::alert, 3, "plain HTTP alone"));
  EXPECT_TRUE(says(parse_page(" stats enable\n", "127.0.0.1:8404 accept-proxy"), Level::alert, 3, "plain HTTP alone"));
}

TEST(StatsPage, IsNotShownToWhomARuleKeepsOut) {
  EXPECT_TRUE(says(parse_page(" stats enable\n tcp-request connection reject if { src 10.0.0.0/8 }\n"), Level::alert, 5,
                   "would see it"));
}

TEST(StatsPage, ThatAnyoneMayChangeIsWarnedOf) {
  EXPECT_TRUE(says(parse_page(" stats enable\n stats admin if TRUE\n"), Level::warning, 1, "without a password"));
}

}  // namespace
}  // namespace kerbgate::config
