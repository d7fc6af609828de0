#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "config_fixture.hpp"
#include "explain/explain.hpp"
#include "explain/sight.hpp"

namespace kerbgate::explain {
namespace {

/// Nothing in it is unwise. Tests change one line of it.
const std::string kWise =
    "global\n log /dev/log local0\n kerberos fqdn lb.example.com\n"
    "defaults\n log global\n option tcplog\n option redispatch\n timeout connect 5s\n"
    " timeout client 12h\n timeout server 12h\n default-server check maxconn 64\n"
    "listen shell\n bind :25003\n balance leastconn\n server c1 h1.example.com:21050\n server c2 h2.example.com:21050\n"
    "listen hue\n bind :21051\n balance source\n server c1 h1.example.com:21050\n server c2 h2.example.com:21050\n"
    "listen page\n mode http\n bind 127.0.0.1:25002\n stats enable\n";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::vector<Advice> found_by(std::string_view name, const config::Config& config, const Outside& outside = {}) {
  std::vector<Advice> out;
  for (const Look& look : all_looks())
    if (look.name == name) look.find(Sight(config, outside), out);
  return out;
}

/// One line of the wise configuration, and what makes it unwise.
struct Case {
  const char* look;
  std::string from, to;
  int line;           ///< where the advice points
  std::string words;  ///< something that it says
  Outside outside{};
};

const std::vector<Case>& cases() {
  static const std::vector<Case> kCases = {
      {"client-timeout", "timeout client 12h", "timeout client 50s", 9, "silent for 50s"},
      {"shared-listener", kWise.substr(kWise.find("listen hue"), kWise.find("listen page") - kWise.find("listen hue")),
       "", 12, "only listener"},
      {"hue-without-source", "balance source", "balance leastconn", 12, "keeps a client"},
      {"http-mode", " balance leastconn", " balance leastconn\n mode http", 15, "mode http"},
      {"beeswax", "server c1 h1.example.com:21050", "server c1 h1.example.com:21000", 15, "Beeswax"},
      {"accept-proxy", "bind :25003", "bind :25003 accept-proxy", 13, "believes everyone"},
      {"no-fqdn", " kerberos fqdn lb.example.com\n", "", 11, "no name of its own"},
      {"no-keytab", "fqdn lb.example.com\n", "fqdn lb.example.com\n kerberos keytab /nowhere\n", 4, "no such file",
       Outside{{}, {{"/nowhere", "no such file"}}}},
      {"plain-in-clear", "balance leastconn\n", "balance leastconn\n kerberos mechanisms GSSAPI PLAIN plain-in-clear\n",
       15, "passwords"},
      {"old-tls", "bind :25003", "bind :25003 ssl crt /x.pem ssl-min-ver TLSv1.0", 13, "older than 1.2"},
      {"server-timeout", "timeout server 12h", "timeout server 1h", 10, "silent for 1h"},
      {"unchecked", "default-server check", "default-server", 15, "not checked"},
      {"maxconn", "maxconn 64", "maxconn 65", 15, "maxconn over 64"},
      {"backups-alone", "server c1 h1.example.com:21050\n server c2 h2.example.com:21050",
       "server c1 h1.example.com:21050 backup\n server c2 h2.example.com:21050 backup", 15, "backups"},
      {"no-retries", " timeout connect 5s\n", " timeout connect 5s\n retries 0\n", 9, "retries 0"},
      {"no-redispatch", " option redispatch\n", "", 11, "same server again"},
      {"mixed-ports", "server c1 h1.example.com:21050", "server c1 h1.example.com:21000", 12, "21000 and 21050"},
      {"unresolved-name", "h2.example.com", "h3.example.com", 16, "stays down",
       Outside{{{"h3.example.com", "no such name"}}, {}}},
      {"unverified-server", "maxconn 64", "maxconn 64 ssl verify none", 15, "not looked at"},
      {"any-certificate", "maxconn 64", "maxconn 64 ssl ca-file /ca.pem", 15, "any certificate"},
      {"open-page", "bind 127.0.0.1:25002", "bind :25002", 24, "open to everyone"},
      {"password-in-clear", "bind 127.0.0.1:25002\n", "bind :25002\n stats auth a:b\n", 25, "in clear"},
      {"open-runtime-socket", " log /dev/log local0\n",
       " log /dev/log local0\n stats socket 127.0.0.1:9999 level admin\n", 3, "no password"},
      {"no-log", " log global\n", "", 11, "writes no log"},
      {"short-log", " option tcplog\n", "", 5, "who came"},
      {"lost-log", " log /dev/log local0\n", " log stdout local0\n daemon\n", 2, "daemon"},
  };
  return kCases;
}

TEST(Explain, FindsNothingUnwiseInAWiseFile) {
  const config::Parsed parsed = config::parse_text(kWise);
  ASSERT_TRUE(parsed.ok()) << printed(parsed);
  for (const Advice& advice : advise(parsed.config, {})) ADD_FAILURE() << where(advice.at) << ": " << advice.what;
}

TEST(Explain, EveryLookFindsItsCaseAtItsLine) {
  for (const Case& one : cases()) {
    const config::Parsed parsed = config::parse_text(replaced(kWise, one.from, one.to));
    ASSERT_TRUE(parsed.ok()) << one.look << '\n' << printed(parsed);
    const std::vector<Advice> found = found_by(one.look, parsed.config, one.outside);
    ASSERT_FALSE(found.empty()) << one.look;
    EXPECT_EQ(where(found[0].at), "f.cfg:" + std::to_string(one.line)) << one.look;
    EXPECT_NE(found[0].what.find(one.words), std::string::npos) << one.look << ": " << found[0].what;
    EXPECT_FALSE(found[0].remedy.empty()) << one.look;
  }
}

TEST(Explain, EveryLookHasACase) {
  std::set<std::string_view> tried;
  for (const Case& one : cases()) tried.insert(one.look);
  for (const Look& look : all_looks()) EXPECT_TRUE(tried.contains(look.name)) << look.name;
}

/// What looks alike and is no trouble.
TEST(Explain, LeavesWhatIsAllRight) {
  const std::tuple<const char*, std::string, std::string> kFine[] = {
      {"client-timeout", "timeout client 12h", "timeout client 50s\n timeout tunnel 12h"},
      {"client-timeout", "timeout client 12h", "timeout client 6h"},
      {"server-timeout", "timeout server 12h", "timeout server 50s\n timeout tunnel 12h"},
      {"accept-proxy", "bind :25003", "bind 127.0.0.1:25003 accept-proxy"},
      {"plain-in-clear", "bind :25003\n", "bind :25003 ssl crt /x.pem\n kerberos mechanisms PLAIN plain-in-clear\n"},
      {"old-tls", "bind :25003", "bind :25003 ssl crt /x.pem ssl-min-ver TLSv1.3"},
      {"no-fqdn", "fqdn lb.example.com\n",
       "service impala\n"
       "listen hive\n bind :9\n server h h1.example.com:10000 check\n"},
      {"maxconn", "maxconn 64", "maxconn 10"},
      {"backups-alone", "server c1 h1.example.com:21050", "server c1 h1.example.com:21050 backup"},
      {"any-certificate", "maxconn 64", "maxconn 64 ssl ca-file /ca.pem verifyhost h.example.com"},
      {"password-in-clear", "stats enable\n", "stats enable\n stats auth a:b\n"},
      {"open-page", "bind 127.0.0.1:25002\n", "bind :25002\n stats auth a:b\n"},
      {"open-runtime-socket", " log /dev/log local0\n",
       " log /dev/log local0\n stats socket /run/k.sock level admin\n"},
      {"short-log", " option tcplog\n", " log-format %ci\n"},
      {"lost-log", " log /dev/log local0\n", " log stdout local0\n"},
      {"hue-without-source", "balance source", "balance leastconn\n stick-table type ip size 1k\n stick on src"},
  };
  for (const auto& [look, from, to] : kFine) {
    const config::Parsed parsed = config::parse_text(replaced(kWise, from, to));
    ASSERT_TRUE(parsed.ok()) << look << '\n' << printed(parsed);
    for (const Advice& advice : found_by(look, parsed.config))
      if (std::string_view(look) != "no-fqdn" || advice.at.line == 4) ADD_FAILURE() << look << ": " << advice.what;
  }
}

TEST(Explain, SaysWhereClientsConnectAndWhatTheyAskFor) {
  const config::Parsed parsed = config::parse_text(kWise);
  const std::string text = explain(parsed.config, {});
  for (const char* part :
       {"listen shell  (f.cfg:12)", "port 25003 of every IPv4 address", "leastconn", "fits Hue",
        "c2  h2.example.com:21050", "impala/lb.example.com", "impala-shell -k -i lb.example.com:25003",
        "a session ends after 12h of silence", "by a connection that impalad does not see", "nothing unwise found"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nis not in\n" << text;
}

TEST(Explain, SaysHowServersAreChecked) {
  for (const auto& [option, words] :
       {std::pair("option httpchk GET /healthz", " by an HTTP request; "),
        std::pair("option ssl-hello-chk", " by a TLS hello; "),
        std::pair("tcp-check send PING\n option tcp-check", " by 2 steps (tcp-check); ")}) {
    const config::Parsed parsed =
        config::parse_text(replaced(kWise, "balance leastconn", std::string("balance leastconn\n ") + option));
    const std::string text = explain(parsed.config, {});
    EXPECT_NE(text.find(words), std::string::npos) << words << "\nis not in\n" << text;
  }
}

TEST(Explain, PrintsNoControlCharacterOfTheFile) {
  const config::Parsed parsed =
      config::parse_text(replaced(kWise, "balance leastconn", "balance leastconn\n description \"a\\x1b[31m\""));
  const std::string text = explain(parsed.config, {});
  EXPECT_NE(text.find("a?[31m"), std::string::npos) << text;
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(Explain, WritesTimesAsOperatorsDo) {
  EXPECT_EQ(span(config::Millis(5'400'000)), "1h 30m");
  EXPECT_EQ(span(config::Millis(86'400'000)), "1d");
  EXPECT_EQ(span(config::Millis(250)), "250ms");
  EXPECT_EQ(span(config::Millis(0)), "0");
}

}  // namespace
}  // namespace kerbgate::explain
