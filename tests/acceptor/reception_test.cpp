#include "login/reception.hpp"

#include <gtest/gtest.h>

#include "initiator.hpp"
#include "kerbgate/gss_login.hpp"
#include "unit/proxy/login_bytes.hpp"

/// The service's half of a login in frames, before real clients and before others.
namespace kerbgate::e2e {
namespace {

using login::Reception;
using State = Reception::State;

class ReceptionOf : public testing::Test {
 protected:
  ReceptionOf() {
    const SaslLogin::Bytes first = *client_.begin();
    const Octets token(first.begin() + 5 + 6 + 5, first.end());
    Acceptor acceptor = alice_.acceptor();
    login_ = judged(acceptor, *alice_.keys(), token).login->state;
    reception_.emplace(LateAcceptance(login_));
  }
  Octets frame(std::uint8_t status, const Octets& payload) const { return login::fixture::sasl(status, payload); }

  Initiator alice_;
  SaslLogin client_{*GssLogin::make({{"impala", "lb.example.test"}, "EXAMPLE.TEST"}, "")};
  std::shared_ptr<Login::State> login_;
  std::optional<Reception> reception_;
};

TEST_F(ReceptionOf, ARealClientIsLoggedInHoweverItsBytesAreCut) {
  Octets to_client = reception_->begin(), to_service;
  while (!to_client.empty() || !to_service.empty()) {
    if (!to_client.empty()) {
      const Octets more = client_.feed({to_client.data(), 1});
      to_service.insert(to_service.end(), more.begin(), more.end());
      to_client.erase(to_client.begin());
    } else {
      const Reception::Step step = reception_->feed(login::Bytes(to_service).first(1));
      ASSERT_EQ(step.used, 1u);
      to_client.insert(to_client.end(), step.out.begin(), step.out.end());
      to_service.erase(to_service.begin());
    }
  }
  EXPECT_EQ(reception_->state(), State::done) << reception_->why();
  EXPECT_EQ(client_.state(), SaslLogin::State::done) << client_.why();
}

TEST_F(ReceptionOf, WhatIsGluedBehindTheLoginStaysWithTheCaller) {
  Octets said = client_.feed(reception_->begin());
  said = client_.feed(reception_->feed(said).out);
  const std::size_t login = said.size();
  said.insert(said.end(), {0, 0, 0, 9, 0x80, 1, 0, 1});
  EXPECT_EQ(reception_->feed(said).used, login);
  EXPECT_EQ(reception_->state(), State::done);
}

TEST_F(ReceptionOf, AClientThatBreaksOffIsLeft) {
  reception_->begin();
  EXPECT_TRUE(reception_->feed(frame(4, {'n', 'o'})).out.empty());
  EXPECT_EQ(reception_->state(), State::left);
}

TEST_F(ReceptionOf, FramesOfNoLoginAreRefused) {
  const std::vector<Octets> wrong{login::fixture::sasl(2, 0xffffffffu, {}),
                                  login::fixture::sasl(2, 0x80000000u, {}),
                                  login::fixture::sasl(2, 0x7fffffffu, {}),
                                  login::fixture::sasl(2, 4097, {}),
                                  frame(1, {'G', 'S', 'S', 'A', 'P', 'I'}),
                                  frame(0, {}),
                                  frame(77, {})};
  for (const Octets& bytes : wrong) {
    Reception one{LateAcceptance(login_)};
    one.begin();
    Octets sent = bytes;
    sent.resize(sent.size() + 100);
    EXPECT_TRUE(one.feed(sent).out.empty());
    EXPECT_EQ(one.state(), State::refused);
    EXPECT_NE(one.why(), "");
    EXPECT_EQ(one.feed(sent).used, 0u);
  }
}

TEST_F(ReceptionOf, AChoiceThatIsNoTokenIsRefused) {
  reception_->begin();
  ASSERT_FALSE(reception_->feed(frame(2, {})).out.empty());
  EXPECT_TRUE(reception_->feed(frame(2, {1, 0, 0, 0})).out.empty());
  EXPECT_EQ(reception_->state(), State::refused);
}

}  // namespace
}  // namespace kerbgate::e2e
