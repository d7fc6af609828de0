#include <gtest/gtest.h>

#include "config_fixture.hpp"

namespace kerbgate::config {
namespace {

struct Case {
  const char* name;
  const char* line;
};

// What would serve in clear what was meant to be encrypted, or admit who was meant to be refused.

TEST(Dangerous, IsALoginThatNoKeyProves) {
  for (const std::string mode : {"verify", "late"}) {
    const Parsed parsed = parse_listen_with(" kerberos login " + mode + "\n");
    EXPECT_FALSE(parsed.ok());
    EXPECT_TRUE(says(parsed, Level::alert, 8, "write 'kerberos keytab FILE'")) << printed(parsed);
    EXPECT_TRUE(parse_listen_with(" kerberos keytab /k\n kerberos login " + mode + "\n").ok()) << mode;
  }
}

TEST(Dangerous, IsALoginRuleInASectionWithoutListeners) {
  const Parsed parsed = parse_listen_with("backend b\n server s h:1\n kerberos login inspect\n");
  EXPECT_TRUE(says(parsed, Level::alert, 10, "not allowed because backend 'b' has no frontend capability"))
      << printed(parsed);
}

TEST(Dangerous, IsAnHttpRuleThatKeepsClientsOut) {
  EXPECT_FALSE(parse_listen_with(" mode http\n http-request deny if { src 10.0.0.0/8 }\n").ok());
  EXPECT_TRUE(parse_listen_with(" mode http\n http-request set-header X y\n").ok());
}

/// Accepted, checked for shape, and one warning says what happens instead.
class NotYet : public testing::TestWithParam<Case> {};

TEST_P(NotYet, IsOneWarning) {
  const Parsed parsed = parse_listen_with(std::string(" ") + GetParam().line + "\n");
  EXPECT_TRUE(parsed.ok()) << printed(parsed);
  EXPECT_EQ(parsed.diagnostics.size(), 1u) << printed(parsed);
  EXPECT_TRUE(says(parsed, Level::warning, 8, "not yet: ")) << printed(parsed);
}

INSTANTIATE_TEST_SUITE_P(All, NotYet, testing::Values(Case{"resolveNet", "server s2 h:1 resolve-net 10.0.0.0/8"}),
                         [](const auto& test) { return test.param.name; });

TEST(NotYet, WordsOfTlsWithoutSslAreWarnedOf) {
  EXPECT_TRUE(says(parse_listen_with(" bind :443 crt /etc/x.pem\n"), Level::warning, 8, "do nothing without 'ssl'"));
  EXPECT_TRUE(says(parse_listen_with(" server s2 h:1 verify none\n"), Level::warning, 8, "do nothing without 'ssl'"));
}

TEST(NotYet, ArgumentsAreCheckedAllTheSame) {
  for (const char* line : {"kerberos maxconn-per-principal 0", "tcp-check"})
    EXPECT_FALSE(parse_listen_with(std::string(" ") + line + "\n").ok()) << line;
}

/// HAProxy's words that do nothing here.
class Note : public testing::TestWithParam<Case> {};

TEST_P(Note, IsOneNoteHoweverOftenItStands) {
  const std::string line = std::string(" ") + GetParam().line + "\n";
  const Parsed parsed = parse_listen_with(line + line);
  EXPECT_TRUE(parsed.ok()) << printed(parsed);
  EXPECT_EQ(count(parsed, Level::note), 1u) << printed(parsed);
  EXPECT_EQ(parsed.diagnostics.size(), 1u) << printed(parsed);
}

INSTANTIATE_TEST_SUITE_P(
    All, Note,
    testing::Values(Case{"fullconn", "fullconn 100"}, Case{"hashType", "hash-type consistent sdbm avalanche"},
                    Case{"id", "id 7"}, Case{"httplog", "option httplog"}, Case{"spliceAuto", "option splice-auto"},
                    Case{"httpServerClose", "option http-server-close"}, Case{"tarpit", "timeout tarpit 5s"},
                    Case{"httpKeepAlive", "timeout http-keep-alive 5s"},
                    Case{"errorfile", "errorfile 503 /etc/503.http"}, Case{"minconn", "default-server minconn 5"},
                    Case{"cookie", "default-server cookie x"}, Case{"namespace_", "default-server namespace x"}),
    [](const auto& test) { return test.param.name; });

TEST(Note, OfGlobal) {
  const Parsed parsed =
      parse_global(" ulimit-n 65536\n maxpipes 10\n tune.bufsize 32768\n tune.ssl.default-dh-param 2048\n");
  EXPECT_TRUE(parsed.ok()) << printed(parsed);
  EXPECT_EQ(count(parsed, Level::note), 3u) << printed(parsed);
}

TEST(Note, ForwardforInTcpIsHaproxysWarning) {
  const Parsed parsed = parse_listen_with(" option forwardfor except 127.0.0.0/8\n");
  EXPECT_TRUE(says(parsed, Level::warning, 5, "'option forwardfor' ignored for listen 'a' as it requires HTTP mode."));
  EXPECT_TRUE(parse_listen_with(" mode http\n option forwardfor\n").ok());
  EXPECT_EQ(count(parse_listen_with(" mode http\n option forwardfor\n"), Level::warning), 0u);
}

TEST(Note, ServersInModeHttpAreRelayedUnread) {
  EXPECT_TRUE(
      says(parse_listen_with(" mode http\n"), Level::note, 5, "is in mode http: what passes is relayed unread"));
}

}  // namespace
}  // namespace kerbgate::config
