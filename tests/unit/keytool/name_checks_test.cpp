#include "diagnosis/name_checks.hpp"

#include <gtest/gtest.h>

#include "unit/keytool/support/fake_resolver.hpp"

using namespace kerbgate;

namespace {

struct Spelling {
  const char *name, *written, *verdict, *cause;
};

class NameSpelling : public testing::TestWithParam<Spelling> {};

TEST_P(NameSpelling, IsJudged) {
  const CheckResult result = diagnosis::spelling_check(GetParam().written);
  EXPECT_STREQ(verdict_word(result.verdict), GetParam().verdict) << result.found;
  EXPECT_EQ(result.cause, GetParam().cause);
}

const std::string kLong = std::string(60, 'a') + ".example.com";

INSTANTIATE_TEST_SUITE_P(Names, NameSpelling,
                         testing::Values(Spelling{"Good", "lb.example.com", "pass", ""},
                                         Spelling{"Capitals", "LB.example.com", "warn", "name-upper-case"},
                                         Spelling{"Address", "10.0.0.7", "fail", "fqdn-is-an-address"},
                                         Spelling{"Address6", "::1", "fail", "fqdn-is-an-address"},
                                         Spelling{"Short", "lb", "fail", "fqdn-is-short"},
                                         Spelling{"Empty", "", "fail", "name-malformed"},
                                         Spelling{"Token", "_HOST.example.com", "fail", "name-malformed"},
                                         Spelling{"Blank", "lb .example.com", "fail", "name-malformed"},
                                         Spelling{"Escape", "\x1b[31m.example.com", "fail", "name-malformed"},
                                         Spelling{"TooLong", kLong.c_str(), "fail", "name-too-long"}),
                         [](const auto& tested) { return tested.param.name; });

class NameLookup : public testing::Test {
 protected:
  NameLookup() { set("lb.example.com", "10.0.0.7", "lb.example.com"); }
  void set(const std::string& name, const char* address, const std::string& canonical) {
    dns_.names[name] = {{*IpAddress::parse(address)}, canonical};
    dns_.pointers[address] = name;
  }
  /// "check verdict cause" of each row.
  std::vector<std::string> look(std::vector<std::string> coordinators = {}) {
    std::vector<std::string> out;
    for (const CheckResult& row : diagnosis::name_checks("lb.example.com", coordinators, dns_)) {
      EXPECT_EQ(row.remedy.find('{'), std::string::npos) << row.remedy;
      out.push_back(row.check + ' ' + verdict_word(row.verdict) + (row.cause.empty() ? "" : " " + row.cause));
    }
    return out;
  }
  test::FakeResolver dns_;
};

using Rows = std::vector<std::string>;

TEST_F(NameLookup, ANameThatLeadsBackToItselfPasses) { EXPECT_EQ(look(), Rows{"DNS pass"}); }
TEST_F(NameLookup, ANameWithoutAnAddressFails) {
  dns_.names.clear();
  EXPECT_EQ(look(), Rows{"DNS fail name-not-found"});
}
TEST_F(NameLookup, AnAliasFails) {
  dns_.names["lb.example.com"].canonical = "vip7.example.com";
  dns_.names["vip7.example.com"] = dns_.names["lb.example.com"];
  dns_.pointers["10.0.0.7"] = "vip7.example.com";
  EXPECT_EQ(look(), Rows{"DNS fail fqdn-is-a-cname"});
}
TEST_F(NameLookup, APointerElsewhereFails) {
  dns_.pointers["10.0.0.7"] = "node7.example.com";
  EXPECT_EQ(look(), Rows{"PTR fail ptr-other-name"});
}
TEST_F(NameLookup, APointerToACoordinatorIsNamedAsThat) {
  dns_.pointers["10.0.0.7"] = "Host1.example.com.";
  EXPECT_EQ(look({"host1.example.com"}), Rows{"PTR fail ptr-is-a-coordinator"});
}
TEST_F(NameLookup, NoPointerIsAWarning) {
  dns_.pointers.clear();
  EXPECT_EQ(look(), Rows{"PTR warn ptr-missing"});
}
TEST_F(NameLookup, EveryAddressIsLookedAt) {
  dns_.names["lb.example.com"].addresses.push_back(*IpAddress::parse("10.0.0.8"));
  dns_.names["lb.example.com"].addresses.push_back(*IpAddress::parse("10.0.0.9"));
  dns_.pointers["10.0.0.9"] = "other.example.com";
  EXPECT_EQ(look(), (Rows{"PTR warn ptr-missing", "PTR fail ptr-other-name"}));
}
TEST_F(NameLookup, SilenceOfDnsIsAWarningAndNoVerdict) {
  dns_.silent.insert("10.0.0.7");
  EXPECT_EQ(look(), Rows{"PTR warn dns-no-answer"});
  dns_.silent.insert("lb.example.com");
  EXPECT_EQ(look(), Rows{"DNS warn dns-no-answer"});
}

}  // namespace
