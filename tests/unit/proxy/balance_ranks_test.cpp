#include <gtest/gtest.h>

#include <random>

#include "balance/chooser.hpp"
#include "balance/ranks.hpp"
#include "balance/source_hash.hpp"
#include "pool_fixture.hpp"

/// `balance source` with many servers: what is drawn once is known.
namespace kerbgate::balance {
namespace {

Slot open_slot(std::uint32_t weight = 1) {
  Slot slot;
  slot.weight = weight;
  slot.usable = slot.open = slot.room = true;
  return slot;
}

class SourceChooser : public testing::Test {
 protected:
  explicit SourceChooser(std::size_t servers = 100) : slots_(servers, open_slot()) {
    chooser_ = make_chooser(Algorithm::source, slots_, 0);
    for (std::size_t i = 0; i < servers; ++i) {
      chooser_->changed(static_cast<ServerIndex>(i));
      draws_.push_back(draw(kClient, server_hash("host" + std::to_string(i) + ":21050")));
      order_.push_back(static_cast<ServerIndex>(i));
    }
    std::sort(order_.begin(), order_.end(), [this](auto a, auto b) { return draws_[a] < draws_[b]; });
  }
  ServerIndex drawn() { return chooser_->choose({{}, 0, kClient, draws_}); }
  ServerIndex known() { return chooser_->choose({{}, 0, kClient, {}}); }
  void set_usable(ServerIndex server, bool usable) {
    slots_[server].usable = usable;
    chooser_->changed(server);
  }

  static constexpr std::uint64_t kClient = 0x1234567890abcdef;
  std::vector<Slot> slots_;
  std::unique_ptr<Chooser> chooser_;
  std::vector<std::uint64_t> draws_;
  std::vector<ServerIndex> order_;  ///< of the client
};

TEST_F(SourceChooser, AClientThatComesAgainCostsNoDraw) {
  EXPECT_TRUE(chooser_->needs_draws(kClient));
  EXPECT_EQ(known(), kNoServer);
  EXPECT_EQ(drawn(), order_[0]);
  EXPECT_FALSE(chooser_->needs_draws(kClient));
  EXPECT_EQ(known(), order_[0]);
  EXPECT_TRUE(chooser_->needs_draws(kClient + Ranks::kClients));  // another one with its place in the table
}

TEST_F(SourceChooser, ItsNextServersAreKnownToo) {
  EXPECT_EQ(drawn(), order_[0]);
  for (std::size_t i = 0; i + 1 < Ranks::kServers; ++i) {
    set_usable(order_[i], false);
    EXPECT_EQ(known(), order_[i + 1]) << i;
  }
  set_usable(order_[Ranks::kServers - 1], false);
  EXPECT_EQ(known(), kNoServer);
  EXPECT_EQ(drawn(), order_[Ranks::kServers]);
  set_usable(order_[0], true);
  EXPECT_EQ(known(), order_[0]);
}

TEST_F(SourceChooser, AnotherWeightIsDrawnAnewAndACountIsNot) {
  EXPECT_EQ(drawn(), order_[0]);
  slots_[7].current = 3;
  chooser_->changed(7);
  EXPECT_FALSE(chooser_->needs_draws(kClient));
  slots_[7].weight = 2;
  chooser_->changed(7);
  EXPECT_TRUE(chooser_->needs_draws(kClient));
  EXPECT_NE(drawn(), kNoServer);
  chooser_->rekeyed();
  EXPECT_TRUE(chooser_->needs_draws(kClient));
}

/// The published choice, computed from scratch.
int published(const std::vector<ServerView>& servers, const IpAddress& client) {
  int best = -1;
  const auto drawn = [&](int i) { return draw(client_hash(client), server_hash(servers[std::size_t(i)].key)); };
  for (int i = 0; i < int(servers.size()); ++i) {
    const ServerView& server = servers[std::size_t(i)];
    if (!server.up || server.weight == 0) continue;
    if (best < 0 || ranks_before(drawn(i), server.weight, drawn(best), servers[std::size_t(best)].weight)) best = i;
  }
  return best;
}

TEST(Source, KnownClientsGoWhereThePublishedHashSaysWhateverChanges) {
  std::mt19937 random(7);
  const auto pool = Pool::make(pool_conf(Algorithm::source, std::vector<std::uint32_t>(60, 1)));
  Caller caller(pool);
  for (int round = 0; round < 4000; ++round) {
    const auto server = static_cast<ServerIndex>(random() % 60);
    switch (random() % 12) {
      case 0:
        pool->set_weight(server, std::uint32_t(random() % 4), {});
        break;
      case 1:
        pool->set_key(server, "host" + std::to_string(random() % 1000) + ":21050");
        break;
      case 2:
      case 3:
        pool->set_up(server, random() % 3 != 0, {});
        break;
      default:
        break;
    }
    caller.source = ipv4(0x0a000000 + std::uint32_t(random() % 20));
    EXPECT_EQ(caller.visit(), published(pool->view(), caller.source)) << round;
  }
}

}  // namespace
}  // namespace kerbgate::balance
