#include <gtest/gtest.h>

#include "pool_fixture.hpp"

namespace kerbgate::balance {
namespace {

TEST(Reload, KeepsCountsHealthAndAdminState) {
  PoolConf conf = pool_conf(Algorithm::leastconn, {1, 1, 1});
  const auto old_pool = Pool::make(conf);
  Caller caller(old_pool);
  caller.stays(6);
  old_pool->set_up(1, false, {});
  old_pool->set_admin(2, Admin::drain, {});
  std::reverse(conf.servers.begin(), conf.servers.end());
  const auto pool = Pool::make(conf, old_pool);
  const auto view = pool->view();
  EXPECT_EQ(view[0].name, "s2");
  EXPECT_EQ(view[0].admin, Admin::drain);
  EXPECT_FALSE(view[1].up);
  EXPECT_EQ(view[2].current, 2U);
  EXPECT_EQ(view[2].total, 2U);
  EXPECT_EQ(pool->current(), 6U);
  EXPECT_EQ(pool->usable(), 1U);
}

TEST(Reload, OldLeasesKeepCounting) {
  const PoolConf conf = pool_conf(Algorithm::leastconn, {1, 1});
  auto old_pool = Pool::make(conf);
  Lease old_lease = old_pool->acquire_on(0, {}).lease;
  const auto pool = Pool::make(conf, old_pool);
  old_pool.reset();
  Caller caller(pool);
  EXPECT_EQ(caller.stay(), 1);
  old_lease.release();
  EXPECT_EQ(pool->current(0), 0U);
  EXPECT_EQ(caller.stay(), 0);
}

TEST(Reload, OldAndNewPoolSeeOneCount) {
  const PoolConf conf = pool_conf(Algorithm::leastconn, {1, 1}, 2);
  const auto old_pool = Pool::make(conf);
  const auto pool = Pool::make(conf, old_pool);
  Caller before(old_pool), after(pool);
  EXPECT_EQ(before.stay() + after.stay() + before.stay() + after.stay(), 2);
  EXPECT_EQ(before.ask().refusal, Refusal::queue_full);
  EXPECT_EQ(after.ask().refusal, Refusal::queue_full);
  EXPECT_EQ(pool->current(), 4U);
  EXPECT_EQ(old_pool->current(), 4U);
}

TEST(Reload, OldWaitersKeepTheirTurn) {
  const PoolConf conf = pool_conf(Algorithm::leastconn, {1}, 1);
  auto old_pool = Pool::make(conf);
  Caller before(old_pool);
  before.stay();
  KeepingWaiter old_waiter, new_waiter;
  before.ask(&old_waiter);
  const auto pool = Pool::make(conf, old_pool);
  Caller after(pool);
  after.ask(&new_waiter);
  EXPECT_EQ(pool->queued(), 2U);
  before.leases.clear();
  EXPECT_TRUE(old_waiter.lease);
  EXPECT_EQ(old_waiter.lease.pool(), old_pool);
  EXPECT_FALSE(new_waiter.lease);
  old_waiter.lease.release();
  EXPECT_EQ(new_waiter.lease.pool(), pool);
}

TEST(Reload, RaisedMaxconnWakesOldWaiters) {
  PoolConf conf = pool_conf(Algorithm::source, {1}, 1);
  const auto old_pool = Pool::make(conf);
  Caller caller(old_pool);
  caller.stay();
  KeepingWaiter first, second;
  EXPECT_EQ(caller.ask(&first).queued_on, 0);
  caller.ask(&second);
  conf.servers[0].maxconn = 2;
  const auto pool = Pool::make(conf, old_pool);
  EXPECT_TRUE(first.lease);
  EXPECT_FALSE(second.lease);
  EXPECT_TRUE(pool->leave_queue(&second));  // through either pool
}

TEST(Reload, RemovedServerServesItsOldWaiters) {
  PoolConf conf = pool_conf(Algorithm::leastconn, {1, 1}, 1);
  const auto old_pool = Pool::make(conf);
  Caller before(old_pool);
  before.stays(2);
  conf.servers.erase(conf.servers.begin());
  const auto pool = Pool::make(conf, old_pool);
  KeepingWaiter old_waiter, new_waiter;
  Caller after(pool);
  after.ask(&new_waiter);
  before.ask(&old_waiter);
  before.leases.erase(before.leases.begin());
  EXPECT_EQ(old_waiter.lease.server(), 0);
  EXPECT_FALSE(new_waiter.lease);
  before.leases.clear();
  EXPECT_EQ(new_waiter.lease.server(), 0);  // s1, by the new pool's numbers
  EXPECT_EQ(pool->view()[0].current, 1U);
}

TEST(Reload, ThoseWhoWaitForTheServerComeBeforeThoseWhoWaitForAny) {
  const auto leastconn = Pool::make(pool_conf(Algorithm::leastconn, {1}, 1));
  const auto source = Pool::make(pool_conf(Algorithm::source, {1}, 1), leastconn);
  Caller any(leastconn), own(source);
  any.stay();
  KeepingWaiter for_any, for_own;
  any.ask(&for_any);
  EXPECT_EQ(own.ask(&for_own).queued_on, 0);
  any.leases.clear();
  EXPECT_TRUE(for_own.lease);
  EXPECT_FALSE(for_any.lease);
  for_own.lease.release();
  EXPECT_TRUE(for_any.lease);
}

TEST(Reload, ConfiguredWeightWins) {
  PoolConf conf = pool_conf(Algorithm::leastconn, {1, 1});
  const auto old_pool = Pool::make(conf);
  old_pool->set_weight(0, 9, {});
  EXPECT_EQ(Pool::make(conf, old_pool)->view()[0].weight, 1U);
}

TEST(Reload, OtherKeyIsAnotherServer) {
  PoolConf conf = pool_conf(Algorithm::leastconn, {1});
  const auto old_pool = Pool::make(conf);
  old_pool->set_up(0, false, {});
  const Lease lease = old_pool->acquire_on(0, {}).lease;
  conf.servers[0].key = "elsewhere.example.com:21050";
  const auto pool = Pool::make(conf, old_pool);
  EXPECT_TRUE(pool->view()[0].up);
  EXPECT_EQ(pool->current(), 0U);
}

TEST(Reload, DisabledDecidesOnlyWhereItChanged) {
  PoolConf conf = pool_conf(Algorithm::leastconn, {1, 1, 1});
  conf.servers[0].disabled = true;
  const auto first = Pool::make(conf);
  EXPECT_EQ(first->view()[0].admin, Admin::maint);
  first->set_admin(0, Admin::ready, {});
  first->set_admin(1, Admin::drain, {});
  conf.servers[2].disabled = true;
  const auto second = Pool::make(conf, first);
  EXPECT_EQ(second->view()[0].admin, Admin::ready);
  EXPECT_EQ(second->view()[1].admin, Admin::drain);
  EXPECT_EQ(second->view()[2].admin, Admin::maint);
  conf.servers[2].disabled = false;
  EXPECT_EQ(Pool::make(conf, second)->view()[2].admin, Admin::ready);
}

TEST(Reload, OtherAlgorithmTakesOverTheCounts) {
  const auto old_pool = Pool::make(pool_conf(Algorithm::source, {1, 1}));
  Caller before(old_pool);
  before.stays(4);  // one client: all on one server
  const int busy = before.leases[0].server();
  Caller after(Pool::make(pool_conf(Algorithm::leastconn, {1, 1}), old_pool));
  const std::string idle(1, busy == 0 ? 'b' : 'a');
  EXPECT_EQ(after.stays(4), idle + idle + idle + idle);
}

TEST(Reload, ChainsOfPoolsEndWithTheirLastLease) {
  const PoolConf conf = pool_conf(Algorithm::leastconn, {1, 1});
  auto pool = Pool::make(conf);
  std::vector<std::weak_ptr<Pool>> old;
  std::vector<Lease> leases;
  for (int i = 0; i < 5; ++i) {
    leases.push_back(pool->acquire_on(0, {}).lease);
    old.push_back(pool);
    pool = Pool::make(conf, pool);
  }
  EXPECT_EQ(pool->current(0), 5U);
  leases.clear();
  for (const auto& gone : old) EXPECT_TRUE(gone.expired());
  EXPECT_EQ(pool->current(), 0U);
}

}  // namespace
}  // namespace kerbgate::balance
