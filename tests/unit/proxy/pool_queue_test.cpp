#include <gtest/gtest.h>

#include <deque>

#include "pool_fixture.hpp"

namespace kerbgate::balance {
namespace {

/// A client that hashes to this server.
IpAddress client_of(const std::shared_ptr<Pool>& pool, int server) {
  for (std::uint32_t i = 1;; ++i) {
    const Answer answer = pool->acquire({ipv4(i), {}, 0, {}}, nullptr);
    if (answer.lease && answer.lease.server() == server) return ipv4(i);
  }
}

TEST(Queue, GrantsInOrderOfArrival) {
  const auto pool = Pool::make(pool_conf(Algorithm::leastconn, {1}, 1));
  Caller caller(pool);
  caller.stay();
  KeepingWaiter first, second;
  const Answer one = caller.ask(&first), two = caller.ask(&second);
  EXPECT_TRUE(one.queued && two.queued);
  EXPECT_EQ(one.queued_on, kNoServer);
  EXPECT_EQ(one.ahead, 0U);
  EXPECT_EQ(two.ahead, 1U);
  EXPECT_EQ(pool->queued(), 2U);
  caller.leases.clear();
  EXPECT_TRUE(first.lease);
  EXPECT_FALSE(second.lease);
  first.lease.release();
  EXPECT_TRUE(second.lease);
  EXPECT_EQ(pool->queued(), 0U);
  EXPECT_EQ(pool->current(), 1U);
}

TEST(Queue, RefusesOneWhoDoesNotWait) {
  const auto pool = Pool::make(pool_conf(Algorithm::leastconn, {1}, 1));
  Caller caller(pool);
  caller.stay();
  EXPECT_EQ(caller.ask().refusal, Refusal::queue_full);
}

TEST(Queue, WaiterThatLeftIsNotCalled) {
  const auto pool = Pool::make(pool_conf(Algorithm::leastconn, {1}, 1));
  Caller caller(pool);
  caller.stay();
  KeepingWaiter gone, stays;
  caller.ask(&gone);
  caller.ask(&stays);
  EXPECT_TRUE(pool->leave_queue(&gone));
  EXPECT_FALSE(pool->leave_queue(&gone));
  caller.leases.clear();
  EXPECT_EQ(gone.grants, 0);
  EXPECT_EQ(stays.grants, 1);
  EXPECT_FALSE(pool->leave_queue(&stays));
}

TEST(Queue, PassesOverOneWhoHasTriedTheServer) {
  const auto pool = Pool::make(pool_conf(Algorithm::leastconn, {1, 1}, 1));
  Caller caller(pool);
  caller.stay();
  caller.stay();
  KeepingWaiter picky, second;
  caller.tried = {0};
  caller.ask(&picky);
  caller.tried.clear();
  caller.ask(&second);
  caller.leases.erase(caller.leases.begin());
  EXPECT_FALSE(picky.lease);
  EXPECT_EQ(second.lease.server(), 0);
  caller.leases.clear();
  EXPECT_EQ(picky.lease.server(), 1);
}

TEST(Queue, SourceWaitsForItsOwnServer) {
  const auto pool = Pool::make(pool_conf(Algorithm::source, {1, 1}, 1));
  Caller caller(pool);
  caller.source = client_of(pool, 1);
  ASSERT_EQ(caller.stay(), 1);
  KeepingWaiter waiter;
  const Answer answer = caller.ask(&waiter);
  EXPECT_TRUE(answer.queued);
  EXPECT_EQ(answer.queued_on, 1);
  EXPECT_EQ(pool->view()[1].queued, 1U);
  EXPECT_EQ(pool->current(0), 0U);
  caller.leases.clear();
  EXPECT_EQ(waiter.lease.server(), 1);
}

TEST(Queue, SourceGoesToTheNextWhenItsQueueIsFull) {
  PoolConf conf = pool_conf(Algorithm::source, {1, 1}, 1);
  for (auto& server : conf.servers) server.maxqueue = 1;
  const auto pool = Pool::make(conf);
  Caller caller(pool);
  caller.source = client_of(pool, 0);
  ASSERT_EQ(caller.stay(), 0);
  KeepingWaiter first, third, fourth;
  EXPECT_EQ(caller.ask(&first).queued_on, 0);
  EXPECT_EQ(caller.stay(), 1);
  EXPECT_EQ(caller.ask(&third).queued_on, 1);
  const Answer refused = caller.ask(&fourth);
  EXPECT_FALSE(refused.queued);
  EXPECT_EQ(refused.refusal, Refusal::queue_full);
  EXPECT_TRUE(pool->leave_queue(&first));
  EXPECT_EQ(caller.ask(&fourth).queued_on, 0);
  EXPECT_TRUE(pool->leave_queue(&third));
  EXPECT_TRUE(pool->leave_queue(&fourth));
}

TEST(Queue, DownServersWaitersAreSentOnInOrder) {
  const auto pool = Pool::make(pool_conf(Algorithm::source, {1, 1}, 1));
  Caller caller(pool);
  caller.source = client_of(pool, 0);
  caller.stay();
  KeepingWaiter first, second;
  caller.ask(&first);
  caller.ask(&second);
  pool->set_up(0, false, {});
  EXPECT_EQ(first.lease.server(), 1);
  EXPECT_FALSE(second.lease);
  EXPECT_EQ(pool->view()[1].queued, 1U);
  EXPECT_EQ(pool->view()[0].queued, 0U);
  first.lease.release();
  EXPECT_EQ(second.lease.server(), 1);
}

TEST(Queue, SentOnWaiterKeepsItsTurn) {
  const auto pool = Pool::make(pool_conf(Algorithm::source, {1, 1}, 1));
  const IpAddress of_a = client_of(pool, 0), of_b = client_of(pool, 1);
  Caller a(pool), b(pool);
  a.source = of_a;
  b.source = of_b;
  a.stay();
  b.stay();
  KeepingWaiter early, late;
  a.ask(&early);
  b.ask(&late);
  pool->set_up(0, false, {});
  b.leases.clear();
  EXPECT_EQ(early.lease.server(), 1);
  EXPECT_FALSE(late.lease);
  early.lease.release();
  EXPECT_EQ(late.lease.server(), 1);
}

TEST(Queue, WaitersOfSeveralLostServersKeepTheirOrder) {
  const auto pool = Pool::make(pool_conf(Algorithm::source, {1, 1, 1}, 1));
  pool->set_up(2, false, {});
  Caller caller(pool);
  caller.source = client_of(pool, 1);
  caller.stay();
  caller.source = client_of(pool, 0);
  caller.stay();
  KeepingWaiter early, late;
  caller.tried = {0};
  EXPECT_EQ(caller.ask(&early).queued_on, 1);
  caller.tried = {1};
  EXPECT_EQ(caller.ask(&late).queued_on, 0);
  pool->set_up(0, false, {});  // late has no server left
  pool->set_up(1, false, {});  // nor has early
  pool->set_up(2, true, {});
  EXPECT_EQ(early.lease.server(), 2);
  EXPECT_FALSE(late.lease);
  EXPECT_TRUE(pool->leave_queue(&late));
}

TEST(Queue, WaitsOnWhenEveryServerIsGone) {
  const auto pool = Pool::make(pool_conf(Algorithm::source, {1, 1}, 1));
  Caller caller(pool);
  caller.source = client_of(pool, 0);
  caller.stay();
  KeepingWaiter waiter;
  caller.ask(&waiter);
  pool->set_up(1, false, {});
  pool->set_up(0, false, {});
  EXPECT_EQ(waiter.grants, 0);
  EXPECT_EQ(pool->queued(), 1U);
  pool->set_up(1, true, {});
  EXPECT_EQ(waiter.lease.server(), 1);
}

struct Opening {
  const char* name;
  void (*close)(Pool&);
  void (*open)(Pool&);
};

class PlaceAppears : public testing::TestWithParam<Opening> {};

TEST_P(PlaceAppears, WakesAWaiter) {
  const auto pool = Pool::make(pool_conf(Algorithm::leastconn, {1, 1}, 1));
  Caller caller(pool);
  GetParam().close(*pool);
  ASSERT_EQ(caller.stay(), 0);
  KeepingWaiter first, second;
  EXPECT_TRUE(caller.ask(&first).queued);
  EXPECT_TRUE(caller.ask(&second).queued);
  GetParam().open(*pool);
  EXPECT_EQ(first.lease.server(), 1);
  EXPECT_FALSE(second.lease);
  EXPECT_TRUE(pool->leave_queue(&second));
}

INSTANTIATE_TEST_SUITE_P(Ways, PlaceAppears,
                         testing::Values(Opening{"up", [](Pool& p) { p.set_up(1, false, {}); },
                                                 [](Pool& p) { p.set_up(1, true, {}); }},
                                         Opening{"ready", [](Pool& p) { p.set_admin(1, Admin::maint, {}); },
                                                 [](Pool& p) { p.set_admin(1, Admin::ready, {}); }},
                                         Opening{"undrained", [](Pool& p) { p.set_admin(1, Admin::drain, {}); },
                                                 [](Pool& p) { p.set_admin(1, Admin::ready, {}); }},
                                         Opening{"weight", [](Pool& p) { p.set_weight(1, 0, {}); },
                                                 [](Pool& p) { p.set_weight(1, 5, {}); }}),
                         case_name<Opening>);

struct Closing {
  const char* name;
  void (*close)(Pool&);
  bool takes_its_own;  ///< acquire_on
};

class Closed : public testing::TestWithParam<Closing> {};

TEST_P(Closed, ServerTakesNothingNew) {
  const auto pool = Pool::make(pool_conf(Algorithm::leastconn, {1, 1}));
  Caller caller(pool);
  EXPECT_EQ(pool->usable(), 2U);
  GetParam().close(*pool);
  EXPECT_EQ(pool->usable(), 1U);
  EXPECT_EQ(caller.stays(3), "bbb");
  const Answer own = pool->acquire_on(0, {});
  EXPECT_EQ(static_cast<bool>(own.lease), GetParam().takes_its_own);
  EXPECT_TRUE(own.lease || own.refusal == Refusal::no_server_up);
}

INSTANTIATE_TEST_SUITE_P(Ways, Closed,
                         testing::Values(Closing{"down", [](Pool& p) { p.set_up(0, false, {}); }, false},
                                         Closing{"maint", [](Pool& p) { p.set_admin(0, Admin::maint, {}); }, false},
                                         Closing{"drain", [](Pool& p) { p.set_admin(0, Admin::drain, {}); }, true},
                                         Closing{"weight", [](Pool& p) { p.set_weight(0, 0, {}); }, true}),
                         case_name<Closing>);

TEST(AcquireOn, RefusesAFullServerAndAnUnknownOne) {
  const auto pool = Pool::make(pool_conf(Algorithm::leastconn, {1, 1}, 1));
  const Answer one = pool->acquire_on(1, {});
  EXPECT_EQ(one.lease.server(), 1);
  EXPECT_EQ(pool->acquire_on(1, {}).refusal, Refusal::queue_full);
  EXPECT_EQ(pool->acquire_on(9, {}).refusal, Refusal::no_server_up);
}

TEST(Queue, GivenBackPlacesOfAClosedServerWakeNoOne) {
  const auto pool = Pool::make(pool_conf(Algorithm::leastconn, {1, 1}, 1));
  Caller caller(pool);
  caller.stays(2);
  KeepingWaiter waiter;
  caller.ask(&waiter);
  pool->set_admin(0, Admin::drain, {});
  caller.leases.erase(caller.leases.begin());
  EXPECT_EQ(waiter.grants, 0);
  EXPECT_TRUE(pool->leave_queue(&waiter));
}

TEST(Queue, LongOneEmptiesThroughWaitersThatLeaveAtOnce) {
  struct Fleeting final : Waiter {
    void granted(Lease) override {}
  };
  const auto pool = Pool::make(pool_conf(Algorithm::leastconn, {1}, 1));
  Caller caller(pool);
  caller.stay();
  std::deque<Fleeting> waiters(100'000);
  for (auto& waiter : waiters) ASSERT_TRUE(caller.ask(&waiter).queued);
  caller.leases.clear();
  EXPECT_EQ(pool->queued(), 0U);
  EXPECT_EQ(pool->current(), 0U);
  EXPECT_EQ(pool->view()[0].total, 100'001U);
  EXPECT_EQ(pool->view()[0].peak, 1U);
}

TEST(Lease, MovesAndComesBackOnce) {
  const auto pool = Pool::make(pool_conf(Algorithm::leastconn, {1, 1}));
  Caller caller(pool);
  Lease a = caller.ask().lease;
  Lease b = std::move(a);
  EXPECT_FALSE(a);  // NOLINT: what a moved-from lease is, is the point
  EXPECT_EQ(pool->current(), 1U);
  b = caller.ask().lease;
  EXPECT_EQ(pool->current(), 1U);
  b.release();
  b.release();
  EXPECT_EQ(pool->current(), 0U);
}

TEST(Lease, KeepsItsPoolAlive) {
  std::weak_ptr<Pool> weak;
  Lease lease;
  {
    const auto pool = Pool::make(pool_conf(Algorithm::leastconn, {1}));
    weak = pool;
    lease = pool->acquire_on(0, {}).lease;
  }
  EXPECT_FALSE(weak.expired());
  lease.release();
  EXPECT_TRUE(weak.expired());
}

}  // namespace
}  // namespace kerbgate::balance
