#include "check/health.hpp"

#include <gtest/gtest.h>

namespace kerbgate::check {
namespace {

using std::chrono::milliseconds;

struct Story {
  const char* name;
  Policy policy;
  const char* outcomes;  ///< + passed, - failed
  const char* changes;   ///< U or D where the state changed, . where not
  const char* words;     ///< at the end
  int delay_ms;          ///< at the end
};

Policy policy(int rise, int fall, int inter = 2000, int fast = 0, int down = 0) {
  return {rise, fall, milliseconds(inter), milliseconds(fast), milliseconds(down)};
}

class HealthStory : public testing::TestWithParam<Story> {};

TEST_P(HealthStory, EndsAsHaproxyCounts) {
  const Story& story = GetParam();
  Health health(story.policy);
  std::string changes;
  for (const char* c = story.outcomes; *c; ++c) {
    const auto changed = health.observe(*c == '+');
    changes += !changed ? '.' : *changed ? 'U' : 'D';
    if (changed) {
      EXPECT_EQ(*changed, health.up());
    }
  }
  EXPECT_EQ(changes, story.changes);
  EXPECT_EQ(health.words(), story.words);
  EXPECT_EQ(health.next_delay(), milliseconds(story.delay_ms));
}

INSTANTIATE_TEST_SUITE_P(
    Tables, HealthStory,
    testing::Values(Story{"Unchecked", policy(2, 3, 2000, 500, 9000), "", "", "UP 1/3", 500},
                    Story{"FirstFailureTakesDown", policy(2, 3), "-", "D", "DOWN", 2000},
                    Story{"FirstSuccessSettles", policy(2, 3, 2000, 500, 9000), "+", ".", "UP", 2000},
                    Story{"OneFailureOfThree", policy(2, 3, 2000, 500, 9000), "+-", "..", "UP 2/3", 500},
                    Story{"TwoFailuresOfThree", policy(2, 3), "+--", "...", "UP 1/3", 2000},
                    Story{"ThirdFailureTakesDown", policy(2, 3, 2000, 500, 9000), "+---", "...D", "DOWN", 9000},
                    Story{"SuccessForgivesFailures", policy(2, 3), "+--+--", "......", "UP 1/3", 2000},
                    Story{"Rising", policy(2, 3, 2000, 500, 9000), "-+", "D.", "DOWN 1/2", 500},
                    Story{"RiseBringsUpSettled", policy(2, 3, 2000, 500, 9000), "-++", "D.U", "UP", 2000},
                    Story{"FailureWhileRisingStartsOver", policy(2, 3, 2000, 500, 9000), "-+-+", "D...", "DOWN 1/2",
                          500},
                    Story{"StillDown", policy(2, 3, 2000, 500, 0), "---", "D..", "DOWN", 2000},
                    Story{"FallOfOne", policy(1, 1, 2000, 500, 9000), "-+-", "DUD", "DOWN", 9000},
                    Story{"NonsenseCountsAsOne", policy(0, 0), "-+", "DU", "UP", 2000}),
    [](const auto& story) { return std::string(story.param.name); });

TEST(Health, KeepsStateWhenThePolicyChanges) {
  Health health(policy(2, 5));
  health.observe(true);
  health.observe(false);
  health.observe(false);
  health.set_policy(policy(2, 2));
  EXPECT_TRUE(health.up());
  EXPECT_EQ(health.words(), "UP 1/2");
  EXPECT_EQ(health.observe(false), false);
}

TEST(Health, WeakenedIsOneFailureFromDown) {
  Health health(policy(2, 5));
  EXPECT_FALSE(health.observe(true));
  health.weaken();
  EXPECT_TRUE(health.up());
  EXPECT_EQ(health.observe(false), std::optional(false));
  health.weaken();
  EXPECT_EQ(health.words(), "DOWN");
}

}  // namespace
}  // namespace kerbgate::check
