#include <gtest/gtest.h>

#include <arpa/inet.h>

#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "balance/source_hash.hpp"
#include "pool_fixture.hpp"

namespace kerbgate::balance {
namespace {

IpAddress address(const std::string& text) {
  IpAddress ip;
  ip.v6 = text.find(':') != std::string::npos;
  EXPECT_EQ(inet_pton(ip.v6 ? AF_INET6 : AF_INET, text.c_str(), ip.bytes.data()), 1) << text;
  return ip;
}

std::vector<std::string> cells(const std::string& row) {
  std::vector<std::string> out;
  std::stringstream stream(row.substr(1));
  for (std::string cell; std::getline(stream, cell, '|');) {
    std::erase_if(cell, [](char c) { return c == ' ' || c == '`'; });
    out.push_back(cell);
  }
  return out;
}

/// The server of each of many clients, by server name.
std::vector<std::string> map_of(const std::shared_ptr<Pool>& pool, std::uint32_t clients) {
  std::vector<std::string> map;
  Caller caller(pool);
  for (std::uint32_t i = 0; i < clients; ++i) {
    caller.source = ipv4(0x0a000000 + i);
    map.push_back(pool->conf().servers[static_cast<std::size_t>(caller.visit())].name);
  }
  return map;
}

TEST(SourceHash, IsThePublishedOne) {
  std::ifstream page(std::string(KERBGATE_SOURCE) + "/docs/balancing.md");
  int vectors = 0;
  const auto pool = [] {
    PoolConf conf;
    conf.algorithm = Algorithm::source;
    for (int i = 1; i <= 4; ++i) conf.servers.push_back(server_conf(i, i == 3 ? 2 : 1));
    return Pool::make(conf);
  }();
  for (std::string line; std::getline(page, line);) {
    const auto row = line.starts_with("| `") ? cells(line) : std::vector<std::string>{};
    if (row.size() != 6 || row[0].find_first_of("0123456789") == std::string::npos) continue;
    ++vectors;
    Caller caller(pool);
    caller.source = address(row[0]);
    for (std::size_t i = 0; i < 4; ++i)
      EXPECT_EQ(draw(client_hash(caller.source), server_hash(pool->conf().servers[i].key)),
                std::stoull(row[i + 1], nullptr, 16))
          << line;
    EXPECT_EQ(caller.visit() + 1, std::stoi(row[5])) << line;
  }
  EXPECT_EQ(vectors, 10);
}

TEST(SourceHash, LogDrawIsTheLogarithm) {
  const std::pair<std::uint64_t, std::uint64_t> cases[] = {{0, 0x40000000000000},
                                                           {1, 0x40000000000000},
                                                           {2, 0x3f000000000000},
                                                           {1ULL << 63, 0x1000000000000},
                                                           {~0ULL, 1},
                                                           {3ULL << 62, 0x6a3fe5c60429},
                                                           {0x123456789abcdef0, 0x3d05412fb31a3}};
  for (const auto& [h, expected] : cases) EXPECT_EQ(log_draw(h), expected) << h;
  for (std::uint64_t h = 1; h < (1ULL << 63); h = h * 3 + 1) {
    const double exact = (64 - std::log2(static_cast<double>(h))) * 0x1p48;
    EXPECT_NEAR(static_cast<double>(log_draw(h)) / exact, 1.0, 1e-5) << h;
  }
}

TEST(SourceHash, LogDrawNeverRises) {
  std::uint64_t last = log_draw(0);
  for (std::uint64_t h = 1; h < (1ULL << 63); h += 1 + h / 1000) {
    ASSERT_LE(log_draw(h), last) << h;
    last = log_draw(h);
  }
}

TEST(SourceHash, MappedAddressCountsAsIpv4) {
  EXPECT_EQ(client_hash(address("::ffff:192.0.2.77")), client_hash(address("192.0.2.77")));
  EXPECT_NE(client_hash(address("::192.0.2.77")), client_hash(address("192.0.2.77")));
}

TEST(SourceHash, ScopeHasNoPart) {
  IpAddress scoped = address("fe80::1");
  scoped.scope = 3;
  EXPECT_EQ(client_hash(scoped), client_hash(address("fe80::1")));
}

TEST(Source, EqualLastOctetsSpread) {
  const auto pool = Pool::make(pool_conf(Algorithm::source, {1, 1, 1, 1}));
  Caller caller(pool);
  std::map<int, int> clients;
  for (std::uint32_t i = 0; i < 4000; ++i) {
    caller.source = ipv4(0x0a000007 + (i << 8));
    ++clients[caller.visit()];
  }
  for (int server = 0; server < 4; ++server) EXPECT_NEAR(clients[server], 1000, 120) << server;
}

TEST(Source, SharesFollowTheWeights) {
  const std::vector<std::uint32_t> tables[] = {
      {1, 1, 1}, {1, 2, 3}, {256, 1, 128}, {10, 20, 30, 40, 50}, {255, 256, 254}};
  constexpr std::uint32_t kClients = 400'000;
  for (const auto& weights : tables) {
    const auto pool = Pool::make(pool_conf(Algorithm::source, weights));
    Caller caller(pool);
    std::vector<double> got(weights.size());
    for (std::uint32_t i = 0; i < kClients; ++i) {
      caller.source = ipv4(i * 2654435761U);
      got[static_cast<std::size_t>(caller.visit())] += 1;
    }
    double sum = 0;
    for (const auto w : weights) sum += w;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const double share = weights[i] / sum, noise = 4 * std::sqrt(share * (1 - share) / kClients);
      EXPECT_NEAR(got[i] / kClients, share, 0.005 * share + noise) << "weight " << weights[i] << " of " << sum;
    }
  }
}

TEST(Source, TakingOneAwayMovesOnlyItsClients) {
  PoolConf conf = pool_conf(Algorithm::source, {1, 1, 1, 1, 1});
  const auto before = map_of(Pool::make(conf), 20'000);
  conf.servers.erase(conf.servers.begin() + 2);
  const auto after = map_of(Pool::make(conf), 20'000);
  std::map<std::string, int> heirs;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i] == "s2")
      ++heirs[after[i]];
    else
      ASSERT_EQ(after[i], before[i]);
  }
  for (const char* heir : {"s0", "s1", "s3", "s4"}) EXPECT_NEAR(heirs[heir], 1000, 150) << heir;
}

TEST(Source, AddingOneMovesOnlyWhatItWins) {
  PoolConf conf = pool_conf(Algorithm::source, {1, 1, 1, 1});
  const auto before = map_of(Pool::make(conf), 20'000);
  conf.servers.insert(conf.servers.begin(), server_conf(9));
  const auto after = map_of(Pool::make(conf), 20'000);
  int moved = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (after[i] == "s9")
      ++moved;
    else
      ASSERT_EQ(after[i], before[i]);
  }
  EXPECT_NEAR(moved, 4000, 300);
}

TEST(Source, MoreWeightMovesClientsOnlyThere) {
  const auto pool = Pool::make(pool_conf(Algorithm::source, {1, 1, 1}));
  const auto before = map_of(pool, 12'000);
  pool->set_weight(1, 2, {});
  const auto after = map_of(pool, 12'000);
  for (std::size_t i = 0; i < before.size(); ++i) ASSERT_TRUE(after[i] == before[i] || after[i] == "s1") << i;
  EXPECT_NE(after, before);
}

TEST(Source, OrderOfTheServersHasNoPart) {
  PoolConf conf = pool_conf(Algorithm::source, {1, 3, 2, 1});
  const auto before = map_of(Pool::make(conf), 5000);
  std::reverse(conf.servers.begin(), conf.servers.end());
  EXPECT_EQ(map_of(Pool::make(conf), 5000), before);
}

TEST(Source, DownAndTriedServersGiveWayToTheSameNext) {
  const auto pool = Pool::make(pool_conf(Algorithm::source, {1, 1, 1, 1}));
  std::set<int> nexts;
  for (std::uint32_t i = 0; i < 200; ++i) {
    Caller caller(pool);
    caller.source = ipv4(0xc0a80000 + i);
    const int own = caller.visit();
    caller.tried = {static_cast<ServerIndex>(own)};
    const int next = caller.visit();
    caller.tried.clear();
    pool->set_up(static_cast<ServerIndex>(own), false, {});
    EXPECT_EQ(caller.visit(), next);
    pool->set_up(static_cast<ServerIndex>(own), true, {});
    EXPECT_EQ(caller.visit(), own);
    if (own == 0) nexts.insert(next);
  }
  EXPECT_EQ(nexts.size(), 3U);
}

TEST(Source, SlowStartHasNoPart) {
  PoolConf conf = pool_conf(Algorithm::source, {1, 1, 1});
  for (auto& server : conf.servers) server.slowstart = std::chrono::seconds(60);
  const auto pool = Pool::make(conf);
  const auto before = map_of(pool, 1000);
  pool->set_up(1, false, at_ms(0));
  pool->set_up(1, true, at_ms(1));
  EXPECT_EQ(map_of(pool, 1000), before);
}

/// Computed apart from this code, by the formulas of docs/balancing.md.
TEST(PrincipalKey, IsAsPublished) {
  EXPECT_EQ(principal_key("alice@EXAMPLE.COM"), address("dbb1:017a:332c:623f:1b3f:c3fc:ce7e:88b5"));
  EXPECT_EQ(principal_key("bob/admin@EXAMPLE.COM"), address("1284:fb7b:9733:72db:e93c:11d9:6e29:7825"));
}

TEST(PrincipalKey, SpreadsUsersOverServers) {
  const auto pool = Pool::make(pool_conf(Algorithm::source, {1, 1, 1, 1}));
  std::map<ServerIndex, int> users;
  Caller caller(pool);
  for (int i = 0; i < 1000; ++i) {
    caller.source = principal_key("user" + std::to_string(i) + "@EXAMPLE.COM");
    ++users[static_cast<ServerIndex>(caller.visit())];
  }
  EXPECT_EQ(users.size(), 4u);
  for (const auto& [server, count] : users) EXPECT_NEAR(count, 250, 60) << server;
}

}  // namespace
}  // namespace kerbgate::balance
