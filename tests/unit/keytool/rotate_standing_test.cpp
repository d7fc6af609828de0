#include "rotate/standing.hpp"

#include <gtest/gtest.h>

#include "unit/keytool/rotate_fixture.hpp"

namespace kerbgate::rotate {
namespace {

using namespace test;

struct Case {
  const char* name;
  Keys a, b;
  KdcView kdc;
  Phase phase;
  const char* state_of_b;
};

class Stands : public testing::TestWithParam<Case> {};

TEST_P(Stands, AsTheKeysSay) {
  const Case& c = GetParam();
  const auto keytabs = hosts(host("a", c.a), host("b", c.b));
  const Standing now = standing(keytabs, kProxy, c.kdc);
  EXPECT_EQ(now.phase, c.phase) << phase_word(now.phase);
  EXPECT_EQ(now.hosts.at(1).words, c.state_of_b);
  EXPECT_FALSE(now.next.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Cases, Stands,
    testing::Values(
        Case{"Steady", {{3, 'k'}}, {{3, 'k'}}, {3, {}}, Phase::steady, "one key, in force"},
        Case{"Staging", {{3, 'k'}, {4, 'n'}}, {{3, 'k'}}, {3, {}}, Phase::staging, "not staged"},
        Case{"Staged", {{3, 'k'}, {4, 'n'}}, {{3, 'k'}, {4, 'n'}}, {3, {}}, Phase::staged, "kvno 4 staged"},
        Case{"Committed", {{3, 'k'}, {4, 'n'}}, {{4, 'n'}}, {4, {}}, Phase::committed, "one key, in force"},
        Case{"CommittedAtTheKdcAlone", {{4, 'n'}}, {{4, 'n'}}, {4, {3, 4}}, Phase::committed, "one key, in force"},
        Case{"Stale", {{4, 'n'}}, {{3, 'k'}}, {4, {}}, Phase::broken, "lacks kvno 4, the key in force"},
        Case{"Differing", {{3, 'k'}}, {{3, 'm'}}, {3, {}}, Phase::broken, "one key, in force"},
        Case{"Ahead", {{3, 'k'}}, {{9, 'm'}}, {3, {}}, Phase::broken, "has kvno 9, which the KDC has not come to"},
        Case{"Unknown", {{3, 'k'}}, {{3, 'k'}}, {std::nullopt, {}}, Phase::unknown, "?"},
        Case{"DifferingUnseen", {{3, 'k'}}, {{3, 'm'}}, {std::nullopt, {}}, Phase::broken, "?"}),
    [](const auto& tested) { return tested.param.name; });

TEST(Holders, FewAreNamedAndManyAreCounted) {
  std::vector<HostKeytab> many;
  std::vector<std::size_t> all;
  for (std::size_t n = 0; n < 10; ++n) {
    many.push_back(host("h" + std::to_string(n), {{1, 'k'}}));
    all.push_back(n);
  }
  EXPECT_EQ(listed(many, std::span(all).first(2)), "h0.example.com, h1.example.com");
  EXPECT_TRUE(listed(many, all).ends_with("h7.example.com and 2 more"));
}

TEST(Holders, OneFileWithTwoKeysInASlotIsADifference) {
  const auto keytabs = hosts(host("a", {{3, 'k'}, {3, 'm'}}));
  const Spread found = spread(keytabs, kProxy, 3);
  ASSERT_EQ(found.differences.size(), 1U);
  EXPECT_EQ(found.differences[0], "a.example.com has two aes256-cts-hmac-sha1-96 keys");
}

}  // namespace
}  // namespace kerbgate::rotate
