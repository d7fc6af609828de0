#include "kerbgate/acceptor.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <set>

#include "acceptor/initiator.hpp"
#include "kerbgate/gss_login.hpp"
#include "unit/proxy/login_bytes.hpp"

/// Real tickets of a real KDC, judged as the proxy judges them.
namespace kerbgate::e2e {
namespace {

using Why = NoLogin::Why;

/// What came of it, for a failed expectation too.
std::string told(const Acceptance& acceptance) {
  if (acceptance.login) return "login of " + acceptance.login->client.printable();
  return "no login (" + std::to_string(int(acceptance.no.why)) + "): " + acceptance.no.words;
}

#define EXPECT_WHY(acceptance, expected)                        \
  do {                                                          \
    const Acceptance& judged_now = (acceptance);                \
    EXPECT_FALSE(judged_now.login);                             \
    EXPECT_EQ(judged_now.no.why, expected) << told(judged_now); \
  } while (false)

TEST(AcceptorOfTickets, NamesTheClientOfAGssapiLogin) {
  Initiator alice;
  Result<GssLogin> login = GssLogin::make({{"impala", "lb.example.test"}, "EXAMPLE.TEST"}, "");
  ASSERT_TRUE(login) << login.error().what;
  const Result<GssLogin::Token> token = login->step({});
  ASSERT_TRUE(token) << token.error().what;
  Acceptor acceptor = alice.acceptor();
  const Acceptance acceptance = judged(acceptor, *alice.keys(), *token);
  ASSERT_TRUE(acceptance.login) << told(acceptance);
  const Login& found = *acceptance.login;
  EXPECT_EQ(found.client.str(), "alice@EXAMPLE.TEST");
  EXPECT_EQ(found.service.str(), "impala/lb.example.test@EXAMPLE.TEST");
  EXPECT_EQ(found.enctype, 18);
  EXPECT_EQ(found.kvno, 1u);
  EXPECT_TRUE(found.mutual);
  EXPECT_FALSE(found.dce_style);
  EXPECT_FALSE(found.delegates);
  const auto now = std::chrono::system_clock::now();
  EXPECT_LT(found.authtime, now + std::chrono::seconds(1));
  EXPECT_GT(found.endtime, now + std::chrono::minutes(50));
  EXPECT_LT(found.made, now);
}

TEST(AcceptorOfTickets, ReadsALoginInsideSpnego) {
  Initiator alice;
  Acceptor acceptor = alice.acceptor();
  const Octets token = login::fixture::spnego(login::fixture::kKerberosOid, alice.token());
  const Acceptance acceptance = judged(acceptor, *alice.keys(), token);
  ASSERT_TRUE(acceptance.login) << told(acceptance);
  EXPECT_EQ(acceptance.login->client.str(), "alice@EXAMPLE.TEST");
}

TEST(AcceptorOfTickets, TakesEitherKeyVersionDuringARotation) {
  Initiator alice;
  const Octets before = alice.token();
  alice.realm().change_key(Initiator::kService);
  alice.export_key();
  alice.log_in();
  const Octets after = alice.token();
  Acceptor acceptor = alice.acceptor();
  const auto keys = alice.keys();
  const Acceptance first = judged(acceptor, *keys, before), second = judged(acceptor, *keys, after);
  ASSERT_TRUE(first.login) << told(first);
  ASSERT_TRUE(second.login) << told(second);
  EXPECT_EQ(first.login->kvno, 1u);
  EXPECT_EQ(second.login->kvno, 2u);
}

TEST(AcceptorOfTickets, TellsAMissingKeyVersionFromAWrongKey) {
  Initiator alice;
  const auto old_keys = alice.keys();
  alice.realm().change_key(Initiator::kService);
  alice.log_in();
  Acceptor acceptor = alice.acceptor();
  EXPECT_WHY(judged(acceptor, *old_keys, alice.token()), Why::no_kvno);
  // The same kvno with another key: a principal that was deleted and made again.
  alice.realm().kadmin({"delprinc", "-force", Initiator::kService});
  alice.realm().add_service(Initiator::kService);
  alice.log_in();
  EXPECT_WHY(judged(acceptor, *old_keys, alice.token()), Why::wrong_key);
}

TEST(AcceptorOfTickets, TakesAKeyUnderAWrongNumberAsLibkrb5sServicesDo) {
  Initiator alice;
  const std::string text = read_file(alice.keytab());
  const Octets bytes(text.begin(), text.end());
  alice.realm().kadmin({"modprinc", "-kvno", "7", Initiator::kService});
  alice.log_in();
  Acceptor acceptor = alice.acceptor();
  const Acceptance acceptance = judged(acceptor, **AcceptorKeys::make(bytes), alice.token());
  ASSERT_TRUE(acceptance.login) << told(acceptance);
  EXPECT_EQ(acceptance.login->kvno, 7u);
}

TEST(AcceptorOfTickets, TellsWhatTheKeytabLacks) {
  Initiator alice("aes128-cts-hmac-sha1-96:normal");
  const Octets narrow = alice.token();
  const auto only_128 = alice.keys();
  alice.realm().kadmin({"cpw", "-randkey", "-e", "aes256-cts-hmac-sha1-96:normal", Initiator::kService});
  alice.log_in();
  Acceptor acceptor = alice.acceptor();
  EXPECT_WHY(judged(acceptor, *only_128, alice.token()), Why::no_enctype);
  alice.realm().add_service("impala/other.example.test");
  const std::string other = alice.dir() / "other.keytab";
  alice.realm().export_keytab({"impala/other.example.test"}, other);
  const std::string text = read_file(other);
  const auto keys = AcceptorKeys::make({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  ASSERT_TRUE(keys);
  EXPECT_WHY(judged(acceptor, **keys, narrow), Why::no_service);
}

TEST(AcceptorOfTickets, RefusesAnEnctypeThatKrb5ConfDoesNotPermit) {
  Initiator alice;
  const Result<Acceptor> made = Acceptor::make({{{{"libdefaults", "permitted_enctypes"}, "aes128-cts-hmac-sha1-96"}}});
  ASSERT_TRUE(made);
  Acceptor acceptor = alice.acceptor();
  EXPECT_TRUE(judged(acceptor, *alice.keys(), alice.token()).login);
  EXPECT_WHY(judged(const_cast<Acceptor&>(*made), *alice.keys(), alice.token()), Why::weak_enctype);
}

TEST(AcceptorOfTickets, SaysByHowMuchAClockIsOff) {
  Initiator alice;
  Acceptor acceptor = alice.acceptor();
  Making making;
  for (const int seconds : {-400, 400}) {
    making.clock = seconds;
    const Acceptance acceptance = judged(acceptor, *alice.keys(), alice.token(making));
    EXPECT_WHY(acceptance, Why::skew);
    EXPECT_NEAR(double(acceptance.no.skew.count()), seconds, 20);
  }
  making.clock = -200;
  EXPECT_TRUE(judged(acceptor, *alice.keys(), alice.token(making)).login);
}

TEST(AcceptorOfTickets, TakesTheSkewFromKrb5Conf) {
  Initiator alice;
  Result<Acceptor> acceptor = Acceptor::make({{{{"libdefaults", "clockskew"}, "1000"}}});
  ASSERT_TRUE(acceptor);
  EXPECT_EQ(acceptor->skew(), std::chrono::seconds(1000));
  Making making;
  making.clock = -800;
  EXPECT_TRUE(judged(*acceptor, *alice.keys(), alice.token(making)).login);
}

TEST(AcceptorOfTickets, RefusesATicketOutsideItsTime) {
  Initiator alice;
  Acceptor acceptor = alice.acceptor();
  alice.log_in_at(-7200);
  EXPECT_WHY(judged(acceptor, *alice.keys(), alice.token()), Why::expired);
  alice.log_in_at(+7200);
  EXPECT_WHY(judged(acceptor, *alice.keys(), alice.token()), Why::not_yet_valid);
}

TEST(AcceptorOfTickets, RefusesAnAuthenticatorWithoutAGssapiChecksum) {
  Initiator alice;
  Acceptor acceptor = alice.acceptor();
  const auto keys = alice.keys();
  Making making;
  making.checksum.reset();
  EXPECT_WHY(judged(acceptor, *keys, alice.token(making)), Why::malformed);
  making.checksum = Octets{1, 2, 3};
  making.checksum_type = 0;  // a checksum of those octets, as a client that is no GSSAPI's makes it
  EXPECT_WHY(judged(acceptor, *keys, alice.token(making)), Why::malformed);
  making = Making{};
  for (std::size_t size = 0; size < 24; ++size) {
    making.checksum = Making::gss_checksum();
    making.checksum->resize(size);
    EXPECT_WHY(judged(acceptor, *keys, alice.token(making)), Why::malformed);
  }
  making.checksum = Making::gss_checksum();
  making.checksum->front() = 17;
  EXPECT_WHY(judged(acceptor, *keys, alice.token(making)), Why::malformed);
}

TEST(AcceptorOfTickets, ReadsDelegationAndItsLengths) {
  Initiator alice;
  Acceptor acceptor = alice.acceptor();
  const auto keys = alice.keys();
  const auto with = [&](const Octets& delegation) {
    Making making;
    making.checksum = Making::gss_checksum(1 | 2 | 0x1000, delegation);
    return judged(acceptor, *keys, alice.token(making));
  };
  const Acceptance whole = with({1, 0, 3, 0, 'a', 'b', 'c'});
  ASSERT_TRUE(whole.login) << told(whole);
  EXPECT_TRUE(whole.login->delegates);
  EXPECT_TRUE(whole.login->dce_style);
  EXPECT_WHY(with({}), Why::malformed);
  EXPECT_WHY(with({1, 0, 4, 0, 'a', 'b', 'c'}), Why::malformed);
  EXPECT_WHY(with({2, 0, 3, 0, 'a', 'b', 'c'}), Why::malformed);
  EXPECT_WHY(with({1, 0, 0xff, 0xff, 'a'}), Why::malformed);
}

TEST(AcceptorOfTickets, GivesEveryAuthenticatorAnIdOfItsOwn) {
  Initiator alice;
  Acceptor one = alice.acceptor(), other = alice.acceptor();
  const auto keys = alice.keys();
  std::set<Login::Id> ids;
  for (int i = 0; i < 50; ++i) {
    const Octets token = alice.token();
    const Acceptance first = judged(one, *keys, token), again = judged(other, *alice.keys(), token);
    ASSERT_TRUE(first.login && again.login);
    EXPECT_EQ(first.login->id, again.login->id);
    ids.insert(first.login->id);
  }
  EXPECT_EQ(ids.size(), 50u);
}

// A replay in other clothes: the same authenticator in a message that is written in another way.
TEST(AcceptorOfTickets, GivesAnAuthenticatorTheSameIdInAnotherMessage) {
  Initiator alice;
  Acceptor acceptor = alice.acceptor();
  Octets message = alice.message();
  const Acceptance first = judged(acceptor, *alice.keys(), framed(message));
  ASSERT_TRUE(first.login);
  const Octets options{0x03, 0x05, 0x00, 0x20, 0x00, 0x00, 0x00};
  const auto at = std::search(message.begin(), message.end(), options.begin(), options.end());
  ASSERT_NE(at, message.end());
  at[3] = 0;
  const Acceptance again = judged(acceptor, *alice.keys(), framed(message));
  ASSERT_TRUE(again.login) << told(again);
  EXPECT_EQ(first.login->id, again.login->id);
}

TEST(AcceptorOfTickets, TakesNoChangedOctet) {
  Initiator alice;
  Acceptor acceptor = alice.acceptor();
  const auto keys = alice.keys();
  const Octets message = alice.message();
  const Acceptance right = judged(acceptor, *keys, framed(message));
  ASSERT_TRUE(right.login);
  for (std::size_t i = 0; i < message.size(); ++i) {
    Octets changed = message;
    changed[i] ^= 1;
    const Acceptance acceptance = judged(acceptor, *keys, framed(changed));
    // Clear fields that decide nothing may differ; what is proved is the same.
    if (acceptance.login) {
      EXPECT_EQ(acceptance.login->client, right.login->client) << i;
      EXPECT_EQ(acceptance.login->id, right.login->id) << i;
    }
  }
}

TEST(AcceptorOfTickets, OutlivesEveryCutAndRandomOctets) {
  Initiator alice;
  Acceptor acceptor = alice.acceptor();
  const auto keys = alice.keys();
  const Octets message = alice.message();
  ApReq request{{}, {{"impala", "lb.example.test"}, "EXAMPLE.TEST"}, 1, 18};
  for (std::size_t size = 0; size < message.size(); ++size) {
    const Octets cut(message.begin(), message.begin() + std::ptrdiff_t(size));
    request.message = cut;
    EXPECT_FALSE(acceptor.accept(request, *keys).login) << size;
    EXPECT_WHY(judged(acceptor, *keys, framed(cut)), Why::malformed);
  }
  std::mt19937 random(1);
  for (int round = 0; round < 20'000; ++round) {
    Octets changed = message;
    for (int n = int(random() % 8); n >= 0; --n) changed[random() % changed.size()] = std::uint8_t(random());
    request.message = changed;
    static_cast<void>(acceptor.accept(request, *keys));
  }
}

TEST(AcceptorOfTickets, TakesNoTicketThatClaimsAnotherService) {
  Initiator alice;
  Acceptor acceptor = alice.acceptor();
  const Octets message = alice.message();
  for (const Principal& service :
       {Principal{{"impala", "other.example.test"}, "EXAMPLE.TEST"}, Principal{{"impala"}, "EXAMPLE.TEST"},
        Principal{{}, ""}, Principal{{"impala", ""}, "EXAMPLE.TEST"}}) {
    const ApReq request{message, service, 1, 18};
    EXPECT_WHY(acceptor.accept(request, *alice.keys()), Why::no_service);
  }
}

TEST(AcceptorKeys, AreAllOrNothing) {
  Initiator alice;
  const std::string text = read_file(alice.keytab());
  const Octets bytes(text.begin(), text.end());
  const auto made = AcceptorKeys::make(bytes);
  ASSERT_TRUE(made) << made.error().what;
  EXPECT_EQ((*made)->slots().size(), 2u);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto cut = AcceptorKeys::make(std::span(bytes).first(size));
    // A file that ends behind its first record is a keytab with one key less: nothing tells the two apart.
    if (cut) {
      EXPECT_EQ((*cut)->slots().size(), 1u) << size;
    }
  }
  const auto garbage = AcceptorKeys::make(std::span(bytes).subspan(1));
  ASSERT_FALSE(garbage);
  EXPECT_TRUE(garbage.error().is(Errc::not_a_keytab));
}

TEST(Krb5Conf, HoldsWhatIncludedFilesSay) {
  TempDir dir;
  write_file(dir / "more.conf", "[capaths]\n  A = {\n    B = C\n    B = D\n  }\n[libdefaults]\n  clockskew = 77\n");
  write_file(dir / "krb5.conf", "include " + (dir / "more.conf") +
                                    "\n[libdefaults]\n  default_realm = A\n[capaths]\n  A = {\n    E = .\n  }\n");
  ::setenv("KRB5_CONFIG", (dir / "krb5.conf").c_str(), 1);
  const Result<Krb5Conf> conf = Krb5Conf::read();
  ASSERT_TRUE(conf) << conf.error().what;
  const auto count = [&](const std::vector<std::string>& names, const std::string& value) {
    return std::count(conf->values.begin(), conf->values.end(), Krb5Conf::Value{names, value});
  };
  EXPECT_EQ(count({"libdefaults", "clockskew"}, "77"), 1);
  EXPECT_EQ(count({"libdefaults", "default_realm"}, "A"), 1);
  EXPECT_EQ(count({"capaths", "A", "B"}, "C"), 1);
  EXPECT_EQ(count({"capaths", "A", "B"}, "D"), 1);
  EXPECT_EQ(count({"capaths", "A", "E"}, "."), 1);
  EXPECT_EQ(conf->values.size(), 5u);
}

}  // namespace
}  // namespace kerbgate::e2e
