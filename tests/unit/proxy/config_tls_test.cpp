#include <gtest/gtest.h>

#include "config_fixture.hpp"

/// The TLS words of bind and server lines, and what global adds to them.
namespace kerbgate::config {
namespace {

const Tls& bind_tls(const Parsed& parsed) { return parsed.config.frontends.at(0).binds.at(0).tls; }
const Tls& server_tls(const Parsed& parsed) { return parsed.config.backends.at(0).servers.at(0).tls; }

TEST(BindTls, TakesEveryWord) {
  const Parsed parsed = parse_bind(
      ":443 ssl crt /c/a.pem crt /c/more ca-file /c/ca.pem crl-file /c/crl.pem verify optional ciphers A:B "
      "ciphersuites C ssl-min-ver TLSv1.2 ssl-max-ver TLSv1.3 alpn h2,http/1.1 strict-sni no-tls-tickets "
      "prefer-client-ciphers no-sslv3 no-tlsv10 no-tlsv11");
  ASSERT_TRUE(parsed.ok()) << printed(parsed);
  Tls expected;
  expected.on = true;
  expected.crt = {"/c/a.pem", "/c/more"};
  expected.ca_file = "/c/ca.pem";
  expected.crl_file = "/c/crl.pem";
  expected.verify = TlsVerify::optional;
  expected.ciphers = "A:B";
  expected.ciphersuites = "C";
  expected.least = TlsVersion::v1_2;
  expected.most = TlsVersion::v1_3;
  expected.alpn = {"h2", "http/1.1"};
  expected.strict_sni = true;
  expected.tickets = false;
  expected.prefer_client = true;
  EXPECT_EQ(bind_tls(parsed), expected);
}

TEST(ServerTls, TakesEveryWord) {
  const Parsed parsed = parse_server(
      "s1 h:1 ssl ca-file @system-ca crl-file /c/crl.pem verify required verifyhost h.test sni str(s.test) crt "
      "/c/me.pem ciphers A ciphersuites B ssl-min-ver TLSv1.3 alpn x no-ssl-reuse check check-ssl");
  ASSERT_TRUE(parsed.ok()) << printed(parsed);
  Tls expected;
  expected.on = true;
  expected.crt = {"/c/me.pem"};
  expected.ca_file = "@system-ca";
  expected.crl_file = "/c/crl.pem";
  expected.verify = TlsVerify::required;
  expected.verifyhost = "h.test";
  expected.sni = "s.test";
  expected.ciphers = "A";
  expected.ciphersuites = "B";
  expected.least = TlsVersion::v1_3;
  expected.alpn = {"x"};
  expected.tickets = false;
  EXPECT_EQ(server_tls(parsed), expected);
  EXPECT_EQ(parsed.config.backends.at(0).servers.at(0).check_tls, true);
}

TEST(ServerTls, IsInheritedFromDefaultServerAndTakenBack) {
  const Parsed parsed = parse_text(kDefaults +
                                   "listen a\n bind :1\n default-server ssl ca-file /c/ca.pem\n server s1 h:1\n"
                                   " server s2 h:2 no-ssl\n server s3 h:3 verify none\n");
  ASSERT_TRUE(parsed.ok()) << printed(parsed);
  const auto& servers = parsed.config.backends.at(0).servers;
  EXPECT_TRUE(servers[0].tls.on);
  EXPECT_EQ(servers[0].tls.ca_file, "/c/ca.pem");
  EXPECT_EQ(servers[1].tls, Tls{});
  EXPECT_EQ(servers[2].tls.verify, TlsVerify::none);
  EXPECT_EQ(count(parsed, Level::warning), 0u) << printed(parsed);
}

TEST(ServerTls, SniOfTheClient) {
  const Parsed parsed = parse_server("s1 h:1 ssl verify none sni ssl_fc_sni");
  ASSERT_TRUE(parsed.ok()) << printed(parsed);
  EXPECT_TRUE(server_tls(parsed).sni_of_client);
}

TEST(GlobalTls, ReachesEveryLineThatSaysNothingElse) {
  const Parsed parsed = parse_text(
      "global\n ssl-default-bind-options ssl-min-ver TLSv1.3 no-tls-tickets strict-sni\n ssl-default-bind-ciphers A\n"
      " ssl-default-bind-ciphersuites B\n ssl-default-server-options force-tlsv12\n ssl-default-server-ciphers C\n"
      " ssl-default-server-ciphersuites D\n ssl-server-verify none\n ca-base /ca\n crt-base /crt\n" +
      kDefaults +
      "listen a\n bind :1 ssl crt a.pem ca-file ca.pem\n bind :2 ssl crt /b.pem ssl-min-ver TLSv1.2\n"
      " server s1 h:1 ssl\n");
  ASSERT_TRUE(parsed.ok()) << printed(parsed);
  const auto& binds = parsed.config.frontends.at(0).binds;
  EXPECT_EQ(binds[0].tls.least, TlsVersion::v1_3);
  EXPECT_EQ(binds[0].tls.tickets, false);
  EXPECT_TRUE(binds[0].tls.strict_sni);
  EXPECT_EQ(binds[0].tls.ciphers, "A");
  EXPECT_EQ(binds[0].tls.ciphersuites, "B");
  EXPECT_EQ(binds[0].tls.crt, std::vector<std::string>{"/crt/a.pem"});
  EXPECT_EQ(binds[0].tls.ca_file, "/ca/ca.pem");
  EXPECT_EQ(binds[1].tls.least, TlsVersion::v1_2);
  EXPECT_EQ(binds[1].tls.crt, std::vector<std::string>{"/b.pem"});
  EXPECT_EQ(server_tls(parsed).verify, TlsVerify::none);
  EXPECT_EQ(server_tls(parsed).least, TlsVersion::v1_2);
  EXPECT_EQ(server_tls(parsed).most, TlsVersion::v1_2);
}

struct Wrong {
  const char *name, *line, *says;
};
class WrongTls : public testing::TestWithParam<Wrong> {};

TEST_P(WrongTls, IsAnAlertThatSaysWhatIsMissing) {
  const Parsed parsed = parse_listen_with(std::string(" ") + GetParam().line + "\n");
  EXPECT_FALSE(parsed.ok());
  EXPECT_TRUE(says(parsed, Level::alert, 8, GetParam().says)) << printed(parsed);
}

INSTANTIATE_TEST_SUITE_P(
    Lines, WrongTls,
    testing::Values(
        Wrong{"noCertificate", "bind :443 ssl", "no SSL certificate specified (use 'crt FILE'"},
        Wrong{"noCaForClients", "bind :443 ssl crt a verify required", "no CA file specified"},
        Wrong{"noCaForServers", "server s2 h:1 ssl", "verify is enabled by default but no CA file"},
        Wrong{"noCaForChecks", "server s2 h:1 check-ssl verify required", "no CA file"},
        Wrong{"verifyOptionalOfAServer", "server s2 h:1 ssl verify optional", "supports none, and required"},
        Wrong{"verifyWord", "bind :443 ssl crt a verify maybe", "supports none, optional and required"},
        Wrong{"version", "bind :443 ssl crt a ssl-min-ver TLSv1.4", "did you mean 'TLSv1."},
        Wrong{"noVersionLeft", "bind :443 ssl crt a ssl-max-ver TLSv1.1", "no TLS version is left"},
        Wrong{"alpn", "bind :443 ssl crt a alpn h2,,x", "expects protocol names"},
        Wrong{"sni", "server s2 h:1 ssl verify none sni req.hdr(host)", "supports str(NAME) and ssl_fc_sni"},
        Wrong{"sniWithoutName", "server s2 h:1 ssl verify none sni str()", "supports str(NAME)"}),
    [](const auto& tested) { return tested.param.name; });

TEST(GlobalTls, AnUnknownOptionIsNamed) {
  const Parsed parsed = parse_global(" ssl-default-bind-options no-tlsv9\n");
  EXPECT_TRUE(says(parsed, Level::alert, 2, "unknown option 'no-tlsv9'")) << printed(parsed);
}

TEST(ServerTls, ChecksAloneByTlsNeedNoCa) {
  const Parsed parsed = parse_server("s1 h:1 check check-ssl");
  ASSERT_TRUE(parsed.ok()) << printed(parsed);
  EXPECT_FALSE(server_tls(parsed).on);
  EXPECT_EQ(server_tls(parsed).verify, TlsVerify::none);
  EXPECT_EQ(count(parsed, Level::warning), 0u);
}

TEST(Timeouts, OfTheClientsHandshake) {
  const Parsed parsed = parse_listen_with(" timeout client-hs 7s\n");
  ASSERT_TRUE(parsed.ok()) << printed(parsed);
  EXPECT_EQ(parsed.config.frontends.at(0).handshake_timeout, Millis(7000));
}

}  // namespace
}  // namespace kerbgate::config
