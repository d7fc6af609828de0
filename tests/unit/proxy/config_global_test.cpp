#include <gtest/gtest.h>

#include "config_fixture.hpp"

namespace kerbgate::config {
namespace {

TEST(Global, HoldsWhatItsLinesSay) {
  const Parsed parsed = parse_global(
      " chroot /var/lib/haproxy\n pidfile /run/k.pid\n maxconn 4000\n user haproxy\n group nogroup\n daemon\n nbthread "
      "3\n"
      " description \"two words\" more\n log-tag impala-lb\n");
  ASSERT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
  const Global& global = parsed.config.global;
  EXPECT_EQ(global.chroot, "/var/lib/haproxy");
  EXPECT_EQ(global.pidfile, "/run/k.pid");
  EXPECT_EQ(global.maxconn, 4000u);
  EXPECT_EQ(global.user, "haproxy");
  EXPECT_EQ(global.group, "nogroup");
  EXPECT_TRUE(global.daemon);
  EXPECT_EQ(global.nbthread, 3);
  EXPECT_EQ(global.description, "two words more");
  EXPECT_EQ(global.log_tag, "impala-lb");
}

TEST(Global, PollsBusilyUntilNoTakesItOff) {
  EXPECT_FALSE(parse_global("").config.global.busy_polling);
  EXPECT_TRUE(parse_global(" busy-polling\n").config.global.busy_polling);
  const Parsed off = parse_global(" busy-polling\n no busy-polling\n");
  ASSERT_TRUE(off.diagnostics.empty()) << printed(off);
  EXPECT_FALSE(off.config.global.busy_polling);
}

TEST(Global, TakesUserAndGroupByNumber) {
  const Parsed parsed = parse_global(" uid 99\n gid 98\n");
  EXPECT_EQ(parsed.config.global.user, "99");
  EXPECT_EQ(parsed.config.global.group, "98");
}

TEST(Global, TakesAnEnvironmentVariable) {
  const Parsed parsed =
      parse_text("global\n pidfile \"${RUN}/k.pid\"\n" + kDefaults + "listen a\n bind \":$PORT\"\n server s h:2\n",
                 {{"RUN", "/run"}, {"PORT", "25003"}});
  ASSERT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
  EXPECT_EQ(parsed.config.global.pidfile, "/run/k.pid");
  EXPECT_EQ(parsed.config.frontends[0].binds[0].port, 25003);
}

TEST(Global, RefusesWhatIsOutOfBounds) {
  for (const char* line : {"maxconn -1", "maxconn 2147483648", "maxconn", "nbthread 0", "nbthread 257", "uid root",
                           "chroot", "daemon now", "log", "hard-stop-after 0"})
    EXPECT_FALSE(parse_global(std::string(" ") + line + "\n").ok()) << line;
}

TEST(Global, AnEmptyVariableIsAMissingWord) {
  const Parsed parsed = parse_global(" chroot \"$NOPE\"\n");
  EXPECT_TRUE(says(parsed, Level::alert, 2, "'chroot' : expects DIR"));
  EXPECT_TRUE(says(parsed, Level::warning, 2, "'NOPE' is not set"));
}

struct LogCase {
  const char* name;
  const char* words;
  LogTarget target;
};

class LogLine : public testing::TestWithParam<LogCase> {};

TEST_P(LogLine, NamesATarget) {
  const Parsed parsed = parse_global(std::string(" log ") + GetParam().words + "\n");
  ASSERT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
  ASSERT_EQ(parsed.config.global.log.size(), 1u);
  EXPECT_EQ(parsed.config.global.log[0], GetParam().target);
}

using Kind = LogTarget::Kind;
INSTANTIATE_TEST_SUITE_P(
    All, LogLine,
    testing::Values(
        LogCase{"udp", "127.0.0.1 local0", {Kind::udp, "127.0.0.1", 514, 1024, LogFormat::rfc3164, 16, 7, 0}},
        LogCase{"port", "10.0.0.9:5140 local7", {Kind::udp, "10.0.0.9", 5140, 1024, LogFormat::rfc3164, 23, 7, 0}},
        LogCase{"level", "127.0.0.1 local1 notice", {Kind::udp, "127.0.0.1", 514, 1024, LogFormat::rfc3164, 17, 5, 0}},
        LogCase{
            "minimum", "127.0.0.1 daemon info err", {Kind::udp, "127.0.0.1", 514, 1024, LogFormat::rfc3164, 3, 6, 3}},
        LogCase{"localhost", "localhost kern", {Kind::udp, "127.0.0.1", 514, 1024, LogFormat::rfc3164, 0, 7, 0}},
        LogCase{"name",
                "syslog.example.com:5140 local0",
                {Kind::udp, "syslog.example.com", 5140, 1024, LogFormat::rfc3164, 16, 7, 0}},
        LogCase{"v6", "::1 local0", {Kind::udp, "::1", 514, 1024, LogFormat::rfc3164, 16, 7, 0}},
        LogCase{"v6Port", "[::1]:5140 local0", {Kind::udp, "::1", 5140, 1024, LogFormat::rfc3164, 16, 7, 0}},
        LogCase{"socket", "/dev/log local0", {Kind::unix_socket, "/dev/log", 514, 1024, LogFormat::rfc3164, 16, 7, 0}},
        LogCase{"unixPrefix",
                "unix@/dev/log local0",
                {Kind::unix_socket, "/dev/log", 514, 1024, LogFormat::rfc3164, 16, 7, 0}},
        LogCase{"out", "stdout format raw local0", {Kind::out, "", 514, 1024, LogFormat::raw, 16, 7, 0}},
        LogCase{"err", "stderr format short daemon", {Kind::err, "", 514, 1024, LogFormat::short_, 3, 7, 0}},
        LogCase{"length",
                "127.0.0.1 len 8192 format rfc5424 local0",
                {Kind::udp, "127.0.0.1", 514, 8192, LogFormat::rfc5424, 16, 7, 0}},
        LogCase{"json",
                "127.0.0.1 format json len 80 local0",
                {Kind::udp, "127.0.0.1", 514, 80, LogFormat::json, 16, 7, 0}}),
    [](const auto& test) { return test.param.name; });

TEST(LogLine, RefusesWhatItDoesNotKnow) {
  const std::pair<const char*, const char*> kCases[] = {
      {"127.0.0.1", "expects TARGET"},
      {"127.0.0.1 local8", "unknown log facility 'local8'"},
      {"127.0.0.1 local0 notic", "did you mean 'notice' maybe ?"},
      {"127.0.0.1 local0 info err x", "expects TARGET"},
      {"127.0.0.1 len 10 local0", "'10' is not a number from 80 to 65535"},
      {"127.0.0.1 format rfc3146 local0", "did you mean 'rfc3164' maybe ?"},
      {"127.0.0.1:99999 local0", "from 1 to 65535"},
      {"ring@r local0", "is a kind of log target that is not supported"},
  };
  for (const auto& [words, part] : kCases) {
    const Parsed parsed = parse_global(std::string(" log ") + words + "\n");
    EXPECT_TRUE(says(parsed, Level::alert, 2, part)) << words << "\n" << printed(parsed);
  }
}

TEST(LogGlobal, MeansTheTargetsOfGlobalWhereverItStands) {
  const Parsed parsed =
      parse_text(kDefaults +
                 " log global\nlisten a\n bind :1\n server s h:2\nlisten b\n bind :2\n server s h:2\n no log\n"
                 "listen c\n bind :3\n server s h:2\n log stdout format raw local1\n"
                 "global\n log 127.0.0.1 local0\n log 127.0.0.1 local1 notice\n");
  ASSERT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
  EXPECT_EQ(parsed.config.frontends[0].log, parsed.config.global.log);
  EXPECT_EQ(parsed.config.backends[0].log.size(), 2u);
  EXPECT_TRUE(parsed.config.frontends[1].log.empty());
  EXPECT_EQ(parsed.config.frontends[2].log.size(), 3u);
}

TEST(RuntimeSocket, KeepsItsOptions) {
  const Parsed parsed = parse_global(
      " stats socket /run/k.sock mode 660 level admin user impala group hadoop expose-fd listeners\n"
      " stats socket 127.0.0.1:9999 level user\n stats socket fd@5\n stats timeout 30s\n stats maxconn 3\n");
  ASSERT_TRUE(parsed.ok()) << printed(parsed);
  const std::vector<RuntimeSocket>& sockets = parsed.config.global.runtime_sockets;
  ASSERT_EQ(sockets.size(), 3u);
  EXPECT_EQ(sockets[0].bind.path, "/run/k.sock");
  EXPECT_EQ(sockets[0].mode, 0660);
  EXPECT_EQ(sockets[0].user, "impala");
  EXPECT_EQ(sockets[0].group, "hadoop");
  EXPECT_EQ(sockets[0].level, RuntimeLevel::admin);
  EXPECT_EQ(sockets[1].bind.port, 9999);
  EXPECT_EQ(sockets[1].level, RuntimeLevel::user);
  EXPECT_EQ(sockets[2].bind.inherited_fd, 5);
  EXPECT_EQ(sockets[2].level, RuntimeLevel::operator_);
  EXPECT_EQ(parsed.config.global.runtime_timeout, Millis(30'000));
  EXPECT_EQ(parsed.config.global.runtime_maxconn, 3u);
  EXPECT_EQ(count(parsed, Level::warning), 0u) << printed(parsed);
}

TEST(RuntimeSocket, IsRefusedWhereItsWordsAreWrong) {
  for (const char* line :
       {"stats socket", "stats socket /k mode 999", "stats socket /k level root", "stats socket /k levle admin",
        "stats socket /k uid x", "stats socket nowhere", "stats maxconn 0", "stats timeout soon"})
    EXPECT_FALSE(parse_global(std::string(" ") + line + "\n").ok()) << line;
}

TEST(RuntimeSocket, OnAnAddressThatOthersReachIsWarnedOf) {
  EXPECT_EQ(count(parse_global(" stats socket :9999 level admin\n"), Level::warning), 1u);
}

}  // namespace
}  // namespace kerbgate::config
