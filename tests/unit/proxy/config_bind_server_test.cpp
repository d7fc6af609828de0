#include <gtest/gtest.h>

#include "config_fixture.hpp"

namespace kerbgate::config {
namespace {

TEST(BindLine, HoldsItsOptions) {
  const Parsed parsed =
      parse_bind("10.0.0.5:25003 name vip backlog 512 maxconn 200 interface eth1 transparent defer-accept");
  ASSERT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
  const Bind& bind = parsed.config.frontends[0].binds[0];
  EXPECT_EQ(bind.name, "vip");
  EXPECT_EQ(bind.backlog, 512);
  EXPECT_EQ(bind.maxconn, 200u);
  EXPECT_EQ(bind.interface, "eth1");
  EXPECT_TRUE(bind.transparent);
  EXPECT_TRUE(bind.defer_accept);
  EXPECT_EQ(bind.key(), "10.0.0.5:25003%eth1");
  EXPECT_EQ(bind.at.line, 6);
  EXPECT_EQ(bind.at.column, 7);
}

TEST(BindLine, KnowsBothFamilies) {
  EXPECT_TRUE(parse_bind(":::80 v4v6").config.frontends[0].binds[0].v4v6);
  EXPECT_TRUE(parse_bind(":::80 v6only").config.frontends[0].binds[0].v6only);
  EXPECT_TRUE(parse_bind(":::80").config.frontends[0].binds[0].ipv6_any);
}

TEST(BindLine, MakesABindOfEachAddress) {
  const Parsed parsed = parse_bind("10.0.0.1:8000-8002,[::1]:9000 name x");
  ASSERT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
  ASSERT_EQ(parsed.config.frontends[0].binds.size(), 4u);
  EXPECT_EQ(parsed.config.frontends[0].binds[2].key(), "10.0.0.1:8002");
  EXPECT_EQ(parsed.config.frontends[0].binds[3].name, "x");
}

TEST(BindLine, SameAddressOnAnotherInterfaceIsAnotherSocket) {
  EXPECT_TRUE(parse_listen_with(" bind :25003 interface eth0\n").diagnostics.empty());
}

TEST(BindLine, NamesTheWordThatIsWrong) {
  const std::tuple<const char*, int, const char*> kCases[] = {
      {":80 nam x", 11, "'bind :80' in section 'listen' : unknown keyword 'nam'; did you mean 'name' maybe ?"},
      {":80 backlog", 11, "'backlog' : expects N"},
      {":80 maxconn x", 19, "'maxconn' : 'x' is not a number"},
      {":80 backlog -1", 19, "'backlog' : '-1' is not a number from 0"},
      {":80,:80", 7, "'bind :80' : listen 'a' listens where f.cfg:6 listens already"},
  };
  for (const auto& [words, column, part] : kCases) {
    const Parsed parsed = parse_bind(words);
    ASSERT_EQ(parsed.diagnostics.size(), 1u) << words << "\n" << printed(parsed);
    EXPECT_TRUE(says(parsed, Level::alert, 6, part)) << printed(parsed);
    EXPECT_EQ(parsed.diagnostics[0].at.column, column) << words;
  }
}

TEST(BindLine, CountsAreBoundedOverAllSections) {
  std::string text = kDefaults + "listen a\n server s h:2\n";
  for (int i = 1; i <= 20; ++i) text += " bind 10.0.0." + std::to_string(i) + ":1-1024\n";
  EXPECT_TRUE(says(parse_text(text), Level::alert, 26, "more than 20000 addresses"));
}

TEST(ServerLine, HoldsItsOptions) {
  const Parsed parsed = parse_server(
      "s1 H1.Example.com:21000 check inter 5s fastinter 1s downinter 10s rise 4 fall 5 port 25000 addr H2.example.com "
      "weight 7 backup maxconn 64 maxqueue 9 slowstart 30s disabled");
  ASSERT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
  const Server& server = parsed.config.backends[0].servers[0];
  EXPECT_EQ(server.name, "s1");
  EXPECT_EQ(server.host, "h1.example.com");
  EXPECT_EQ(server.port, 21000);
  EXPECT_TRUE(server.check);
  EXPECT_EQ(server.timing.inter, Millis(5000));
  EXPECT_EQ(server.timing.fastinter, Millis(1000));
  EXPECT_EQ(server.timing.downinter, Millis(10'000));
  EXPECT_EQ(server.timing.rise, 4);
  EXPECT_EQ(server.timing.fall, 5);
  EXPECT_EQ(server.check_port, 25000);
  EXPECT_EQ(server.check_host, "h2.example.com");
  EXPECT_EQ(server.weight, 7u);
  EXPECT_TRUE(server.backup);
  EXPECT_EQ(server.maxconn, 64u);
  EXPECT_EQ(server.maxqueue, 9u);
  EXPECT_EQ(server.slowstart, Millis(30'000));
  EXPECT_TRUE(server.disabled);
}

TEST(ServerLine, HasHaproxysDefaults) {
  const Server server = parse_server("s1 10.0.0.1:21000").config.backends[0].servers[0];
  EXPECT_FALSE(server.check);
  EXPECT_EQ(server.timing.inter, Millis(2000));
  EXPECT_EQ(server.timing.rise, 2);
  EXPECT_EQ(server.timing.fall, 3);
  EXPECT_EQ(server.weight, 1u);
}

TEST(ServerLine, TakesItsTemplateFromDefaultServerLinesAboveIt) {
  const Parsed parsed = parse_text(
      "defaults\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n default-server check inter 7s weight 5\n"
      "listen a\n bind :1\n server s1 h1:1\n default-server rise 9\n server s2 h2:1 weight 6 no-check\n"
      "listen b\n bind :2\n server s3 h3:1\n");
  ASSERT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
  const auto& a = parsed.config.backends[0].servers;
  EXPECT_TRUE(a[0].check);
  EXPECT_EQ(a[0].timing.inter, Millis(7000));
  EXPECT_EQ(a[0].timing.rise, 2);
  EXPECT_EQ(a[1].timing.rise, 9);
  EXPECT_EQ(a[1].weight, 6u);
  EXPECT_FALSE(a[1].check);
  EXPECT_EQ(parsed.config.backends[1].servers[0].timing.rise, 2) << "what a section adds stays in it";
  EXPECT_EQ(parsed.config.backends[1].servers[0].weight, 5u);
}

struct ServerCase {
  const char* name;
  const char* words;
  const char* message;
};

class ServerError : public testing::TestWithParam<ServerCase> {};

TEST_P(ServerError, SaysWhatAndItsBounds) {
  const Parsed parsed = parse_server(GetParam().words);
  ASSERT_EQ(parsed.diagnostics.size(), 1u) << printed(parsed);
  EXPECT_EQ(parsed.diagnostics[0].message, GetParam().message);
  EXPECT_EQ(parsed.diagnostics[0].at.line, 8);
  EXPECT_FALSE(parsed.ok());
}

INSTANTIATE_TEST_SUITE_P(
    All, ServerError,
    testing::Values(
        ServerCase{"word", "s1 h:1 chek", "'server a/s1' : unknown keyword 'chek'; did you mean 'check' maybe ?"},
        ServerCase{"weight", "s1 h:1 weight 257", "'server a/s1' : 'weight' : '257' is not a number from 0 to 256"},
        ServerCase{"inter", "s1 h:1 inter 0", "'server a/s1' : 'inter' : '0' is too short a time: at least 1 ms"},
        ServerCase{"interMissing", "s1 h:1 check inter", "'server a/s1' : 'inter' : expects TIME"},
        ServerCase{"rise", "s1 h:1 rise 0", "'server a/s1' : 'rise' : '0' is not a number from 1 to 100000"},
        ServerCase{"checkPort", "s1 h:1 port 0", "'server a/s1' : 'port' : '0' is not a number from 1 to 65535"},
        ServerCase{"addr", "s1 h:1 addr a_b!", "'server a/s1' : 'addr' : 'a_b!' is neither an address nor a host name"},
        ServerCase{
            "noPort", "s1 h1",
            "'server a/s1' : 'h1' has no port: \"the port that the client came to\" is not supported; write HOST:PORT"},
        ServerCase{"offset", "s1 h1:+1",
                   "'server a/s1' : 'h1:+1': ports relative to the client's are not supported; write HOST:PORT"},
        ServerCase{"port", "s1 h1:70000", "'server a/s1' : port '70000' is not a number from 1 to 65535"},
        ServerCase{"path", "s1 /run/x",
                   "'server a/s1' : '/run/x': servers on UNIX sockets are not supported; write HOST:PORT"},
        ServerCase{"name", "s$1 h:1", "'server a/s$1' : character '$' is not permitted in a server's name"},
        ServerCase{"nothing", "s1", "'server' : expects NAME HOST:PORT [options]"},
        ServerCase{"slowstart", "s1 h:1 slowstart soon",
                   "'server a/s1' : 'slowstart' : 'soon' is no time: digits and one of us, ms, s, m, h, d"}),
    [](const auto& test) { return test.param.name; });

TEST(ServerLine, ReadsOnAfterAValueThatIsWrong) {
  const Parsed parsed = parse_server("s1 h:1 weight 300 rise 0 chek");
  EXPECT_EQ(count(parsed, Level::alert), 3u) << printed(parsed);
}

}  // namespace
}  // namespace kerbgate::config
