#include <gtest/gtest.h>

#include "config_fixture.hpp"

namespace kerbgate::config {
namespace {

const std::string kKerberos = "global\n kerberos fqdn lb.example.com\n kerberos keytab /k\n";

Parsed with_kerberos(const std::string& lines) {
  return parse_text(kKerberos + kDefaults + "listen a\n bind :25003\n server s1 h1.example.com:21050 check\n" + lines);
}

TEST(KerberosCheckOption, IsOffUntilItIsSaidAndCanBeTakenBack) {
  EXPECT_FALSE(with_kerberos("").config.backends[0].kerberos_check.on);
  const Parsed on = with_kerberos(" option kerberos-check\n");
  EXPECT_EQ(printed(on), "");
  EXPECT_TRUE(on.config.backends[0].kerberos_check.on);
  EXPECT_EQ(on.config.backends[0].kerberos_check.inter, Millis(30'000));
  EXPECT_EQ(with_kerberos(" option kerberos-check inter 5s\n").config.backends[0].kerberos_check.inter, Millis(5'000));
  EXPECT_FALSE(
      with_kerberos(" option kerberos-check\n no option kerberos-check\n").config.backends[0].kerberos_check.on);
}

TEST(KerberosCheckOption, SaysWhatIsWrongWithItsWords) {
  EXPECT_TRUE(says(with_kerberos(" option kerberos-check intre 5s\n"), Level::alert, 11,
                   "unknown argument 'intre'; did you mean 'inter'"));
  EXPECT_TRUE(
      says(with_kerberos(" option kerberos-check inter\n"), Level::alert, 11, "missing argument after 'inter'"));
  EXPECT_TRUE(says(with_kerberos(" option kerberos-check inter 5\n"), Level::alert, 11, "at least 100ms"));
}

TEST(KerberosCheckOption, WarnsWhereItCouldDoNothing) {
  const auto listen = [](const std::string& global, const std::string& server) {
    return parse_text(global + kDefaults + "listen a\n bind :25003\n option kerberos-check\n server s1 h1:21050 " +
                      server + "\n");
  };
  EXPECT_TRUE(says(listen("", "check"), Level::warning, 5, "set 'kerberos fqdn'"));
  EXPECT_TRUE(
      says(listen("global\n kerberos fqdn lb.example.com\n", "check"), Level::warning, 7, "set 'kerberos keytab'"));
  EXPECT_TRUE(says(listen(kKerberos, ""), Level::warning, 8, "no server line says 'check'"));
}

TEST(ImpalaCheckOption, TakesPortTlsPasswordAndInterval) {
  const Parsed parsed = with_kerberos(" option impala-check port 25010 ssl auth /etc/p inter 10s\n");
  EXPECT_EQ(printed(parsed), "");
  const ImpalaCheck& check = parsed.config.backends[0].impala_check;
  EXPECT_TRUE(check.on);
  EXPECT_TRUE(check.tls);
  EXPECT_EQ(check.port, 25010);
  EXPECT_EQ(check.auth_file, "/etc/p");
  EXPECT_EQ(check.inter, Millis(10'000));
  EXPECT_EQ(with_kerberos(" option impala-check\n").config.backends[0].impala_check.port, 25000);
  EXPECT_TRUE(says(with_kerberos(" option impala-check port 0\n"), Level::alert, 11, "0"));
  EXPECT_TRUE(says(with_kerberos(" option impala-check tls\n"), Level::alert, 11, "unknown argument 'tls'"));
}

TEST(LeastqueriesBalance, NeedsTheCheckThatCounts) {
  const Parsed alone = with_kerberos(" balance leastqueries\n");
  EXPECT_EQ(alone.config.backends[0].balance, Balance::leastqueries);
  EXPECT_TRUE(says(alone, Level::warning, 8, "needs 'option impala-check', which counts them: 'leastconn' is used"));
  EXPECT_EQ(printed(with_kerberos(" balance leastqueries\n option impala-check\n")), "");
}

TEST(CheckPrincipal, TakesAPrincipalAndAKeytab) {
  const Parsed parsed = parse_global(" kerberos check-principal probe@EXAMPLE.COM keytab /etc/probe\n");
  EXPECT_EQ(printed(parsed), "");
  EXPECT_EQ(parsed.config.global.check_principal, "probe@EXAMPLE.COM");
  EXPECT_EQ(parsed.config.global.check_keytab, "/etc/probe");
  EXPECT_TRUE(
      says(parse_global(" kerberos check-principal p keytabs /k\n"), Level::alert, 2, "only accepts 'keytab FILE'"));
  EXPECT_TRUE(
      says(parse_global(" kerberos check-principal p keytab\n"), Level::alert, 2, "missing argument after 'keytab'"));
}

}  // namespace
}  // namespace kerbgate::config
