#include <gtest/gtest.h>

#include "pool_fixture.hpp"

namespace kerbgate::balance {
namespace {

/// a and b serve, c and d are backups.
std::shared_ptr<Pool> with_backups(Algorithm algorithm, std::uint32_t maxconn = 0) {
  PoolConf conf = pool_conf(algorithm, {1, 1, 1, 1}, maxconn);
  conf.servers[2].backup = conf.servers[3].backup = true;
  return Pool::make(conf);
}

class Backup : public testing::TestWithParam<Algorithm> {};

TEST_P(Backup, TakesNothingWhileAnotherIsUsable) {
  const auto pool = with_backups(GetParam());
  Caller caller(pool);
  EXPECT_EQ(caller.visits(30).find_first_of("cd-"), std::string::npos);
  pool->set_up(0, false, {});
  EXPECT_EQ(caller.visits(3), "bbb");
}

TEST_P(Backup, FirstUsableTakesAllWhenNoOtherIs) {
  const auto pool = with_backups(GetParam());
  Caller caller(pool);
  pool->set_up(0, false, {});
  pool->set_admin(1, Admin::drain, {});
  EXPECT_EQ(caller.visits(3), "ccc");
  pool->set_weight(2, 0, {});
  EXPECT_EQ(caller.visits(3), "ddd");
  pool->set_up(3, false, {});
  EXPECT_EQ(caller.ask().refusal, Refusal::no_server_up);
  pool->set_up(0, true, {});
  EXPECT_EQ(caller.visits(3), "aaa");
}

TEST_P(Backup, FollowsWhenAllOthersWereTried) {
  const auto pool = with_backups(GetParam());
  Caller caller(pool);
  caller.tried = {0, 1};
  EXPECT_EQ(caller.visit(), 2);
  caller.tried = {0, 1, 2};
  EXPECT_EQ(caller.visit(), 3);
  caller.tried = {0, 1, 2, 3};
  EXPECT_EQ(caller.ask().refusal, Refusal::all_tried);
}

TEST_P(Backup, IsNoOverflowOfFullServers) {
  const auto pool = with_backups(GetParam(), 1);
  Caller caller(pool);
  KeepingWaiter waiter;
  while (caller.stay() >= 0) caller.source = ipv4(static_cast<std::uint32_t>(caller.random) * 7919);
  const Answer answer = caller.ask(&waiter);
  EXPECT_TRUE(answer.queued);
  EXPECT_EQ(pool->current(2), 0U);
  EXPECT_TRUE(pool->leave_queue(&waiter));
}

TEST_P(Backup, TakesThoseWhoWaitedWhenTheOthersGo) {
  const auto pool = with_backups(GetParam(), 1);
  Caller caller(pool);
  pool->set_up(1, false, {});
  ASSERT_EQ(caller.stay(), 0);
  KeepingWaiter first, second;
  EXPECT_TRUE(caller.ask(&first).queued);
  EXPECT_TRUE(caller.ask(&second).queued);
  pool->set_up(0, false, {});
  ASSERT_TRUE(first.lease);
  EXPECT_EQ(first.lease.server(), 2);
  EXPECT_FALSE(second.lease);  // the first backup alone, and it is full
  first.lease.release();
  EXPECT_EQ(second.lease.server(), 2);
}

TEST_P(Backup, PlaceGivenBackThereWakesNoOneWhileAnotherServes) {
  const auto pool = with_backups(GetParam(), 1);
  Caller caller(pool);
  pool->set_up(1, false, {});
  Lease at_backup = pool->acquire_on(2, {}).lease;
  ASSERT_EQ(caller.stay(), 0);
  KeepingWaiter waiter;
  EXPECT_TRUE(caller.ask(&waiter).queued);
  at_backup.release();
  EXPECT_EQ(waiter.grants, 0);
  caller.leases.clear();
  EXPECT_EQ(waiter.lease.server(), 0);
}

INSTANTIATE_TEST_SUITE_P(Algorithms, Backup,
                         testing::Values(Algorithm::roundrobin, Algorithm::static_rr, Algorithm::leastconn,
                                         Algorithm::source, Algorithm::first, Algorithm::random),
                         algorithm_name);

}  // namespace
}  // namespace kerbgate::balance
