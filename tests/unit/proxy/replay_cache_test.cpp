#include "login/replay_cache.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace kerbgate::login {
namespace {

using std::chrono::seconds;
using Seen = ReplayCache::Seen;

const ReplayCache::Time kNow = ReplayCache::Time{} + std::chrono::hours(24 * 365 * 50);

kerbgate::Login::Id id_of(std::uint32_t number) {
  kerbgate::Login::Id id{};
  for (int i = 0; i < 4; ++i) id[std::size_t(i)] = std::uint8_t(number >> (8 * i));
  return id;
}

TEST(ReplayCache, KnowsASecondTime) {
  ReplayCache cache;
  EXPECT_EQ(cache.see(id_of(1), kNow + seconds(300), kNow), Seen::first);
  EXPECT_EQ(cache.see(id_of(2), kNow + seconds(300), kNow), Seen::first);
  EXPECT_EQ(cache.see(id_of(1), kNow + seconds(300), kNow), Seen::again);
  EXPECT_EQ(cache.see(id_of(1), kNow + seconds(300), kNow + seconds(300)), Seen::again);
}

TEST(ReplayCache, ForgetsWhatIsTooOldToBeTaken) {
  ReplayCache cache;
  for (std::uint32_t i = 0; i < 1000; ++i)
    ASSERT_EQ(cache.see(id_of(i), kNow + seconds(300 + i), kNow + seconds(i)), Seen::first);
  EXPECT_GE(cache.size(), 300u);  // those of the last 300 s, and no more than a slice of time beside them
  EXPECT_LE(cache.size(), 331u);
  EXPECT_EQ(cache.see(id_of(5000), kNow + seconds(5000), kNow + seconds(4000)), Seen::first);
  EXPECT_EQ(cache.size(), 1u);
}

TEST(ReplayCache, TakesNoNewOneRatherThanForgetAnOldOne) {
  ReplayCache cache(10);
  for (std::uint32_t i = 0; i < 10; ++i) ASSERT_EQ(cache.see(id_of(i), kNow + seconds(300), kNow), Seen::first);
  EXPECT_EQ(cache.see(id_of(10), kNow + seconds(300), kNow), Seen::full);
  EXPECT_EQ(cache.see(id_of(3), kNow + seconds(300), kNow), Seen::again);
  EXPECT_EQ(cache.see(id_of(10), kNow + seconds(700), kNow + seconds(400)), Seen::first);
}

TEST(ReplayCache, LetsOneOfManyThreadsIn) {
  ReplayCache cache;
  std::atomic<int> first = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (std::uint32_t i = 0; i < 2000; ++i)
        if (cache.see(id_of(i), kNow + seconds(300), kNow) == Seen::first) ++first;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(first, 2000);
}

}  // namespace
}  // namespace kerbgate::login
