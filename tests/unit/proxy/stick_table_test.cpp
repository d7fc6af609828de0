#include "rules/stick_table.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace kerbgate::rules {
namespace {

using std::chrono::milliseconds;

Now at_ms(std::int64_t ms) { return Now{} + std::chrono::hours(1) + milliseconds(ms); }

TableConf conf_of(std::uint64_t size) {
  TableConf conf;
  conf.size = size;
  conf.current = conf.total = true;
  return conf;
}

std::shared_ptr<StickTable> table_of(const TableConf& conf) { return std::make_shared<StickTable>(conf); }

TEST(StickTable, RemembersAServer) {
  const auto table = table_of(conf_of(10));
  EXPECT_EQ(table->server_of("k", at_ms(0)), "");
  table->store("k", "s1", at_ms(0));
  EXPECT_EQ(table->server_of("k", at_ms(1)), "s1");
  table->store("k", "s2", at_ms(2));
  EXPECT_EQ(table->server_of("k", at_ms(3)), "s2");
}

TEST(StickTable, ForgetsWhoWasNotSeenForTheTimeOfExpire) {
  TableConf conf = conf_of(10);
  conf.expire = milliseconds(1000);
  const auto table = table_of(conf);
  table->store("k", "s1", at_ms(0));
  EXPECT_EQ(table->server_of("k", at_ms(999)), "s1") << "and is seen now";
  EXPECT_EQ(table->server_of("k", at_ms(1998)), "s1");
  EXPECT_EQ(table->server_of("k", at_ms(2998)), "");
  EXPECT_EQ(table->used(), 0u);
}

TEST(StickTable, FullLetsGoWhoWasNotSeenForLongest) {
  const auto table = table_of(conf_of(2));
  table->store("a", "s", at_ms(0));
  table->store("b", "s", at_ms(1));
  EXPECT_EQ(table->server_of("a", at_ms(2)), "s");
  table->store("c", "s", at_ms(3));
  EXPECT_EQ(table->server_of("b", at_ms(4)), "");
  EXPECT_EQ(table->server_of("a", at_ms(4)), "s");
  EXPECT_EQ(table->used(), 2u);
}

TEST(StickTable, WithNopurgeTakesNobodyNewWhenFull) {
  TableConf conf = conf_of(1);
  conf.nopurge = true;
  const auto table = table_of(conf);
  table->store("a", "s", at_ms(0));
  table->store("b", "s", at_ms(1));
  EXPECT_EQ(table->server_of("a", at_ms(2)), "s");
  EXPECT_EQ(table->server_of("b", at_ms(2)), "");
}

TEST(StickTable, KeepsWhoHasConnections) {
  TableConf conf = conf_of(1);
  conf.expire = milliseconds(10);
  const auto table = table_of(conf);
  const Tracked held = table->track("a", at_ms(0));
  table->store("b", "s", at_ms(1000));
  EXPECT_EQ(table->count("a", Count::current, at_ms(1000)), 1u);
  EXPECT_EQ(table->count("b", Count::current, at_ms(1000)), 0u);
  EXPECT_FALSE(table->track("b", at_ms(1001)));
}

TEST(StickTable, CountsConnectionsWhileTheyLast) {
  const auto table = table_of(conf_of(10));
  {
    const Tracked one = table->track("k", at_ms(0)), two = table->track("k", at_ms(0));
    EXPECT_EQ(one.count(Count::current, at_ms(0)), 2u);
  }
  EXPECT_EQ(table->count("k", Count::current, at_ms(0)), 0u);
  EXPECT_EQ(table->count("k", Count::total, at_ms(0)), 2u);
}

TEST(StickTable, MovedHoldsCountOnce) {
  const auto table = table_of(conf_of(10));
  Tracked one = table->track("k", at_ms(0));
  Tracked two = std::move(one);
  EXPECT_FALSE(one);
  one = std::move(two);
  EXPECT_EQ(table->count("k", Count::current, at_ms(0)), 1u);
}

TEST(StickTable, RateSlidesOverItsPeriod) {
  TableConf conf = conf_of(10);
  conf.rate_period = milliseconds(1000);
  const auto table = table_of(conf);
  for (int i = 0; i < 10; ++i) (void)table->track("k", at_ms(0));
  EXPECT_EQ(table->count("k", Count::rate, at_ms(999)), 10u);
  EXPECT_EQ(table->count("k", Count::rate, at_ms(1500)), 5u) << "half of that period lies within one of now";
  EXPECT_EQ(table->count("k", Count::rate, at_ms(2000)), 0u);
}

TEST(StickTable, WhatIsNotStoredIsZero) {
  TableConf conf;
  conf.size = 10;
  const auto table = table_of(conf);
  const Tracked held = table->track("k", at_ms(0));
  for (const Count what : {Count::current, Count::rate, Count::total}) EXPECT_EQ(held.count(what, at_ms(0)), 0u);
}

TEST(StickTable, KeysAreOfItsType) {
  const IpAddress four = *IpAddress::parse("10.0.0.1"), six = *IpAddress::parse("2001:db8::1"),
                  mapped = *IpAddress::parse("::ffff:10.0.0.1");
  TableConf conf = conf_of(10);
  const auto addresses = table_of(conf);
  EXPECT_EQ(addresses->key_of(four), addresses->key_of(mapped));
  EXPECT_FALSE(addresses->key_of(six));
  EXPECT_FALSE(addresses->key_of("name"));
  conf.type = TableConf::Type::ipv6;
  EXPECT_TRUE(table_of(conf)->key_of(six));
  conf.type = TableConf::Type::string;
  conf.length = 4;
  EXPECT_EQ(table_of(conf)->key_of("lb.example.com"), "lb.e");
  EXPECT_EQ(table_of(conf)->key_of(four), "10.0");
}

TEST(StickTable, ShrunkByAReloadShrinksAsOthersCome) {
  const auto table = table_of(conf_of(100));
  for (int i = 0; i < 100; ++i) table->store(std::to_string(i), "s", at_ms(i));
  table->configure(conf_of(10));
  for (int i = 100; i < 105; ++i) table->store(std::to_string(i), "s", at_ms(i));
  EXPECT_EQ(table->used(), 10u);
}

TEST(StickTable, CountsOfManyThreadsAreExact) {
  const auto table = table_of(conf_of(4));
  std::vector<std::thread> threads;
  for (int n = 0; n < 4; ++n)
    threads.emplace_back([&table, n] {
      for (int i = 0; i < 2000; ++i) {
        const Tracked one = table->track(std::to_string((i + n) % 3), at_ms(i));
        EXPECT_GE(one.count(Count::current, at_ms(i)), 1u);
      }
    });
  for (std::thread& thread : threads) thread.join();
  std::uint64_t total = 0;
  for (const char* key : {"0", "1", "2"}) {
    EXPECT_EQ(table->count(key, Count::current, at_ms(2000)), 0u);
    total += table->count(key, Count::total, at_ms(2000));
  }
  EXPECT_EQ(total, 8000u);
}

}  // namespace
}  // namespace kerbgate::rules
