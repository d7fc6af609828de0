#include "pool_fixture.hpp"

/// A client that has a server of its own (a stick table's).
namespace kerbgate::balance {
namespace {

class Preferred : public testing::Test {
 protected:
  Answer ask(Waiter* waiter = nullptr, std::vector<ServerIndex> tried = {}) {
    return pool_->acquire({ipv4(1), tried, 0, {}, 2}, waiter);
  }
  std::shared_ptr<Pool> pool_ = Pool::make(pool_conf(Algorithm::first, {1, 1, 1}, 1));
};

TEST_F(Preferred, IsTakenBeforeAnyOther) { EXPECT_EQ(ask().lease.server(), 2); }

TEST_F(Preferred, IsWaitedForWhenItIsFull) {
  Answer holder = ask();
  KeepingWaiter waiter;
  const Answer answer = ask(&waiter);
  EXPECT_TRUE(answer.queued);
  EXPECT_EQ(answer.queued_on, 2);
  holder.lease.release();
  EXPECT_EQ(waiter.lease.server(), 2);
}

TEST_F(Preferred, ThatGoesDownSendsItsWaitersOn) {
  const Answer holder = ask();
  KeepingWaiter waiter;
  EXPECT_TRUE(ask(&waiter).queued);
  pool_->set_up(2, false, {});
  EXPECT_EQ(waiter.lease.server(), 0);
}

TEST_F(Preferred, DownOrInMaintenanceOrTriedIsPassedOver) {
  EXPECT_EQ(ask(nullptr, {2}).lease.server(), 0);
  pool_->set_admin(2, Admin::maint, {});
  EXPECT_EQ(ask().lease.server(), 0);
  pool_->set_admin(2, Admin::ready, {});
  pool_->set_up(2, false, {});
  EXPECT_EQ(ask().lease.server(), 0);
}

TEST_F(Preferred, DrainedOrOfWeightNoneStillServesItsOwn) {
  pool_->set_admin(2, Admin::drain, {});
  EXPECT_EQ(ask().lease.server(), 2);
  pool_->set_admin(2, Admin::ready, {});
  pool_->set_weight(2, 0, {});
  EXPECT_EQ(ask().lease.server(), 2);
}

TEST_F(Preferred, DrainedAndFullIsPassedOver) {
  const Answer holder = ask();
  pool_->set_admin(2, Admin::drain, {});
  KeepingWaiter waiter;
  EXPECT_EQ(ask(&waiter).lease.server(), 0);
}

TEST_F(Preferred, WithAFullQueueIsPassedOver) {
  PoolConf conf = pool_conf(Algorithm::first, {1, 1, 1}, 1);
  conf.servers[2].maxqueue = 1;
  pool_ = Pool::make(conf);
  const Answer holder = ask();
  KeepingWaiter first, second;
  EXPECT_TRUE(ask(&first).queued);
  EXPECT_EQ(ask(&second).lease.server(), 0);
  EXPECT_TRUE(pool_->leave_queue(&first));
}

TEST_F(Preferred, ThatIsNoServerIsNothing) {
  EXPECT_EQ(pool_->acquire({ipv4(1), {}, 0, {}, 77}, nullptr).lease.server(), 0);
}

}  // namespace
}  // namespace kerbgate::balance
