#include <gtest/gtest.h>

#include "kerbgate/resolver.hpp"

namespace kerbgate {
namespace {

TEST(IpAddress, TextComesBackAsTheSystemWritesIt) {
  const std::pair<const char*, const char*> table[] = {
      {"10.0.0.7", "10.0.0.7"},    {"::1", "::1"},
      {"FE80:0:0::1", "fe80::1"},  {"fe80::1%7", "fe80::1%7"},
      {"fe80::1%lo", "fe80::1%1"}, {"::ffff:10.0.0.7", "::ffff:10.0.0.7"},
  };
  for (const auto& [text, str] : table) {
    const auto parsed = IpAddress::parse(text);
    ASSERT_TRUE(parsed) << parsed.error().what;
    EXPECT_EQ(parsed->str(), str);
    EXPECT_EQ(IpAddress::parse(parsed->str()).value(), *parsed);
  }
}

TEST(IpAddress, RefusesWhatIsNone) {
  for (const std::string text : {"", "10.0.0", "10.0.0.256", "10.0.0.07x", "host", "[::1]", "::1%", "10.0.0.7%1",
                                 "fe80::1%no-such-interface", "::1 "}) {
    const auto parsed = IpAddress::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_TRUE(parsed.error().is(Errc::invalid));
  }
  EXPECT_FALSE(IpAddress::parse(std::string_view("10.0.0.7\0", 9)));
}

TEST(IpAddress, UnmappedMakesMappedIpv4Plain) {
  EXPECT_EQ(IpAddress::parse("::ffff:10.0.0.7")->unmapped(), IpAddress::parse("10.0.0.7").value());
  EXPECT_EQ(IpAddress::parse("::10.0.0.7")->unmapped().str(), "::10.0.0.7");
  EXPECT_EQ(IpAddress::parse("10.0.0.7")->unmapped().str(), "10.0.0.7");
}

}  // namespace
}  // namespace kerbgate
