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
  EXPECT_EQ(stats.admin.size(), 1u);
  EXPECT_EQ(parsed.config.frontends[0].request_timeout, Millis(3000));
}

/// Whether a client of that address may change something.
bool may_change(const Parsed& parsed, const std::string& source) {
  rules::Facts client;
  client.source = *IpAddress::parse(source);
  client.complete = true;
  for (const rules::Condition& condition : parsed.config.frontends.at(0).stats.admin)
    if (rules::evaluate(condition, client) == rules::Verdict::yes) return true;
  return false;
}

struct AdminCase {
  const char* lines;
  bool here, near, far;  ///< 127.0.0.1, 10.0.0.7, 192.0.2.1
};

TEST(StatsPage, AdminTakesConditionsOfAddresses) {
  const AdminCase kCases[] = {
      {" stats admin if TRUE\n", true, true, true},
      {" stats admin if FALSE\n", false, false, false},
      {" stats admin unless FALSE\n", true, true, true},
      {" stats admin unless TRUE\n", false, false, false},
      {" stats admin if LOCALHOST\n", true, false, false},
      {" stats admin if { src 10.0.0.0/8 }\n", false, true, false},
      {" acl office src 10.0.0.0/8\n stats admin if office or LOCALHOST\n", true, true, false},
      {" acl office src 10.0.0.0/8\n stats admin unless office\n", true, false, true},
      {" stats admin if LOCALHOST\n stats admin if { src 192.0.2.1 }\n", true, false, true},
      {" acl office src 10.0.0.0/8\n stats admin if office LOCALHOST\n", false, false, false},
  };
  for (const AdminCase& one : kCases) {
    const Parsed parsed = parse_page(" stats auth a:b\n" + std::string(one.lines));
    EXPECT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
    EXPECT_EQ(may_change(parsed, "127.0.0.1"), one.here) << one.lines;
    EXPECT_EQ(may_change(parsed, "10.0.0.7"), one.near) << one.lines;
    EXPECT_EQ(may_change(parsed, "192.0.2.1"), one.far) << one.lines;
  }
}

TEST(StatsPage, AConditionThatCannotBeDecidedIsAnError) {
  EXPECT_TRUE(says(parse_page(" stats admin if AUTHED\n"), Level::alert, 4, "no such ACL"));
  EXPECT_TRUE(says(parse_page(" stats admin unless { req.len gt 3 }\n"), Level::alert, 4, "is not known where"));
  EXPECT_TRUE(says(parse_page(" stats admin unless { sc0_conn_cur gt 3 }\n"), Level::alert, 4, "is not known where"));
  EXPECT_TRUE(says(parse_page(" stats admin if WAIT_END\n"), Level::alert, 4, "is not known where"));
}

TEST(StatsPage, WrongArgumentsAreErrors) {
  for (const char* line :
       {"stats auth nopassword", "stats auth :secret", "stats auth admin:", "stats refresh soon", "stats admin",
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

TEST(StatsPage, MayBeServedThroughTls) {
  const Parsed parsed = parse_page(" stats auth a:b\n", "127.0.0.1:8404 ssl crt /x.pem");
  EXPECT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
  EXPECT_TRUE(parsed.config.frontends.at(0).binds.at(0).tls.on);
}

TEST(StatsPage, ReadsNoProxyHeader) {
  EXPECT_TRUE(says(parse_page(" stats enable\n", "127.0.0.1:8404 accept-proxy"), Level::alert, 3, "no PROXY header"));
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
