#include <gtest/gtest.h>

#include <thread>

#include "balance/standing.hpp"
#include "stats/counters.hpp"

namespace kerbgate::stats {
namespace {

using namespace std::chrono_literals;

Now at(std::chrono::milliseconds time) { return Now{} + 1000s + time; }

TEST(Rate, CountsWithinASecond) {
  Rate rate;
  for (int i = 0; i < 10; ++i) rate.add(at(0ms));
  EXPECT_EQ(rate.read(at(999ms)), 10u);
}

TEST(Rate, FadesOverTheSecondThatFollows) {
  Rate rate;
  for (int i = 0; i < 10; ++i) rate.add(at(0ms));
  EXPECT_EQ(rate.read(at(1000ms)), 10u);
  EXPECT_EQ(rate.read(at(1500ms)), 5u);
  EXPECT_EQ(rate.read(at(1900ms)), 1u);
  EXPECT_EQ(rate.read(at(2000ms)), 0u);
  EXPECT_EQ(rate.peak(), 10u);
}

TEST(Rate, AddsWhatIsLeftOfTheSecondBefore) {
  Rate rate;
  for (int i = 0; i < 10; ++i) rate.add(at(900ms));
  for (int i = 0; i < 4; ++i) rate.add(at(1500ms));
  EXPECT_EQ(rate.read(at(1500ms)), 5u + 4u);
}

TEST(Rate, ForgetsWhatIsLongAgo) {
  Rate rate;
  for (int i = 0; i < 10; ++i) rate.add(at(0ms));
  EXPECT_EQ(rate.read(at(5000ms)), 0u);
  EXPECT_EQ(rate.add(at(5000ms)), 1u);
}

TEST(Rate, CountsWhateverTheHostsUptime) {
  for (const int days : {0, 1, 96, 98, 150, 193, 195, 400}) {
    Rate rate;
    const Now then = Now{} + 24h * days + 500ms;
    for (int i = 0; i < 3; ++i) rate.add(then);
    EXPECT_EQ(rate.read(then), 3u) << days << " days";
  }
}

TEST(Rate, WhatIsAMomentLateCountsInTheNewerSecond) {
  Rate rate;
  rate.add(at(1000ms));
  EXPECT_EQ(rate.add(at(999ms)), 2u);
  EXPECT_EQ(rate.read(at(1000ms)), 2u);
}

TEST(Rate, LosesNothingBetweenThreads) {
  Rate rate;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 10'000; ++n) rate.add(at(0ms));
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(rate.read(at(0ms)), 40'000u);
}

TEST(Average, IsThePlainMeanAtFirst) {
  Average average;
  EXPECT_EQ(average.value(), 0u);
  average.add(10);
  average.add(20);
  EXPECT_EQ(average.value(), 15u);
  EXPECT_EQ(average.peak(), 20u);
}

TEST(Average, FollowsWhatIsNew) {
  Average average;
  for (int i = 0; i < 1000; ++i) average.add(100);
  EXPECT_EQ(average.value(), 100u);
  for (int i = 0; i < 4000; ++i) average.add(0);
  EXPECT_LT(average.value(), 5u);
}

TEST(History, HoldsStepsNotTotals) {
  History history(3);
  history.take(100, {10, 1000, 2000, 5, 1, 4, 0});
  EXPECT_TRUE(history.samples().empty());
  history.take(110, {15, 1500, 2500, 7, 1, 6, 2});
  ASSERT_EQ(history.samples().size(), 1u);
  const Sample sample = history.samples()[0];
  EXPECT_EQ(sample.time, 110);
  EXPECT_EQ(sample.seconds, 10u);
  EXPECT_EQ(sample.connections, 5u);
  EXPECT_EQ(sample.bytes_in, 500u);
  EXPECT_EQ(sample.bytes_out, 500u);
  EXPECT_EQ(sample.logins, 2u);
  EXPECT_EQ(sample.refused, 0u);
  EXPECT_EQ(sample.sessions, 6u);
  EXPECT_EQ(sample.queued, 2u);
}

TEST(History, KeepsTheLastStepsInOrder) {
  History history(3);
  for (int i = 0; i < 10; ++i) history.take(100 + i, {std::uint64_t(i), 0, 0, 0, 0, 0, 0});
  std::vector<std::int64_t> times;
  for (const Sample& sample : history.samples()) times.push_back(sample.time);
  EXPECT_EQ(times, (std::vector<std::int64_t>{107, 108, 109}));
}

TEST(History, ClearedTotalsAreNoHugeStep) {
  History history(3);
  history.take(100, {1000, 0, 0, 0, 0, 0, 0});
  history.take(110, {3, 0, 0, 0, 0, 0, 0});
  EXPECT_EQ(history.samples()[0].connections, 3u);
}

TEST(Refusals, KeepTheLastNewestFirst) {
  Refusals refusals;
  for (int i = 0; i < 300; ++i) {
    Refusal refusal;
    refusal.client = std::to_string(i);
    refusals.note(std::move(refusal));
  }
  const std::vector<Refusal> last = refusals.last();
  ASSERT_EQ(last.size(), Refusals::kKept);
  EXPECT_EQ(last.front().client, "299");
  EXPECT_EQ(last.back().client, "44");
  EXPECT_EQ(refusals.total(), 300u);
}

TEST(Tally, CountsByName) {
  Tally tally;
  const Tally::Key key = tally.opened("alice", at(0ms));
  tally.opened("bob", at(0ms));
  tally.opened("alice", at(0ms));
  tally.closed(key, 10, 20, at(1ms));
  tally.refused("bob", at(2ms));
  const std::vector<Tally::Row> rows = tally.rows();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].name, "alice");
  EXPECT_EQ(rows[0].total, 2u);
  EXPECT_EQ(rows[0].current, 1u);
  EXPECT_EQ(rows[0].bytes_out, 20u);
  EXPECT_EQ(rows[1].refused, 1u);
}

TEST(Tally, StaysBoundedAndForgetsTheLongestUnused) {
  Tally tally(3);
  const Tally::Key old = tally.opened("old", at(0ms));
  tally.closed(old, 0, 0, at(0ms));
  tally.opened("held", at(1ms));
  tally.opened("kept", at(2ms));
  tally.opened("new", at(3ms));
  std::vector<std::string> names;
  for (const Tally::Row& row : tally.rows()) names.push_back(row.name);
  EXPECT_EQ(names, (std::vector<std::string>{"held", "kept", "new"}));
}

TEST(Tally, WhatFindsNoRoomCountsAmongTheOthers) {
  Tally tally(2);
  tally.opened("a", at(0ms));
  tally.opened("b", at(0ms));
  const Tally::Key other = tally.opened("c", at(0ms));
  tally.opened("d", at(0ms));
  EXPECT_EQ(tally.rows().size(), 3u);
  EXPECT_EQ(tally.rows()[0].name, "(others)");
  EXPECT_EQ(tally.rows()[0].current, 2u);
  tally.closed(other, 1, 1, at(1ms));
  EXPECT_EQ(tally.rows().size(), 3u);
}

TEST(Standing, AddsUpTheTimesThatItWasDown) {
  balance::Standing standing{true, at(0ms), 0, {}};
  standing.become(false, at(1000ms));
  EXPECT_EQ(standing.down(at(3000ms)), 2s);
  standing.become(true, at(4000ms));
  standing.become(false, at(10'000ms));
  EXPECT_EQ(standing.down(at(11'000ms)), 4s);
  EXPECT_EQ(standing.downs, 2u);
}

TEST(Standing, AnotherKindOfDownIsNoSecondFall) {
  balance::Standing standing{true, at(0ms), 0, {}};
  standing.become(false, at(1000ms));
  standing.turn(at(2000ms));
  EXPECT_EQ(standing.changed, at(2000ms));
  EXPECT_EQ(standing.down(at(3000ms)), 2s);
  EXPECT_EQ(standing.downs, 1u);
}

TEST(KeysTaken, CountEachKeyAndForgetTheOneThatWasUsedLongestAgo) {
  Server server;
  const std::chrono::system_clock::time_point start{std::chrono::hours(1)};
  for (std::uint32_t kvno = 1; kvno <= Server::kKeys; ++kvno) server.took(kvno, 18, start + std::chrono::seconds(kvno));
  server.took(1, 18, start + std::chrono::seconds(20));
  server.took(1, 17, start + std::chrono::seconds(21));
  const std::vector<KeySeen> keys = server.keys_taken();
  ASSERT_EQ(keys.size(), Server::kKeys);
  EXPECT_EQ(keys[0].enctype, 17);
  EXPECT_EQ(keys[1].kvno, 1U);
  EXPECT_EQ(keys[1].logins, 2U);
  EXPECT_EQ(keys[1].last, start + std::chrono::seconds(20));
  EXPECT_EQ(keys.back().kvno, 3U);
}

}  // namespace
}  // namespace kerbgate::stats
