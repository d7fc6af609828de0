#include <fcntl.h>

#include <functional>
#include <random>

#include "net/relay.hpp"
#include "tls_pair.hpp"

/// The relay between ends of which either or both speak TLS: bytes, ends and cuts.
namespace kerbgate::net {
namespace {

struct Kind {
  const char* name;
  bool client_tls, server_tls;
};

class TlsRelay : public testing::TestWithParam<Kind> {
 protected:
  TlsRelay()
      : accepting_(GetParam().client_tls ? *tls::Context::listening(listening(), files_, "a") : nullptr),
        dialling_(*tls::Context::dialling(dialling(), files_)),
        client_(accepting_, GetParam().client_tls ? dialling_ : nullptr),
        server_(GetParam().server_tls ? *tls::Context::listening(listening(), files_, "b") : nullptr,
                GetParam().server_tls ? dialling_ : nullptr) {
    if (GetParam().client_tls) client_.handshake();
    if (GetParam().server_tls) server_.handshake();
  }

  /// The proxy's ends: accepted from the client, dialled to the server.
  Endpoint& in() { return client_.far_; }
  Endpoint& out() { return server_.near_; }
  /// The others.
  Endpoint& user() { return client_.near_; }
  Endpoint& service() { return server_.far_; }

  Relay::State turn() {
    ::fcntl(out().fd, F_SETFL, O_NONBLOCK);
    TlsPair::grant(in());
    TlsPair::grant(out());
    return relay_.turn(in(), out(), client_.loop_);
  }
  /// Turns until it is over.
  Relay::State finish() {
    Relay::State state = turn();
    for (int i = 0; i < 1000 && (state == Relay::State::more || state == Relay::State::waiting); ++i) {
      if (state == Relay::State::waiting) wait_for_any({in().fd, out().fd});
      state = turn();
    }
    return state;
  }
  /// Turns until `size` bytes, or the end, have come to that end.
  std::string carry(TlsPair& pair, Endpoint& end, std::size_t size) {
    std::string all;
    for (int i = 0; i < 1000 && all.size() < size; ++i) {
      turn();
      all += pair.hear(end);
      if (pair.result == 0 || (pair.result < 0 && pair.error != EAGAIN)) break;
      if (all.size() < size) wait_for_any({in().fd, out().fd, end.fd});
    }
    return all;
  }
  void end(Endpoint& end) {
    TlsPair::grant(end);
    EXPECT_EQ(end.end(client_.loop_), 0);
  }
  static void reset(Endpoint& end, Tcp& tcp) {
    const linger now{1, 0};
    ::setsockopt(end.fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    (end.fd == tcp.near.get() ? tcp.near : tcp.far).reset();
  }

  Authority ca_{"test CA"};
  tls::Files files_ = files({{"proxy.pem", ca_.issue("proxy.example.test")}, {"ca.pem", ca_.certificate()}});
  std::shared_ptr<tls::Context> accepting_, dialling_;
  TlsPair client_, server_;
  Relay relay_;
};

INSTANTIATE_TEST_SUITE_P(Ends, TlsRelay,
                         testing::Values(Kind{"Offload", true, false}, Kind{"Bridge", true, true},
                                         Kind{"Onload", false, true}),
                         [](const auto& tested) { return tested.param.name; });

TEST_P(TlsRelay, BytesPassBothWays) {
  client_.say(user(), "question");
  EXPECT_EQ(carry(server_, service(), 8), "question");
  server_.say(service(), "answer");
  EXPECT_EQ(carry(client_, user(), 6), "answer");
  EXPECT_EQ(relay_.from_client(), 8u);
  EXPECT_EQ(relay_.to_client(), 6u);
  EXPECT_FALSE(relay_.in_flight());
}

TEST_P(TlsRelay, WhatWasReadDuringSetUpGoesFirst) {
  const std::string first(200'000, 'f');
  relay_.start({reinterpret_cast<const std::uint8_t*>(first.data()), first.size()}, {}, client_.loop_);
  client_.say(user(), "then");
  EXPECT_EQ(carry(server_, service(), first.size() + 4), first + "then");
}

TEST_P(TlsRelay, ACleanEndIsPassedOnCleanAndTheOtherWayGoesOn) {
  client_.say(user(), "last words");
  end(user());
  EXPECT_EQ(carry(server_, service(), 100), "last words");
  EXPECT_EQ(server_.result, 0);
  EXPECT_TRUE(relay_.half_closed());
  server_.say(service(), "still here");
  EXPECT_EQ(carry(client_, user(), 10), "still here");
  end(service());
  EXPECT_EQ(finish(), Relay::State::closed);
  EXPECT_EQ(client_.hear(user(), 1), "");
  EXPECT_EQ(client_.result, 0);
}

TEST_P(TlsRelay, AServersResetBreaksItAfterTheBytesBeforeIt) {
  server_.say(service(), "half of it");
  EXPECT_EQ(carry(client_, user(), 10), "half of it");
  reset(service(), server_.tcp_);
  EXPECT_EQ(finish(), Relay::State::broken);
  EXPECT_EQ(relay_.culprit(), Side::server);
  client_.hear(user());
  EXPECT_LT(client_.result, 0);  // no clean end came
  EXPECT_EQ(client_.error, EAGAIN);
}

TEST_P(TlsRelay, AServersEndWithoutCloseNotifyIsACut) {
  if (!GetParam().server_tls) return;
  server_.say(service(), "half of it");
  ::shutdown(service().fd, SHUT_WR);
  EXPECT_EQ(finish(), Relay::State::broken);
  EXPECT_EQ(relay_.culprit(), Side::server);
  EXPECT_EQ(client_.hear(user(), 10), "half of it");
  EXPECT_LT(client_.result, 0);
}

TEST_P(TlsRelay, AClientsEndWithoutCloseNotifyIsACut) {
  if (!GetParam().client_tls) return;
  client_.say(user(), "half of it");
  ::shutdown(user().fd, SHUT_WR);
  EXPECT_EQ(finish(), Relay::State::broken);
  EXPECT_EQ(relay_.culprit(), Side::client);
  EXPECT_EQ(server_.hear(service(), 10), "half of it");
}

TEST_P(TlsRelay, MegabytesForASlowReaderArriveWhole) {
  std::mt19937 random(7);
  std::string sent(9 << 20, '\0');
  for (std::size_t i = 0; i < sent.size(); i += 64) sent[i] = char(random());
  std::string got;
  for (std::size_t said = 0; got.size() < sent.size();) {
    TlsPair::grant(service());
    while (said < sent.size()) {
      const ssize_t took =
          service().send(sent.data() + said, std::min<std::size_t>(sent.size() - said, 70'000), client_.loop_);
      if (took <= 0) break;
      said += std::size_t(took);
    }
    (void)service().flush(client_.loop_);
    ASSERT_NE(turn(), Relay::State::broken);
    char some[10'000];
    TlsPair::grant(user());
    for (int i = 0; i < 20; ++i) {
      const ssize_t heard = user().receive(some, sizeof some, client_.loop_);
      if (heard <= 0) break;
      got.append(some, std::size_t(heard));
    }
  }
  EXPECT_TRUE(got == sent);
  EXPECT_FALSE(relay_.in_flight());
}

// TLS records need not come whole: the handshake and the data octet by octet.
TEST_P(TlsRelay, RecordsMayComeOctetByOctet) {
  if (!GetParam().client_tls) return;
  TlsPair across(nullptr, dialling_);  // a client whose bytes a slow hand carries over
  TlsPair far(accepting_, nullptr);
  std::string said;
  const auto carry_raw = [&](int from, int to, bool slowly) {
    char block[16384];
    const ssize_t got = ::recv(from, block, sizeof block, MSG_DONTWAIT);
    for (ssize_t i = 0; i < got; i += slowly ? 1 : got) {
      EXPECT_EQ(::send(to, block + i, std::size_t(slowly ? 1 : got), 0), slowly ? 1 : got);
      if (!slowly) continue;
      char text[64];
      TlsPair::grant(far.far_);
      if (far.far_done) {
        const ssize_t heard = far.far_.receive(text, sizeof text, far.loop_);
        if (heard > 0) said.append(text, std::size_t(heard));
      } else {
        far.far_done = far.step(far.far_) == TlsPair::Handshake::done;
      }
    }
  };
  for (int i = 0; i < 100 && !(across.near_done && far.far_done); ++i) {
    if (!across.near_done) across.near_done = across.step(across.near_) == TlsPair::Handshake::done;
    carry_raw(across.tcp_.far.get(), far.tcp_.near.get(), true);
    if (!far.far_done) far.far_done = far.step(far.far_) == TlsPair::Handshake::done;
    carry_raw(far.tcp_.near.get(), across.tcp_.far.get(), false);
    if (!(across.near_done && far.far_done))
      wait_for_any({across.near_.fd, across.tcp_.far.get(), far.far_.fd, far.tcp_.near.get()});
  }
  ASSERT_TRUE(across.near_done && far.far_done);
  across.say(across.near_, "slowly");
  for (int i = 0; i < 100 && said.size() < 6; ++i) {
    wait_for_any({across.tcp_.far.get(), far.far_.fd});
    carry_raw(across.tcp_.far.get(), far.tcp_.near.get(), true);
    said += far.hear(far.far_);
  }
  EXPECT_EQ(said, "slowly");
}

TEST(TlsSession, AnIdlePairHoldsNoBlocks) {
  Authority ca("test CA");
  const tls::Files from = files({{"proxy.pem", ca.issue("a")}, {"ca.pem", ca.certificate()}});
  TlsPair pair(*tls::Context::listening(listening(), from, "a"), *tls::Context::dialling(dialling(), from));
  pair.handshake();
  ASSERT_TRUE(pair.done());
  pair.say(pair.near_, "x");
  EXPECT_EQ(pair.hear(pair.far_, 1), "x");
  EXPECT_FALSE(pair.far_.tls->holds_blocks());
  EXPECT_FALSE(pair.near_.tls->holds_blocks());
}

TEST(TlsSession, BytesThatAreNoTlsFailTheHandshake) {
  Authority ca("test CA");
  const tls::Files from = files({{"proxy.pem", ca.issue("a")}});
  for (const std::string& garbage :
       {std::string("GET / HTTP/1.1\r\n\r\n"), std::string("\1\0\0\0\6GSSAPI", 11),
        std::string("\x16\x03\x01\xff\xff\x01\xff\xff\xff", 9), std::string(20'000, 'x')}) {
    TlsPair pair(*tls::Context::listening(listening(), from, "a"), nullptr);
    ASSERT_EQ(::send(pair.near_.fd, garbage.data(), garbage.size(), 0), ssize_t(garbage.size()));
    ::shutdown(pair.near_.fd, SHUT_WR);
    auto state = pair.step(pair.far_);
    for (int i = 0; i < 100 && state == TlsPair::Handshake::waiting; ++i) {
      wait_for_any({pair.far_.fd});
      state = pair.step(pair.far_);
    }
    EXPECT_EQ(state, TlsPair::Handshake::failed);
    EXPECT_NE(pair.far_.tls->failure(), "");
  }
}

}  // namespace
}  // namespace kerbgate::net
