#include <gtest/gtest.h>

#include "config_fixture.hpp"

namespace kerbgate::config {
namespace {

const std::string kGlobalName = "global\n kerberos fqdn LB.example.com\n kerberos keytab /etc/k.keytab\n";
const std::string kListen = "listen a\n bind :1\n server s h:2\n";

using Names = std::vector<std::string>;

TEST(Kerberos, ListenersTakeGlobalsWords) {
  const Parsed parsed = parse_text(kGlobalName + kDefaults + kListen);
  ASSERT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
  const Kerberos& kerberos = parsed.config.frontends[0].kerberos;
  EXPECT_EQ(kerberos.fqdn, "lb.example.com");
  EXPECT_EQ(kerberos.keytab, "/etc/k.keytab");
  EXPECT_EQ(kerberos.effective_login(), Login::inspect);
  EXPECT_EQ(kerberos.effective_principals(), Names{"impala/lb.example.com"});
  EXPECT_EQ(kerberos.mechanisms, Names{"GSSAPI"});
  EXPECT_EQ(parsed.config.global.kerberos.fqdn, "lb.example.com");
}

TEST(Kerberos, WithoutAFqdnNothingIsRead) {
  const Kerberos kerberos = parse_listen_with("").config.frontends[0].kerberos;
  EXPECT_EQ(kerberos.effective_login(), Login::pass);
  EXPECT_TRUE(kerberos.effective_principals().empty());
}

TEST(Kerberos, AListenerMayDiffer) {
  const Parsed parsed = parse_text(
      kGlobalName + " kerberos principal impala/lb.example.com@A\n kerberos principal impala/alias.example.com\n" +
      kDefaults + kListen +
      "listen b\n bind :2\n server s h:2\n kerberos fqdn hs2.example.com\n kerberos keytab /etc/b.keytab\n"
      "listen c\n bind :3\n server s h:2\n kerberos service hive\n kerberos login pass\n"
      "listen d\n bind :4\n server s h:2\n kerberos principal impala/d.example.com@D\n");
  ASSERT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
  const auto& fronts = parsed.config.frontends;
  EXPECT_EQ(fronts[0].kerberos.effective_principals(), (Names{"impala/lb.example.com@A", "impala/alias.example.com"}));
  EXPECT_EQ(fronts[1].kerberos.effective_principals(), Names{"impala/hs2.example.com"});
  EXPECT_EQ(fronts[1].kerberos.keytab, "/etc/b.keytab");
  EXPECT_EQ(fronts[2].kerberos.effective_principals(), Names{"hive/lb.example.com"});
  EXPECT_EQ(fronts[2].kerberos.effective_login(), Login::pass);
  EXPECT_EQ(fronts[3].kerberos.effective_principals(), Names{"impala/d.example.com@D"});
}

TEST(Kerberos, DefaultsHandOnAndASectionsPrincipalsBeginAnew) {
  const Parsed parsed =
      parse_text(kDefaults + " kerberos fqdn lb.example.com\n kerberos principal impala/one.example.com\n" + kListen +
                 "listen b\n bind :2\n server s h:2\n kerberos principal impala/two.example.com\n");
  ASSERT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
  EXPECT_EQ(parsed.config.frontends[0].kerberos.principals, Names{"impala/one.example.com"});
  EXPECT_EQ(parsed.config.frontends[1].kerberos.principals, Names{"impala/two.example.com"});
}

TEST(Kerberos, GlobalsNameIsNotThatOfAnHttpListener) {
  const Parsed parsed =
      parse_text(kGlobalName + kDefaults + kListen + "listen stats\n mode http\n bind :2\n stats enable\n");
  EXPECT_EQ(parsed.config.frontends[1].kerberos.effective_login(), Login::pass);
  EXPECT_TRUE(parsed.ok()) << printed(parsed);
}

struct FqdnCase {
  const char* name;
  const char* fqdn;
};

class BadFqdn : public testing::TestWithParam<FqdnCase> {};

TEST_P(BadFqdn, IsRefusedUnlessTheCheckIsSofter) {
  const std::string line = std::string(" kerberos fqdn ") + GetParam().fqdn + "\n";
  const Parsed strict = parse_text("global\n" + line + kDefaults + kListen + "listen b\n bind :2\n server s h:2\n");
  EXPECT_TRUE(says(strict, Level::alert, 2, "'kerberos fqdn' : ")) << printed(strict);
  EXPECT_EQ(strict.diagnostics.size(), 1u) << "said once for all listeners\n" << printed(strict);
  for (const char* softer : {"warn", "off"}) {
    const Parsed parsed = parse_text("global\n" + line + " kerberos dns-check " + softer + "\n" + kDefaults + kListen);
    EXPECT_TRUE(parsed.ok()) << printed(parsed);
    EXPECT_TRUE(says(parsed, Level::warning, 2, "'kerberos fqdn' : "));
  }
}

INSTANTIATE_TEST_SUITE_P(All, BadFqdn,
                         testing::Values(FqdnCase{"v4", "10.0.0.1"}, FqdnCase{"v6", "2001:db8::1"},
                                         FqdnCase{"shortName", "impala-lb"}, FqdnCase{"character", "lb!.example.com"},
                                         FqdnCase{"emptyLabel", "lb..example.com"}),
                         [](const auto& test) { return test.param.name; });

TEST(Kerberos, GlobalHoldsTheDnsCheck) {
  const Global defaults = parse_global("").config.global;
  EXPECT_EQ(defaults.dns_check, DnsCheck::strict);
  EXPECT_EQ(defaults.dns_interval, Millis(300'000));
  EXPECT_EQ(defaults.state_file, "");
  const Global global =
      parse_global(" kerberos dns-check warn\n kerberos dns-interval 1m\n kerberos state-file /var/lib/k/state\n")
          .config.global;
  EXPECT_EQ(global.state_file, "/var/lib/k/state");
  EXPECT_EQ(global.dns_check, DnsCheck::warn);
  EXPECT_EQ(global.dns_interval, Millis(60'000));
}

TEST(Kerberos, MechanismsAreWordsOfAList) {
  const Parsed parsed = parse_listen_with(" kerberos mechanisms gssapi PLAIN plain-in-clear\n");
  ASSERT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
  EXPECT_EQ(parsed.config.frontends[0].kerberos.mechanisms, (Names{"GSSAPI", "PLAIN"}));
  EXPECT_TRUE(parsed.config.frontends[0].kerberos.plain_in_clear);
}

TEST(Kerberos, RefusesWordsOutOfItsLists) {
  const std::pair<const char*, const char*> kCases[] = {
      {"kerberos login inspct", "did you mean 'inspect' maybe ?"},
      {"kerberos mechanisms DIGEST-MD5", "supports GSSAPI, PLAIN and plain-in-clear"},
      {"kerberos mechanisms plain-in-clear", "names no mechanism"},
      {"kerberos service impala/x", "is no service name"},
      {"kerberos principal impala", "is no service principal"},
      {"kerberos principal /x", "is no service principal"},
      {"kerberos principal impala/x@", "is no service principal"},
      {"kerberos principal impala/@X", "is no service principal"},
      {"kerberos fqdn", "expects NAME"},
      {"kerberos dns-check off", "(got 'dns-check')"},
      {"kerberos realm X", "(got 'realm')"},
  };
  for (const auto& [line, part] : kCases) {
    const Parsed parsed = parse_listen_with(std::string(" ") + line + "\n");
    EXPECT_FALSE(parsed.ok()) << line;
    EXPECT_TRUE(says(parsed, Level::alert, 8, part)) << printed(parsed);
  }
}

TEST(Kerberos, InspectWithoutANameIsWarnedOf) {
  EXPECT_TRUE(
      says(parse_listen_with(" kerberos login inspect\n"), Level::warning, 8, "no ticket's principal is compared"));
}

const std::string kVerify = " kerberos keytab /etc/k\n kerberos login verify\n";

TEST(KerberosVerify, HoldsWhoMayLogIn) {
  const Parsed parsed = parse_listen_with(kVerify +
                                          " kerberos deny *@EVIL.COM\n kerberos allow a@X *@Y\n"
                                          " kerberos maxconn-per-principal 20\n balance principal\n");
  ASSERT_TRUE(parsed.ok()) << printed(parsed);
  const Kerberos& kerberos = parsed.config.frontends[0].kerberos;
  EXPECT_TRUE(kerberos.verifies());
  EXPECT_EQ(kerberos.access, (std::vector<rules::Access>{{false, {"*@EVIL.COM"}}, {true, {"a@X", "*@Y"}}}));
  EXPECT_EQ(kerberos.maxconn_per_principal, 20u);
  EXPECT_EQ(parsed.config.backends[0].balance, Balance::principal);
}

struct WrongLogin {
  const char* name;
  std::string lines, said;
};
class WrongVerify : public testing::TestWithParam<WrongLogin> {};

/// Each would let in somebody whom the configuration means to keep out.
TEST_P(WrongVerify, IsAnAlert) {
  const Parsed parsed = parse_listen_with(GetParam().lines);
  EXPECT_FALSE(parsed.ok());
  EXPECT_NE(printed(parsed).find(GetParam().said), std::string::npos) << printed(parsed);
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongVerify,
    testing::Values(WrongLogin{"withoutKeytab", " kerberos login verify\n", "kerberos keytab FILE"},
                    WrongLogin{"withTlsPassthrough", kVerify + " tls-passthrough\n", "no login is seen"},
                    WrongLogin{"allowInInspect", " kerberos allow a@X\n", "only with 'kerberos login verify'"},
                    WrongLogin{"denyInPass", " kerberos login pass\n kerberos deny a@X\n", "everyone would be let in"},
                    WrongLogin{"maxconnInInspect", " kerberos maxconn-per-principal 2\n", "everyone would be let in"},
                    WrongLogin{"maxconnZero", kVerify + " kerberos maxconn-per-principal 0\n", "0"},
                    WrongLogin{"patternWithoutRealm", kVerify + " kerberos allow alice\n", "has no realm"},
                    WrongLogin{"balanceInInspect", " balance principal\n", "needs to know who logs in"},
                    WrongLogin{"stickInInspect", " stick-table type string size 1k\n stick on principal\n",
                               "'stick on principal' of 'a'"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace kerbgate::config
