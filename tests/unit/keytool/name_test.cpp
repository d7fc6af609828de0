#include "kerbgate/name.hpp"

#include <gtest/gtest.h>

namespace kerbgate {
namespace {

const std::string kLabel63(63, 'a');

TEST(Fqdn, FoldsCaseAndDropsOneDot) {
  const std::pair<std::string, std::string> table[] = {
      {"proxy.example.com", "proxy.example.com"},
      {"Proxy.EXAMPLE.com.", "proxy.example.com"},
      {"my_host-1.example.com", "my_host-1.example.com"},
      {"1st.2nd.example", "1st.2nd.example"},
      {"a.0x7g", "a.0x7g"},
      {kLabel63 + ".com", kLabel63 + ".com"},
  };
  for (const auto& [text, name] : table) {
    const auto parsed = Fqdn::parse(text);
    ASSERT_TRUE(parsed) << parsed.error().what;
    EXPECT_EQ(parsed->str(), name);
  }
}

TEST(Fqdn, SaysWhyItIsRefused) {
  const std::string long_name = kLabel63 + "." + kLabel63 + "." + kLabel63 + "." + kLabel63 + ".com";
  const std::pair<std::string, std::string> table[] = {
      {"", "the host name is empty"},
      {"proxy", "'proxy' is not fully qualified; give the whole name, as in proxy.example.com"},
      {"proxy.", "is not fully qualified"},
      {".", "has an empty label"},
      {"10.0.0.7", "'10.0.0.7' is an IP address"},
      {"127.1", "is an IP address"},
      {"::1", "is an IP address"},
      {"[fe80::1]", "is an IP address"},
      {"10.0.0.256", "ends in a number"},
      {"proxy..example.com", "has an empty label"},
      {".proxy.example.com", "has an empty label"},
      {"proxy.example.com..", "has an empty label"},
      {"pro xy.example.com", "has ' ' at character 4"},
      {"proxy.example.com\n", "'proxy.example.com\\x0a' has '\\x0a' at character 18"},
      {std::string("a\0b.example.com", 15), "has '\\x00' at character 2"},
      {"pr\xc3\xb6xy.example.com", "has '\\xc3' at character 3"},
      {"impala/proxy.example.com", "has '/' at character 7"},
      {"-a.example.com", "begins or ends with '-'"},
      {"a-.example.com", "begins or ends with '-'"},
      {kLabel63 + "a.com", "has a label of more than 63"},
      {long_name, "is longer than 253"},
  };
  for (const auto& [text, why] : table) {
    const auto parsed = Fqdn::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_TRUE(parsed.error().is(Errc::invalid));
    EXPECT_NE(parsed.error().what.find(why), std::string::npos) << parsed.error().what;
  }
}

TEST(IsIpAddress, TakesWhatGetaddrinfoTakes) {
  for (const char* text : {"10.0.0.7", "127.1", "0x7f000001", "10", "::1", "[::1]", "fe80::1%1", "::ffff:10.0.0.7"}) {
    EXPECT_TRUE(is_ip_address(text)) << text;
  }
  for (const char* text :
       {"", "proxy", "face.b00c", "10.0.0.256", "[10.0.0.7]", "[::1", "::1]", "::g", "1.2.3.4.5", "10.0.0.7 x", "[]"}) {
    EXPECT_FALSE(is_ip_address(text)) << text;
  }
}

TEST(HostPort, ReadsEveryForm) {
  const struct {
    const char* text;
    std::uint16_t default_port;
    const char* str;
  } table[] = {
      {"Host1.Example.com:21050", 0, "host1.example.com:21050"},
      {"short:1", 0, "short:1"},
      {"host1.example.com", 21050, "host1.example.com:21050"},
      {"host1.example.com:99", 21050, "host1.example.com:99"},
      {"10.0.0.7:65535", 0, "10.0.0.7:65535"},
      {"[FE80::1]:443", 0, "[fe80::1]:443"},
      {"[::1]", 443, "[::1]:443"},
      {"::1", 443, "[::1]:443"},
  };
  for (const auto& row : table) {
    const auto parsed = HostPort::parse(row.text, row.default_port);
    ASSERT_TRUE(parsed) << parsed.error().what;
    EXPECT_EQ(parsed->str(), row.str);
    const auto again = HostPort::parse(parsed->str());
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, *parsed);
  }
}

TEST(HostPort, SaysWhyItIsRefused) {
  const std::pair<const char*, const char*> table[] = {
      {"host1", "has no port; write HOST:PORT"},     {"::1", "has no port; write [ADDRESS]:PORT"},
      {"host1:0", "a number from 1 to 65535"},       {"host1:65536", "a number from 1 to 65535"},
      {"host1:", "a number from 1 to 65535"},        {"host1:21a", "a number from 1 to 65535"},
      {"host1:+1", "a number from 1 to 65535"},      {":21050", "has no host"},
      {"[::1:443", "a bracket that does not match"}, {"[::1]443", "a bracket that does not match"},
      {"[host]:443", "holds no valid IPv6 address"}, {"a:b:c", "holds no valid IPv6 address"},
      {"ho st:1", "has ' ' at character 3"},         {"a..b:1", "has an empty label"},
  };
  for (const auto& [text, why] : table) {
    const auto parsed = HostPort::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_NE(parsed.error().what.find(why), std::string::npos) << parsed.error().what;
  }
}

}  // namespace
}  // namespace kerbgate
