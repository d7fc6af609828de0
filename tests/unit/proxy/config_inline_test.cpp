#include <gtest/gtest.h>

#include "config_fixture.hpp"

namespace kerbgate::config {
namespace {

const Inline kUsual{"Impala.example.com",
                    "/etc/impala.keytab",
                    "",
                    {"25003", "0.0.0.0:21051,balance=source"},
                    {"C1.example.com:21050", "c2.example.com:21050"}};

TEST(Inline, MakesAListenOfEachAddressWithEveryServer) {
  const Parsed parsed = parse(kUsual);
  ASSERT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
  ASSERT_EQ(parsed.config.frontends.size(), 2u);
  EXPECT_EQ(parsed.config.frontends[0].name, "kerbgate-25003");
  EXPECT_EQ(parsed.config.frontends[0].binds[0].key(), ":25003");
  EXPECT_EQ(parsed.config.frontends[1].binds[0].key(), ":21051");
  EXPECT_EQ(parsed.config.backend("kerbgate-25003")->balance, Balance::leastconn);
  EXPECT_EQ(parsed.config.backend("kerbgate-21051")->balance, Balance::source);
  for (const Backend& backend : parsed.config.backends) {
    ASSERT_EQ(backend.servers.size(), 2u);
    EXPECT_EQ(backend.servers[0].name, "c1.example.com");
    EXPECT_EQ(backend.servers[1].port, 21050);
    EXPECT_TRUE(backend.servers[0].check);
  }
}

TEST(Inline, HasTheUsualSettings) {
  const Parsed parsed = parse(kUsual);
  const Frontend& front = parsed.config.frontends[0];
  const Backend& back = parsed.config.backends[0];
  EXPECT_EQ(back.connect_timeout, Millis(5000));
  EXPECT_EQ(front.client_timeout, Millis(12 * 3'600'000));
  EXPECT_EQ(back.server_timeout, Millis(12 * 3'600'000));
  EXPECT_TRUE(front.keepalive.on);
  EXPECT_TRUE(back.keepalive.on);
  EXPECT_TRUE(back.redispatch);
  EXPECT_TRUE(front.tcplog);
  ASSERT_EQ(front.log.size(), 1u);
  EXPECT_EQ(front.log[0].kind, LogTarget::Kind::err);
  EXPECT_EQ(front.kerberos.fqdn, "impala.example.com");
  EXPECT_EQ(front.kerberos.keytab, "/etc/impala.keytab");
  EXPECT_EQ(front.kerberos.effective_login(), Login::inspect);
}

TEST(Inline, TellsApartWhatSharesAPortOrAHost) {
  Inline words = kUsual;
  words.listens = {"10.0.0.1:25003", "10.0.0.2:25003"};
  words.servers = {"c1:21000", "c1:21050"};
  words.principal = "impala/other.example.com@X";
  const Parsed parsed = parse(words);
  ASSERT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
  EXPECT_EQ(parsed.config.frontends[1].name, "kerbgate-10.0.0.2:25003");
  EXPECT_EQ(parsed.config.backends[0].servers[1].name, "c1:21050");
  EXPECT_EQ(parsed.config.frontends[0].kerberos.principals, std::vector<std::string>{"impala/other.example.com@X"});
}

struct InlineCase {
  const char* name;
  Inline words;
  const char* message;
};

class InlineError : public testing::TestWithParam<InlineCase> {};

TEST_P(InlineError, NamesTheOption) {
  const Parsed parsed = parse(GetParam().words);
  ASSERT_EQ(parsed.diagnostics.size(), 1u) << printed(parsed);
  EXPECT_EQ(parsed.diagnostics[0].str(), "[ALERT]    : config : " + std::string(GetParam().message) + "\n");
}

INSTANTIATE_TEST_SUITE_P(
    All, InlineError,
    testing::Values(
        InlineCase{"noListen", {"", "", "", {}, {"h:1"}}, "--listen : is missing: --listen [ADDR:]PORT[,balance=ALG]"},
        InlineCase{"noServer",
                   {"", "", "", {"1"}, {}},
                   "--server : is missing: --server HOST:PORT, once for each coordinator"},
        InlineCase{"listenPort",
                   {"", "", "", {"70000"}, {"h:1"}},
                   "--listen : '70000' : port '70000' is not a number from 1 to 65535"},
        InlineCase{"listenTwice",
                   {"", "", "", {":1", "0.0.0.0:1"}, {"h:1"}},
                   "--listen : 'bind :1' : listen 'kerbgate-0.0.0.0:1' listens where --listen listens already: change "
                   "one of the two lines"},
        InlineCase{
            "serverPort",
            {"", "", "", {"1"}, {"h1", "h2:1"}},
            "--server : 'h1' has no port: \"the port that the client came to\" is not supported; write HOST:PORT"},
        InlineCase{"serverTwice", {"", "", "", {"1"}, {"h:1", "H:1"}}, "--server : 'H:1' is given twice"},
        InlineCase{"balance",
                   {"", "", "", {"1,balance=sorce"}, {"h:1"}},
                   "--listen : 'balance' : supports roundrobin, static-rr, leastconn, leastqueries, source, first, "
                   "random(N) and principal (got "
                   "'sorce'); did you mean "
                   "'source' maybe ?"}),
    [](const auto& test) { return test.param.name; });

TEST(Inline, AnAddressIsNoFqdn) {
  Inline words = kUsual;
  words.fqdn = "10.0.0.1";
  const Parsed parsed = parse(words);
  EXPECT_FALSE(parsed.ok());
  EXPECT_TRUE(says(parsed, Level::alert, 0, "'kerberos fqdn' : "));
}

}  // namespace
}  // namespace kerbgate::config
