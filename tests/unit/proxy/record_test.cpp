#include "log/record.hpp"

#include <boost/json.hpp>

#include "log_fixture.hpp"

namespace kerbgate::log {
namespace {

const std::string kExample = "10.0.1.2:33313 [06/Feb/2009:12:12:51.443] fnt bck/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0";

struct Line {
  const char* name;
  void (*change)(Session&);
  const char* expected;
};

class Tcplog : public testing::TestWithParam<Line> {};

TEST_P(Tcplog, IsTheManualsLine) {
  const Zone zone("CET-1");
  Session session = example();
  GetParam().change(session);
  EXPECT_EQ(tcplog(session), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Tables, Tcplog,
    testing::Values(
        Line{"Example", [](Session&) {},
             "10.0.1.2:33313 [06/Feb/2009:12:12:51.443] fnt bck/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0"},
        Line{"NoServer",
             [](Session& s) {
               s.server.clear();
               s.queue_ms = s.connect_ms = -1;
               s.cause = Cause::server_abort;
               s.phase = Phase::connect;
             },
             "10.0.1.2:33313 [06/Feb/2009:12:12:51.443] fnt bck/<NOSRV> -1/-1/5007 212 SC 0/0/0/0/3 0/0"},
        Line{"Redispatched", [](Session& s) { s.redispatched = true; },
             "10.0.1.2:33313 [06/Feb/2009:12:12:51.443] fnt bck/srv1 0/0/5007 212 -- 0/0/0/0/+3 0/0"},
        Line{"Counts",
             [](Session& s) {
               s.active = 1;
               s.frontend_current = 2;
               s.backend_current = 3;
               s.server_current = 4;
               s.retries = 5;
               s.server_queue = 6;
               s.backend_queue = 7;
               s.bytes_out = 18446744073709551615U;
             },
             "10.0.1.2:33313 [06/Feb/2009:12:12:51.443] fnt bck/srv1 0/0/5007 18446744073709551615 -- 1/2/3/4/5 6/7"},
        Line{"Tls", [](Session& s) { s.tls = true; },
             "10.0.1.2:33313 [06/Feb/2009:12:12:51.443] fnt~ bck/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0"},
        Line{"Logasap", [](Session& s) { s.unfinished = true; },
             "10.0.1.2:33313 [06/Feb/2009:12:12:51.443] fnt bck/srv1 0/0/+5007 +212 -- 0/0/0/0/3 0/0"},
        Line{"UnixSocket",
             [](Session& s) {
               s.client_address.clear();
               s.client_port = 1;
             },
             "unix:1 [06/Feb/2009:12:12:51.443] fnt bck/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0"},
        Line{"Ipv6", [](Session& s) { s.client_address = "2001:db8::1"; },
             "2001:db8::1:33313 [06/Feb/2009:12:12:51.443] fnt bck/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0"},
        Line{"IdleClient",
             [](Session& s) {
               s.cause = Cause::client_timeout;
               s.phase = Phase::data;
             },
             "10.0.1.2:33313 [06/Feb/2009:12:12:51.443] fnt bck/srv1 0/0/5007 212 cD 0/0/0/0/3 0/0"},
        Line{"Midnight", [](Session& s) { s.accepted = moment("01/Jan/2026:00:00:00", 7); },
             "10.0.1.2:33313 [01/Jan/2026:00:00:00.007] fnt bck/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0"}),
    [](const auto& line) { return std::string(line.param.name); });

struct Field {
  const char* name;
  std::string value;
  const char* written;
};

class LogField : public testing::TestWithParam<Field> {};

TEST_P(LogField, FollowsTheLastHaproxyField) {
  const Zone zone("CET-1");
  Session session = example();
  session.fields = {{"client", GetParam().value}, {"kvno", "4"}};
  EXPECT_EQ(tcplog(session), kExample + " client=" + GetParam().written + " kvno=4");
}

INSTANTIATE_TEST_SUITE_P(Values, LogField,
                         testing::Values(Field{"Principal", "alice@EXAMPLE.COM", "alice@EXAMPLE.COM"},
                                         Field{"Empty", "", "\"\""}, Field{"Blank", "no such user", "\"no such user\""},
                                         Field{"Equals", "a=b", "\"a=b\""}, Field{"Quote", "a\"b", "\"a\\x22b\""},
                                         Field{"Backslash", "a\\b", "\"a\\x5cb\""},
                                         Field{"NewLine", "a\r\nb", "\"a\\x0d\\x0ab\""},
                                         Field{"Zero", std::string("a\0b", 3), "\"a\\x00b\""},
                                         Field{"Escape", "\033[31m", "\"\\x1b[31m\""},
                                         Field{"Utf8", "\xc3\xa9", "\"\\xc3\\xa9\""}),
                         [](const auto& field) { return std::string(field.param.name); });

TEST(Printable, BoundsLongText) {
  EXPECT_EQ(printable("abcdef", 6), "abcdef");
  EXPECT_EQ(printable("abcdefg", 6), "abcdef...");
  EXPECT_EQ(printable(std::string(5000, 'x')).size(), 1027U);
}

TEST(Printable, LeavesNoByteThatCouldEndALineOrAQuote) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  for (const char c : printable(all)) {
    EXPECT_TRUE(c >= ' ' && c < 0x7f && c != '"') << static_cast<int>(c);
  }
}

TEST(DefaultLine, IsHaproxys) {
  Session session = example();
  session.frontend = "www";
  EXPECT_EQ(default_line(session, "10.0.3.31:8012"), "Connect from 10.0.1.2:33313 to 10.0.3.31:8012 (www/TCP)");
}

TEST(Json, HoldsEveryFieldByName) {
  const Zone zone("CET-1");
  Session session = example();
  session.bytes_in = 99;
  session.connect_ms = -1;
  session.server.clear();
  session.fields = {{"client_principal", "al\"ice@EXAMPLE.COM"}, {"client", "carol@EXAMPLE.COM"}};
  const std::string line = json(session);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto value = boost::json::parse(line);
  const boost::json::object expected{{"accepted", "2009-02-06T12:12:51.443000+01:00"},
                                     {"client", "10.0.1.2"},
                                     {"principal", "carol@EXAMPLE.COM"},
                                     {"client_port", 33313},
                                     {"frontend", "fnt"},
                                     {"backend", "bck"},
                                     {"server", nullptr},
                                     {"tls", false},
                                     {"queue_ms", 0},
                                     {"connect_ms", nullptr},
                                     {"total_ms", 5007},
                                     {"bytes_in", 99},
                                     {"bytes_out", 212},
                                     {"state", "--"},
                                     {"active", 0},
                                     {"frontend_current", 0},
                                     {"backend_current", 0},
                                     {"server_current", 0},
                                     {"retries", 3},
                                     {"redispatched", false},
                                     {"server_queue", 0},
                                     {"backend_queue", 0},
                                     {"unfinished", false},
                                     {"client_principal", "al\\x22ice@EXAMPLE.COM"}};
  EXPECT_EQ(value, expected) << line;
}

}  // namespace
}  // namespace kerbgate::log
