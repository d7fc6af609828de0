#include "diagnosis/keytab_checks.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "unit/keytool/keytab_fixture.hpp"
#include "unit/keytool/support/fake_resolver.hpp"

using namespace kerbgate;
using keytab_fixture::record;
using keytab_fixture::Record;

namespace {

constexpr std::uint32_t kNow = 1700000100;

keytab_fixture::Octets file_of(const std::vector<Record>& records) {
  keytab_fixture::File file;
  for (const Record& one : records) file.add(one);
  return file.octets();
}

Record named(std::string service, std::string host, std::string realm = "EXAMPLE.COM") {
  Record out = record("x");
  out.components = {std::move(service), std::move(host)};
  out.realm = std::move(realm);
  return out;
}

Record weak(Record out) {
  out.enctype = 23;
  out.key = std::string(16, 'w');
  return out;
}

Record later(Record out, std::uint32_t seconds) {
  out.timestamp = kNow + seconds;
  return out;
}

/// A coordinator host1 behind lb; DNS knows host2 besides.
std::vector<CheckResult> look(const keytab_fixture::Octets& octets) {
  test::FakeResolver resolver;
  for (const char* name : {"host1.example.com", "host2.example.com", "lb.example.com", "ld.example.com"}) {
    resolver.names[name] = {{*IpAddress::parse("10.0.0.1")}, name};
  }
  const auto scan = keytab::scan(octets);
  if (!scan) throw std::runtime_error(scan.error().what);
  diagnosis::KeytabNeeds needs{"k", "host1.example.com", Principal{{"impala", "lb.example.com"}, "EXAMPLE.COM", 1},
                               Principal{{"impala", "host1.example.com"}, "EXAMPLE.COM", 1}, kNow};
  return diagnosis::keytab_checks(*scan, needs, resolver);
}

std::vector<std::string> troubles(const std::vector<CheckResult>& results) {
  std::vector<std::string> out;
  for (const CheckResult& row : results) {
    EXPECT_EQ(row.remedy.find('{'), std::string::npos) << row.remedy;
    if (row.verdict == Verdict::fail || row.verdict == Verdict::warn) {
      out.push_back(row.check + ' ' + verdict_word(row.verdict) + ' ' + row.cause);
    }
  }
  return out;
}

struct Case {
  const char* name;
  std::vector<Record> records;
  std::vector<std::string> troubles;
};

class KeytabOfACoordinator : public testing::TestWithParam<Case> {};

TEST_P(KeytabOfACoordinator, IsToldByItsFault) {
  EXPECT_EQ(troubles(look(file_of(GetParam().records))), GetParam().troubles);
}

const Record kLb = record("lb"), kHost1 = record("host1");

INSTANTIATE_TEST_SUITE_P(
    Causes, KeytabOfACoordinator,
    testing::Values(
        Case{"Right", {kLb, kHost1, named("HTTP", "host1.example.com")}, {}},
        Case{"ProxysKeyMissing", {kHost1}, {"external principal fail proxy-key-not-merged"}},
        Case{"OwnKeyMissing", {kLb}, {"internal principal fail own-key-missing"}},
        Case{"AnotherHostsKeyIsNoSlip", {kLb, record("host2")}, {"internal principal fail own-key-missing"}},
        Case{"AHostThatExistsIsNoSlip",
             {named("impala", "ld.example.com"), kHost1},
             {"external principal fail proxy-key-not-merged"}},
        Case{"ANumberThatNoHostHasIsNoSlip", {kLb, record("host7")}, {"internal principal fail own-key-missing"}},
        Case{"Misspelt", {kLb, record("hots1")}, {"internal principal fail principal-host-misspelt"}},
        Case{"MisspeltDomain",
             {named("impala", "lb.exmple.com"), kHost1},
             {"external principal fail principal-host-misspelt"}},
        Case{"TrailingDot",
             {named("impala", "lb.example.com."), kHost1},
             {"external principal fail principal-host-misspelt"}},
        Case{"UpperCase",
             {named("impala", "LB.Example.com"), kHost1},
             {"external principal fail principal-host-upper-case"}},
        Case{"Short", {kLb, named("impala", "host1")}, {"internal principal fail principal-host-short"}},
        Case{"OtherRealm",
             {kLb, named("impala", "host1.example.com", "EXAMPLE.ORG")},
             {"internal principal fail principal-realm-differs"}},
        Case{"RealmInLowerCase",
             {kLb, named("impala", "host1.example.com", "example.com")},
             {"internal principal fail principal-realm-differs"}},
        Case{"OtherService",
             {kLb, named("hive", "host1.example.com")},
             {"internal principal fail principal-service-differs"}},
        Case{"AMisspeltNameComesBeforeHttp",
             {kLb, named("HTTP", "host1.example.com"), record("hots1")},
             {"internal principal fail principal-host-misspelt"}},
        Case{"WeakOnly", {weak(kLb), kHost1}, {"external principal warn enctype-weak"}},
        Case{"WeakBesideStrong", {weak(kLb), kLb, kHost1}, {}},
        Case{"WeakInTheNewestOnly",
             {record("lb", 2), weak(record("lb", 3)), kHost1},
             {"external principal warn enctype-weak"}},
        Case{"TwoKeysInOneSlot", {kLb, record("lb", 3, 'x'), kHost1}, {"conflicts fail key-conflict"}},
        Case{"MadeInTheFuture", {kLb, later(kHost1, 600)}, {"clock warn key-from-the-future"}},
        Case{"MadeWithinTheAllowedSkew", {kLb, later(kHost1, 299)}, {}},
        Case{"Nothing",
             {},
             {"external principal fail proxy-key-not-merged", "internal principal fail own-key-missing"}}),
    [](const auto& tested) { return tested.param.name; });

TEST(KeytabChecks, ACutFileIsTruncatedAndNamedByItsOffset) {
  auto octets = file_of({kLb, kHost1});
  const std::size_t second = file_of({kLb}).size();
  for (std::size_t cut = 1; cut < octets.size() - second; ++cut) {
    const auto results = look({octets.begin(), octets.end() - static_cast<std::ptrdiff_t>(cut)});
    EXPECT_EQ(results.front().cause, "keytab-truncated") << cut;
    EXPECT_NE(results.front().found.find("byte " + std::to_string(second)), std::string::npos) << results.front().found;
  }
}

TEST(KeytabChecks, ADamagedRecordIsNoTruncation) {
  Record damaged = kLb;
  damaged.key_claimed = 500;
  EXPECT_EQ(look(file_of({damaged, kHost1})).front().cause, "keytab-damaged");
}

TEST(KeytabChecks, ADoubtIsAWarning) {
  Record doubtful = kLb;
  doubtful.key = "short";
  const auto results = look(file_of({doubtful, kHost1}));
  EXPECT_EQ(results.front().verdict, Verdict::warn);
}

TEST(KeytabChecks, TheNewestKvnoAndItsEnctypesAreShown) {
  const auto results = look(file_of({record("lb", 2), weak(record("lb", 4)), record("lb", 4), kHost1}));
  const auto row =
      std::find_if(results.begin(), results.end(), [](auto& r) { return r.check == "external principal"; });
  ASSERT_NE(row, results.end());
  EXPECT_EQ(row->found, "impala/lb.example.com@EXAMPLE.COM kvno 4: arcfour-hmac (weak), aes256-cts-hmac-sha1-96");
}

TEST(KeytabChecks, DifferentEnctypesOfTheTwoAreANote) {
  const auto results = look(file_of({weak(kLb), kLb, kHost1}));
  const auto row = std::find_if(results.begin(), results.end(), [](auto& r) { return r.check == "enctypes"; });
  ASSERT_NE(row, results.end());
  EXPECT_EQ(row->verdict, Verdict::pass);
  EXPECT_NE(row->found.find("differ"), std::string::npos);
}

}  // namespace
