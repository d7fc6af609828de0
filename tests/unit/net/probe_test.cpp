#include <gtest/gtest.h>

#include "config/parse.hpp"
#include "probe/backends_answer.hpp"
#include "probe/http_auth.hpp"
#include "probe/target.hpp"
#include "probe/web_answers.hpp"

namespace kerbgate::probe {
namespace {

TEST(WebAnswers, TellWhetherADaemonIsBeingShutDown) {
  EXPECT_EQ(is_quiescing(R"({"is_coordinator": true, "is_quiescing": false})"), false);
  EXPECT_EQ(is_quiescing(R"({"is_quiescing": true, "shutdown_status": "x"})"), true);
  for (const char* text : {"", "{", "[]", "{}", "true", R"({"is_quiescing": "true"})", "<html>is_quiescing</html>"})
    EXPECT_EQ(is_quiescing(text), std::nullopt) << text;
}

TEST(WebAnswers, CountQueriesInEitherForm) {
  EXPECT_EQ(registered_queries(R"({"impala-server.num-queries-registered": 12, "x": 1})"), 12U);
  EXPECT_EQ(registered_queries("# HELP x\nimpala_server_num_queries_registered 3\n"), 3U);
  EXPECT_EQ(registered_queries("a 1\nimpala_server_num_queries_registered{host=\"a b\"} 4.0\nb 2"), 4U);
  EXPECT_EQ(registered_queries(R"({"impala-server.num-queries-registered": 1e99})"), 0xffffffffU);
  for (const char* text : {"", "{", "{}", R"({"impala-server.num-queries-registered": -1})",
                           R"({"impala-server.num-queries-registered": "7"})",
                           "impala_server_num_queries_registered_total 9\n", "impala_server_num_queries_registered{",
                           "impala_server_num_queries_registered nan\n", "impala_server_num_queries_registered\n"})
    EXPECT_EQ(registered_queries(text), std::nullopt) << text;
}

// RFC 7616, 3.9.1.
TEST(HttpAuth, ProvesAPasswordAsTheStandardsExampleDoes) {
  const Credentials mufasa{"Mufasa", "Circle of Life"};
  const std::string random = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
  const std::string rest =
      R"( realm="http-auth@example.org", qop="auth, auth-int", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",)"
      R"( opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS")";
  const auto md5 = authorization({"Digest" + rest + ", algorithm=MD5"}, mufasa, "/dir/index.html", random);
  ASSERT_TRUE(md5);
  EXPECT_NE(md5->find("response=\"8ca523f5e9506fed4657c9700eebdbec\""), std::string::npos) << *md5;
  EXPECT_NE(md5->find("opaque=\"FQhe/"), std::string::npos);
  const auto sha = authorization({"Digest" + rest + ", algorithm=MD5", "Digest" + rest + ", algorithm=SHA-256"}, mufasa,
                                 "/dir/index.html", random);
  ASSERT_TRUE(sha);
  EXPECT_NE(sha->find("response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\""),
            std::string::npos)
      << *sha;
}

TEST(HttpAuth, TakesDigestBeforeBasicAndSaysWhatElseIsAsked) {
  const Credentials who{"alice", "secret"};
  EXPECT_EQ(*authorization({"Basic realm=\"x\""}, who, "/", "r"), "Basic YWxpY2U6c2VjcmV0");
  EXPECT_TRUE(
      authorization({"Basic realm=\"x\"", "Digest realm=\"x\", nonce=\"n\""}, who, "/", "r")->starts_with("Digest "));
  const auto refused = authorization({"Negotiate"}, who, "/", "r");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what, "it asks for negotiate, and Basic and Digest are known here");
  for (const char* odd : {"", "Digest", "Digest realm=\"", "Digest ,,=,", "Digest realm=\"a\\", "=", "Digest nonce"})
    (void)authorization({odd}, who, "/", "r");
}

TEST(BackendsAnswer, NamesTheCoordinatorsWithTheAddressesThatPeersUse) {
  const auto list = coordinators_in(R"({"backends": [
      {"address": "E1.example.com:27000", "krpc_address": "10.0.0.9:27000", "is_coordinator": false},
      {"address": "C2.example.com:27000", "krpc_address": "10.0.0.2:27000", "is_coordinator": true, "is_quiescing": true},
      {"address": "c1.example.com:22000", "is_coordinator": true, "is_quiescing": false},
      {"address": "10.0.0.3:27000", "krpc_address": "[2001:db8::1]:27000", "is_coordinator": true},
      {"address": "c1.example.com:22001", "is_coordinator": true}], "num_active_backends": 4})");
  ASSERT_TRUE(list) << list.error().what;
  EXPECT_EQ(*list, (std::vector<Coordinator>{{"c2.example.com", *IpAddress::parse("10.0.0.2"), true},
                                             {"c1.example.com", std::nullopt, false},
                                             {"10.0.0.3", *IpAddress::parse("10.0.0.3"), false}}));
}

TEST(BackendsAnswer, LeavesOutWhatItCannotReadAndRefusesWhatIsNoList) {
  const auto list = coordinators_in(R"({"backends": [7, null, {}, {"is_coordinator": true},
      {"address": "a b:1", "is_coordinator": true}, {"address": "x", "is_coordinator": true},
      {"address": "evil\r\nname:1", "is_coordinator": true}, {"address": "c1:1", "is_coordinator": "true"},
      {"address": "c2:1", "krpc_address": "nowhere", "is_coordinator": true}]})");
  ASSERT_TRUE(list) << list.error().what;
  EXPECT_EQ(*list, (std::vector<Coordinator>{{"c2", std::nullopt, false}}));
  const std::pair<const char*, const char*> kBad[] = {
      {"", "it does not answer in JSON"},
      {"[]", "it does not answer in JSON"},
      {"{}", "it answers in JSON without 'backends': is that impalad's /backends?json"},
      {R"({"backends": {}})", "it answers in JSON without 'backends': is that impalad's /backends?json"},
      {R"({"backends": []})", "it lists no coordinator among 0 backends"}};
  for (const auto& [text, why] : kBad) EXPECT_EQ(coordinators_in(text).error().what, why) << text;
  const std::string deep(100'000, '[');
  EXPECT_FALSE(coordinators_in(R"({"backends": )" + deep));
}

TEST(BackendsAnswer, TakesAsManyAsFitIntoOnePage) {
  std::string text = R"({"backends": [)";
  for (int i = 0; i < 60'000; ++i)
    text +=
        std::string(i == 0 ? "" : ",") + R"({"address":"c)" + std::to_string(i) + R"(:27000","is_coordinator":true})";
  const auto list = coordinators_in(text + "]}");
  ASSERT_TRUE(list) << list.error().what;
  EXPECT_EQ(list->size(), 60'000U);
}

std::vector<Target> targets(const std::string& text, const Found& found = {}) {
  const config::SourceText source{"test.cfg", text, false};
  const config::Parsed parsed = config::parse(std::span(&source, 1), {}, {});
  for (const auto& diagnostic : parsed.diagnostics)
    EXPECT_NE(diagnostic.level, config::Level::alert) << diagnostic.str();
  return targets_of(parsed.config, found);
}

const std::string kGlobal =
    "global\n kerberos fqdn lb.example.com\n kerberos keytab /k\ndefaults\n timeout connect 5s\n timeout client 1h\n"
    " timeout server 1h\n";

TEST(Targets, OneAHostAndPortForAllListeners) {
  const auto all = targets(kGlobal +
                           "listen a\n bind :1\n option kerberos-check inter 20s\n server x h1:21050 check\n"
                           " server y h2:21050 check\n server z h3:21050\n"
                           "listen b\n bind :2\n option kerberos-check inter 10s\n server x h1:21050 check\n");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].host, "h1");
  EXPECT_EQ(all[0].service, "impala/lb.example.com");
  EXPECT_EQ(all[0].client, "impala/lb.example.com");
  EXPECT_EQ(all[0].keytab, "/k");
  EXPECT_EQ(all[0].inter, config::Millis(10'000));
  EXPECT_EQ(all[0].servers.size(), 2U);
  EXPECT_EQ(all[1].host, "h2");
}

TEST(Targets, OfAServerThatIsLookedUpAreWhereItHasBeenFound) {
  const std::string dns = "resolvers dns\n nameserver ns1 10.0.0.53\n";
  const auto ip = [](const char* text) { return *IpAddress::parse(text); };
  const std::string both =
      kGlobal + dns +
      "listen a\n bind :1\n option kerberos-check\n server-template s 3 _imp._tcp.x resolvers dns check\n"
      "listen b\n bind :2\n option kerberos-check\n server-template t 2 imp.x:21050 resolvers dns check\n"
      "listen c\n bind :3\n option kerberos-check\n server one h1.x:21050 resolvers dns check\n"
      "listen d\n bind :4\n option kerberos-check\n server two h1.x:21050 resolvers dns check\n";
  EXPECT_TRUE(targets(both).empty()) << "nobody has been found";
  const auto all = targets(both, {{{"a", "s1"}, {"h1.x", ip("10.0.0.1"), 21050}},
                                  {{"b", "t1"}, {"imp.x", ip("10.0.0.1"), 0}},
                                  {{"b", "t2"}, {"imp.x", ip("10.0.0.2"), 0}},
                                  {{"c", "one"}, {"h1.x", ip("10.0.0.1"), 0}},
                                  {{"d", "two"}, {"h1.x", ip("10.0.0.1"), 0}}});
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].host, "h1.x");
  EXPECT_EQ(all[0].servers,
            (std::vector<std::pair<std::string, std::string>>{{"a", "s1"}, {"c", "one"}, {"d", "two"}}));
  EXPECT_EQ(all[1].host, "10.0.0.1") << "imp.x is no host's name";
  EXPECT_EQ(all[2].addresses, std::vector{ip("10.0.0.2")});
  const auto moved = targets(both, {{{"a", "s1"}, {"h1.x", ip("10.0.0.7"), 21050}}});
  EXPECT_NE(moved.at(0).key(), all[0].key());
}

TEST(Targets, AListenersOwnNameMakesAnother) {
  const auto all =
      targets(kGlobal +
              "defaults\n option kerberos-check\n timeout connect 5s\n timeout client 1h\n timeout server 1h\n"
              "listen a\n bind :1\n server x h1:21050 check\n"
              "listen b\n bind :2\n kerberos fqdn other.example.com\n server x h1:21050 check\n"
              "listen c\n bind :3\n server x h1:21050 check spn impala/own.example.com@R\n");
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[1].service, "impala/other.example.com");
  EXPECT_EQ(all[2].service, "impala/own.example.com@R");
}

TEST(Targets, TheWebPageIsAnotherOneWithItsPort) {
  const auto all = targets(kGlobal +
                           "listen a\n bind :1\n option impala-check port 25010 ssl auth /p\n balance leastqueries\n"
                           " server x h1:21050 check\n");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].kind, Target::Kind::web);
  EXPECT_EQ(all[0].port, 25010);
  EXPECT_TRUE(all[0].tls);
  EXPECT_TRUE(all[0].counts);
  EXPECT_EQ(all[0].auth_file, "/p");
}

TEST(Targets, ABackendTakesTheNameOfTheFrontendThatLeadsThere) {
  const auto all = targets(kGlobal +
                           "frontend f\n bind :1\n kerberos fqdn front.example.com\n default_backend b\n"
                           "backend b\n option kerberos-check\n server x h1:21050 check\n");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].service, "impala/front.example.com");
  EXPECT_TRUE(all[0].tls_passes);
}

}  // namespace
}  // namespace kerbgate::probe
