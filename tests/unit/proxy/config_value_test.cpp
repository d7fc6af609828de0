#include "config/value.hpp"

#include <gtest/gtest.h>

#include "config/address.hpp"
#include "config/nearest.hpp"
#include "kerbgate/nearest.hpp"

namespace kerbgate::config {
namespace {

struct TimeCase {
  const char* name;
  const char* text;
  std::int64_t millis;  ///< -1: refused
};

class ParseTime : public testing::TestWithParam<TimeCase> {};

TEST_P(ParseTime, CountsMilliseconds) {
  const auto time = parse_time(GetParam().text);
  ASSERT_EQ(time.ok(), GetParam().millis >= 0);
  if (time) {
    EXPECT_EQ(time->count(), GetParam().millis);
  } else {
    EXPECT_NE(time.error().what.find(GetParam().text), std::string::npos) << time.error().what;
  }
}

INSTANTIATE_TEST_SUITE_P(All, ParseTime,
                         testing::Values(TimeCase{"bare", "5000", 5000}, TimeCase{"zero", "0", 0},
                                         TimeCase{"micros", "2500us", 2}, TimeCase{"millis", "7ms", 7},
                                         TimeCase{"seconds", "3600s", 3'600'000}, TimeCase{"minutes", "2m", 120'000},
                                         TimeCase{"hours", "12h", 43'200'000}, TimeCase{"days", "24d", 2'073'600'000},
                                         TimeCase{"largest", "2147483647", 2147483647},
                                         TimeCase{"tooLarge", "2147483648", -1}, TimeCase{"tooManyDays", "25d", -1},
                                         TimeCase{"overflow", "99999999999999999999999", -1},
                                         TimeCase{"overflowByUnit", "9999999999999999d", -1},
                                         TimeCase{"belowAMilli", "999us", -1}, TimeCase{"unit", "5p", -1},
                                         TimeCase{"fraction", "1.5s", -1}, TimeCase{"negative", "-1", -1},
                                         TimeCase{"word", "never", -1}, TimeCase{"empty", "", -1},
                                         TimeCase{"unitAlone", "s", -1}, TimeCase{"blank", "5 s", -1}),
                         [](const auto& test) { return test.param.name; });

TEST(ParseTime, TakesTheGivenUnitForABareNumber) { EXPECT_EQ(*parse_time("30", Millis(1000)), Millis(30'000)); }

TEST(ParseSize, KnowsItsUnitsAndBounds) {
  EXPECT_EQ(*parse_size("512"), 512u);
  EXPECT_EQ(*parse_size("4k"), 4096u);
  EXPECT_EQ(*parse_size("1M"), 1u << 20);
  EXPECT_EQ(*parse_size("3g"), 3ull << 30);
  for (const char* text : {"", "k", "1t", "1kk", "-1", "99999999999999999999", "17179869184g"})
    EXPECT_FALSE(parse_size(text).ok()) << text;
}

TEST(ParseNumber, SaysItsBounds) {
  EXPECT_EQ(*parse_number("256", 0, 256), 256);
  for (const char* text : {"", "257", "-1", "1x", "0x10", "1.0", " 1", "99999999999999999999"})
    EXPECT_FALSE(parse_number(text, 0, 256).ok()) << text;
  EXPECT_EQ(parse_number("300", 0, 256).error().what, "'300' is not a number from 0 to 256");
}

struct ListenCase {
  const char* name;
  const char* text;
  std::vector<std::string> keys;  ///< Bind::key() of each; empty: refused
  const char* refusal = "";
};

class ParseListen : public testing::TestWithParam<ListenCase> {};

TEST_P(ParseListen, NormalisesOrRefuses) {
  const auto addresses = parse_listen(GetParam().text);
  std::vector<std::string> keys;
  if (addresses) {
    for (const ListenAddress& address : *addresses) {
      Bind bind;
      bind.host = address.host;
      bind.port = address.port;
      bind.path = address.path;
      bind.inherited_fd = address.inherited_fd;
      bind.inherited_name = address.inherited_name;
      bind.ipv6_any = address.ipv6_any;
      keys.push_back(bind.key());
    }
  } else {
    EXPECT_NE(addresses.error().what.find(GetParam().refusal), std::string::npos) << addresses.error().what;
  }
  EXPECT_EQ(keys, GetParam().keys);
}

using Keys = std::vector<std::string>;
INSTANTIATE_TEST_SUITE_P(
    All, ParseListen,
    testing::Values(
        ListenCase{"port", ":25003", Keys{":25003"}}, ListenCase{"star", "*:25003", Keys{":25003"}},
        ListenCase{"anyV4", "0.0.0.0:25003", Keys{":25003"}}, ListenCase{"v4", "10.0.0.1:80", Keys{"10.0.0.1:80"}},
        ListenCase{"v4Prefix", "ipv4@10.0.0.1:80", Keys{"10.0.0.1:80"}},
        ListenCase{"v4PrefixAny", "ipv4@:80", Keys{":80"}}, ListenCase{"v6Any", ":::80", Keys{":::80"}},
        ListenCase{"v6AnyBrackets", "[::]:80", Keys{":::80"}}, ListenCase{"v6AnyLong", "[0:0::0]:80", Keys{":::80"}},
        ListenCase{"v6AnyPrefix", "ipv6@:80", Keys{":::80"}}, ListenCase{"v6AnyStar", "ipv6@*:80", Keys{":::80"}},
        ListenCase{"v6", "[::1]:80", Keys{"[::1]:80"}}, ListenCase{"v6Bare", "::1:80", Keys{"[::1]:80"}},
        ListenCase{"v6Canonical", "[2001:DB8:0:0::1]:80", Keys{"[2001:db8::1]:80"}},
        ListenCase{"name", "LB.Example.com:80", Keys{"lb.example.com:80"}},
        ListenCase{"range", ":8000-8002", Keys{":8000", ":8001", ":8002"}},
        ListenCase{"rangeOfOne", ":8000-8000", Keys{":8000"}},
        ListenCase{"rangeToTheTop", ":65534-65535", Keys{":65534", ":65535"}},
        ListenCase{"several", "10.0.0.1:80,[::1]:81", Keys{"10.0.0.1:80", "[::1]:81"}},
        ListenCase{"path", "/run/x.sock", Keys{"/run/x.sock"}},
        ListenCase{"unix", "unix@/run/x.sock", Keys{"/run/x.sock"}}, ListenCase{"descriptor", "fd@3", Keys{"fd@3"}},
        ListenCase{"noPort", "10.0.0.1", {}, "has no port"}, ListenCase{"bracketNoPort", "[::1]", {}, "has no port"},
        ListenCase{"portZero", ":0", {}, "from 1 to 65535"},
        ListenCase{"portTooLarge", ":65536", {}, "from 1 to 65535"},
        ListenCase{"portWord", ":http", {}, "from 1 to 65535"},
        ListenCase{"rangeBackwards", ":90-80", {}, "whose end is before"},
        ListenCase{"rangeOpen", ":90-", {}, "from 1 to 65535"},
        ListenCase{"rangeTooWide", ":1-65535", {}, "more than 1024"},
        ListenCase{"octet", "10.0.0.256:80", {}, "no IPv4 address"},
        ListenCase{"digits", "1.2.3:80", {}, "no IPv4 address"}, ListenCase{"halfBracket", "[::1:80", {}, "neither"},
        ListenCase{"hostile", "a b:80", {}, "neither"}, ListenCase{"emptyPart", ":80,", {}, "has no port"},
        ListenCase{"relativePath", "unix@x.sock", {}, "absolute path"},
        ListenCase{"handedOver", "fd@jdbc,fd@a/b.socket", Keys{"fd@jdbc", "fd@a/b.socket"}},
        ListenCase{"descriptorNothing", "fd@", {}, "descriptor"},
        ListenCase{"descriptorMixed", "fd@3x", {}, "descriptor"}, ListenCase{"descriptorColon", "fd@a:b", {}, "no ':'"},
        ListenCase{"abstract", "abns@x", {}, "not supported"},
        ListenCase{"familyV4", "ipv4@[::1]:80", {}, "before an IPv6"},
        ListenCase{"familyV6", "ipv6@10.0.0.1:80", {}, "before an IPv4"},
        ListenCase{"familyV4Any", "ipv4@:::80", {}, "before an IPv6"}),
    [](const auto& test) { return test.param.name; });

TEST(ParseListen, RefusesAPathThatNoSocketCanHave) {
  EXPECT_TRUE(parse_listen("/" + std::string(106, 'x')).ok());
  EXPECT_FALSE(parse_listen("/" + std::string(107, 'x')).ok());
}

TEST(ParsePeer, TakesNamesAndAddresses) {
  EXPECT_EQ(parse_peer("Impala-1.Example.COM:21000")->host, "impala-1.example.com");
  EXPECT_EQ(parse_peer("impala-1:21000")->port, 21000);
  EXPECT_EQ(parse_peer("[2001:db8::0:1]:21000")->host, "2001:db8::1");
  EXPECT_EQ(parse_peer("ipv4@10.0.0.1:21000")->host, "10.0.0.1");
}

TEST(ParsePeer, SaysWhatIsNotSupported) {
  const std::pair<const char*, const char*> kCases[] = {
      {"h1", "has no port"},      {"h1:", "has no port"},          {"h1:+1", "relative"}, {"h1:0", "from 1 to 65535"},
      {"/run/x", "UNIX sockets"}, {"unix@/run/x", "UNIX sockets"}, {":80", "is no host"}, {"h 1:80", "neither"},
      {"*:80", "neither"},        {"h1:80-90", "from 1 to 65535"}, {"", "has no port"}};
  for (const auto& [text, part] : kCases) {
    const auto peer = parse_peer(text);
    ASSERT_FALSE(peer.ok()) << text;
    EXPECT_NE(peer.error().what.find(part), std::string::npos) << peer.error().what;
  }
}

TEST(Nearest, FindsTheWordThatWasMeant) {
  static constexpr std::string_view kKnown[] = {"check", "timeout", "balance", "server", "source"};
  EXPECT_EQ(nearest("chek", kKnown), "check");
  EXPECT_EQ(nearest("timout", kKnown), "timeout");
  EXPECT_EQ(nearest("ablance", kKnown), "balance") << "a swap of neighbours is one slip";
  EXPECT_EQ(nearest("Server", kKnown), "server");
  EXPECT_EQ(nearest("wibble", kKnown), std::nullopt);
  EXPECT_EQ(nearest("", kKnown), std::nullopt);
  EXPECT_EQ(nearest(std::string(1000, 'c'), kKnown), std::nullopt);
}

}  // namespace
}  // namespace kerbgate::config
