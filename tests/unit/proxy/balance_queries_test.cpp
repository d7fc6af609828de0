#include <random>

#include "pool_fixture.hpp"

/// balance leastqueries, and what deeper checks say of servers.
namespace kerbgate::balance {
namespace {

constexpr auto kFresh = std::chrono::milliseconds(90'000);

class LeastQueries : public testing::Test {
 protected:
  void report(ServerIndex server, std::uint32_t queries) { pool_->set_queries(server, queries, caller_.now + kFresh); }
  std::shared_ptr<Pool> pool_ = Pool::make(pool_conf(Algorithm::leastqueries, {1, 1, 1}));
  Caller caller_{pool_};
};

TEST_F(LeastQueries, TakesTheServerThatRunsTheFewest) {
  report(0, 5);
  report(1, 2);
  report(2, 9);
  EXPECT_EQ(caller_.stays(3), "bbb") << "each connection counts as a query until the next report";
  EXPECT_EQ(caller_.stays(2).find_first_not_of("ab"), std::string::npos);
  report(1, 9);
  report(0, 9);
  report(2, 0);
  EXPECT_EQ(caller_.stays(1), "c");
}

TEST_F(LeastQueries, AConnectionThatHasGoneStillCountsUntilTheNextReport) {
  for (ServerIndex server = 0; server < 3; ++server) report(server, 0);
  std::string all = caller_.visits(3);
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all, "abc");
}

TEST_F(LeastQueries, OneStaleReportMakesItLeastconn) {
  report(0, 0);
  report(1, 50);
  EXPECT_EQ(caller_.stays(3).size(), 3U);  // server 2 has never said anything
  EXPECT_EQ(pool_->current(0), 1U);
  EXPECT_EQ(pool_->current(1), 1U);
  EXPECT_EQ(pool_->current(2), 1U);
  report(2, 50);
  EXPECT_EQ(caller_.stays(2), "aa");
  caller_.now += kFresh;
  EXPECT_NE(caller_.stays(1), "a") << "all are too old now, and a holds the most connections";
}

TEST_F(LeastQueries, ServersThatAreNotUsableNeedNoReport) {
  report(0, 7);
  report(1, 1);
  pool_->set_up(2, false, caller_.now);
  EXPECT_EQ(caller_.stays(1), "b");
}

TEST_F(LeastQueries, FollowsWeights) {
  const auto pool = Pool::make(pool_conf(Algorithm::leastqueries, {1, 3}));
  Caller caller(pool);
  pool->set_queries(0, 10, at_ms(1000));
  pool->set_queries(1, 20, at_ms(1000));
  EXPECT_EQ(caller.stays(1), "b") << "20 of weight 3 are fewer than 10 of weight 1";
}

/// A plain model: reports, weights, ups and downs at random; the choice is never worse than any other candidate.
TEST_F(LeastQueries, NoCandidateIsEverBetterThanTheChosen) {
  std::mt19937 random(7);
  const auto draw = [&random](std::uint32_t below) { return static_cast<std::uint32_t>(random() % below); };
  constexpr std::size_t kServers = 7;
  struct Known {
    std::uint32_t weight = 1, queries = 0, current = 0;
    bool up = true;
    Now until{};
  };
  std::vector<Known> model(kServers);
  const auto pool = Pool::make(pool_conf(Algorithm::leastqueries, std::vector<std::uint32_t>(kServers, 1)));
  std::vector<Lease> leases;
  Now now = at_ms(1);
  int by_queries = 0, by_connections = 0;
  for (int step = 0; step < 20'000; ++step) {
    const auto server = static_cast<ServerIndex>(draw(kServers));
    Known& known = model[server];
    now += std::chrono::milliseconds(draw(20));
    switch (draw(8)) {
      case 0:
        known.queries = draw(40);
        known.until = now + std::chrono::milliseconds(300 + draw(300));
        pool->set_queries(server, known.queries, known.until);
        continue;
      case 1:
        known.up = draw(4) != 0;
        pool->set_up(server, known.up, now);
        continue;
      case 2:
        known.weight = draw(5);
        pool->set_weight(server, known.weight, now);
        continue;
      case 3:
        if (!leases.empty()) {
          std::swap(leases[draw(static_cast<std::uint32_t>(leases.size()))], leases.back());
          --model[leases.back().server()].current;
          leases.pop_back();
        }
        continue;
      default:
        break;
    }
    const auto usable = [](const Known& k) { return k.up && k.weight > 0; };
    const bool fresh =
        std::all_of(model.begin(), model.end(), [&](const Known& k) { return !usable(k) || now < k.until; });
    Answer answer = pool->acquire({{}, {}, random(), now}, nullptr);
    if (!answer.lease) {
      EXPECT_TRUE(std::none_of(model.begin(), model.end(), usable));
      continue;
    }
    Known& chosen = model[answer.lease.server()];
    ASSERT_TRUE(usable(chosen));
    const auto load = [fresh](const Known& k) { return std::uint64_t{fresh ? k.queries : k.current}; };
    for (const Known& other : model)
      if (usable(other)) {
        ASSERT_LE(load(chosen) * other.weight, load(other) * chosen.weight) << "step " << step;
      }
    ++(fresh ? by_queries : by_connections);
    ++chosen.queries;
    ++chosen.current;
    leases.push_back(std::move(answer.lease));
  }
  EXPECT_GT(by_queries, 500);
  EXPECT_GT(by_connections, 500);
}

TEST(PoolVerdict, ABarredServerIsDownWhateverTheTcpCheckSays) {
  const auto pool = Pool::make(pool_conf(Algorithm::first, {1, 1}));
  Caller caller(pool);
  pool->set_verdict(0, true, false, at_ms(1));
  EXPECT_FALSE(pool->view()[0].up);
  EXPECT_TRUE(pool->view()[0].connects);
  EXPECT_EQ(caller.visit(), 1);
  EXPECT_FALSE(pool->acquire_on(0, at_ms(1)).lease);
  pool->set_up(0, false, at_ms(2));
  pool->set_up(0, true, at_ms(3));
  EXPECT_EQ(caller.visit(), 1);
  pool->set_verdict(0, false, false, at_ms(4));
  EXPECT_EQ(caller.visit(), 0);
  EXPECT_EQ(pool->view()[0].standing.downs, 1U);
}

TEST(PoolVerdict, AQuiescingServerKeepsWhatItHasAndTakesNoMore) {
  const auto pool = Pool::make(pool_conf(Algorithm::first, {1, 1}));
  Caller caller(pool);
  EXPECT_EQ(caller.stay(), 0);
  pool->set_verdict(0, false, true, at_ms(1));
  EXPECT_TRUE(pool->view()[0].up);
  EXPECT_EQ(caller.visit(), 1);
  EXPECT_EQ(pool->current(0), 1U);
  EXPECT_EQ(pool->acquire({{}, {}, 0, at_ms(1), 0}, nullptr).lease.server(), 1)
      << "a stick table's word counts no more";
  EXPECT_TRUE(pool->acquire_on(0, at_ms(1)).lease) << "who owns a handle there still gets in";
  pool->set_verdict(0, false, false, at_ms(2));
  EXPECT_EQ(caller.visit(), 0);
}

TEST(PoolVerdict, IsKeptOverAReload) {
  const auto before = Pool::make(pool_conf(Algorithm::first, {1, 1}));
  before->set_verdict(0, true, false, at_ms(1));
  const auto after = Pool::make(pool_conf(Algorithm::first, {1, 1}), before);
  EXPECT_EQ(Caller(after).visit(), 1);
}

TEST(PoolVerdict, ServersThatComeBackWakeThoseWhoWait) {
  const auto pool = Pool::make(pool_conf(Algorithm::leastconn, {1, 1}, 1));
  Caller caller(pool);
  pool->set_verdict(1, true, false, at_ms(1));
  EXPECT_EQ(caller.stay(), 0);
  KeepingWaiter waiter;
  EXPECT_TRUE(caller.ask(&waiter).queued);
  pool->set_verdict(1, false, false, at_ms(2));
  EXPECT_EQ(waiter.grants, 1);
}

}  // namespace
}  // namespace kerbgate::balance
