#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <mutex>
#include <random>
#include <thread>

#include "pool_fixture.hpp"

/// Random churn over every algorithm, reloads included. What must hold at the end, and whenever everything stands
/// still: counts equal the leases that live, no server is above its maxconn, and no one waits for ever.
namespace kerbgate::balance {
namespace {

constexpr std::uint32_t kMaxconn = 3;
constexpr int kServers = 6;

/// The pool in force, as a reload swaps it.
class Current {
 public:
  explicit Current(std::shared_ptr<Pool> pool) : pool_(std::move(pool)) {}
  std::shared_ptr<Pool> get() const {
    const std::lock_guard lock(mutex_);
    return pool_;
  }
  void reload(const PoolConf& conf) {
    const std::lock_guard lock(mutex_);
    pool_ = Pool::make(conf, pool_);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<Pool> pool_;
};

/// One connection that acts on one thread and is granted on any.
struct Connection final : Waiter {
  void granted(Lease given) override {
    const std::lock_guard lock(mutex);
    lease = std::move(given);
    waiting = false;
    ++grants;
  }
  std::mutex mutex;
  Lease lease;
  bool waiting = false;
  int grants = 0, asked_to_wait = 0, left = 0;
  std::shared_ptr<Pool> asked;
};

class Worker {
 public:
  Worker(Current& current, std::uint64_t seed) : current_(current), random_(seed) {}

  void step() {
    Connection& connection = connections_[random_() % connections_.size()];
    std::unique_lock lock(connection.mutex);
    if (connection.lease) {
      Lease lease = std::move(connection.lease);
      lock.unlock();
      return;
    }
    if (connection.waiting) {
      lock.unlock();
      if (random_() % 4 == 0) leave(connection);
      return;
    }
    lock.unlock();
    arrive(connection);
  }
  void disturb() {
    const auto pool = current_.get();
    const auto server = static_cast<ServerIndex>(random_() % kServers);
    switch (random_() % 3) {
      case 0:
        return pool->set_up(server, random_() % 2 == 0, at_ms(static_cast<std::int64_t>(random_() % 100000)));
      case 1:
        return pool->set_admin(server, static_cast<Admin>(random_() % 3), at_ms(1));
      default:
        return pool->set_weight(server, static_cast<std::uint32_t>(random_() % 4), at_ms(2));
    }
  }
  std::deque<Connection>& connections() { return connections_; }

 private:
  void leave(Connection& connection) {
    if (!connection.asked->leave_queue(&connection)) return;
    const std::lock_guard lock(connection.mutex);
    connection.waiting = false;
    ++connection.left;
  }
  void arrive(Connection& connection) {
    tried_.clear();
    while (random_() % 4 == 0) tried_.push_back(static_cast<ServerIndex>(random_() % kServers));
    connection.asked = current_.get();
    {
      const std::lock_guard lock(connection.mutex);
      connection.waiting = true;  // before asking: the grant may come before the answer
    }
    Answer answer = connection.asked->acquire(
        {ipv4(static_cast<std::uint32_t>(random_() % 64)), tried_, random_(), at_ms(5)}, &connection);
    const std::lock_guard lock(connection.mutex);
    if (answer.queued) {
      ++connection.asked_to_wait;
      return;
    }
    connection.waiting = false;
    connection.lease = std::move(answer.lease);
  }

  Current& current_;
  std::mt19937_64 random_;
  std::deque<Connection> connections_{40};
  std::vector<ServerIndex> tried_;
};

PoolConf churn_conf(Algorithm algorithm) {
  PoolConf conf = pool_conf(algorithm, {1, 2, 3, 1, 1, 1}, kMaxconn);
  conf.servers[4].backup = conf.servers[5].backup = true;
  conf.servers[1].maxqueue = 2;
  conf.servers[2].slowstart = std::chrono::seconds(50);
  return conf;
}

void restore(Pool& pool) {
  for (ServerIndex i = 0; i < kServers; ++i) {
    pool.set_up(i, true, at_ms(200'000));
    pool.set_admin(i, Admin::ready, at_ms(200'000));
    pool.set_weight(i, 1, at_ms(200'000));
  }
}

std::array<std::uint32_t, kServers> live_leases(std::deque<Worker>& workers) {
  std::array<std::uint32_t, kServers> live{};
  for (auto& worker : workers)
    for (auto& connection : worker.connections())
      if (connection.lease) ++live[connection.lease.server()];
  return live;
}

void expect_exact(Pool& pool, std::deque<Worker>& workers) {
  const auto live = live_leases(workers);
  const auto view = pool.view();
  std::uint32_t sum = 0, waiting = 0;
  for (std::size_t i = 0; i < kServers; ++i) {
    ASSERT_EQ(view[i].current, live[i]) << i;
    ASSERT_LE(view[i].peak, kMaxconn) << i;
    sum += live[i];
  }
  for (auto& worker : workers)
    for (auto& connection : worker.connections()) waiting += connection.waiting ? 1U : 0U;
  ASSERT_EQ(pool.current(), sum);
  ASSERT_EQ(pool.queued(), waiting);
}

/// Ends every lease until no one waits.
void expect_to_empty(Pool& pool, std::deque<Worker>& workers) {
  restore(pool);
  for (bool any = true; any;) {
    any = false;
    for (auto& worker : workers) {
      for (auto& connection : worker.connections()) {
        any = any || connection.lease;
        connection.lease.release();
      }
    }
  }
  // Those who tried every server that there is wait for others: they alone may be left.
  for (auto& worker : workers)
    for (auto& connection : worker.connections())
      if (connection.waiting) {
        ASSERT_TRUE(pool.leave_queue(&connection));
        connection.waiting = false;
        ++connection.left;
      }
  ASSERT_EQ(pool.queued(), 0U);
  ASSERT_EQ(pool.current(), 0U);
  for (const auto& server : pool.view()) ASSERT_EQ(server.current, 0U) << server.name;
  for (auto& worker : workers)
    for (auto& connection : worker.connections())
      ASSERT_EQ(connection.grants + connection.left, connection.asked_to_wait);
}

class PoolChurn : public testing::TestWithParam<Algorithm> {};

TEST_P(PoolChurn, CountsEqualLiveLeases) {
  const PoolConf conf = churn_conf(GetParam());
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Current current(Pool::make(conf));
    std::deque<Worker> workers;
    workers.emplace_back(current, seed);
    for (int n = 0; n < 6000; ++n) {
      workers[0].step();
      if (n % 16 == 0) workers[0].disturb();
      if (n % 1000 == 999) current.reload(conf);
      if (n % 8 == 0) expect_exact(*current.get(), workers);
      if (testing::Test::HasFatalFailure()) FAIL() << "seed " << seed << ", step " << n;
    }
    expect_to_empty(*current.get(), workers);
  }
}

TEST_P(PoolChurn, CountsEqualLiveLeasesAcrossEightThreads) {
  const PoolConf conf = churn_conf(GetParam());
  Current current(Pool::make(conf));
  std::deque<Worker> workers;
  for (std::uint64_t i = 0; i < 8; ++i) workers.emplace_back(current, 100 + i);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      Worker& worker = workers[static_cast<std::size_t>(i)];
      for (int n = 0; n < 4000; ++n) {
        worker.step();
        if (n % 64 == 0) worker.disturb();
        if (i == 0 && n % 500 == 499) current.reload(conf);
      }
    });
  for (auto& thread : threads) thread.join();
  expect_exact(*current.get(), workers);
  expect_to_empty(*current.get(), workers);
}

TEST_P(PoolChurn, NoOneWaitsForAFreePlace) {
  std::mt19937_64 random(7);
  const auto pool = Pool::make(pool_conf(GetParam(), {1, 1, 1, 1}, 2));
  std::deque<KeepingWaiter> waiters(64);
  for (int n = 0; n < 4000; ++n) {
    auto& waiter = waiters[random() % waiters.size()];
    const auto server = static_cast<ServerIndex>(random() % 4);
    switch (random() % 4) {
      case 0:
        pool->set_up(server, random() % 3 != 0, {});
        break;
      case 1:
        waiter.lease.release();
        break;
      default:
        if (waiter.lease) break;
        pool->leave_queue(&waiter);
        waiter.lease =
            pool->acquire({ipv4(static_cast<std::uint32_t>(random() % 50)), {}, random(), {}}, &waiter).lease;
    }
    const auto view = pool->view();
    std::uint32_t own_queues = 0;
    bool place = false;
    for (const auto& s : view) {
      own_queues += s.queued;
      place = place || (s.up && s.current < 2);
      if (s.queued > 0) {
        ASSERT_TRUE(s.up && s.current == 2) << s.name << " at step " << n;
      }
    }
    if (place) {
      ASSERT_EQ(pool->queued(), own_queues) << "step " << n;
    }
  }
  for (auto& waiter : waiters) pool->leave_queue(&waiter);
}

INSTANTIATE_TEST_SUITE_P(Algorithms, PoolChurn,
                         testing::Values(Algorithm::roundrobin, Algorithm::static_rr, Algorithm::leastconn,
                                         Algorithm::source, Algorithm::first, Algorithm::random),
                         algorithm_name);

}  // namespace
}  // namespace kerbgate::balance
