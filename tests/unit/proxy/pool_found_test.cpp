#include <gtest/gtest.h>

#include "pool_fixture.hpp"

namespace kerbgate::balance {
namespace {

TEST(Found, AServerWithoutAnAddressTakesNobodyWhateverElseIsSoOfIt) {
  const auto pool = Pool::make(pool_conf(Algorithm::leastconn, {1, 1}));
  pool->set_found(0, false, {});
  Caller caller(pool);
  EXPECT_EQ(caller.stays(2), "bb");
  EXPECT_FALSE(pool->acquire_on(0, {}).lease);
  pool->set_up(0, true, {});
  pool->set_admin(0, Admin::drain, {});
  pool->set_admin(0, Admin::ready, {});
  EXPECT_EQ(caller.stay(), 1);
  EXPECT_FALSE(pool->view()[0].found);
  EXPECT_FALSE(pool->view()[0].standing.up);
  pool->set_found(0, true, {});
  EXPECT_EQ(caller.stay(), 0);
}

TEST(Found, ItsConnectionsGoOnAndCount) {
  const auto pool = Pool::make(pool_conf(Algorithm::leastconn, {1}));
  Caller caller(pool);
  caller.stays(2);
  pool->set_found(0, false, {});
  EXPECT_EQ(pool->current(0), 2u);
  EXPECT_EQ(caller.ask().refusal, Refusal::no_server_up);
  caller.leases.clear();
  EXPECT_EQ(pool->current(0), 0u);
  EXPECT_EQ(pool->view()[0].total, 2u);
}

TEST(Found, ThoseWhoWaitAreServedWhenItHasAnAddressAgain) {
  const auto pool = Pool::make(pool_conf(Algorithm::leastconn, {1}, 1));
  Caller caller(pool);
  caller.stay();
  KeepingWaiter waiter;
  EXPECT_TRUE(caller.ask(&waiter).queued);
  pool->set_found(0, false, {});
  caller.leases.clear();
  EXPECT_FALSE(waiter.lease);
  pool->set_found(0, true, {});
  EXPECT_TRUE(waiter.lease);
}

TEST(Found, IsKeptOverAReload) {
  const PoolConf conf = pool_conf(Algorithm::leastconn, {1, 1});
  const auto before = Pool::make(conf);
  before->set_found(0, false, {});
  EXPECT_FALSE(Pool::make(conf, before)->found(0));
}

TEST(Key, DecidesWhoseClientsASlotGetsAndNotItsNumber) {
  const auto one = Pool::make(pool_conf(Algorithm::source, {1, 1, 1})),
             other = Pool::make(pool_conf(Algorithm::source, {1, 1, 1}));
  const std::string keys[] = {"10.0.0.1:21050", "10.0.0.2:21050", "10.0.0.3:21050"};
  for (ServerIndex i = 0; i < 3; ++i) {
    one->set_key(i, keys[i]);
    other->set_key(i, keys[2 - i]);
  }
  Caller here(one), there(other);
  std::vector<int> seen(3);
  for (std::uint32_t client = 0; client < 300; ++client) {
    here.source = there.source = ipv4(0x0a010000 + client);
    const int at = here.visit();
    EXPECT_EQ(there.visit(), 2 - at);
    ++seen[static_cast<std::size_t>(at)];
  }
  for (const int count : seen) EXPECT_GT(count, 60);
}

TEST(Key, ThatChangesKeepsTheSlotsCounts) {
  PoolConf conf = pool_conf(Algorithm::source, {1});
  const auto before = Pool::make(conf);
  const Lease lease = before->acquire_on(0, {}).lease;
  before->set_key(0, "10.0.0.9:21050");
  conf.servers[0].key = "10.0.0.9:21050";
  EXPECT_EQ(Pool::make(conf, before)->current(0), 1u);
}

}  // namespace
}  // namespace kerbgate::balance
