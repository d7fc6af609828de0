#include <gtest/gtest.h>

#include "config_fixture.hpp"

namespace kerbgate::config {
namespace {

TEST(Sections, ListenIsAFrontendAndABackend) {
  const Parsed parsed = parse_listen_with("");
  ASSERT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
  ASSERT_EQ(parsed.config.frontends.size(), 1u);
  ASSERT_EQ(parsed.config.backends.size(), 1u);
  EXPECT_EQ(parsed.config.frontends[0].default_backend, "a");
  ASSERT_NE(parsed.config.backend("a"), nullptr);
  EXPECT_EQ(parsed.config.backend("a")->servers[0].host, "h1.example.com");
  EXPECT_EQ(parsed.config.backend("b"), nullptr);
}

TEST(Sections, FrontendGoesToItsDefaultBackend) {
  const Parsed parsed = parse_text(kDefaults + "frontend f\n bind :1\n default_backend b\nbackend b\n server s h:2\n");
  ASSERT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
  EXPECT_EQ(parsed.config.frontends[0].default_backend, "b");
  EXPECT_EQ(parsed.config.backends[0].at.line, 8);
}

TEST(Sections, ListenMayGoElsewhere) {
  const Parsed parsed = parse_text(kDefaults + "listen f\n bind :1\n default_backend b\nbackend b\n server s h:2\n");
  ASSERT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
  EXPECT_EQ(parsed.config.frontends[0].default_backend, "b");
}

TEST(Sections, TakeTheLastDefaultsAndLaterKeywordsWin) {
  const Parsed parsed = parse_text(
      "defaults\n retries 5\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n option redispatch\n balance "
      "source\n"
      "listen a\n bind :1\n server s h:2\n"
      "listen b\n bind :2\n server s h:2\n retries 1\n retries 2\n no option redispatch\n balance first\n"
      "defaults\n timeout connect 2s\n timeout client 2s\n timeout server 2s\n"
      "listen c\n bind :3\n server s h:2\n");
  ASSERT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
  const auto& backends = parsed.config.backends;
  EXPECT_EQ(backends[0].retries, 5);
  EXPECT_TRUE(backends[0].redispatch);
  EXPECT_EQ(backends[0].balance, Balance::source);
  EXPECT_EQ(backends[1].retries, 2);
  EXPECT_FALSE(backends[1].redispatch);
  EXPECT_EQ(backends[1].balance, Balance::first);
  EXPECT_EQ(backends[2].retries, 3) << "a defaults section begins anew";
  EXPECT_EQ(backends[2].connect_timeout, Millis(2000));
}

TEST(Sections, TakeNamedDefaultsByFrom) {
  const Parsed parsed = parse_text(
      "defaults base\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n retries 7\n"
      "defaults long from base\n timeout client 12h\n timeout server 12h\n"
      "listen a from base\n bind :1\n server s h:2\n"
      "listen b\n bind :2\n server s h:2\n");
  ASSERT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
  EXPECT_EQ(parsed.config.frontends[0].client_timeout, Millis(1000));
  EXPECT_EQ(parsed.config.frontends[1].client_timeout, Millis(12 * 3'600'000));
  EXPECT_EQ(parsed.config.backends[1].retries, 7);
}

TEST(Sections, DefaultsReachIntoTheNextFile) {
  const SourceText files[] = {{"1.cfg", kDefaults}, {"2.cfg", "listen a\n bind :1\n server s h:2\n"}};
  const Parsed parsed = parse(files, {});
  ASSERT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
  EXPECT_EQ(parsed.config.frontends[0].client_timeout, Millis(3'600'000));
  EXPECT_EQ(parsed.config.frontends[0].at.file, "2.cfg");
}

TEST(Sections, ASectionEndsWithItsFile) {
  const SourceText files[] = {{"1.cfg", kDefaults + "listen a\n bind :1\n server s h:2\n"}, {"2.cfg", " retries 1\n"}};
  EXPECT_TRUE(says(parse(files, {}), Level::alert, 1, "unknown keyword 'retries' out of section"));
}

struct SectionCase {
  const char* name;
  std::string text;  ///< after kDefaults: line 5 on
  Level level;
  int line;
  const char* part;
};

class SectionProblem : public testing::TestWithParam<SectionCase> {};

TEST_P(SectionProblem, IsSaidOnce) {
  const Parsed parsed = parse_text(kDefaults + GetParam().text);
  EXPECT_TRUE(says(parsed, GetParam().level, GetParam().line, GetParam().part)) << printed(parsed);
  EXPECT_EQ(parsed.diagnostics.size(), 1u) << printed(parsed);
  EXPECT_EQ(parsed.ok(), GetParam().level != Level::alert);
}

const std::string kBody = " bind :1\n server s h:2\n";
INSTANTIATE_TEST_SUITE_P(
    All, SectionProblem,
    testing::Values(
        SectionCase{"sameListen", "listen a\n bind :1\n server s h:2\nlisten a\n bind :2\n server s h:2\n",
                    Level::alert, 8, "listen 'a' has the same name as listen 'a' declared at f.cfg:5"},
        SectionCase{"sameListenAndBackend", "listen a\n bind :1\n server s h:2\nbackend a\n server s h:2\n",
                    Level::alert, 8, "backend 'a' has the same name as listen 'a'"},
        SectionCase{"sameFrontendAndBackend", "frontend a\n bind :1\n default_backend a\nbackend a\n server s h:2\n",
                    Level::warning, 8,
                    "backend 'a' has the same name as frontend 'a' declared at f.cfg:5: a dead form"},
        SectionCase{"sameServer", "listen a\n" + kBody + " server s h:3\n", Level::alert, 8,
                    "'server a/s' : a server of this name is declared at f.cfg:7"},
        SectionCase{"noName", "listen\n" + kBody, Level::alert, 5, "'listen' expects a name"},
        SectionCase{"badName", "listen a$b\n" + kBody, Level::alert, 5,
                    "character '$' is not permitted in 'listen' name"},
        SectionCase{"extraWord", "backend b c\nlisten a\n" + kBody + " default_backend b\n", Level::alert, 5,
                    "unexpected argument 'c'"},
        SectionCase{"unknownDefaults", "listen a from bse\n" + kBody, Level::alert, 5,
                    "there is no defaults section 'bse' above"},
        SectionCase{"fromAlone", "listen a from\n" + kBody, Level::alert, 5, "'from' expects the name"},
        SectionCase{"unknownSection", "frontnd f\n bind :1\n wibble\nlisten a\n" + kBody, Level::alert, 5,
                    "unknown section 'frontnd'; did you mean 'frontend' maybe ?; its lines are skipped"},
        SectionCase{"unknownSectionAtTheMargin", "listen a\n" + kBody + "wibble f\n bind :1\n wobble\n", Level::alert,
                    8, "unknown section 'wibble'; its lines are skipped"},
        SectionCase{"typoAtTheMargin", "listen a\n" + kBody + "balence source\n retries 1\n", Level::alert, 8,
                    "unknown keyword 'balence' in 'listen' section; did you mean 'balance' maybe ?"},
        SectionCase{"peers", "listen a\n" + kBody + "peers p\n peer a 10.0.0.1:53\n", Level::warning, 8,
                    "'peers' sections do nothing here"},
        SectionCase{"userlist", "listen a\n" + kBody + "userlist u\n user a password b\n", Level::warning, 8,
                    "'userlist' sections"},
        SectionCase{"mailers", "listen a\n" + kBody + "mailers m\n mailer a 10.0.0.1:25\n", Level::warning, 8,
                    "'mailers' sections"},
        SectionCase{"noBind", "listen a\n bind :1\n server s h:2\nfrontend f\n default_backend a\n", Level::warning, 8,
                    "frontend 'f' has no 'bind' line"},
        SectionCase{"noBackend", "frontend f\n bind :1\n", Level::warning, 5, "frontend 'f' has no default_backend"},
        SectionCase{"noServer", "listen f\n bind :1\n", Level::warning, 5, "listen 'f' has no server"},
        SectionCase{"unknownBackend", "frontend f\n bind :1\n default_backend impal\nbackend impala\n server s h:2\n",
                    Level::alert, 7, "unable to find required default_backend: 'impal'; did you mean 'impala' maybe ?"},
        SectionCase{"sameAddress", "listen a\n" + kBody + "listen b\n bind 0.0.0.0:1\n server s h:2\n", Level::alert, 9,
                    "'bind :1' : listen 'b' listens where f.cfg:6 listens already"},
        SectionCase{"overlappingRanges", "listen a\n bind :1-9\n server s h:2\nlisten b\n bind :5-20\n server s h:2\n",
                    Level::alert, 9, "'bind :5' : listen 'b' listens where f.cfg:6"},
        SectionCase{"backendHasNoFront", "listen a\n" + kBody + "backend b\n server s h:2\n maxconn 5\n",
                    Level::warning, 10, "'maxconn' ignored because backend 'b' has no frontend capability"},
        SectionCase{"frontendHasNoBack",
                    "listen a\n" + kBody + "frontend b\n bind :2\n default_backend a\n balance source\n",
                    Level::warning, 11, "'balance' ignored because frontend 'b' has no backend capability"},
        SectionCase{"serverInFrontend",
                    "listen a\n" + kBody + "frontend b\n bind :2\n default_backend a\n server s h:2\n", Level::alert,
                    11, "'server' not allowed because frontend 'b'"},
        SectionCase{"bindInDefaults", " bind :1\nlisten a\n" + kBody, Level::alert, 5,
                    "'bind' not allowed in 'defaults' section"},
        SectionCase{"nothing", "", Level::alert, 0, "nothing to listen on"},
        SectionCase{"onlyDisabled", "listen a\n disabled\n" + kBody, Level::alert, 0, "nothing to listen on"}),
    [](const auto& test) { return test.param.name; });

TEST(Sections, DisabledOnesMayShareAnAddress) {
  const Parsed parsed = parse_text(kDefaults + "listen a\n" + kBody + "listen b\n disabled\n" + kBody);
  EXPECT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
  EXPECT_TRUE(parsed.config.frontends[1].disabled);
  EXPECT_TRUE(parsed.config.backends[1].disabled);
}

TEST(Sections, MissingTimeoutsAreNamed) {
  const Parsed parsed = parse_text("listen a\n bind :1\n server s h:2\n timeout connect 5s\n");
  EXPECT_TRUE(
      says(parsed, Level::warning, 1, "missing timeouts for proxy 'a': set 'timeout client', 'timeout server'"));
  EXPECT_EQ(parsed.diagnostics.size(), 1u) << printed(parsed);
}

TEST(Sections, ATunnelTimeoutStandsForTheServers) {
  const Parsed parsed =
      parse_text("listen a\n bind :1\n server s h:2\n timeout connect 5s\n timeout client 1h\n timeout tunnel 1h\n");
  EXPECT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
}

TEST(Sections, BytesThatAreNoTextGiveOneAlert) {
  std::string elf =
      "\x7f"
      "ELF\x02\x01\x01 a\n b\n c\n d\n";
  const Parsed parsed = parse_text(elf);
  EXPECT_EQ(parsed.diagnostics.size(), 1u) << printed(parsed);
  EXPECT_TRUE(says(parsed, Level::alert, 1, "out of section"));
}

TEST(Sections, AcceptWhatEditorsLeave) {
  std::string crlf;
  for (const char c : kDefaults + "listen a\n bind :1\n server s h:2\n")
    crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const Parsed parsed = parse_text("\xef\xbb\xbf" + crlf);
  EXPECT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
  EXPECT_EQ(parsed.config.backends[0].servers[0].port, 2);
}

TEST(Sections, AMissingLineEndIsWarnedOf) {
  const Parsed parsed = parse_text(kDefaults + "listen a\n bind :1\n server s h:2");
  EXPECT_TRUE(parsed.ok());
  EXPECT_TRUE(says(parsed, Level::warning, 7, "may have been cut off"));
}

}  // namespace
}  // namespace kerbgate::config
