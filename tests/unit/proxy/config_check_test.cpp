#include <gtest/gtest.h>

#include "config/check_connection.hpp"
#include "config_fixture.hpp"

namespace kerbgate::config {
namespace {

struct Wrong {
  const char* name;
  const char* lines;
  const char* says;
};

class WrongCheck : public testing::TestWithParam<Wrong> {};

TEST_P(WrongCheck, IsAnAlertThatSaysWhy) {
  const Parsed parsed = parse_listen_with(GetParam().lines);
  EXPECT_FALSE(parsed.ok());
  EXPECT_TRUE(says(parsed, Level::alert, 0, GetParam().says)) << printed(parsed);
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongCheck,
    testing::Values(
        Wrong{"Regex", " tcp-check expect rstring a(b\n", "regex 'a(b' is invalid: missing closing parenthesis"},
        Wrong{"Hex", " tcp-check expect binary 0x\n", "expects octets of two hexadecimal digits each"},
        Wrong{"OddHex", " tcp-check send-binary 000\n", "expects octets of two hexadecimal digits each"},
        Wrong{"Match", " tcp-check expect strin a\n", "did you mean 'string' maybe ?"},
        Wrong{"MatchOfTheOther", " tcp-check expect status 200\n", "supports 'string', 'rstring'"},
        Wrong{"NoPattern", " tcp-check expect string\n", "'string' expects a value after it"},
        Wrong{"NoMatch", " tcp-check expect min-recv 5\n", "expects what is to be found"},
        Wrong{"TwoMatches", " tcp-check expect string a string b\n", "one line expects one thing"},
        Wrong{"Port", " tcp-check connect port 0\n", "from 1 to 65535"},
        Wrong{"Address", " tcp-check connect addr lb\n", "'addr' expects a numeric address"},
        Wrong{"ConnectWord", " tcp-check connect prt 5\n", "unknown word 'prt'; did you mean 'port' maybe ?"},
        Wrong{"Codes", " http-check expect status 200-\n", "expects codes and ranges"},
        Wrong{"Range", " http-check expect status 300-200\n", "expects codes and ranges"},
        Wrong{"Format", " http-check send hdr Host %[src]\n", "expects plain text"},
        Wrong{"ErrorStatus", " tcp-check expect error-status L7OK string a\n", "'error-status' supports"},
        Wrong{"FirstNoConnect", " option tcp-check\n tcp-check send a\n tcp-check connect\n",
              "the first line must be one"},
        Wrong{"SendAfterSend", " option httpchk\n http-check send uri /a\n http-check send uri /b\n",
              "(missing connect rule)"},
        Wrong{"ExpectAfterConnect", " option httpchk\n http-check connect\n http-check expect status 200\n",
              "(missing send rule)"},
        Wrong{"ConnectAfterSend",
              " option httpchk\n http-check send uri /a\n http-check connect\n http-check send uri /\n",
              "(missing expect rule)"},
        Wrong{"ConnectLast",
              " option httpchk\n http-check send uri /a\n http-check expect status 200\n"
              " http-check connect\n",
              "nothing is sent over this connection"},
        Wrong{"ArgumentsOfHttpchk", " option httpchk GET / HTTP/1.0 x\n", "cannot handle unexpected argument 'x'"},
        Wrong{"TrackAndCheck", " server a h:1 check track s1\n", "unable to enable checks and tracking"},
        Wrong{"TrackUnchecked", " server a h:1 track s1\n", "unable to use a/s1 for tracking"},
        Wrong{"TrackNobody", " server a h:1 track s3\n", "unable to find required server 's3' for tracking"},
        Wrong{"TrackNowhere", " server a h:1 track b/s1\n", "unable to find required proxy 'b' for tracking"},
        Wrong{"TrackLoop", " server x h:1 track y\n server y h:1 track x\n", "chain looping back to itself"},
        Wrong{"TrackItself", " server x h:1 track x\n", "chain looping back to itself"},
        Wrong{"TrackNothing", " server x h:1 track a/\n", "expects [BACKEND/]SERVER"}),
    [](const auto& tested) { return tested.param.name; });

TEST(Check, LinesWithoutTheirOptionAreWarnedOf) {
  EXPECT_TRUE(says(parse_listen_with(" tcp-check send a\n"), Level::warning, 8, "without 'option tcp-check'"));
  EXPECT_TRUE(says(parse_listen_with(" http-check send uri /\n"), Level::warning, 8, "without 'option httpchk'"));
}

TEST(Check, TheOldFormOfHeadersShowsTheModernOne) {
  const Parsed parsed = parse_listen_with(" option httpchk GET / HTTP/1.1\\r\\nHost:\\ lb\\r\\nX:\\ y\n");
  EXPECT_TRUE(parsed.ok()) << printed(parsed);
  EXPECT_TRUE(says(parsed, Level::warning, 8, "write 'http-check send hdr Host 'lb' hdr X 'y''")) << printed(parsed);
}

TEST(Check, LaterOptionsWinAndCanBeTakenBack) {
  const auto kind = [](const std::string& lines) { return parse_listen_with(lines).config.backends.at(0).check.kind; };
  using Kind = check::Script::Kind;
  EXPECT_EQ(kind(" option tcp-check\n option httpchk\n"), Kind::http);
  EXPECT_EQ(kind(" option httpchk\n option ssl-hello-chk\n"), Kind::ssl_hello);
  EXPECT_EQ(kind(" option httpchk\n no option httpchk\n"), Kind::plain);
  EXPECT_EQ(kind(" option httpchk\n no option tcp-check\n"), Kind::http);
}

TEST(Check, LinesOfDefaultsHoldUntilASectionHasItsOwn) {
  const auto steps = [](const std::string& lines) {
    const Parsed parsed = parse_text(kDefaults + " option tcp-check\n tcp-check send a\n tcp-check send b\nlisten l\n" +
                                     " bind :1\n server s h:1 check\n" + lines);
    EXPECT_TRUE(parsed.ok()) << printed(parsed);
    std::string out;
    for (const check::Step& step : parsed.config.backends.at(0).check.steps) out += step.bytes;
    return out;
  };
  EXPECT_EQ(steps(""), "ab");
  EXPECT_EQ(steps(" tcp-check send c\n tcp-check send d\n"), "cd");
  EXPECT_EQ(steps(" no option tcp-check\n"), "");
}

/// The TLS of the check's first connection, and whether a PROXY header comes first.
std::string connection(const std::string& server, const std::string& lines = " option httpchk\n") {
  const Parsed parsed = parse_listen_with(lines + " server t h:1 check verify none " + server + "\n");
  EXPECT_TRUE(parsed.ok()) << printed(parsed);
  const Backend& backend = parsed.config.backends.at(0);
  const Server& conf = backend.servers.at(1);
  const check::Connect& connect = backend.check.steps.at(0).connect;
  const auto tls = tls_of_check(conf, connect);
  return (tls ? "tls " + tls->sni : "clear") + (check_sends_proxy(conf, backend.check, connect) ? " proxy" : "");
}

TEST(Check, TakesTlsAndHeaderFromTheServerUnlessItIsElsewhere) {
  EXPECT_EQ(connection("ssl"), "tls ");
  EXPECT_EQ(connection("ssl port 25000"), "clear");
  EXPECT_EQ(connection("ssl addr 10.0.0.1"), "clear");
  EXPECT_EQ(connection("ssl port 25000 check-ssl check-sni web"), "tls web");
  EXPECT_EQ(connection("ssl no-check-ssl"), "clear");
  EXPECT_EQ(connection("send-proxy"), "clear proxy");
  EXPECT_EQ(connection("send-proxy port 25000"), "clear");
  EXPECT_EQ(connection("send-proxy port 25000 check-send-proxy"), "clear proxy");
  EXPECT_EQ(connection("send-proxy", ""), "clear") << "a check by TCP alone says nothing";
}

TEST(Check, StepsSayTheirOwnTls) {
  EXPECT_EQ(connection("ssl", " option tcp-check\n tcp-check connect\n"), "clear");
  EXPECT_EQ(connection("ssl", " option tcp-check\n tcp-check connect default\n"), "tls ");
  EXPECT_EQ(connection("", " option tcp-check\n tcp-check connect ssl sni web\n"), "tls web");
  EXPECT_EQ(connection("", " option tcp-check\n tcp-check connect send-proxy\n"), "clear proxy");
}

}  // namespace
}  // namespace kerbgate::config
