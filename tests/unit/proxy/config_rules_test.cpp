#include <gtest/gtest.h>

#include "config_fixture.hpp"

namespace kerbgate::config {
namespace {

struct Wrong {
  const char* name;
  const char* line;
  const char* what;  ///< HAProxy's words where it has some
};

class WrongRule : public testing::TestWithParam<Wrong> {};

TEST_P(WrongRule, IsNamedByItsLine) {
  const Parsed parsed = parse_listen_with(std::string(" ") + GetParam().line + "\n");
  EXPECT_FALSE(parsed.ok());
  EXPECT_TRUE(says(parsed, Level::alert, 8, GetParam().what)) << printed(parsed);
}

INSTANTIATE_TEST_SUITE_P(
    Acl, WrongRule,
    testing::Values(
        Wrong{"Address", "acl x src 10.0.0.300",
              "error detected while parsing ACL 'x' : '10.0.0.300' is not a valid IPv4 or IPv6 address"},
        Wrong{"Length", "acl x src 10.0.0.0/33", "'10.0.0.0/33' is not a valid IPv4 or IPv6 address"},
        Wrong{"HostName", "acl x src lb.example.com", "'lb.example.com' is not a valid IPv4 or IPv6 address"},
        Wrong{"Fetch", "acl x srcc 1.2.3.4",
              "unknown fetch method 'srcc' in ACL expression 'srcc'; did you mean 'src' maybe ?"},
        Wrong{"Number", "acl x dst_port abc", "'abc' is not a number"},
        Wrong{"NegativeNumber", "acl x dst_port -5", "unknown flag '-5'"},
        Wrong{"Range", "acl x dst_port 5:3", "it ends before it begins"},
        Wrong{"RangeWithGt", "acl x dst_port gt 5:8", "a range goes with 'eq' alone"},
        Wrong{"Method", "acl x req.ssl_sni -m foo a", "unknown matching method 'foo' when parsing ACL expression"},
        Wrong{"MethodOfAnAddress", "acl x src -m beg 10", "'src' is none"},
        Wrong{"Regex", "acl x req.ssl_sni -m reg (", "regex '(' is invalid"},
        Wrong{"Name", "acl x$ src 1.2.3.4", "character '$' is not permitted in acl name 'x$'"},
        Wrong{"NameOr", "acl or src 1.2.3.4", "'or' is no name"}, Wrong{"Nothing", "acl x", "expects NAME TEST"},
        Wrong{"FileMissing", "acl x src -f /nonexistent", "failed to open pattern file </nonexistent>"},
        Wrong{"FileUnnamed", "acl x src -f", "'-f' expects a value"},
        Wrong{"ArgumentOfNothing", "acl x src(a) 1.2.3.4", "takes no argument"},
        Wrong{"BackendUnknown", "acl x nbsrv(nowhere) lt 1", "unable to find required nbsrv: 'nowhere'"},
        Wrong{"TableUnknown", "acl x src_conn_cur(nowhere) gt 1", "unable to find table 'nowhere'"},
        Wrong{"TableMissing", "acl x src_conn_cur gt 1", "unable to find table 'a' referenced by src_conn_cur"},
        Wrong{"ValueOfABoolean", "acl x always_true 1", "takes no value"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Conditions, WrongRule,
    testing::Values(
        Wrong{"Unknown", "use_backend a if nosuch",
              "error detected while parsing switching rule : no such ACL : 'nosuch'"},
        Wrong{"Near", "use_backend a if LOCALHOTS", "did you mean 'LOCALHOST' maybe ?"},
        Wrong{"Unclosed", "use_backend a if { src 1.2.3.4", "missing closing '}' in condition"},
        Wrong{"Empty", "use_backend a if { }", "nothing stands between"},
        Wrong{"EndsInIf", "use_backend a if", "expects a condition after 'if'"},
        Wrong{"EndsInOr", "use_backend a if TRUE ||", "expects a condition after '||'"},
        Wrong{"EndsInNot", "use_backend a if !", "expects a condition after '!'"},
        Wrong{"BeginsWithOr", "use_backend a if || TRUE", "expects a condition before '||'"},
        Wrong{"WithoutIf", "use_backend a TRUE",
              "unexpected keyword 'TRUE' after switching rule, only 'if' and 'unless' are allowed"},
        Wrong{"BackendUnknown", "use_backend nowhere if TRUE", "unable to find required use_backend: 'nowhere'"},
        Wrong{"BackendOfTheConnection", "use_backend %[req.ssl_sni] if TRUE", "not supported"},
        Wrong{"BraceInAnAcl", "acl x src 1.2.3.4 { src 1.2.3.4 }", "'{' is not a valid IPv4 or IPv6 address"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Rules, WrongRule,
    testing::Values(Wrong{"Action", "tcp-request connection rejekt if TRUE",
                          "(got 'rejekt'); did you mean 'reject' maybe ?"},
                    Wrong{"ActionMissing", "tcp-request connection if TRUE", "expects an action before 'if'"},
                    Wrong{"NoIf", "tcp-request connection reject TRUE", "only accepts 'if' or 'unless' (got 'TRUE')"},
                    Wrong{"TrackWhat", "tcp-request connection track-sc0", "missing fetch method"},
                    Wrong{"TrackOther", "tcp-request connection track-sc0 dst", "supports 'src [table NAME]'"},
                    Wrong{"TrackNowhere", "tcp-request connection track-sc0 src",
                          "unable to find table 'a' referenced by track-sc0"},
                    Wrong{"TrackElsewhere", "tcp-request content track-sc0 src table zz",
                          "unable to find table 'zz' referenced by track-sc0"},
                    Wrong{"ExpectProxy", "tcp-request connection expect-proxy", "only supports 'layer4'"},
                    Wrong{"ExpectProxyLater", "tcp-request session expect-proxy layer4", "(got 'expect-proxy')"},
                    Wrong{"Member", "tcp-request conection reject", "did you mean 'connection' maybe ?"},
                    Wrong{"Delay", "tcp-request inspect-delay", "expects TIME"},
                    Wrong{"DelayNever", "tcp-request inspect-delay never", "never"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Sticking, WrongRule,
    testing::Values(
        Wrong{"Type", "stick-table type ipp size 1m", "unknown type 'ipp'"},
        Wrong{"NoType", "stick-table size 1m expire 1m", "missing type"},
        Wrong{"NoSize", "stick-table type ip expire 1m", "missing size"},
        Wrong{"Size", "stick-table type ip size 1t", "1t"},
        Wrong{"SizeZero", "stick-table type ip size 0", "1 to 100m"},
        Wrong{"Expire", "stick-table type ip size 1m expire never", "never"},
        Wrong{"Store", "stick-table type ip size 1m store conn_cur,foo", "unknown store option 'foo'"},
        Wrong{"StoreNear", "stick-table type ip size 1m store conn_curr", "did you mean 'conn_cur' maybe ?"},
        Wrong{"Period", "stick-table type ip size 1m store conn_rate", "missing argument to store option 'conn_rate'"},
        Wrong{"Argument", "stick-table type ip size 1m sise 2", "unknown argument 'sise'"},
        Wrong{"Value", "stick-table type ip size", "missing argument after 'size'"},
        Wrong{"Table", "stick on src", "unable to find table 'a' referenced by stick"},
        Wrong{"OtherTable", "stick on src table nope", "unable to find table 'nope'"},
        Wrong{"Fetch", "stick on srcx", "unknown fetch method 'srcx'"},
        Wrong{"FetchMissing", "stick on", "'stick' expects a fetch method"},
        Wrong{"Member", "stick onn src", "'stick' supports"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(Sockets, WrongRule,
                         testing::Values(Wrong{"Idle", "clitcpka-idle 0", "0"},
                                         Wrong{"IdleBelowASecond", "clitcpka-idle 1500ms", "whole seconds"},
                                         Wrong{"Count", "srvtcpka-cnt 200", "200"},
                                         Wrong{"Source", "source lb.example.com", "numeric"},
                                         Wrong{"SourcePort", "source 10.0.0.1:70000", "70000"},
                                         Wrong{"UseSource", "source 0.0.0.0 usesrc clientip", "not 'usesrc'"},
                                         Wrong{"ServerSource", "server s2 h:1 source lb", "numeric"},
                                         Wrong{"ErrorLimit", "server s2 h:1 check observe layer4 error-limit 0", "0"},
                                         Wrong{"OnError", "server s2 h:1 on-error panic", "supports fastinter"},
                                         Wrong{"Observe", "server s2 h:1 observe layer9", "layer9"}),
                         [](const auto& test) { return test.param.name; });

/// What no line of HAProxy's is: it never decides anything there.
TEST(Rules, ATestOfBytesBeforeThereAreAnyIsWarnedOf) {
  for (const char* rule : {"connection reject if { req.len gt 5 }", "session reject if { req.ssl_sni x }"}) {
    const Parsed parsed = parse_listen_with(std::string(" tcp-request ") + rule + "\n");
    EXPECT_TRUE(parsed.ok()) << printed(parsed);
    EXPECT_TRUE(says(parsed, Level::warning, 8, "anonymous acl never matches here")) << printed(parsed);
  }
}

TEST(Rules, AnAclWithoutValuesIsWarnedOf) {
  EXPECT_TRUE(says(parse_listen_with(" acl x src\n"), Level::warning, 8, "this ACL never matches"));
  EXPECT_EQ(count(parse_listen_with(" acl x src --\n"), Level::warning), 0u);
}

TEST(Rules, StandInTheirOrder) {
  const Parsed parsed = parse_listen_with(
      " stick-table type ip size 1k store conn_cur\n tcp-request connection expect-proxy layer4 if { src 10.0.0.1 }\n"
      " tcp-request connection track-sc0 src\n tcp-request connection reject if { sc0_conn_cur gt 5 }\n"
      " tcp-request content accept\n tcp-request inspect-delay 5s\n");
  ASSERT_TRUE(parsed.ok()) << printed(parsed);
  EXPECT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
  const Frontend& front = parsed.config.frontends[0];
  ASSERT_EQ(front.connection_rules.size(), 3u);
  EXPECT_EQ(front.connection_rules[0].action, Rule::Action::expect_proxy);
  EXPECT_EQ(front.connection_rules[1].action, Rule::Action::track);
  EXPECT_EQ(front.connection_rules[1].table, "a");
  EXPECT_EQ(front.connection_rules[2].action, Rule::Action::reject);
  EXPECT_EQ(front.content_rules.size(), 1u);
  EXPECT_EQ(front.inspect_delay, Millis(5000));
  EXPECT_TRUE(parsed.config.backends[0].content_rules.empty()) << "a listen's rules run once";
}

TEST(Rules, OfDefaultsComeFirstAndMeanTheSectionsOwnTable) {
  const Parsed parsed = parse_text(
      "defaults\n timeout connect 5s\n timeout client 1h\n timeout server 1h\n tcp-request connection track-sc0 src\n"
      "listen a\n bind :1\n server s h:2\n stick-table type ip size 10\n tcp-request connection reject if LOCALHOST\n");
  ASSERT_TRUE(parsed.ok()) << printed(parsed);
  const auto& rules = parsed.config.frontends[0].connection_rules;
  ASSERT_EQ(rules.size(), 2u);
  EXPECT_EQ(rules[0].table, "a");
}

TEST(Rules, OfConnectionsInABackendAreAnAlert) {
  const Parsed parsed =
      parse_listen_with("backend b\n server s h:1\n tcp-request connection reject if { src 10.0.0.0/8 }\n");
  EXPECT_TRUE(says(parsed, Level::alert, 10, "not allowed because backend 'b' has no frontend capability"))
      << printed(parsed);
}

TEST(Rules, ARouteIsEnoughWithoutADefaultBackend) {
  const Parsed parsed =
      parse_text(kDefaults + "frontend f\n bind :1\n use_backend b if LOCALHOST\nbackend b\n server s h:2\n");
  EXPECT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
  EXPECT_EQ(parsed.config.frontends[0].routes[0].backend, "b");
}

TEST(Rules, AnAclOfAnotherSectionIsUnknown) {
  const Parsed parsed =
      parse_text(kDefaults +
                 "frontend f\n bind :1\n acl x src 10.0.0.1\n default_backend b\nbackend b\n server s h:2\n"
                 " tcp-request content reject if x\n");
  EXPECT_TRUE(says(parsed, Level::alert, 11, "no such ACL : 'x'")) << printed(parsed);
}

Parsed parse_with_list(const std::string& list) {
  const SourceText files[] = {
      {"f.cfg",
       kDefaults + "listen a\n bind :1\n server s h:2\n acl x src -f nets.lst\n tcp-request content reject if x\n",
       false},
      {"nets.lst", list, true}};
  return parse(files, [](const std::string&) { return std::nullopt; });
}

TEST(Lists, HoldAValueALine) {
  const Parsed parsed = parse_with_list("# offices\n\n 10.0.0.0/8 \r\n192.168.1.1\n");
  ASSERT_TRUE(parsed.ok()) << printed(parsed);
  const rules::Condition& when = parsed.config.frontends[0].content_rules[0].when;
  rules::Facts facts;
  for (const auto& [address, inside] : {std::pair("10.1.1.1", true), {"192.168.1.1", true}, {"192.168.1.2", false}}) {
    facts.source = *IpAddress::parse(address);
    EXPECT_EQ(rules::evaluate(when, facts) == rules::Verdict::yes, inside) << address;
  }
}

TEST(Lists, WhatIsWrongInOneIsNamedByFileAndLine) {
  const Parsed parsed = parse_with_list("10.0.0.0/8\n# c\nfoo.bar\n");
  EXPECT_TRUE(says(parsed, Level::alert, 8, "nets.lst:3: 'foo.bar' is not a valid IPv4 or IPv6 address"))
      << printed(parsed);
}

TEST(Lists, AreNoConfiguration) {
  const SourceText files[] = {{"f.cfg", kDefaults + "listen a\n bind :1\n server s h:2\n", false},
                              {"nets.lst", "nonsense here\n", true}};
  EXPECT_TRUE(parse(files, [](const std::string&) { return std::nullopt; }).ok());
}

TEST(Sticking, ReadsATable) {
  const Parsed parsed = parse_listen_with(
      " stick-table type string len 40 size 200k expire 30m nopurge store conn_cur,conn_rate(10s),conn_cnt\n"
      " stick on req.ssl_sni\n stick match src table a if LOCALHOST\n stick store-request src\n");
  ASSERT_TRUE(parsed.ok()) << printed(parsed);
  const rules::TableConf& table = parsed.config.tables.at("a");
  EXPECT_EQ(table.type, rules::TableConf::Type::string);
  EXPECT_EQ(table.length, 40u);
  EXPECT_EQ(table.size, 200u * 1024);
  EXPECT_EQ(table.expire, Millis(1'800'000));
  EXPECT_TRUE(table.nopurge && table.current && table.total);
  EXPECT_EQ(table.rate_period, Millis(10'000));
  const auto& sticks = parsed.config.backends[0].sticks;
  ASSERT_EQ(sticks.size(), 3u);
  EXPECT_TRUE(sticks[0].match && sticks[0].store);
  EXPECT_EQ(sticks[0].key, StickRule::Key::server_name);
  EXPECT_TRUE(sticks[1].match && !sticks[1].store);
  EXPECT_TRUE(!sticks[2].match && sticks[2].store);
}

TEST(Sticking, WhatHaproxyAlsoCountsIsNoted) {
  const Parsed parsed = parse_listen_with(" stick-table type ip size 1m store gpc0,http_req_rate(10s) peers mine\n");
  EXPECT_TRUE(parsed.ok()) << printed(parsed);
  EXPECT_EQ(count(parsed, Level::note), 3u) << printed(parsed);
}

TEST(Sockets, ReadKeepalivesNumbers) {
  const Parsed parsed = parse_listen_with(
      " clitcpka-idle 60\n clitcpka-intvl 10s\n clitcpka-cnt 5\n srvtcpka-idle 2m\n srvtcpka-cnt 3\n");
  ASSERT_TRUE(parsed.ok()) << printed(parsed);
  EXPECT_EQ(parsed.config.frontends[0].keepalive, (Keepalive{true, Millis(60'000), Millis(10'000), 5}));
  EXPECT_EQ(parsed.config.backends[0].keepalive, (Keepalive{true, Millis(120'000), Millis(0), 3}));
}

TEST(Sockets, AServersSourceGoesBeforeItsSections) {
  const Parsed parsed =
      parse_listen_with(" source 10.0.0.1\n server s2 h:1 source 10.0.0.2:5000\n server s3 h:1 source [::1]\n");
  ASSERT_TRUE(parsed.ok()) << printed(parsed);
  const auto& servers = parsed.config.backends[0].servers;
  EXPECT_EQ(servers[0].source.host, "10.0.0.1");
  EXPECT_EQ(servers[1].source.host + ":" + std::to_string(servers[1].source.port), "10.0.0.2:5000");
  EXPECT_EQ(servers[2].source.host, "::1");
}

TEST(Servers, TakeBackWhatDefaultServerGave) {
  const Parsed parsed = parse_listen_with(
      " default-server check backup disabled send-proxy send-proxy-v2 check-send-proxy inter 5s weight 7 maxconn 9\n"
      " server s2 h:1 no-check no-backup enabled no-send-proxy no-send-proxy-v2 no-check-send-proxy\n server s3 h:1\n");
  ASSERT_TRUE(parsed.ok()) << printed(parsed);
  const Server& none = parsed.config.backends[0].servers[1];
  const Server& all = parsed.config.backends[0].servers[2];
  EXPECT_FALSE(none.check || none.backup || none.disabled || none.send_proxy || none.send_proxy_v2 ||
               none.check_send_proxy);
  EXPECT_TRUE(all.check && all.backup && all.disabled && all.send_proxy && all.send_proxy_v2 && all.check_send_proxy);
  for (const Server* server : {&none, &all}) {
    EXPECT_EQ(server->timing.inter, Millis(5000));
    EXPECT_EQ(server->weight, 7u);
    EXPECT_EQ(server->maxconn, 9u);
  }
  EXPECT_FALSE(parsed.config.backends[0].servers[0].check) << "a server line above is not reached";
}

TEST(Servers, ObserveWithoutCheckIsWarnedOf) {
  const Parsed parsed = parse_listen_with(" server s2 h:1 observe layer4\n");
  EXPECT_TRUE(says(parsed, Level::warning, 8, "'observe' does nothing without 'check'")) << printed(parsed);
}

}  // namespace
}  // namespace kerbgate::config
