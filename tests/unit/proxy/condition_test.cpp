#include "rules/condition.hpp"

#include <gtest/gtest.h>

#include "config_fixture.hpp"

/// What conditions come to, from their text on.
namespace kerbgate::rules {
namespace {

/// `acls` are acl lines; `condition` is what stands behind `if` or `unless`, with it.
Condition condition_of(const std::string& condition, const std::string& acls = "") {
  const config::Parsed parsed = config::parse_listen_with(acls + " tcp-request content reject " + condition + "\n");
  EXPECT_TRUE(parsed.ok()) << config::printed(parsed);
  if (!parsed.ok()) return {};
  return parsed.config.frontends[0].content_rules.back().when;
}

Facts client(const char* source) {
  Facts facts;
  facts.source = *IpAddress::parse(source);
  facts.source_port = 40000;
  facts.destination = *IpAddress::parse("10.0.0.9");
  facts.destination_port = 21050;
  return facts;
}

struct Counters final : Surroundings {
  [[nodiscard]] std::optional<std::uint64_t> tracked(Count what) const override {
    return what == Count::rate ? std::optional<std::uint64_t>(7) : std::nullopt;
  }
  [[nodiscard]] std::uint64_t counted(Count, const std::string& table, const IpAddress&) const override {
    return table == "a" ? 3 : 0;
  }
  [[nodiscard]] std::uint64_t servers_up(const std::string& backend) const override { return backend == "a" ? 1 : 0; }
};

TEST(Look, IsWhatTheTestWouldCompare) {
  Facts facts = client("10.1.2.3");
  EXPECT_EQ(look(Fetch::src, "", facts), "10.1.2.3");
  EXPECT_EQ(look(Fetch::dst_port, "", facts), "21050");
  EXPECT_EQ(look(Fetch::always_false, "", facts), "0");
  EXPECT_EQ(look(Fetch::tracked_rate, "", facts), std::nullopt);
  const Counters counters;
  facts.around = &counters;
  EXPECT_EQ(look(Fetch::tracked_rate, "", facts), "7");
  EXPECT_EQ(look(Fetch::tracked_current, "", facts), std::nullopt);
  EXPECT_EQ(look(Fetch::source_rate, "a", facts), "3");
  EXPECT_EQ(look(Fetch::servers_up, "a", facts), "1");
  EXPECT_EQ(look(Fetch::ssl_sni, "", facts), std::nullopt);
}

struct Case {
  const char* name;
  const char* condition;
  Verdict verdict;
};

class ConditionTest : public testing::TestWithParam<Case> {};

/// Of a client 10.1.2.3 that has sent nothing yet.
TEST_P(ConditionTest, ComesTo) {
  Facts facts = client("10.1.2.3");
  const Counters counters;
  facts.around = &counters;
  const Condition condition = condition_of(
      GetParam().condition,
      " acl ten src 10.0.0.0/8\n acl six src 2001:db8::/32\n acl both src 1.1.1.1\n acl both src 10.0.0.0/8\n"
      " stick-table type ip size 10\n");
  EXPECT_EQ(evaluate(condition, facts), GetParam().verdict);
}

INSTANTIATE_TEST_SUITE_P(
    All, ConditionTest,
    testing::Values(Case{"Named", "if ten", Verdict::yes}, Case{"Unless", "unless ten", Verdict::no},
                    Case{"Not", "if !ten", Verdict::no}, Case{"NotApart", "if ! ten", Verdict::no},
                    Case{"NotNot", "if !!ten", Verdict::yes}, Case{"And", "if ten six", Verdict::no},
                    Case{"Or", "if six || ten", Verdict::yes}, Case{"OrInWords", "if six or ten", Verdict::yes},
                    Case{"AndBindsTighter", "if ten six || ten !six", Verdict::yes},
                    Case{"LinesOfOneNameAreOred", "if both", Verdict::yes},
                    Case{"Anonymous", "if { src 10.1.2.3 }", Verdict::yes},
                    Case{"AnonymousNot", "if !{ src 10.1.2.3 }", Verdict::no}, Case{"True", "if TRUE", Verdict::yes},
                    Case{"False", "if FALSE", Verdict::no}, Case{"Localhost", "if LOCALHOST", Verdict::no},
                    Case{"Port", "if { dst_port 21050 }", Verdict::yes},
                    Case{"PortRange", "if { dst_port 21000:21100 }", Verdict::yes},
                    Case{"PortFrom", "if { dst_port 30000: }", Verdict::no},
                    Case{"PortUpTo", "if { dst_port :30000 }", Verdict::yes},
                    Case{"PortAbove", "if { dst_port gt 21049 }", Verdict::yes},
                    Case{"PortNotAbove", "if { dst_port gt 21050 }", Verdict::no},
                    Case{"PortAtLeast", "if { dst_port ge 21050 }", Verdict::yes},
                    Case{"PortBelow", "if { dst_port lt 21050 }", Verdict::no},
                    Case{"PortAtMost", "if { dst_port le 21050 }", Verdict::yes},
                    Case{"SourcePort", "if { src_port 40000 }", Verdict::yes},
                    Case{"Destination", "if { dst 10.0.0.9 }", Verdict::yes},
                    Case{"Tracked", "if { sc0_conn_rate gt 6 }", Verdict::yes},
                    Case{"NotTracked", "if { sc0_conn_cur ge 0 }", Verdict::no},
                    Case{"OfATable", "if { src_conn_cur eq 3 }", Verdict::yes},
                    Case{"OfANamedTable", "if { src_conn_cnt(a) 3 }", Verdict::yes},
                    Case{"ServersUp", "if { nbsrv(a) lt 1 }", Verdict::no},
                    Case{"WaitEnd", "if WAIT_END", Verdict::more}, Case{"WaitEndNot", "if !WAIT_END", Verdict::more},
                    Case{"MoreAndNoIsNo", "if { req.len gt 5 } six", Verdict::no},
                    Case{"MoreAndYesIsMore", "if { req.len gt 5 } ten", Verdict::more},
                    Case{"MoreOrYesIsYes", "if { req.len gt 5 } || ten", Verdict::yes},
                    Case{"MoreOrNoIsMore", "if { req.len gt 5 } || six", Verdict::more},
                    Case{"UnlessMoreIsMore", "unless { req.len gt 5 }", Verdict::more},
                    Case{"NothingYet", "if REQ_CONTENT", Verdict::more},
                    Case{"ServerNameNotYet", "if { req.ssl_sni lb.example.com }", Verdict::more},
                    Case{"HelloNotYet", "if { req.ssl_hello_type 1 }", Verdict::more}),
    [](const auto& tested) { return tested.param.name; });

TEST(Condition, NoneHoldsAlways) { EXPECT_EQ(evaluate(condition_of(""), client("10.0.0.1")), Verdict::yes); }

TEST(Condition, TheEndOfTheWaitDecidesEverything) {
  Facts facts = client("10.0.0.1");
  facts.complete = facts.waited = true;
  for (const auto& [text, verdict] : {std::pair("if WAIT_END", Verdict::yes),
                                      {"if { req.len gt 5 }", Verdict::no},
                                      {"if { req.ssl_sni x }", Verdict::no},
                                      {"unless { req.ssl_hello_type 1 }", Verdict::yes}})
    EXPECT_EQ(evaluate(condition_of(text), facts), verdict) << text;
}

TEST(Condition, BytesAreCounted) {
  Facts facts = client("10.0.0.1");
  facts.length = 6;
  EXPECT_EQ(evaluate(condition_of("if { req.len gt 5 }"), facts), Verdict::yes);
  EXPECT_EQ(evaluate(condition_of("if { req_len gt 6 }"), facts), Verdict::more);
}

struct NameCase {
  const char* name;
  const char* test;  ///< of the name Lb.Etl.Example.com
  bool matches;
};

class ServerNameTest : public testing::TestWithParam<NameCase> {};

TEST_P(ServerNameTest, IsCompared) {
  Facts facts = client("10.0.0.1");
  facts.hello = Facts::Hello::whole;
  facts.server_name = "Lb.Etl.Example.com";
  EXPECT_EQ(evaluate(condition_of(std::string("if { ") + GetParam().test + " }"), facts),
            GetParam().matches ? Verdict::yes : Verdict::no);
}

INSTANTIATE_TEST_SUITE_P(All, ServerNameTest,
                         testing::Values(NameCase{"Whole", "req.ssl_sni Lb.Etl.Example.com", true},
                                         NameCase{"CaseCounts", "req.ssl_sni lb.etl.example.com", false},
                                         NameCase{"CaseDoesNotCount", "req.ssl_sni -i lb.etl.example.com", true},
                                         NameCase{"OldWord", "req_ssl_sni -i lb.etl.example.com", true},
                                         NameCase{"NotAPart", "req.ssl_sni Lb", false},
                                         NameCase{"Begin", "req.ssl_sni -m beg Lb.", true},
                                         NameCase{"End", "req.ssl_sni -i -m end .etl.example.com", true},
                                         NameCase{"NotTheEnd", "req.ssl_sni -m end .example.org", false},
                                         NameCase{"Part", "req.ssl_sni -m sub Etl", true},
                                         NameCase{"Domain", "req.ssl_sni -i -m dom etl.example", true},
                                         NameCase{"NoDomain", "req.ssl_sni -i -m dom tl.example", false},
                                         NameCase{"Regex", "req.ssl_sni -m reg ^L[a-z]+[.]Etl", true},
                                         NameCase{"RegexIgnoresCase", "req.ssl_sni -i -m reg ^lb", true},
                                         NameCase{"RegexOfPcre", "req.ssl_sni -m reg ^(?i)lb\\d?", true},
                                         NameCase{"NoRegex", "req.ssl_sni -m reg ^Etl", false},
                                         NameCase{"Found", "req.ssl_sni -m found", true},
                                         NameCase{"OneOfSeveral", "req.ssl_sni a b Lb.Etl.Example.com", true},
                                         NameCase{"Hello", "req.ssl_hello_type 1", true},
                                         NameCase{"OtherHello", "req.ssl_hello_type 2", false}),
                         [](const auto& tested) { return tested.param.name; });

TEST(ServerName, OfAHelloWithoutOneIsNotFound) {
  Facts facts = client("10.0.0.1");
  facts.hello = Facts::Hello::whole;
  EXPECT_EQ(evaluate(condition_of("if { req.ssl_sni -m found }"), facts), Verdict::no);
  EXPECT_EQ(evaluate(condition_of("if { req.ssl_hello_type 1 }"), facts), Verdict::yes);
  facts.hello = Facts::Hello::none;
  EXPECT_EQ(evaluate(condition_of("if { req.ssl_hello_type 1 }"), facts), Verdict::no);
}

}  // namespace
}  // namespace kerbgate::rules
