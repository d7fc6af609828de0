#include <gtest/gtest.h>

#include "kerbgate/canonical.hpp"
#include "unit/keytool/support/fake_resolver.hpp"

namespace kerbgate {
namespace {

const std::string kProxy = "proxy.example.com";

IpAddress ip(const char* text) { return IpAddress::parse(text).value(); }

test::FakeResolver dns_of(std::vector<IpAddress> addresses, const std::string& canonical_name = kProxy) {
  test::FakeResolver dns;
  dns.names[kProxy] = {std::move(addresses), canonical_name};
  return dns;
}

keytab::Entry entry(const char* service, const char* host, const char* realm) {
  keytab::Entry made;
  made.principal.components = {service, host};
  made.principal.realm = realm;
  return made;
}

TEST(NameCheck, AgreesWhenEveryAddressNamesTheProxy) {
  auto dns = dns_of({ip("10.0.0.7"), ip("fd00::7")}, "Proxy.Example.com.");
  dns.pointers = {{"10.0.0.7", "PROXY.example.com."}, {"fd00::7", kProxy}};
  const NameReport report = check_name("Proxy.example.com.", "impala", dns);
  EXPECT_TRUE(report.findings.empty());
  EXPECT_FALSE(report.refused());
  EXPECT_EQ(report.fqdn, kProxy);
  ASSERT_EQ(report.addresses.size(), 2U);
  EXPECT_EQ(report.addresses[0].ptr, kProxy);
  ASSERT_EQ(report.views.size(), 4U);
  for (const auto& view : report.views) EXPECT_EQ(view.principal, "impala/" + kProxy) << view.setting;
}

TEST(NameCheck, EachFaultIsOneFindingWithItsRemedy) {
  struct Case {
    const char* name;
    std::string asked;
    test::FakeResolver dns;
    Severity severity;
    Errc code;
    const char* text;
  };
  std::vector<Case> table{
      {"an address",
       "10.0.0.7",
       {},
       Severity::error,
       Errc::invalid,
       "'10.0.0.7' is an IP address; give a host name: Kerberos tickets are for names"},
      {"a short name",
       "proxy",
       {},
       Severity::error,
       Errc::invalid,
       "'proxy' is not fully qualified; give the whole name, as in proxy.example.com"},
      {"no such name",
       "none.example.com",
       {},
       Severity::error,
       Errc::not_found,
       "none.example.com: the name has no address"},
      {"no answer", kProxy, {}, Severity::warning, Errc::dns_no_answer, "proxy.example.com: DNS did not answer"},
      {"alias", kProxy, dns_of({ip("10.0.0.8")}, "node8.example.com"), Severity::error, Errc::dns_mismatch,
       "proxy.example.com: the name is an alias (CNAME or hosts-file alias) of node8.example.com, so clients ask for "
       "impala/node8.example.com, not for impala/proxy.example.com: give proxy.example.com an A record of its own, or "
       "use node8.example.com as the proxy's name, or set dns_canonicalize_hostname = false in krb5.conf on every "
       "client and coordinator"},
      {"short name first in the hosts file", kProxy, dns_of({ip("10.0.0.8")}, "proxy"), Severity::error,
       Errc::dns_mismatch,
       "proxy.example.com: the name is an alias (CNAME or hosts-file alias) of proxy, so clients ask for impala/proxy, "
       "not for "
       "impala/proxy.example.com: write the full name first on its line in /etc/hosts"},
      {"another PTR on the second address", kProxy, dns_of({ip("10.0.0.6"), ip("10.0.0.7")}), Severity::error,
       Errc::dns_mismatch,
       "proxy.example.com: 10.0.0.7 reverse-resolves to node7.example.com, not to proxy.example.com: fix the PTR "
       "record, or set rdns = false in krb5.conf on every client and coordinator"},
      {"no PTR", kProxy, dns_of({ip("10.0.0.9")}), Severity::warning, Errc::not_found,
       "proxy.example.com: 10.0.0.9 has no PTR record; MIT Kerberos then keeps the forward name, other clients may "
       "not: create a PTR record that names proxy.example.com"},
      {"no answer about the PTR", kProxy, dns_of({ip("10.0.0.10")}), Severity::warning, Errc::dns_no_answer,
       "proxy.example.com: 10.0.0.10: DNS did not answer"},
  };
  for (Case& row : table) {
    SCOPED_TRACE(row.name);
    row.dns.pointers = {
        {"10.0.0.6", kProxy}, {"10.0.0.7", "node7.example.com"}, {"10.0.0.8", row.dns.names[kProxy].canonical}};
    row.dns.silent = {"10.0.0.10"};
    if (row.dns.names[kProxy].addresses.empty()) row.dns.silent.insert(kProxy);
    const NameReport report = check_name(row.asked, "impala", row.dns);
    ASSERT_EQ(report.findings.size(), 1U);
    EXPECT_EQ(report.findings[0].severity, row.severity);
    EXPECT_EQ(report.findings[0].code, row.code);
    EXPECT_TRUE(report.findings[0].text.starts_with(row.text)) << report.findings[0].text;
    EXPECT_EQ(report.findings[0].text.find('\n'), std::string::npos);
    EXPECT_EQ(report.refused(), row.severity == Severity::error);
    EXPECT_EQ(report.unanswered(), row.code == Errc::dns_no_answer);
  }
}

TEST(NameCheck, AnAliasWhosePtrIsAThirdNameIsTwoFindings) {
  auto dns = dns_of({ip("10.0.0.8")}, "node8.example.com");
  dns.pointers = {{"10.0.0.8", "rack8.example.com"}};
  EXPECT_EQ(check_name(kProxy, "impala", dns).findings.size(), 2U);
}

TEST(NameCheck, ShowsWhatEachClientSettingAsksFor) {
  auto dns = dns_of({ip("10.0.0.7")}, "real.example.com");
  dns.pointers = {{"10.0.0.7", "node7.example.com"}};
  const auto report = check_name(kProxy, "hive", dns);
  const std::pair<const char*, const char*> views[] = {
      {"rdns = true", "hive/node7.example.com"},
      {"rdns = false", "hive/real.example.com"},
      {"dns_canonicalize_hostname = false", "hive/proxy.example.com"},
      {"dns_canonicalize_hostname = fallback", "hive/proxy.example.com"},
  };
  ASSERT_EQ(report.views.size(), std::size(views));
  for (std::size_t i = 0; i < report.views.size(); ++i) {
    EXPECT_EQ(report.views[i].setting, views[i].first);
    EXPECT_EQ(report.views[i].principal, views[i].second);
  }
}

TEST(NameCheck, NamesThePrincipalThatTheKeytabLacks) {
  auto dns = dns_of({ip("10.0.0.7")});
  dns.pointers = {{"10.0.0.7", "node7.example.com"}};
  std::vector<keytab::Entry> keytab;
  keytab.push_back(entry("impala", kProxy.c_str(), "ANY.REALM"));
  keytab.push_back(entry("impala", kProxy.c_str(), "ANY.REALM"));
  keytab.push_back(entry("HTTP", "node7.example.com", "R"));
  const auto report = check_name(kProxy, "impala", dns, &keytab);
  EXPECT_FALSE(report.views[0].in_keytab);
  EXPECT_TRUE(report.views[1].in_keytab);
  ASSERT_EQ(report.findings.size(), 2U);
  EXPECT_EQ(report.findings[1].severity, Severity::warning);
  EXPECT_EQ(report.findings[1].code, Errc::not_found);
  EXPECT_TRUE(
      report.findings[1].text.starts_with("proxy.example.com: clients with rdns = true ask for "
                                          "impala/node7.example.com, which the keytab does not hold (it "
                                          "holds impala/proxy.example.com@ANY.REALM, HTTP/node7.example.com@R):"))
      << report.findings[1].text;
}

TEST(NameCheck, AnEmptyKeytabIsOneFindingWithEverySetting) {
  auto dns = dns_of({ip("10.0.0.7")});
  dns.pointers = {{"10.0.0.7", kProxy}};
  const std::vector<keytab::Entry> keytab;
  const auto report = check_name(kProxy, "impala", dns, &keytab);
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_NE(report.findings[0].text.find("rdns = true, or rdns = false, or dns_canonicalize_hostname = false, or "
                                         "dns_canonicalize_hostname = fallback ask for impala/proxy.example.com"),
            std::string::npos);
  EXPECT_NE(report.findings[0].text.find("(it holds nothing)"), std::string::npos);
  EXPECT_FALSE(report.refused());
}

TEST(NameCheck, AsksDnsOnceForEachName) {
  struct Counting : test::FakeResolver {
    int forwards = 0;
    Result<Forward> forward(const std::string& host) override {
      ++forwards;
      return FakeResolver::forward(host);
    }
  } dns;
  dns.names[kProxy] = {{ip("10.0.0.7")}, kProxy};
  EXPECT_EQ(check_name(kProxy, "impala", dns).views.size(), 4U);
  EXPECT_EQ(dns.forwards, 1);
}

}  // namespace
}  // namespace kerbgate
