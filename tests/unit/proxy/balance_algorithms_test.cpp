#include <gtest/gtest.h>

#include <map>
#include <numeric>

#include "balance/weighted_draw.hpp"
#include "pool_fixture.hpp"

namespace kerbgate::balance {
namespace {

using Weights = std::vector<std::uint32_t>;

struct Sequence {
  const char* name;
  Algorithm algorithm;
  Weights weights;
  std::uint32_t maxconn;
  bool keep;  ///< the leases are kept
  const char* servers;
};

class Balance : public testing::TestWithParam<Sequence> {};

TEST_P(Balance, GivesThisSequence) {
  const Sequence& s = GetParam();
  Caller caller(Pool::make(pool_conf(s.algorithm, s.weights, s.maxconn)));
  const auto count = static_cast<int>(std::string(s.servers).size());
  EXPECT_EQ(s.keep ? caller.stays(count) : caller.visits(count), s.servers);
}

INSTANTIATE_TEST_SUITE_P(
    Tables, Balance,
    testing::Values(Sequence{"RoundRobinEqual", Algorithm::roundrobin, {1, 1, 1}, 0, false, "abcabcabc"},
                    Sequence{"RoundRobinSmooth", Algorithm::roundrobin, {5, 1, 1}, 0, false, "aaabaacaaabaac"},
                    Sequence{"RoundRobinLargeEqual", Algorithm::roundrobin, {256, 256}, 0, false, "abababab"},
                    Sequence{"RoundRobinWithoutZero", Algorithm::roundrobin, {1, 0, 1}, 0, false, "acacac"},
                    Sequence{"RoundRobinPassesOverFull", Algorithm::roundrobin, {1, 1, 1}, 2, true, "abcabc-"},
                    Sequence{"StaticSameOrder", Algorithm::static_rr, {2, 1}, 0, false, "aabaab"},
                    Sequence{"LeastconnRotatesAmongEquals", Algorithm::leastconn, {1, 1, 1}, 0, false, "abcabc"},
                    Sequence{"LeastconnFills", Algorithm::leastconn, {1, 1, 1}, 0, true, "abcabc"},
                    Sequence{"LeastconnByWeight", Algorithm::leastconn, {1, 3}, 0, true, "abbbabbb"},
                    Sequence{"LeastconnStopsAtMaxconn", Algorithm::leastconn, {1, 1}, 1, true, "ab-"},
                    Sequence{"FirstFillsInOrder", Algorithm::first, {1, 1, 1}, 2, true, "aabbcc-"},
                    Sequence{"FirstStaysFirst", Algorithm::first, {1, 1}, 2, false, "aaaa"},
                    Sequence{"NothingForZeroWeights", Algorithm::leastconn, {0, 0}, 0, false, "--"},
                    Sequence{"NoServers", Algorithm::roundrobin, {}, 0, false, "-"},
                    Sequence{"NoServersSource", Algorithm::source, {}, 0, false, "-"},
                    Sequence{"NoServersRandom", Algorithm::random, {}, 0, false, "-"}),
    case_name<Sequence>);

TEST(RoundRobin, IsExactInEveryRound) {
  const Weights weights{7, 1, 256, 13, 50, 1};
  const auto round = static_cast<int>(std::accumulate(weights.begin(), weights.end(), 0U));
  Caller caller(Pool::make(pool_conf(Algorithm::roundrobin, weights)));
  for (int n = 0; n < 20; ++n) {
    Weights got(weights.size());
    for (int i = 0; i < round; ++i) ++got[static_cast<std::size_t>(caller.visit())];
    ASSERT_EQ(got, weights) << "round " << n;
  }
}

TEST(RoundRobin, SpreadsEachServerEvenly) {
  Caller caller(Pool::make(pool_conf(Algorithm::roundrobin, {100, 10, 1})));
  int gap = 0, widest = 0;
  for (int i = 0; i < 1110; ++i) {
    gap = caller.visit() == 1 ? 0 : gap + 1;
    widest = std::max(widest, gap);
  }
  EXPECT_LE(widest, 12);
}

TEST(RoundRobin, OwesNothingToOneThatWasAway) {
  const auto pool = Pool::make(pool_conf(Algorithm::roundrobin, {1, 1, 1}));
  Caller caller(pool);
  pool->set_up(1, false, {});
  EXPECT_EQ(caller.visits(6), "acacac");
  pool->set_up(1, true, {});
  EXPECT_EQ(caller.visits(6), "abcabc");
}

TEST(RoundRobin, FollowsAWeightSetLater) {
  const auto pool = Pool::make(pool_conf(Algorithm::roundrobin, {1, 1}));
  Caller caller(pool);
  pool->set_weight(1, 3, {});
  const std::string got = caller.visits(40);
  EXPECT_EQ(std::count(got.begin(), got.end(), 'b'), 30);
}

TEST(StaticRr, KeepsItsOrderWhateverWeightIsSet) {
  const auto pool = Pool::make(pool_conf(Algorithm::static_rr, {1, 1}));
  Caller caller(pool);
  pool->set_weight(1, 200, {});
  EXPECT_EQ(caller.visits(4), "abab");
  pool->set_weight(1, 0, {});
  EXPECT_EQ(caller.visits(2), "aa");
}

TEST(Leastconn, MatchesTheDefinitionOverRandomChurn) {
  const Weights weights{1, 2, 3, 7, 50, 256, 1, 1};
  const auto pool = Pool::make(pool_conf(Algorithm::leastconn, weights));
  Caller caller(pool);
  std::uint64_t seed = 1;
  for (int n = 0; n < 20'000; ++n) {
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    if (caller.leases.size() > 300 || (seed >> 60) < 7) {
      if (caller.leases.empty()) continue;
      std::swap(caller.leases[(seed >> 33) % caller.leases.size()], caller.leases.back());
      caller.leases.pop_back();
      continue;
    }
    const auto view = pool->view();
    const auto chosen = static_cast<std::size_t>(caller.stay());
    for (const auto& other : view)
      ASSERT_LE(std::uint64_t{view[chosen].current} * other.weight, std::uint64_t{other.current} * view[chosen].weight);
  }
}

TEST(Leastconn, ServesTwoThousandServers) {
  const auto pool = Pool::make(pool_conf(Algorithm::leastconn, Weights(2000, 1)));
  Caller caller(pool);
  for (int i = 0; i < 10'000; ++i) caller.stay();
  for (const auto& server : pool->view()) ASSERT_EQ(server.current, 5U) << server.name;
}

TEST(WeightedDraw, FallsOnEachServerExactlyByItsWeight) {
  const Weights weights{0, 1, 4, 0, 2, 1, 0};
  WeightedDraw draw(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    draw.set(static_cast<ServerIndex>(i), 9);
    draw.set(static_cast<ServerIndex>(i), weights[i]);
  }
  ASSERT_EQ(draw.total(), 8U);
  Weights got(weights.size());
  for (std::uint64_t eighth = 0; eighth < 8; ++eighth) ++got[draw.draw(eighth << 61)];
  EXPECT_EQ(got, weights);
  EXPECT_EQ(draw.draw(0), 1);
  EXPECT_EQ(draw.draw(~std::uint64_t{0}), 5);
}

TEST(Random, DrawsByWeight) {
  PoolConf conf = pool_conf(Algorithm::random, {1, 2, 0, 5});
  conf.random_draws = 1;
  Caller caller(Pool::make(conf));
  std::map<int, int> got;
  for (int i = 0; i < 80'000; ++i) ++got[caller.visit()];
  EXPECT_NEAR(got[0], 10'000, 500);
  EXPECT_NEAR(got[1], 20'000, 700);
  EXPECT_EQ(got[2], 0);
  EXPECT_NEAR(got[3], 50'000, 800);
}

TEST(Random, TakesTheLessLoadedOfItsDraws) {
  const auto spread = [](int draws) {
    PoolConf conf = pool_conf(Algorithm::random, Weights(20, 1));
    conf.random_draws = draws;
    const auto pool = Pool::make(conf);
    Caller caller(pool);
    for (int i = 0; i < 4000; ++i) caller.stay();
    std::uint32_t most = 0;
    for (const auto& server : pool->view()) most = std::max(most, server.current);
    return most;
  };
  EXPECT_GT(spread(1), 215U);
  EXPECT_LT(spread(2), 206U);
}

TEST(Tried, IsPassedOverByEveryAlgorithm) {
  for (const auto algorithm : {Algorithm::roundrobin, Algorithm::static_rr, Algorithm::leastconn, Algorithm::source,
                               Algorithm::first, Algorithm::random}) {
    Caller caller(Pool::make(pool_conf(algorithm, {1, 1, 1, 1})));
    std::vector<bool> seen(4);
    for (int i = 0; i < 4; ++i) {
      const int server = caller.visit();
      ASSERT_GE(server, 0);
      EXPECT_FALSE(seen[static_cast<std::size_t>(server)]);
      seen[static_cast<std::size_t>(server)] = true;
      caller.tried.insert(caller.tried.end(), 2, static_cast<ServerIndex>(server));  // twice is once
    }
    EXPECT_EQ(caller.ask().refusal, Refusal::all_tried);
    caller.tried = {kNoServer, 77};  // indices of no server
    EXPECT_GE(caller.visit(), 0);
  }
}

TEST(Slowstart, ClimbsFromLittleToAll) {
  PoolConf conf = pool_conf(Algorithm::roundrobin, {10, 10});
  conf.servers[1].slowstart = std::chrono::seconds(100);
  const auto pool = Pool::make(conf);
  Caller caller(pool);
  EXPECT_EQ(caller.visits(4), "abab");  // up from the start: not slowed
  pool->set_up(1, false, at_ms(0));
  pool->set_up(1, true, at_ms(1000));
  const auto share = [&](std::int64_t ms) {
    caller.now = at_ms(1000 + ms);
    const std::string got = caller.visits(1100);
    return std::count(got.begin(), got.end(), 'b');
  };
  EXPECT_NEAR(static_cast<double>(share(0)), 2, 2);
  EXPECT_NEAR(static_cast<double>(share(10'000)), 100, 5);
  EXPECT_NEAR(static_cast<double>(share(50'000)), 1100.0 / 3, 5);
  EXPECT_NEAR(static_cast<double>(share(100'000)), 550, 3);
}

TEST(Slowstart, AppliesToLeastconn) {
  PoolConf conf = pool_conf(Algorithm::leastconn, {1, 1});
  conf.servers[1].slowstart = std::chrono::seconds(100);
  const auto pool = Pool::make(conf);
  Caller caller(pool);
  pool->set_admin(1, Admin::maint, at_ms(0));
  for (int i = 0; i < 40; ++i) caller.stay();
  pool->set_admin(1, Admin::ready, at_ms(0));
  caller.now = at_ms(25'000);
  for (int i = 0; i < 60; ++i) caller.stay();
  EXPECT_EQ(pool->current(0), 80U);
  EXPECT_EQ(pool->current(1), 20U);
}

TEST(Slowstart, SurvivesAWeightOfZeroOnTheWay) {
  PoolConf conf = pool_conf(Algorithm::roundrobin, {0, 1});
  conf.servers[0].slowstart = std::chrono::seconds(100);
  const auto pool = Pool::make(conf);
  Caller caller(pool);
  pool->set_up(0, false, at_ms(0));
  pool->set_up(0, true, at_ms(1));
  pool->set_weight(0, 1, at_ms(2));
  caller.now = at_ms(200'000);
  EXPECT_EQ(caller.visits(100).find("aa"), std::string::npos);
}

}  // namespace
}  // namespace kerbgate::balance
