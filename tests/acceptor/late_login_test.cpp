#include "kerbgate/late_login.hpp"

#include <gtest/gtest.h>

#include "initiator.hpp"
#include "kerbgate/gss_login.hpp"
#include "support/gss.hpp"

/// Both halves of a login that is completed on its way, against libkrb5's own GSSAPI.
namespace kerbgate::e2e {
namespace {

std::string text(const Octets& octets) { return {octets.begin(), octets.end()}; }
Octets octets(const std::string& of) { return {of.begin(), of.end()}; }

constexpr std::string_view kNoLayer{"\x01\0\0\0", 4};

/// A client's first token, judged; and the client, who waits for an answer.
struct Client {
  explicit Client(Initiator& of) : login(*GssLogin::make({{"impala", "lb.example.test"}, "EXAMPLE.TEST"}, "")) {
    token = *login.step({});
    Acceptor acceptor = of.acceptor();
    judged_login = *judged(acceptor, *of.keys(), token).login;
  }
  GssLogin login;
  Octets token;
  Login judged_login;
};

/// A coordinator: libkrb5's GSSAPI with the service's keytab.
struct Coordinator {
  Coordinator(Initiator& of, const Octets& token)
      : acceptor("impala", "lb.example.test", of.keytab(), "none:"), proof(octets(acceptor.step(text(token)))) {}
  gss::Acceptor acceptor;
  Octets proof;
};

class LateLoginOf : public testing::TestWithParam<const char*> {
 protected:
  LateLoginOf() : alice_(std::string(GetParam()) + ":normal") {}
  Initiator alice_;
};

TEST_P(LateLoginOf, IsTakenByARealClient) {
  Client client(alice_);
  EXPECT_EQ(why_not_late(client.judged_login), "");
  LateAcceptance service(client.judged_login.state);
  const auto proof = service.proof();
  ASSERT_TRUE(proof) << proof.error().what;
  const auto empty = client.login.step(*proof);
  ASSERT_TRUE(empty) << empty.error().what;
  EXPECT_TRUE(empty->empty());
  EXPECT_TRUE(client.login.authenticated());
  const auto choice = client.login.step(*service.offer());
  ASSERT_TRUE(choice) << choice.error().what;
  const auto identity = service.choice(*choice);
  ASSERT_TRUE(identity) << identity.error().what;
  EXPECT_EQ(*identity, "");
}

TEST_P(LateLoginOf, IsTakenByARealCoordinator) {
  Client client(alice_);
  Coordinator coordinator(alice_, client.token);
  LateInitiation again(client.judged_login.state, "alice@EXAMPLE.TEST");
  const auto empty = again.step(coordinator.proof);
  ASSERT_TRUE(empty) << empty.error().what;
  EXPECT_TRUE(empty->empty());
  EXPECT_TRUE(again.authenticated());
  const auto choice = again.step(octets(coordinator.acceptor.wrap(kNoLayer)));
  ASSERT_TRUE(choice) << choice.error().what;
  EXPECT_TRUE(again.finished());
  EXPECT_EQ(coordinator.acceptor.unwrap(text(*choice)), std::string(kNoLayer) + "alice@EXAMPLE.TEST");
}

INSTANTIATE_TEST_SUITE_P(Enctypes, LateLoginOf,
                         testing::Values("aes128-cts-hmac-sha1-96", "aes256-cts-hmac-sha1-96",
                                         "aes128-cts-hmac-sha256-128", "aes256-cts-hmac-sha384-192",
                                         "camellia128-cts-cmac", "camellia256-cts-cmac"),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           std::erase(name, '-');
                           return name;
                         });

class LateLogin : public testing::Test {
 protected:
  Initiator alice_;
};

TEST_F(LateLogin, TheSameTokenServesTheClientAndSeveralCoordinators) {
  Client client(alice_);
  LateAcceptance service(client.judged_login.state);
  ASSERT_TRUE(client.login.step(*service.proof()));
  for (int i = 0; i < 3; ++i) {
    Coordinator coordinator(alice_, client.token);
    LateInitiation again(client.judged_login.state, "");
    ASSERT_TRUE(again.step(coordinator.proof)) << i;
    const auto choice = again.step(octets(coordinator.acceptor.wrap(kNoLayer)));
    ASSERT_TRUE(choice) << choice.error().what;
    EXPECT_EQ(coordinator.acceptor.unwrap(text(*choice)), kNoLayer);
  }
  const auto choice = client.login.step(*service.offer());
  ASSERT_TRUE(choice);
  EXPECT_TRUE(service.choice(*choice));
}

/// As JGSS' acceptors answer: in the key that the client gave, or in the ticket's when it gave none.
TEST_F(LateLogin, CoordinatorsWithoutASubkeyOfTheirOwnAreUnderstood) {
  Client client(alice_);
  Acceptor acceptor = alice_.acceptor();
  const Login elsewhere = *judged(acceptor, *alice_.keys(), client.token).login;
  LateAcceptance coordinator(elsewhere.state);
  LateInitiation again(client.judged_login.state, "bob");
  ASSERT_TRUE(again.step(*coordinator.proof()));
  const auto choice = again.step(*coordinator.offer());
  ASSERT_TRUE(choice) << choice.error().what;
  EXPECT_EQ(*coordinator.choice(*choice), "bob");
}

TEST_F(LateLogin, AProofWithOneBitChangedIsRefused) {
  Client client(alice_);
  const Octets proof = Coordinator(alice_, client.token).proof;
  for (std::size_t at = 0; at < proof.size(); ++at) {
    Octets altered = proof;
    altered[at] ^= 1;
    LateInitiation again(client.judged_login.state, "");
    if (!again.step(altered)) continue;
    // A tag that libkrb5 does not tell from its neighbour: its own clients take it too.
    Client other(alice_);
    Octets same = Coordinator(alice_, other.token).proof;
    same[at] ^= 1;
    EXPECT_TRUE(other.login.step(same)) << at;
    EXPECT_LT(at, 40u);
  }
  for (std::size_t size = 0; size < proof.size(); ++size) {
    LateInitiation again(client.judged_login.state, "");
    EXPECT_FALSE(again.step(Octets(proof.begin(), proof.begin() + std::ptrdiff_t(size)))) << size;
  }
}

TEST_F(LateLogin, TheProofOfAnotherLoginIsRefused) {
  Client client(alice_), other(alice_);
  LateInitiation again(client.judged_login.state, "");
  const auto step = again.step(Coordinator(alice_, other.token).proof);
  ASSERT_FALSE(step);
  EXPECT_NE(step.error().what.find("proof of its key"), std::string::npos) << step.error().what;
}

/// Of sixteen octets a rotation by 256 is none.
constexpr std::size_t kRotationsUpperHalf = 6;

TEST_F(LateLogin, AnOfferWithOneBitChangedIsRefused) {
  Client client(alice_);
  Coordinator coordinator(alice_, client.token);
  const Octets offer = octets(coordinator.acceptor.wrap(kNoLayer));
  for (std::size_t at = 0; at <= offer.size(); ++at) {
    Octets altered = offer;
    if (at < offer.size()) altered[at] ^= 1;
    LateInitiation again(client.judged_login.state, "");
    ASSERT_TRUE(again.step(coordinator.proof));
    EXPECT_EQ(again.step(altered).ok(), at == offer.size() || at == kRotationsUpperHalf) << at;
  }
  for (std::size_t size = 0; size < offer.size(); ++size) {
    LateInitiation again(client.judged_login.state, "");
    ASSERT_TRUE(again.step(coordinator.proof));
    EXPECT_FALSE(again.step(Octets(offer.begin(), offer.begin() + std::ptrdiff_t(size)))) << size;
  }
}

TEST_F(LateLogin, ARotatedOfferIsTheSameOne) {
  Client client(alice_);
  Coordinator coordinator(alice_, client.token);
  const Octets offer = octets(coordinator.acceptor.wrap(kNoLayer));
  for (const std::size_t rotation : {1u, 12u, 16u, 28u}) {
    Octets rotated = offer;
    rotated[7] = std::uint8_t(rotation);
    const std::size_t by = rotation % (offer.size() - 16);
    std::rotate(rotated.begin() + 16, rotated.end() - std::ptrdiff_t(by), rotated.end());
    LateInitiation again(client.judged_login.state, "");
    ASSERT_TRUE(again.step(coordinator.proof));
    EXPECT_TRUE(again.step(rotated)) << rotation;
  }
}

TEST_F(LateLogin, TheSecondTokenInPlaceOfTheFirstIsOutOfSequence) {
  Client client(alice_);
  Coordinator coordinator(alice_, client.token);
  coordinator.acceptor.wrap(kNoLayer);
  LateInitiation again(client.judged_login.state, "");
  ASSERT_TRUE(again.step(coordinator.proof));
  const auto step = again.step(octets(coordinator.acceptor.wrap(kNoLayer)));
  ASSERT_FALSE(step);
  EXPECT_NE(step.error().what.find("out of sequence"), std::string::npos) << step.error().what;
}

TEST_F(LateLogin, AnOfferThatTheClientMadeItselfIsFromTheWrongSide) {
  Client client(alice_);
  Coordinator coordinator(alice_, client.token);
  LateInitiation first(client.judged_login.state, ""), second(client.judged_login.state, "");
  ASSERT_TRUE(first.step(coordinator.proof));
  ASSERT_TRUE(second.step(coordinator.proof));
  const auto ours = first.step(octets(coordinator.acceptor.wrap(kNoLayer)));
  ASSERT_TRUE(ours);
  const auto step = second.step(*ours);
  ASSERT_FALSE(step);
  EXPECT_NE(step.error().what.find("wrong side"), std::string::npos) << step.error().what;
}

TEST_F(LateLogin, ACoordinatorThatWantsASecurityLayerIsRefused) {
  Client client(alice_);
  Coordinator coordinator(alice_, client.token);
  LateInitiation again(client.judged_login.state, "");
  ASSERT_TRUE(again.step(coordinator.proof));
  const auto step = again.step(octets(coordinator.acceptor.wrap({"\x06\0\xff\xff", 4})));
  ASSERT_FALSE(step);
  EXPECT_NE(step.error().what.find("sasl.qop"), std::string::npos) << step.error().what;
}

TEST_F(LateLogin, AChoiceThatWasChangedOrIsNotTheFirstOneIsRefused) {
  Client client(alice_);
  LateAcceptance service(client.judged_login.state);
  ASSERT_TRUE(client.login.step(*service.proof()));
  const Octets choice = *client.login.step(*service.offer());
  for (std::size_t at = 0; at < choice.size(); ++at) {
    Octets altered = choice;
    altered[at] ^= 1;
    EXPECT_EQ(service.choice(altered).ok(), at == kRotationsUpperHalf) << at;
    EXPECT_FALSE(service.choice(Octets(choice.begin(), choice.begin() + std::ptrdiff_t(at)))) << at;
  }
  EXPECT_TRUE(service.choice(choice));
}

TEST_F(LateLogin, AChoiceOfALayerIsRefused) {
  Client client(alice_);
  Coordinator coordinator(alice_, client.token);
  gss::Initiator real("impala", "lb.example.test");
  Acceptor acceptor = alice_.acceptor();
  const Login login = *judged(acceptor, *alice_.keys(), octets(real.step(""))).login;
  LateAcceptance service(login.state);
  real.step(text(*service.proof()));
  real.unwrap(text(*service.offer()));
  const auto choice = service.choice(octets(real.wrap({"\x04\0\xff\xff", 4})));
  ASSERT_FALSE(choice);
  EXPECT_NE(choice.error().what.find("not offered"), std::string::npos) << choice.error().what;
}

TEST_F(LateLogin, IsLeftToTheCoordinatorWhereItCannotBeCompleted) {
  Acceptor acceptor = alice_.acceptor();
  const auto login_with = [&](std::uint32_t flags) {
    Making making;
    making.checksum = Making::gss_checksum(flags);
    return *judged(acceptor, *alice_.keys(), alice_.token(making)).login;
  };
  EXPECT_EQ(why_not_late(login_with(2)), "");
  EXPECT_NE(why_not_late(login_with(0)).find("mutual"), std::string::npos);
  EXPECT_NE(why_not_late(login_with(2 | 0x1000)).find("DCE"), std::string::npos);
  Login weak = login_with(2);
  weak.session_enctype = 23;
  EXPECT_NE(why_not_late(weak).find("enctype 23"), std::string::npos);
}

}  // namespace
}  // namespace kerbgate::e2e
