#include <gtest/gtest.h>

#include "config_fixture.hpp"

namespace kerbgate::config {
namespace {

TEST(Diagnostic, HasHaproxysColumnsAndACaret) {
  Diagnostic d{Level::alert, {"f.cfg", 3, 5}, "unknown keyword 'x'", "\tab x"};
  EXPECT_EQ(d.str(), "[ALERT]    : config : parsing [f.cfg:3] : unknown keyword 'x'\n   ab x\n      ^\n");
  d.level = Level::warning;
  EXPECT_EQ(d.str().substr(0, 22), "[WARNING]  : config : ");
  d.level = Level::note;
  EXPECT_EQ(d.str().substr(0, 22), "[NOTICE]   : config : ");
}

TEST(Diagnostic, WithoutAPlaceIsOneLine) {
  EXPECT_EQ((Diagnostic{Level::alert, {}, "nothing to listen on", ""}.str()),
            "[ALERT]    : config : nothing to listen on\n");
}

TEST(Diagnostic, WithoutAColumnShowsTheLineAlone) {
  EXPECT_EQ((Diagnostic{Level::warning, {"f", 1, 0}, "m", "x"}.str()),
            "[WARNING]  : config : parsing [f:1] : m\n  x\n");
}

TEST(Diagnostic, EscapesHostileBytesAndTheCaretFollows) {
  const Diagnostic d{Level::alert, {"f\n", 1, 3}, "bad \x1b[2J\xff", "\x1b\x01z"};
  EXPECT_EQ(d.str(), "[ALERT]    : config : parsing [f\\x0a:1] : bad \\x1b[2J\\xff\n  \\x1b\\x01z\n          ^\n");
}

TEST(Diagnostic, ShowsThePartOfALongLineAroundItsWord) {
  const std::string line = std::string(1000, 'a') + "Z" + std::string(900, 'b');
  const std::string text = Diagnostic{Level::alert, {"f", 1, 1001}, "m", line}.str();
  const std::size_t shown = text.find('\n') + 1;
  const std::size_t caret = text.find('\n', shown) + 1;
  EXPECT_LT(text.size(), 400u);
  EXPECT_EQ(text.find('^') - caret, text.find('Z') - shown);
}

TEST(Diagnostics, AreAllOfAFileInTheOrderOfTheText) {
  const Parsed parsed = parse_text(
      "global\n maxconn abc\n nbthred 2\nlisten a\n bind :70000\n timout client 5s\n server s1 h:80 chek\n "
      "default_backend x\n");
  ASSERT_EQ(parsed.diagnostics.size(), 6u) << printed(parsed);
  for (std::size_t i = 1; i < 6; ++i) EXPECT_LT(parsed.diagnostics[i - 1].at.line, parsed.diagnostics[i].at.line);
  EXPECT_EQ(count(parsed, Level::alert), 6u);
  EXPECT_EQ(parsed.diagnostics[1].str(),
            "[ALERT]    : config : parsing [f.cfg:3] : unknown keyword 'nbthred' in 'global' section; did you mean "
            "'nbthread' maybe ?\n   nbthred 2\n   ^\n");
  EXPECT_EQ(
      parsed.diagnostics[4].str(),
      "[ALERT]    : config : parsing [f.cfg:7] : 'server a/s1' : unknown keyword 'chek'; did you mean 'check' maybe "
      "?\n   server s1 h:80 chek\n                  ^\n");
}

struct MessageCase {
  const char* name;
  const char* line;  ///< the eighth of the text, in a listen section
  int column;
  const char* message;
};

class LineError : public testing::TestWithParam<MessageCase> {};

TEST_P(LineError, SaysWhatWhereAndWhatWouldDo) {
  const Parsed parsed = parse_listen_with(std::string(" ") + GetParam().line + "\n");
  ASSERT_EQ(parsed.diagnostics.size(), 1u) << printed(parsed);
  EXPECT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.diagnostics[0].at.line, 8);
  EXPECT_EQ(parsed.diagnostics[0].at.column, GetParam().column);
  EXPECT_EQ(parsed.diagnostics[0].message, GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    All, LineError,
    testing::Values(
        MessageCase{"unknown", "timout client 5s", 2,
                    "unknown keyword 'timout' in 'listen' section; did you mean 'timeout' maybe ?"},
        MessageCase{"farFromAll", "wibble", 2, "unknown keyword 'wibble' in 'listen' section"},
        MessageCase{"ofGlobal", "nbthread 4", 2,
                    "unknown keyword 'nbthread' in 'listen' section; it belongs in the 'global' section"},
        MessageCase{"option", "option redispach", 9, "unknown option 'redispach'; did you mean 'redispatch' maybe ?"},
        MessageCase{"optionAlone", "option", 2, "'option' expects an option's name"},
        MessageCase{"timeUnit", "timeout client 5p", 17,
                    "'timeout client' : '5p' is no time: unexpected character 'p' after the number (units: us, ms, s, "
                    "m, h, d)"},
        MessageCase{"timeTooLong", "timeout server 25d", 17,
                    "'timeout server' : '25d' is too long a time: at most 2147483647 ms (24.8 days)"},
        MessageCase{"timeMissing", "timeout queue", 10, "'timeout queue' : expects TIME"},
        MessageCase{"tooMany", "option tcplog foo", 16, "'option tcplog' : cannot handle unexpected argument 'foo'"},
        MessageCase{"number", "retries x", 10, "'retries' : 'x' is not a number from 0 to 1000"},
        MessageCase{"mode", "mode health", 7, "'mode' : supports 'tcp' and 'http', not 'health'"},
        MessageCase{"no", "no balance", 2, "'no' goes with options, log and busy-polling alone, not with 'balance'"},
        MessageCase{"balance", "balance leastcon", 10,
                    "'balance' : supports roundrobin, static-rr, leastconn, leastqueries, source, first, random(N) and "
                    "principal (got "
                    "'leastcon'); did you "
                    "mean 'leastconn' maybe ?"},
        MessageCase{"draws", "balance random(0)", 10, "'balance' : 'random(0)' is not random(N) with N from 1 to 100"},
        MessageCase{"drawsOpen", "balance random(2", 10,
                    "'balance' : 'random(2' is not random(N) with N from 1 to 100"},
        MessageCase{"facility", "log 127.0.0.1 local9", 16,
                    "'log' : unknown log facility 'local9'; did you mean 'local0' maybe ? (there are kern user mail "
                    "daemon auth "
                    "syslog lpr news uucp cron auth2 ftp ntp audit alert cron2 local0 local1 local2 local3 local4 "
                    "local5 local6 "
                    "local7)"},
        MessageCase{"reference", "default_backend b", 18, "listen 'a' : unable to find required default_backend: 'b'"}),
    [](const auto& test) { return test.param.name; });

TEST(Diagnostics, NameTheMemberOfAFamilyThatWasMeant) {
  EXPECT_TRUE(says(parse_listen_with(" timeout conect 5s\n"), Level::alert, 8,
                   "(got 'conect'); did you mean 'connect' maybe ?"));
}

TEST(Diagnostics, DoNotShowALineThatIsTooLongToRead) {
  const Parsed parsed = parse_text(kDefaults + "listen a\n bind :1\n wibble " + std::string(65536, 'x') + "\n");
  ASSERT_EQ(parsed.diagnostics.size(), 1u) << printed(parsed);
  EXPECT_EQ(parsed.diagnostics[0].str(),
            "[ALERT]    : config : parsing [f.cfg:7] : unknown keyword 'wibble' in 'listen' section\n");
}

TEST(Diagnostics, DoNotRepeatALineWithAPassword) {
  for (const char* line :
       {"stats auth joe:s3cret extra", "stats auth joe:s3cret\"x", "stats auth s3cret", "stats atuh joe:s3cret"}) {
    const Parsed parsed = parse_text(kDefaults + "listen a\n bind :1\n mode http\n " + line + "\n");
    EXPECT_FALSE(parsed.ok()) << line;
    EXPECT_EQ(printed(parsed).find("s3cret"), std::string::npos) << printed(parsed);
  }
}

TEST(Diagnostics, CutALongWord) {
  const std::string text = printed(parse_text(kDefaults + "listen a\n bind :1\n " + std::string(65536, 'x') + "\n"));
  EXPECT_NE(text.find("unknown keyword '" + std::string(80, 'x') + "...' in"), std::string::npos) << text;
}

}  // namespace
}  // namespace kerbgate::config
