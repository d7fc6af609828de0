#include "net/relay.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <numeric>
#include <random>
#include <string>

#include "net/fd.hpp"
#include "net/loop.hpp"
#include "net/socket.hpp"
#include "tcp_pair.hpp"

namespace kerbgate::net {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// Client and server at the outer ends, the relay between, turned by hand: every readiness is granted before each turn,
/// so that the tests are about bytes and ends and not about epoll.
class RelayTest : public ::testing::Test {
 protected:
  Relay::State turn() {
    client_end_.ready.readable = client_end_.ready.writable = true;
    server_end_.ready.readable = server_end_.ready.writable = true;
    return relay_.turn(client_end_, server_end_, loop_);
  }

  Relay::State turn_until_quiet() {
    Relay::State state = turn();
    while (state == Relay::State::more) state = turn();
    // A short read is taken for an emptied socket; what came since is a new edge, granted here once.
    if (state == Relay::State::waiting) state = turn();
    return state;
  }

  static void say(int fd, const Bytes& bytes) {
    ASSERT_EQ(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL), ssize_t(bytes.size()));
  }

  /// What has arrived, until the socket is empty; `end` is set by EOF, `error` by an error.
  Bytes hear(int fd) {
    Bytes all, block(256 * 1024);
    for (;;) {
      const ssize_t got = ::recv(fd, block.data(), block.size(), MSG_DONTWAIT);
      if (got > 0) {
        all.insert(all.end(), block.begin(), block.begin() + got);
        continue;
      }
      ended_ = got == 0;
      error_ = got < 0 && errno != EAGAIN ? errno : 0;
      return all;
    }
  }

  Loop loop_;
  Tcp client_, server_;
  Endpoint client_end_{client_.far.get(), {}}, server_end_{server_.far.get(), {}};
  Relay relay_;
  bool ended_ = false;
  int error_ = 0;
};

Bytes pattern(std::size_t size) {
  std::mt19937 random(unsigned(size) + 1);
  Bytes out(size);
  for (std::uint8_t& byte : out) byte = std::uint8_t(random());
  return out;
}

TEST_F(RelayTest, PassesBytesBothWaysAndCountsThem) {
  relay_.start({}, {}, loop_);
  say(client_.near.get(), pattern(100));
  say(server_.near.get(), pattern(70'000));
  EXPECT_EQ(turn_until_quiet(), Relay::State::waiting);
  EXPECT_EQ(hear(server_.near.get()), pattern(100));
  EXPECT_EQ(hear(client_.near.get()), pattern(70'000));
  EXPECT_EQ(relay_.from_client(), 100u);
  EXPECT_EQ(relay_.to_client(), 70'000u);
}

TEST_F(RelayTest, SendsWhatWasReadDuringSetUpFirst) {
  relay_.start(pattern(10), pattern(20), loop_);
  say(client_.near.get(), {1, 2, 3});
  turn_until_quiet();
  Bytes expected = pattern(10);
  expected.insert(expected.end(), {1, 2, 3});
  EXPECT_EQ(hear(server_.near.get()), expected);
  EXPECT_EQ(hear(client_.near.get()), pattern(20));
}

TEST_F(RelayTest, SendsAllThatWasReadDuringSetUpHoweverMuch) {
  const Bytes first = pattern(3 * BufferPool::kSize + 1);
  relay_.start(first, {}, loop_);
  Bytes got;
  for (Relay::State state = Relay::State::more; relay_.in_flight() || state == Relay::State::more;) {
    state = turn();
    const Bytes more = hear(server_.near.get());
    got.insert(got.end(), more.begin(), more.end());
  }
  EXPECT_TRUE(got == first) << got.size() << " bytes";
}

TEST_F(RelayTest, AnEndThatWasPassedOnIsTouch) {
  relay_.start({}, {}, loop_);
  EXPECT_TRUE(relay_.untouched());
  ::shutdown(client_.near.get(), SHUT_WR);
  turn_until_quiet();
  EXPECT_FALSE(relay_.untouched());
}

TEST_F(RelayTest, ANewServersAnswerReplacesTheOldOnes) {
  relay_.start({}, pattern(20), loop_);
  relay_.start({}, pattern(30), loop_);
  turn_until_quiet();
  EXPECT_EQ(hear(client_.near.get()), pattern(30));
}

TEST_F(RelayTest, AClientsHalfCloseReachesTheServerWhichStillAnswers) {
  relay_.start({}, {}, loop_);
  say(client_.near.get(), {1});
  ::shutdown(client_.near.get(), SHUT_WR);
  EXPECT_EQ(turn_until_quiet(), Relay::State::waiting);
  EXPECT_EQ(hear(server_.near.get()), Bytes{1});
  EXPECT_TRUE(ended_);
  say(server_.near.get(), {2, 3});
  ::shutdown(server_.near.get(), SHUT_WR);
  EXPECT_EQ(turn_until_quiet(), Relay::State::closed);
  EXPECT_EQ(hear(client_.near.get()), (Bytes{2, 3}));
  EXPECT_TRUE(ended_);
}

TEST_F(RelayTest, AServersHalfCloseReachesTheClientWhichStillAsks) {
  relay_.start({}, {}, loop_);
  ::shutdown(server_.near.get(), SHUT_WR);
  EXPECT_EQ(turn_until_quiet(), Relay::State::waiting);
  hear(client_.near.get());
  EXPECT_TRUE(ended_);
  say(client_.near.get(), {9});
  turn_until_quiet();
  EXPECT_EQ(hear(server_.near.get()), Bytes{9});
}

TEST_F(RelayTest, AResetByTheServerComesAfterAllItSaidAndIsNoCleanEnd) {
  relay_.start({}, {}, loop_);
  say(server_.near.get(), pattern(5000));
  abort_on_close(server_.near.get());
  server_.near.reset();
  EXPECT_EQ(turn_until_quiet(), Relay::State::broken);
  EXPECT_EQ(relay_.culprit(), Side::server);
  EXPECT_EQ(hear(client_.near.get()), pattern(5000));
  EXPECT_FALSE(ended_) << "a cut answer must not look whole";
}

TEST_F(RelayTest, AResetByTheClientIsTheClientsDoing) {
  relay_.start({}, {}, loop_);
  say(client_.near.get(), {1});
  turn_until_quiet();
  abort_on_close(client_.near.get());
  client_.near.reset();
  EXPECT_EQ(turn_until_quiet(), Relay::State::broken);
  EXPECT_EQ(relay_.culprit(), Side::client);
}

TEST_F(RelayTest, AServerThatRefusesBytesButEndsCleanlyIsStillBroken) {
  relay_.start({}, {}, loop_);
  say(server_.near.get(), {7});
  server_.near.reset();  // whatever comes now is answered with RST
  say(client_.near.get(), {1});
  Relay::State state = turn_until_quiet();
  for (int i = 0; i < 100 && state == Relay::State::waiting; ++i) {
    ::send(client_.near.get(), "x", 1, MSG_NOSIGNAL);
    state = turn_until_quiet();
  }
  EXPECT_EQ(state, Relay::State::broken);
  EXPECT_EQ(relay_.culprit(), Side::server);
  EXPECT_EQ(hear(client_.near.get()), Bytes{7});
}

TEST_F(RelayTest, AStalledReaderHoldsBackTheWriterAndLosesNothing) {
  relay_.start({}, {}, loop_);
  const Bytes all = pattern(24 * 1024 * 1024);
  std::size_t said = 0;
  const auto push = [&] {
    const ssize_t sent = ::send(server_.near.get(), all.data() + said, all.size() - said, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) said += std::size_t(sent);
    return sent > 0;
  };
  // Nobody reads: the kernel's buffers fill, then the relay takes no more.
  while (push() || turn_until_quiet() == Relay::State::more) {
  }
  EXPECT_LT(said, all.size());
  EXPECT_TRUE(relay_.in_flight());
  Bytes got;
  while (got.size() < all.size()) {
    const Bytes more = hear(client_.near.get());
    got.insert(got.end(), more.begin(), more.end());
    push();
    turn_until_quiet();
  }
  EXPECT_EQ(got, all);  // by copy and by splice: the bulk path has been taken
}

TEST_F(RelayTest, OneDirectionMovesABoundedShareATurn) {
  relay_.start({}, {}, loop_);
  // More than a share waits in the server's socket while the client's takes everything.
  const int big = 8 * 1024 * 1024;
  ::setsockopt(client_.far.get(), SOL_SOCKET, SO_SNDBUFFORCE, &big, sizeof big);
  ::setsockopt(client_.near.get(), SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof big);
  ::setsockopt(server_.far.get(), SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof big);
  ::setsockopt(server_.near.get(), SOL_SOCKET, SO_SNDBUFFORCE, &big, sizeof big);
  const Bytes block = pattern(1 << 20);
  std::uint64_t waiting = 0;
  for (ssize_t sent = 1; sent > 0 && waiting < 4u << 20;) {
    sent = ::send(server_.near.get(), block.data(), block.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) waiting += std::uint64_t(sent);
  }
  if (waiting < 3u << 20) GTEST_SKIP() << "SKIPPED: the kernel does not allow large socket buffers here";
  const Relay::State state = turn();
  EXPECT_LE(relay_.to_client(), (1u << 20) + PipePool::kCapacity);
  if (relay_.to_client() >= 1u << 20) {
    EXPECT_EQ(state, Relay::State::more);
  }
}

TEST_F(RelayTest, IsUntouchedUntilAByteHasReachedEitherEnd) {
  relay_.start(pattern(5), {}, loop_);
  EXPECT_TRUE(relay_.untouched());
  turn_until_quiet();
  EXPECT_FALSE(relay_.untouched());
}

TEST(Endpoint, AnErrorOrHangUpMakesItWorthReadingAndWriting) {
  Endpoint end;
  end.note(EPOLLRDHUP);
  EXPECT_TRUE(end.ready.readable);
  EXPECT_FALSE(end.ready.writable);
  EXPECT_TRUE(end.ready.hung_up);
  end.note(EPOLLERR);
  EXPECT_TRUE(end.ready.writable);
}

}  // namespace
}  // namespace kerbgate::net
