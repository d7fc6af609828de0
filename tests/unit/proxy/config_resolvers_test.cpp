#include <gtest/gtest.h>

#include "config_fixture.hpp"

namespace kerbgate::config {
namespace {

using namespace std::chrono_literals;

/// A resolvers section of these lines (from line 2 on), and a listener whose server lines follow.
Parsed parse_with(const std::string& section, const std::string& servers) {
  return parse_text("resolvers dns\n" + section + kDefaults + "listen a\n bind :25003\n" + servers);
}
const std::string kServer = " server s1 h1.example.com:21000 resolvers dns\n";

TEST(Resolvers, HoldWhatIsWritten) {
  const Parsed parsed = parse_with(
      " nameserver a 10.0.0.1:5353\n nameserver b tcp@[2001:db8::1]:54\n nameserver c 10.0.0.2\n parse-resolv-conf\n"
      " hold nx 1s\n hold timeout 2s\n hold refused 3s\n hold other 4s\n hold obsolete 5s\n resolve_retries 7\n"
      " timeout resolve 8s\n timeout retry 9s\n accepted_payload_size 4096\n",
      kServer);
  ASSERT_TRUE(parsed.ok()) << printed(parsed);
  EXPECT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
  const Resolvers& dns = parsed.config.resolvers.at("dns");
  EXPECT_EQ(dns.nameservers,
            (std::vector<Nameserver>{
                {"a", "10.0.0.1", 5353, false}, {"b", "2001:db8::1", 54, true}, {"c", "10.0.0.2", 53, false}}));
  EXPECT_TRUE(dns.system);
  EXPECT_EQ((std::vector{dns.nx, dns.timeout, dns.refused, dns.other, dns.obsolete, dns.resolve, dns.retry}),
            (std::vector<Millis>{1s, 2s, 3s, 4s, 5s, 8s, 9s}));
  EXPECT_EQ(dns.retries, 7);
  EXPECT_EQ(dns.payload, 4096);
}

TEST(Resolvers, HaveHaproxysDefaultsAndASectionOfTheSystem) {
  const Parsed parsed = parse_with(" nameserver a 10.0.0.1\n", kServer + " server s2 h:1 resolvers default\n");
  ASSERT_TRUE(parsed.ok()) << printed(parsed);
  const Resolvers& dns = parsed.config.resolvers.at("dns");
  EXPECT_EQ((std::vector{dns.nx, dns.timeout, dns.refused, dns.other, dns.obsolete, dns.resolve, dns.retry}),
            (std::vector<Millis>{30s, 30s, 30s, 30s, 0s, 1s, 1s}));
  EXPECT_EQ(dns.retries, 3);
  EXPECT_TRUE(parsed.config.resolvers.at("default").system);
}

struct Case {
  const char* name;
  const char* line;
  Level level;
  const char* what;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }
class ResolversLine : public testing::TestWithParam<Case> {};

TEST_P(ResolversLine, IsSaidToBeWrong) {
  const Parsed parsed = parse_with(" nameserver a 10.0.0.1\n " + std::string(GetParam().line) + "\n", kServer);
  EXPECT_TRUE(says(parsed, GetParam().level, 3, GetParam().what)) << printed(parsed);
  EXPECT_EQ(parsed.ok(), GetParam().level != Level::alert);
}

INSTANTIATE_TEST_SUITE_P(
    All, ResolversLine,
    testing::Values(Case{"name", "nameserver b ns.example.com:53", Level::alert, "is not ADDRESS[:PORT]"},
                    Case{"port", "nameserver b 10.0.0.2:0", Level::alert, "is not a number from"},
                    Case{"twice", "nameserver a 10.0.0.2", Level::alert, "there is a nameserver 'a' already"},
                    Case{"hold", "hold nxx 1s", Level::alert, "supports valid|nx|timeout|refused|other|obsolete"},
                    Case{"holdValid", "hold valid 5s", Level::note, "does nothing here"},
                    Case{"retries", "resolve_retries 0", Level::alert, "is not a number from"},
                    Case{"payload", "accepted_payload_size 100", Level::alert, "is not a number from"},
                    Case{"time", "timeout retry 0", Level::alert, "too short a time"},
                    Case{"member", "timeout connect 5s", Level::alert, "'timeout' supports 'resolve', 'retry'"},
                    Case{"unknown", "nameservr b 10.0.0.2", Level::alert, "did you mean 'nameserver' maybe ?"},
                    Case{"elsewhere", "balance source", Level::alert,
                         "unknown keyword 'balance' in 'resolvers' section"}),
    [](const auto& test) { return test.param.name; });

TEST(Resolvers, OfOneNameAreAnError) {
  const Parsed parsed = parse_with(" nameserver a 10.0.0.1\nresolvers dns\n nameserver b 10.0.0.2\n", kServer);
  EXPECT_TRUE(says(parsed, Level::alert, 3, "there is a resolvers section 'dns' already, in f.cfg:1"));
}

TEST(Resolvers, WithoutANameOrNameserversAreSaid) {
  EXPECT_TRUE(says(parse_text("resolvers\n"), Level::alert, 1, "missing name for resolvers section."));
  EXPECT_TRUE(says(parse_with("", kServer), Level::warning, 1, "has no nameservers"));
}

const std::string kAll = " server-template s 3 coordinators:21050 resolvers dns\n";

TEST(ImpalaBackends, HoldWhatIsWritten) {
  const Parsed parsed = parse_with(
      " impala-backends a http://impala-1.example.com\n"
      " impala-backends b https://Impala-2.example.com:25443/gateway/backends?json auth /p ca-file /ca\n",
      kAll);
  ASSERT_TRUE(parsed.ok()) << printed(parsed);
  EXPECT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
  const Resolvers& section = parsed.config.resolvers.at("dns");
  EXPECT_EQ(section.impala, (std::vector<BackendsPage>{
                                {"a", "impala-1.example.com", "/backends?json", 25000, false, "", ""},
                                {"b", "impala-2.example.com", "/gateway/backends?json", 25443, true, "/p", "/ca"}}));
  const Server& server = parsed.config.backends[0].servers[0];
  EXPECT_TRUE(server.by_impala && server.from_template && server.names_hosts() && !server.asks_system());
}

TEST(ImpalaBackends, HaveTimesOfTheirOwnWhereNoneAreWritten) {
  const std::string page = " impala-backends a http://h1\n";
  const Resolvers unsaid = parse_with(page, kAll).config.resolvers.at("dns");
  EXPECT_EQ((std::vector{unsaid.obsolete, unsaid.resolve, unsaid.retry}), (std::vector<Millis>{30s, 5s, 5s}));
  EXPECT_GT(std::min({unsaid.nx, unsaid.timeout, unsaid.refused, unsaid.other}), 24h * 365);
  const Resolvers said =
      parse_with(" hold other 30s\n hold obsolete 0\n timeout resolve 1s\n" + page, kAll).config.resolvers.at("dns");
  EXPECT_EQ((std::vector{said.other, said.obsolete, said.resolve, said.retry}), (std::vector<Millis>{30s, 0s, 1s, 5s}));
}

class ImpalaBackendsLine : public testing::TestWithParam<Case> {};
TEST_P(ImpalaBackendsLine, IsSaidToBeWrong) {
  const Parsed parsed = parse_with(" impala-backends a http://h1\n " + std::string(GetParam().line) + "\n", kAll);
  EXPECT_TRUE(says(parsed, GetParam().level, 3, GetParam().what)) << printed(parsed);
}
INSTANTIATE_TEST_SUITE_P(
    All, ImpalaBackendsLine,
    testing::Values(
        Case{"scheme", "impala-backends b h1:25000", Level::alert, "is not http[s]://HOST[:PORT][/PATH]"},
        Case{"port", "impala-backends b http://h1:0", Level::alert, "has no valid port"},
        Case{"host", "impala-backends b http:///x", Level::alert, "''"},
        Case{"password", "impala-backends b http://a:b@h1", Level::alert, "a password does not belong here"},
        Case{"fragment", "impala-backends b http://h1/\\#x", Level::alert, "is no URL"},
        Case{"twice", "impala-backends a http://h2", Level::alert, "there is an impala-backends 'a' already"},
        Case{"word", "impala-backends b http://h1 user x", Level::alert, "supports 'auth FILE' and"},
        Case{"half", "impala-backends b http://h1 auth", Level::alert, "missing argument after 'auth'"},
        Case{"clear", "impala-backends b http://h1 ca-file /x", Level::warning, "the page is asked in clear"},
        Case{"nameserver", "nameserver b 10.0.0.1", Level::alert, "nameservers or Impala, not both"},
        Case{"system", "parse-resolv-conf", Level::alert, "nameservers or Impala, not both"}),
    [](const auto& test) { return test.param.name; });

TEST(ImpalaBackends, AreAskedForCoordinatorsAlone) {
  const Parsed parsed = parse_with(" impala-backends a http://h1\n", " server s1 h1.example.com:21000 resolvers dns\n");
  EXPECT_TRUE(says(parsed, Level::alert, 9,
                   "resolvers 'dns' asks Impala, which lists its coordinators: write 'coordinators:21000'"))
      << printed(parsed);
}

TEST(ServerDns, NeedsASectionThatIsThere) {
  const Parsed parsed = parse_with(" nameserver a 10.0.0.1\n", " server s1 h:1 resolvers dsn\n");
  EXPECT_TRUE(says(parsed, Level::alert, 9,
                   "'server a/s1' : unable to find required resolvers 'dsn'; did you mean 'dns' maybe ?"))
      << printed(parsed);
}

TEST(ServerDns, SaysHowANameIsLookedUp) {
  const Parsed parsed = parse_with(" nameserver a 10.0.0.1\n",
                                   " server s1 h:1 resolvers dns resolve-prefer ipv4 resolve-opts "
                                   "allow-dup-ip,ignore-weight init-addr libc,10.0.0.9,none\n"
                                   " server s2 h:1 init-addr none,libc\n");
  ASSERT_TRUE(parsed.ok()) << printed(parsed);
  const Server& one = parsed.config.backends[0].servers[0];
  EXPECT_EQ(one.resolvers, "dns");
  EXPECT_TRUE(one.prefer_ipv4 && one.allow_dup_ip && one.ignore_weight && one.init_libc && one.asks_system());
  EXPECT_EQ(one.init_address, "10.0.0.9");
  const Server& two = parsed.config.backends[0].servers[1];
  EXPECT_FALSE(two.init_libc || two.asks_system());
}

class ServerWord : public testing::TestWithParam<Case> {};
TEST_P(ServerWord, IsSaidToBeWrong) {
  const Parsed parsed = parse_server("s1 h:1 " + std::string(GetParam().line));
  EXPECT_TRUE(says(parsed, GetParam().level, 8, GetParam().what)) << printed(parsed);
}
INSTANTIATE_TEST_SUITE_P(
    All, ServerWord,
    testing::Values(Case{"prefer", "resolve-prefer ipv5", Level::alert, "supports 'ipv4' and 'ipv6'"},
                    Case{"opts", "resolve-opts allow-dup-ip,x", Level::alert, "supports allow-dup-ip"},
                    Case{"initAddr", "init-addr libc,x", Level::alert, "unknown init-addr method 'x'"},
                    Case{"initAddrLast", "init-addr last,libc,none", Level::note, "there is no state file"}),
    [](const auto& test) { return test.param.name; });

TEST(ServerTemplate, MakesItsServers) {
  const Parsed parsed =
      parse_with(" nameserver a 10.0.0.1\n",
                 " default-server check weight 7\n server-template imp 3 h.example.com:21050 resolvers dns\n"
                 " server-template old 5-6 _imp._tcp.example.com resolvers dns\n");
  ASSERT_TRUE(parsed.ok()) << printed(parsed);
  EXPECT_TRUE(parsed.diagnostics.empty()) << printed(parsed);
  const std::vector<Server>& servers = parsed.config.backends[0].servers;
  ASSERT_EQ(servers.size(), 5u);
  EXPECT_EQ(servers[0].name, "imp1");
  EXPECT_EQ(servers[2].name, "imp3");
  EXPECT_EQ(servers[2].port, 21050);
  EXPECT_TRUE(servers[2].check && servers[2].from_template && !servers[2].is_srv());
  EXPECT_EQ(servers[2].weight, 7u);
  EXPECT_EQ(servers[4].name, "old6");
  EXPECT_TRUE(servers[4].is_srv());
  EXPECT_EQ(servers[4].port, 0);
}

TEST(ServerTemplate, IsSaidToBeWrong) {
  const auto said = [](const std::string& words) {
    return printed(parse_with(" nameserver a 10.0.0.1\n", " server-template " + words + "\n"));
  };
  const std::pair<const char*, const char*> kCases[] = {
      {"imp 3", "expects PREFIX N|A-B HOST[:PORT] [options]"},
      {"imp 0 h:1", "is not a number from"},
      {"imp 7-3 h:1", "whose end is before its beginning"},
      {"imp 1-5000 h:1", "is more than 4096 servers"},
      {"im!p 3 h:1", "is not permitted in a server's name"},
      {"imp 3 h", "has no port"},
      {"imp 3 _i._tcp.x", "is the name of an SRV record, which the system does not look up: add 'resolvers NAME'"},
      {"imp 3 h:1 chek", "did you mean 'check' maybe ?"}};
  for (const auto& [words, what] : kCases)
    EXPECT_NE(said(words).find(what), std::string::npos) << words << '\n' << said(words);
}

}  // namespace
}  // namespace kerbgate::config
