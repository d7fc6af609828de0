#include "keeper/discovery.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <fstream>
#include <sstream>

#include "config/parse.hpp"
#include "dns_server.hpp"

namespace kerbgate::keeper {
namespace {

config::Config parsed(const std::string& text) {
  const config::SourceText file{"f.cfg", text};
  config::Parsed out = config::parse(std::span(&file, 1), [](const std::string&) { return std::nullopt; });
  for (const config::Diagnostic& diagnostic : out.diagnostics)
    EXPECT_NE(diagnostic.level, config::Level::alert) << diagnostic.str();
  return std::move(out.config);
}

std::string section(const std::vector<std::uint16_t>& ports, const std::string& more = "") {
  std::string out = "resolvers dns\n timeout resolve 20ms\n timeout retry 100ms\n hold nx 0\n hold other 0\n" + more;
  for (std::size_t i = 0; i < ports.size(); ++i)
    out += " nameserver ns" + std::to_string(i + 1) + " 127.0.0.1:" + std::to_string(ports[i]) + "\n";
  return out;
}
std::string listen(const std::string& lines) { return "listen a\n bind :1\n" + lines; }

constexpr std::chrono::seconds kPatience{30};

class DiscoveryTest : public testing::Test {
 protected:
  void begin(const config::Config& config) {
    discovery_.prepare(config);
    discovery_.wait_for_answers(resolve::Clock::now() + kPatience);
  }
  static std::string shown(const std::vector<Placement>& placements) {
    std::string out;
    for (const Placement& one : placements)
      out += (out.empty() ? "" : " ") + one.server + '=' +
             (one.address ? one.address->str() + (one.port != 0 ? ':' + std::to_string(one.port) : "") : "-");
    return out;
  }
  /// News until what is wanted has come.
  void wait_for(const config::Config& config, const std::string& wanted) {
    const auto until = resolve::Clock::now() + kPatience;
    while (shown(discovery_.placements(config)) != wanted && resolve::Clock::now() < until) {
      pollfd ready{discovery_.fd(), POLLIN, 0};
      poll(&ready, 1, 1000);
      for (Placement& one : discovery_.take().placements) heard_.push_back(std::move(one));
    }
    EXPECT_EQ(shown(discovery_.placements(config)), wanted);
  }

  std::vector<Placement> heard_;
  SystemResolver system_;
  Discovery discovery_{system_};
};

TEST_F(DiscoveryTest, AsksAgainAndTellsWhatHasChanged) {
  std::atomic<int> turn = 1;
  DnsServer server([&turn](const DnsQuestion& question) {
    return answering({a_record("10.0.0." + std::to_string(turn)), a_record("10.0.0.9")})(question);
  });
  const config::Config config =
      parsed(section({server.port()}) + listen(" server-template s 2 imp.test:7 resolvers dns\n"));
  begin(config);
  EXPECT_EQ(shown(discovery_.placements(config)), "s1=10.0.0.1 s2=10.0.0.9");
  EXPECT_EQ(discovery_.placements(config)[0].key, "10.0.0.1:7");
  turn = 2;
  wait_for(config, "s1=10.0.0.2 s2=10.0.0.9");
  EXPECT_EQ(heard_.back().server, "s1");
  EXPECT_EQ(heard_.back().why, "dns/ns1");
}

TEST_F(DiscoveryTest, TakesTheAnswerOfWhicheverNameserverHasOne) {
  DnsServer silent([](const DnsQuestion&) { return std::vector<DnsServer::Said>{}; });
  DnsServer wrong(
      [](const DnsQuestion& question) { return std::vector<DnsServer::Said>{{dns_message(question, kRefused, {})}}; });
  DnsServer right(answering({a_record("10.0.0.1"), aaaa_record("2001:db8::1")}));
  const config::Config config = parsed(section({silent.port(), wrong.port(), right.port()}) +
                                       listen(" server one imp.test:7 resolvers dns resolve-prefer ipv4\n"));
  begin(config);
  EXPECT_EQ(shown(discovery_.placements(config)), "one=10.0.0.1");
  EXPECT_EQ(discovery_.placements(config)[0].why, "dns/ns3");
}

TEST_F(DiscoveryTest, LooksTheTargetsOfServicesUp) {
  DnsServer server([](const DnsQuestion& question) {
    if (question.type == kTypeSrv)
      return answering(
          {srv_record("h2.test", 70, 256), srv_record("h1.test", 71, 512), srv_record("gone.test", 72, 1)})(question);
    if (question.name == "gone.test") return answering({})(question);
    return answering({a_record(question.name == "h1.test" ? "10.0.0.1" : "10.0.0.2")})(question);
  });
  const config::Config config =
      parsed(section({server.port()}) + listen(" server-template s 3 _i._tcp.test resolvers dns\n"));
  begin(config);
  EXPECT_EQ(shown(discovery_.placements(config)), "s1=10.0.0.1:71 s2=10.0.0.2:70 s3=-");
  const Placement first = discovery_.placements(config)[0];
  EXPECT_EQ(first.key, "h1.test:71");
  EXPECT_EQ(first.host, "h1.test");
  EXPECT_EQ(first.weight, 2u);
}

TEST_F(DiscoveryTest, SaysHowManyAreLeftOver) {
  DnsServer server(answering({a_record("10.0.0.1"), a_record("10.0.0.2"), a_record("10.0.0.3")}));
  const config::Config config =
      parsed(section({server.port()}) + listen(" server-template s 2 imp.test:7 resolvers dns\n"));
  begin(config);
  std::vector<Notice> notices = discovery_.take().notices;
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_EQ(notices[0].text,
            "backend a: imp.test has 3 servers in DNS and 2 in the configuration: 1 are not used; raise the number of "
            "server-template");
}

TEST_F(DiscoveryTest, TakesTheSystemsAnswerWhileNobodyElseHasOne) {
  DnsServer silent([](const DnsQuestion&) { return std::vector<DnsServer::Said>{}; });
  const config::Config config = parsed(
      section({silent.port()}, " resolve_retries 1\n hold timeout 1h\n") +
      listen(" server one imp.test:7 resolvers dns\n server two other.test:7 resolvers dns init-addr 10.0.0.9\n"));
  begin(config);
  EXPECT_EQ(shown(discovery_.placements(config)), "one=- two=-");
  discovery_.seed(config,
                  {{"imp.test", {*IpAddress::parse("10.0.0.1")}}, {"other.test", {*IpAddress::parse("10.0.0.2")}}});
  EXPECT_EQ(shown(discovery_.placements(config)), "one=10.0.0.1 two=10.0.0.9");
}

TEST_F(DiscoveryTest, KeepsSlotsForAnotherConfigurationAndForgetsOneThatWasNotTaken) {
  DnsServer server(answering({a_record("10.0.0.1"), a_record("10.0.0.2")}));
  const std::string dns = section({server.port()});
  const config::Config before = parsed(dns + listen(" server-template s 2 imp.test:7 resolvers dns\n")),
                       after = parsed(dns + listen(" server-template s 3 imp.test:7 resolvers dns\n")),
                       refused = parsed(dns + listen(" server-template t 9 imp.test:7 resolvers dns\n"));
  begin(before);
  discovery_.prepare(refused);
  discovery_.keep_only(before);
  EXPECT_EQ(shown(discovery_.placements(refused)), "");
  discovery_.prepare(after);
  EXPECT_EQ(shown(discovery_.placements(after)), "s1=10.0.0.1 s2=10.0.0.2 s3=-");
  discovery_.keep_only(after);
  EXPECT_EQ(shown(discovery_.placements(before)), "s1=10.0.0.1 s2=10.0.0.2");
}

TEST_F(DiscoveryTest, GivesAServerAnotherNameAndGoesOnWhereItIsUntilThatIsFound) {
  std::atomic<bool> there = false;
  DnsServer server([&there](const DnsQuestion& question) {
    if (question.name == "imp.test") return answering({a_record("10.0.0.1")})(question);
    return answering(there ? std::vector{a_record("10.0.0.2")} : std::vector<DnsRecord>{})(question);
  });
  const config::Config config =
      parsed(section({server.port()}, " hold nx 1h\n") +
             listen(" server one imp.test:7 resolvers dns\n server two imp.test:8 resolvers dns\n"));
  begin(config);
  discovery_.rename(config, "a", "one", "other.test");
  EXPECT_EQ(discovery_.placements(config)[0].host, "other.test");
  there = true;
  wait_for(config, "one=10.0.0.2 two=10.0.0.1");
}

TEST(SystemNameservers, AreThoseOfResolvConf) {
  std::ifstream file("/etc/resolv.conf");
  std::vector<std::string> written, found;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string word, address;
    if (words >> word >> address && word == "nameserver" && IpAddress::parse(address)) written.push_back(address);
  }
  if (written.empty()) GTEST_SKIP() << "SKIPPED: /etc/resolv.conf names no nameserver";
  for (const config::Nameserver& one : system_nameservers()) {
    found.push_back(one.address);
    EXPECT_EQ(one.port, 53);
  }
  EXPECT_EQ(found, written);
}

}  // namespace
}  // namespace kerbgate::keeper
