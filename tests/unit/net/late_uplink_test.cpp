#include "net/late/uplink.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "net/loop.hpp"
#include "tcp_pair.hpp"
#include "unit/proxy/thrift_bytes.hpp"

namespace kerbgate::net::late {
namespace {

using namespace hs2::fixture;
using Status = Uplink::Status;

/// A client and two servers at the outer ends of an uplink that is turned by hand.
class UplinkTest : public ::testing::Test {
 protected:
  Status run(Tcp* server) {
    client_end_.ready.readable = true;
    Endpoint to{server == nullptr ? -1 : server->far.get(), {true, true, false, false}, nullptr};
    return uplink_.run(client_end_, server == nullptr ? nullptr : &to, loop_);
  }
  void say(const Buffer& bytes) {
    ASSERT_EQ(::send(client_.near.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), ssize_t(bytes.size()));
  }
  static Buffer heard(const Tcp& server) {
    Buffer all(1 << 20);
    const ssize_t got = ::recv(server.near.get(), all.data(), all.size(), MSG_DONTWAIT);
    all.resize(got < 0 ? 0 : std::size_t(got));
    return all;
  }

  Loop loop_;
  Tcp client_, one_, other_;
  Endpoint client_end_{client_.far.get(), {true, true, false, false}, nullptr};
  Uplink uplink_;
};

TEST_F(UplinkTest, HoldsACallUntilItMayGoAndThenSendsItAsItCame) {
  const Buffer call = framed(execute(kGuid, "select 1"), 7);
  say(call);
  EXPECT_EQ(run(nullptr), Status::decide);
  EXPECT_EQ(uplink_.call().method, "ExecuteStatement");
  EXPECT_EQ(uplink_.call().handle, kGuid);
  EXPECT_TRUE(uplink_.aligned());
  EXPECT_EQ(run(&one_), Status::decide);
  EXPECT_TRUE(heard(one_).empty());
  uplink_.go();
  EXPECT_EQ(run(&one_), Status::blocked);
  EXPECT_EQ(heard(one_), call);
}

TEST_F(UplinkTest, EachCallIsDecidedOnAfterTheLastOneHasGone) {
  const Buffer first = framed(open_session()), second = framed(about("CancelOperation"));
  say(join({first, second}));
  EXPECT_EQ(run(&one_), Status::decide);
  uplink_.go();
  EXPECT_EQ(run(&one_), Status::decide);
  EXPECT_EQ(uplink_.call().method, "CancelOperation");
  EXPECT_EQ(heard(one_), first);
  uplink_.go();
  EXPECT_EQ(run(&other_), Status::blocked);
  EXPECT_EQ(heard(other_), second);
  EXPECT_TRUE(heard(one_).empty());
}

TEST_F(UplinkTest, ACallThatBeginsWithinAFrameIsNotAligned) {
  say(framed(join({open_session(), about("CancelOperation")})));
  EXPECT_EQ(run(&one_), Status::decide);
  EXPECT_TRUE(uplink_.aligned());
  uplink_.go();
  EXPECT_EQ(run(&one_), Status::decide);
  EXPECT_FALSE(uplink_.aligned());
}

TEST_F(UplinkTest, AStatementLongerThanABlockFlows) {
  const Buffer call = framed(execute(kGuid, std::string(300'000, 'x')), 50'000);
  std::size_t said = 0;
  Buffer arrived;
  bool decided = false;
  while (arrived.size() < call.size()) {
    const ssize_t sent = ::send(client_.near.get(), call.data() + said, call.size() - said, MSG_DONTWAIT);
    if (sent > 0) said += std::size_t(sent);
    if (run(&one_) == Status::decide) {
      EXPECT_FALSE(std::exchange(decided, true));
      uplink_.go();
    }
    const Buffer more = heard(one_);
    arrived.insert(arrived.end(), more.begin(), more.end());
  }
  EXPECT_EQ(arrived, call);
}

TEST_F(UplinkTest, ACallThatFillsABlockWithoutAHandleIsForAnybody) {
  const Buffer call =
      framed(Thrift().head("X", 1).structure(1).text(5, std::string(100'000, 'x')).handle(1, kGuid).end(2).bytes);
  say(Buffer(call.begin(), call.begin() + 70'000));
  Status status = run(nullptr);
  while (status != Status::decide) status = run(nullptr);
  EXPECT_EQ(uplink_.call().handle, "");
  uplink_.go();
  say(Buffer(call.begin() + 70'000, call.end()));
  Buffer arrived;
  while (arrived.size() < call.size()) {
    EXPECT_NE(run(&one_), Status::decide);
    const Buffer more = heard(one_);
    arrived.insert(arrived.end(), more.begin(), more.end());
  }
  EXPECT_EQ(arrived, call);
}

TEST_F(UplinkTest, AnotherProtocolGoesAsBytes) {
  const Buffer first{'G', 'E', 'T', ' ', '/', '\r', '\n', 0xff, 0xff, 0xff, 0xff}, second{1, 2, 3};
  say(join({{0, 0, 0, 11}, first}));
  EXPECT_EQ(run(nullptr), Status::decide);
  EXPECT_TRUE(uplink_.lost());
  uplink_.go();
  EXPECT_EQ(run(&one_), Status::blocked);
  say(second);
  EXPECT_EQ(run(&one_), Status::blocked);
  EXPECT_EQ(heard(one_), join({{0, 0, 0, 11}, first, second}));
}

TEST_F(UplinkTest, ACallThatItsClientCutShortGoesAsItIs) {
  const Buffer call = framed(open_session());
  const Buffer part(call.begin(), call.begin() + 20);
  say(part);
  ::shutdown(client_.near.get(), SHUT_WR);
  EXPECT_EQ(run(&one_), Status::blocked);
  EXPECT_EQ(run(&one_), Status::decide);
  EXPECT_TRUE(uplink_.lost());
  uplink_.go();
  EXPECT_EQ(run(&one_), Status::ended);
  EXPECT_EQ(heard(one_), part);
}

TEST_F(UplinkTest, TheEndAloneIsTheEnd) {
  ::shutdown(client_.near.get(), SHUT_WR);
  EXPECT_EQ(run(nullptr), Status::ended);
}

}  // namespace
}  // namespace kerbgate::net::late
