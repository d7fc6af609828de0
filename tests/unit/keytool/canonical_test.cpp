#include "kerbgate/canonical.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "unit/keytool/support/fake_resolver.hpp"
#include "unit/keytool/temporary_directory.hpp"

namespace kerbgate {
namespace {

IpAddress ip(const char* text) { return IpAddress::parse(text).value(); }

test::FakeResolver example_dns() {
  test::FakeResolver dns;
  dns.names["proxy.example.com"] = {{ip("10.0.0.7"), ip("10.0.0.6")}, "proxy.example.com"};
  dns.names["WWW.example.com"] = {{ip("10.0.0.8")}, "Node8.Example.com."};
  dns.names["mute.example.com"] = {{ip("10.0.0.9")}, "mute.example.com"};
  dns.names["bare.example.com"] = {{ip("10.0.0.10")}, "bare.example.com"};
  dns.pointers = {
      {"10.0.0.7", "node7.example.com"}, {"10.0.0.6", "node6.example.com"}, {"10.0.0.8", "node8.example.com."}};
  dns.silent = {"10.0.0.9", "silent.example.com"};
  return dns;
}

TEST(Canonical, TellsTheNameAndHowItCameToIt) {
  const CanonicalRules rdns{Canonicalize::yes, true, "sub.example.com"}, forward{Canonicalize::yes, false, ""};
  const CanonicalRules plain{Canonicalize::no, true, "sub.example.com"}, fallback{Canonicalize::fallback, true, ""};
  const struct {
    const char* name;
    const char* host;
    CanonicalRules rules;
    const char* canonical;
    const char* reason;
  } table[] = {
      {"the first address's PTR", "proxy.example.com", rdns, "node7.example.com",
       "address 10.0.0.7 reverse-resolves to node7.example.com"},
      {"no rdns", "proxy.example.com", forward, "proxy.example.com", "proxy.example.com is the name of its address"},
      {"alias", "WWW.example.com", forward, "node8.example.com", "WWW.example.com is an alias of Node8.Example.com."},
      {"no PTR", "bare.example.com", rdns, "bare.example.com",
       "bare.example.com is the name of its address, and 10.0.0.10 has no PTR"},
      {"no answer about the PTR", "mute.example.com", rdns, "mute.example.com",
       "mute.example.com is the name of its address, and the reverse look-up of 10.0.0.9 got no answer"},
      {"unknown", "None.example.com.", rdns, "none.example.com",
       "None.example.com. has no address: it stays as written"},
      {"no answer", "silent.example.com", rdns, "silent.example.com",
       "silent.example.com got no answer from DNS: it stays as written"},
      {"unknown short name", "none", rdns, "none.sub.example.com", "none has no dot: sub.example.com is appended"},
      {"no look-up", "PROXY.example.com.", plain, "proxy.example.com", "the name as written: no look-up is made"},
      {"fallback asks the plain name first", "WWW.example.com", fallback, "www.example.com",
       "the name as written: no look-up is made"},
      {"a port stays", "proxy.example.com:21050", rdns, "node7.example.com:21050",
       "address 10.0.0.7 reverse-resolves to node7.example.com"},
  };
  auto dns = example_dns();
  for (const auto& row : table) {
    SCOPED_TRACE(row.name);
    const Canonical result = canonical(row.host, row.rules, dns);
    EXPECT_EQ(result.host, row.canonical);
    EXPECT_EQ(result.reason, row.reason);
  }
}

/// libkrb5 and canonical() side by side in a child process whose names come from a hosts file (libnss-wrapper).
class AgainstLibkrb5 : public testing::Test {
 protected:
  struct Row {
    std::string name, sname, expanded, canonical;
  };

  void SetUp() override {
    if (std::string(KERBGATE_NSS_WRAPPER).empty()) GTEST_SKIP() << "libnss-wrapper is not installed";
    std::ofstream(directory_.file("hosts")) << "10.0.0.7 proxy.example.com\n"
                                               "10.0.0.8 node8.example.com web.example.com web\n"
                                               "10.0.0.10 Upper.Example.COM\n"
                                               "10.0.0.11 short\n"
                                               "10.0.0.12 short12 full12.example.com\n"
                                               "10.0.0.20 ptr-other.example.com\n"
                                               "10.0.0.20 ptr.example.com\n"
                                               "fd00::7 six.example.com\n";
  }
  /// `dns` as krb5.conf writes it.
  std::vector<Row> ask(const std::string& dns, const std::string& rdns, const std::string& domain) {
    std::ofstream(directory_.file("krb5.conf"))
        << "[libdefaults]\n  default_realm = EXAMPLE.COM\n  dns_lookup_realm = false\n  dns_canonicalize_hostname = "
        << dns << "\n  rdns = " << rdns << "\n  qualify_shortname = \"" << domain << "\"\n";
    const std::string rule = dns == "true" ? "yes" : dns == "false" ? "no" : dns;
    std::ostringstream command;
    command << "env LD_PRELOAD=" KERBGATE_NSS_WRAPPER
               " ASAN_OPTIONS=verify_asan_link_order=0 "
               "NSS_WRAPPER_DISABLE_DEEPBIND=1 NSS_WRAPPER_HOSTS="
            << directory_.file("hosts") << " KRB5_CONFIG=" << directory_.file("krb5.conf") << " " KERBGATE_SNAME " "
            << rule << ' ' << rdns << " '" << domain << "' " << kNames;
    return rows(command.str());
  }

  static std::vector<Row> rows(const std::string& command) {
    std::string text;
    FILE* pipe = popen(command.c_str(), "r");
    EXPECT_NE(pipe, nullptr);
    char buffer[4096];
    while (const std::size_t n = fread(buffer, 1, sizeof buffer, pipe)) text.append(buffer, n);
    EXPECT_EQ(pclose(pipe), 0) << command;
    std::vector<Row> result;
    std::istringstream lines(text);
    for (Row row; std::getline(lines, row.name, '\t') && std::getline(lines, row.sname, '\t') &&
                  std::getline(lines, row.expanded, '\t') && std::getline(lines, row.canonical);) {
      result.push_back(row);
    }
    return result;
  }

  static constexpr const char* kNames =
      "proxy.example.com PROXY.Example.com proxy.example.com. web.example.com web WEB short SHORT short12 "
      "full12.example.com upper.example.com ptr.example.com ptr-other.example.com six.example.com unknown.invalid "
      "Unknown.Invalid. unknown UNKNOWN 10.0.0.7 10.0.0.99 ::1 fd00::7 fd00::99 proxy.example.com:88 "
      "proxy.example.com: ptr.example.com:88 unknown:88 a.. .";
  static constexpr std::size_t kCount = 29;
  TemporaryDirectory directory_;
};

TEST_F(AgainstLibkrb5, CanonicalGivesTheSameNameUnderEverySetting) {
  for (const std::string dns : {"true", "false", "fallback"}) {
    for (const std::string rdns : {"true", "false"}) {
      for (const std::string domain : {"", "sub.example.com"}) {
        SCOPED_TRACE("dns_canonicalize_hostname = " + dns + ", rdns = " + rdns + ", qualify_shortname = " + domain);
        const auto answers = ask(dns, rdns, domain);
        ASSERT_EQ(answers.size(), kCount);
        for (const Row& row : answers) {
          // In fallback mode libkrb5 leaves the principal as it came until it is used; krb5_expand_hostname tells what
          // is used first, but takes a port for a part of the name.
          const bool delayed = dns == "fallback";
          EXPECT_EQ(row.sname, delayed ? row.name : row.canonical);
          if (!row.name.ends_with(":88")) {
            EXPECT_EQ(row.expanded, row.canonical) << row.name;
          }
        }
      }
    }
  }
}

TEST_F(AgainstLibkrb5, TheHostsFileIsWhatBothSee) {
  const auto answers = ask("true", "true", "");
  ASSERT_EQ(answers.size(), kCount);
  EXPECT_EQ(answers[3].sname, "node8.example.com") << "an alias";
  EXPECT_EQ(answers[11].sname, "ptr-other.example.com") << "a PTR to another name";
}

}  // namespace
}  // namespace kerbgate
