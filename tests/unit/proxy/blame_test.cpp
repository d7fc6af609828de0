#include "balance/blame.hpp"

#include <gtest/gtest.h>

namespace kerbgate::balance {
namespace {

using std::chrono::seconds;

class BlameTest : public testing::Test {
 protected:
  int refused_times(int count) {
    Blame::Millis time{0};
    for (int i = 0; i < count; ++i) time = blame_.refused(now_);
    return int(std::chrono::duration_cast<seconds>(time).count());
  }
  Blame blame_;
  Now now_{seconds(1000)};
};

TEST_F(BlameTest, ThreeRefusalsInARowAreWhatItTakes) {
  EXPECT_EQ(refused_times(2), 0);
  EXPECT_FALSE(blame_.avoided(now_));
  EXPECT_EQ(refused_times(1), 5);
  EXPECT_TRUE(blame_.avoided(now_));
  EXPECT_TRUE(blame_.avoided(now_ + seconds(4)));
  EXPECT_FALSE(blame_.avoided(now_ + seconds(5)));
}

TEST_F(BlameTest, ALoginThatItAcceptsForgivesThem) {
  refused_times(2);
  blame_.accepted();
  EXPECT_EQ(refused_times(2), 0);
}

TEST_F(BlameTest, LoginsThatWereUnderWayDoNotProlongIt) {
  refused_times(3);
  EXPECT_EQ(refused_times(9), 0);
  EXPECT_FALSE(blame_.avoided(now_ + seconds(5)));
}

TEST_F(BlameTest, AfterItsTimeOneRefusalIsEnoughAndLastsTwiceAsLong) {
  refused_times(3);
  for (const int wanted : {10, 20, 40, 80, 160, 300, 300}) {
    now_ = blame_.until();
    EXPECT_EQ(refused_times(1), wanted);
  }
  now_ = blame_.until();
  blame_.accepted();
  EXPECT_EQ(refused_times(3), 5) << "and what it accepts makes it anew";
}

}  // namespace
}  // namespace kerbgate::balance
