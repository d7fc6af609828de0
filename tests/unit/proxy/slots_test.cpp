#include "resolve/slots.hpp"

#include <gtest/gtest.h>

#include "resolve/reply.hpp"

namespace kerbgate::resolve {
namespace {

using namespace std::chrono_literals;

IpAddress ip(const std::string& text) { return *IpAddress::parse(text); }

/// Answers by the addresses in them; "" is a slot that nobody is in.
class SlotsTest : public testing::Test {
 protected:
  static SlotsConf conf(std::size_t slots) {
    SlotsConf out;
    for (std::size_t i = 1; i <= slots; ++i) out.names.push_back("s" + std::to_string(i));
    return out;
  }
  Slots make(const SlotsConf& given) const { return Slots(given, {}, now_); }
  static Answer addresses(const std::vector<std::string>& texts) {
    Answer out{Verdict::valid, {}, "dns/ns1"};
    for (const std::string& text : texts) out.found.push_back({"", {ip(text)}});
    return out;
  }
  static Candidate host(const std::string& name, const std::vector<std::string>& texts, std::uint16_t port = 21050) {
    Candidate out{name, {}, port};
    for (const std::string& text : texts) out.addresses.push_back(ip(text));
    return out;
  }
  static std::string seats(const Slots& slots) {
    std::string out;
    for (std::size_t i = 0; i < slots.size(); ++i)
      out += (i == 0 ? "" : " ") + (slots.slot(i).seat ? slots.slot(i).seat->address.str() : "-");
    return out;
  }
  std::vector<std::size_t> hear(Slots& slots, const Answer& answer) { return slots.hear(answer, now_); }
  using Changed = std::vector<std::size_t>;

  Now now_{std::chrono::hours(1)};
};

TEST_F(SlotsTest, AreFilledInTheOrderOfAddressesWhateverThatOfTheAnswer) {
  Slots slots = make(conf(4)), others = make(conf(4));
  EXPECT_EQ(hear(slots, addresses({"10.0.0.3", "10.0.0.1", "10.0.0.2"})), (Changed{0, 1, 2}));
  hear(others, addresses({"10.0.0.2", "10.0.0.3", "10.0.0.1"}));
  EXPECT_EQ(seats(slots), "10.0.0.1 10.0.0.2 10.0.0.3 -");
  EXPECT_EQ(seats(slots), seats(others));
  EXPECT_EQ(slots.slot(3).why, "No IP for server ");
  EXPECT_EQ(slots.slot(0).why, "dns/ns1");
}

TEST_F(SlotsTest, TellWhoIsBeingShutDownAndSeatTheOthersFirst) {
  Slots slots = make(conf(2));
  Answer answer{
      Verdict::valid, {host("a", {"10.0.0.1"}, 0), host("b", {"10.0.0.2"}, 0), host("c", {"10.0.0.3"}, 0)}, "i/c1"};
  answer.found[0].quiescing = true;
  hear(slots, answer);
  EXPECT_EQ(seats(slots), "10.0.0.2 10.0.0.3");
  answer.found[2].quiescing = true;
  EXPECT_EQ(hear(slots, answer), Changed{1});
  EXPECT_TRUE(slots.slot(1).seat->quiescing);
  answer.found[2].quiescing = false;
  EXPECT_EQ(hear(slots, answer), Changed{1});
}

TEST_F(SlotsTest, SayWhyInTheWordsOfWhoeverWasAsked) {
  SlotsConf one = conf(1);
  one.holds.other = 0ms;
  Slots slots = make(one);
  Answer answer{Verdict::valid, {host("a", {"10.0.0.1"}, 0)}, "i/c1"};
  answer.gone = "not a coordinator any more";
  hear(slots, answer);
  Answer failed;
  failed.trouble = "c1: 503";
  EXPECT_EQ(hear(slots, failed), Changed{0});
  EXPECT_EQ(slots.slot(0).why, "c1: 503");
  hear(slots, answer);
  answer.found.clear();
  EXPECT_EQ(hear(slots, answer), Changed{0});
  EXPECT_EQ(slots.slot(0).why, "not a coordinator any more");
}

TEST_F(SlotsTest, KeepWhoIsNamedAndGiveTheLeaversSlotToTheNewOne) {
  Slots slots = make(conf(3));
  hear(slots, addresses({"10.0.0.1", "10.0.0.2"}));
  EXPECT_EQ(hear(slots, addresses({"10.0.0.9", "10.0.0.2"})), Changed{0});
  EXPECT_EQ(seats(slots), "10.0.0.9 10.0.0.2 -");
  EXPECT_EQ(hear(slots, addresses({"10.0.0.2", "10.0.0.9"})), Changed{});
}

TEST_F(SlotsTest, GiveOneWhoComesBackTheSlotThatItHad) {
  Slots slots = make(conf(3));
  hear(slots, addresses({"10.0.0.1", "10.0.0.2", "10.0.0.3"}));
  EXPECT_EQ(hear(slots, addresses({"10.0.0.2"})), (Changed{0, 2}));
  EXPECT_EQ(seats(slots), "- 10.0.0.2 -");
  EXPECT_EQ(hear(slots, addresses({"10.0.0.2", "10.0.0.3"})), Changed{2});
  EXPECT_EQ(seats(slots), "- 10.0.0.2 10.0.0.3");
}

TEST_F(SlotsTest, CountADuplicateOnceAndSayWhoIsLeftOver) {
  Slots slots = make(conf(2));
  hear(slots, addresses({"10.0.0.1", "10.0.0.1", "10.0.0.2", "10.0.0.3"}));
  EXPECT_EQ(seats(slots), "10.0.0.1 10.0.0.2");
  EXPECT_EQ(slots.left_over(), 1u);
}

TEST_F(SlotsTest, ShareAnAddressWhereThatIsAllowed) {
  SlotsConf shared = conf(2);
  shared.shared = true;
  Slots slots = make(shared);
  hear(slots, addresses({"10.0.0.1"}));
  EXPECT_EQ(seats(slots), "10.0.0.1 10.0.0.1");
  EXPECT_EQ(hear(slots, addresses({"10.0.0.1"})), Changed{});
}

TEST_F(SlotsTest, ThatNobodyHasEverTakenSayWhy) {
  Slots slots = make(conf(1));
  EXPECT_EQ(hear(slots, {Verdict::refused, {}, "dns/ns1"}), Changed{});
  EXPECT_EQ(slots.slot(0).why, "DNS refused status");
}

struct Failure {
  const char* name;
  Verdict verdict;
  const char* why;
};
class Hold : public SlotsTest, public testing::WithParamInterface<Failure> {};

TEST_P(Hold, KeepsAddressesSoLongAfterTheLastGoodAnswer) {
  SlotsConf held = conf(1);
  held.holds = {10s, 20s, 30s, 40s, 0s};
  const std::chrono::seconds limit = GetParam().verdict == Verdict::nx        ? 10s
                                     : GetParam().verdict == Verdict::timeout ? 20s
                                     : GetParam().verdict == Verdict::refused ? 30s
                                                                              : 40s;
  Slots slots = make(held);
  hear(slots, addresses({"10.0.0.1"}));
  const Answer failure{GetParam().verdict, {}, "dns/ns1"};
  now_ += limit - 1ms;
  EXPECT_EQ(hear(slots, failure), Changed{});
  now_ += 1ms;
  EXPECT_EQ(hear(slots, failure), Changed{0});
  EXPECT_EQ(slots.slot(0).why, GetParam().why);
  EXPECT_EQ(hear(slots, failure), Changed{});
  EXPECT_EQ(hear(slots, addresses({"10.0.0.1"})), Changed{0});
}

INSTANTIATE_TEST_SUITE_P(Failures, Hold,
                         testing::Values(Failure{"nx", Verdict::nx, "DNS NX status"},
                                         Failure{"timeout", Verdict::timeout, "DNS timeout status"},
                                         Failure{"refused", Verdict::refused, "DNS refused status"},
                                         Failure{"other", Verdict::other, "unspecified DNS error"}),
                         [](const auto& test) { return test.param.name; });

TEST_F(SlotsTest, KeepAnObsoleteAddressForItsTime) {
  SlotsConf held = conf(2);
  held.holds.obsolete = 5s;
  Slots slots = make(held);
  hear(slots, addresses({"10.0.0.1", "10.0.0.2"}));
  now_ += 4s;
  EXPECT_EQ(hear(slots, addresses({"10.0.0.2", "10.0.0.3"})), Changed{});
  EXPECT_EQ(seats(slots), "10.0.0.1 10.0.0.2");
  EXPECT_EQ(slots.left_over(), 1u);
  now_ += 1s;
  EXPECT_EQ(hear(slots, addresses({"10.0.0.2", "10.0.0.3"})), Changed{0});
  EXPECT_EQ(seats(slots), "10.0.0.3 10.0.0.2");
}

TEST_F(SlotsTest, TakeOneFamilySoThatAHostIsNotTwoServers) {
  SlotsConf v4 = conf(4);
  v4.prefer_ipv4 = true;
  Slots four = make(v4), six = make(conf(4));
  const Answer both = addresses({"10.0.0.1", "2001:db8::1", "10.0.0.2", "2001:db8::2"});
  hear(four, both);
  hear(six, both);
  EXPECT_EQ(seats(four), "10.0.0.1 10.0.0.2 - -");
  EXPECT_EQ(seats(six), "2001:db8::1 2001:db8::2 - -");
  hear(six, addresses({"10.0.0.1"}));
  EXPECT_EQ(seats(six), "10.0.0.1 - - -");
}

TEST_F(SlotsTest, DoNotLeaveAFamilyThatCouldNotBeAskedFor) {
  Slots slots = make(conf(1));
  hear(slots, addresses({"2001:db8::1"}));
  Answer fallback = addresses({"10.0.0.1"});
  fallback.fallback = true;
  EXPECT_EQ(hear(slots, fallback), Changed{});
  Slots empty = make(conf(1));
  EXPECT_EQ(hear(empty, fallback), Changed{0});
  EXPECT_EQ(hear(empty, fallback), Changed{});
}

TEST_F(SlotsTest, KnowANamedCandidateByItsNameAndPort) {
  Slots slots = make(conf(2));
  hear(slots, {Verdict::valid, {host("h1", {"10.0.0.1"}), host("h2", {"10.0.0.2"})}, "dns/ns1"});
  EXPECT_EQ(slots.slot(0).key, "h1:21050");
  // The same host at another address is the same server; at another port it is another.
  EXPECT_EQ(hear(slots, {Verdict::valid, {host("h1", {"10.0.0.7"}), host("h2", {"10.0.0.2"}, 21051)}, "dns/ns1"}),
            (Changed{0, 1}));
  EXPECT_EQ(seats(slots), "10.0.0.7 10.0.0.2");
  EXPECT_EQ(slots.slot(1).key, "h2:21051");
  EXPECT_EQ(hear(slots, {Verdict::valid, {host("h2", {"10.0.0.2"}, 21051)}, "dns/ns1"}), Changed{0});
  EXPECT_EQ(slots.slot(0).why, "entry removed from SRV record");
}

TEST_F(SlotsTest, KeepTheAddressOfATargetThatCannotBeLookedUpNow) {
  Slots slots = make(conf(1));
  hear(slots, {Verdict::valid, {host("h1", {"10.0.0.1", "10.0.0.2"})}, "dns/ns1"});
  EXPECT_EQ(hear(slots, {Verdict::valid, {host("h1", {"10.0.0.2", "10.0.0.1"})}, "dns/ns1"}), Changed{});
  EXPECT_EQ(hear(slots, {Verdict::valid, {host("h1", {})}, "dns/ns1"}), Changed{});
  EXPECT_EQ(seats(slots), "10.0.0.1");
}

TEST_F(SlotsTest, FollowAWeightUnlessTheyAreToldNotTo) {
  SlotsConf deaf = conf(1);
  deaf.ignore_weight = true;
  Slots slots = make(conf(1)), ignoring = make(deaf);
  Answer answer{Verdict::valid, {host("h1", {"10.0.0.1"})}, "dns/ns1"};
  for (const std::uint32_t weight : {5U, 7U}) {
    answer.found[0].weight = weight;
    hear(slots, answer);
    hear(ignoring, answer);
    EXPECT_EQ(slots.slot(0).seat->weight, weight);
    EXPECT_FALSE(ignoring.slot(0).seat->weight);
  }
}

TEST_F(SlotsTest, BeginWithWhoWasThereBefore) {
  Slots old = make(conf(2));
  hear(old, addresses({"10.0.0.1", "10.0.0.2"}));
  Slots slots(conf(3), {{"s1", old.slot(0)}, {"s2", old.slot(1)}}, now_);
  EXPECT_EQ(seats(slots), "10.0.0.1 10.0.0.2 -");
  EXPECT_EQ(hear(slots, addresses({"10.0.0.1", "10.0.0.2"})), Changed{});
}

TEST_F(SlotsTest, TakeTenThousandCandidatesAndNone) {
  Slots slots = make(conf(4096));
  Answer many{Verdict::valid, {}, "dns/ns1"};
  for (std::uint32_t i = 0; i < 10'000; ++i)
    many.found.push_back({"", {ip("10.1." + std::to_string(i / 250) + '.' + std::to_string(i % 250))}});
  EXPECT_EQ(hear(slots, many).size(), 4096u);
  EXPECT_EQ(slots.left_over(), 10'000u - 4096u);
  EXPECT_EQ(hear(slots, many).size(), 0u);
  EXPECT_EQ(hear(slots, {Verdict::valid, {}, "dns/ns1"}).size(), 4096u);
}

TEST(Inquiry, TakesTheFirstGoodReplyElseTheLastBadOne) {
  Inquiry good(3);
  EXPECT_FALSE(good.hear({Verdict::nx, {}, {}, "dns/a"}));
  EXPECT_TRUE(good.hear({Verdict::valid, {}, {}, "dns/b"}));
  EXPECT_FALSE(good.hear({Verdict::nx, {}, {}, "dns/c"}));
  EXPECT_EQ(good.reply().by, "dns/b");
  Inquiry bad(2);
  EXPECT_FALSE(bad.hear({Verdict::nx, {}, {}, "dns/a"}));
  EXPECT_TRUE(bad.hear({Verdict::timeout, {}, {}, "dns/b"}));
  EXPECT_EQ(bad.reply().verdict, Verdict::timeout);
}

TEST(Weights, AreHaproxysAndNoneWhereAllAreZero) {
  using Weights = std::vector<std::optional<std::uint32_t>>;
  EXPECT_EQ(weights_of({{"a", 1, 0, 0}, {"b", 1, 0, 1}, {"c", 1, 0, 256}, {"d", 1, 0, 257}, {"e", 1, 0, 65535}}),
            (Weights{0, 1, 1, 2, 256}));
  EXPECT_EQ(weights_of({{"a", 1, 0, 0}, {"b", 1, 0, 0}}), (Weights{std::nullopt, std::nullopt}));
}

TEST(ServiceRecords, DropATargetThatDoesNotExistAndKeepOneThatIsSilent) {
  const Reply srv{Verdict::valid, {}, {{"gone", 1, 0, 0}, {"silent", 2, 0, 0}, {"there", 3, 0, 0}}, "dns/a"};
  const Reply nx{Verdict::nx, {}, {}, "dns/a"}, silent{Verdict::timeout, {}, {}, "dns/a"},
      found{Verdict::valid, {ip("10.0.0.3")}, {}, "dns/a"};
  const Answer answer =
      answer_of_services(srv, {{"gone", {nx, nx}}, {"silent", {silent, silent}}, {"there", {nx, found}}});
  ASSERT_EQ(answer.found.size(), 2u);
  EXPECT_EQ(answer.found[0].key(), "silent:2");
  EXPECT_TRUE(answer.found[0].addresses.empty());
  EXPECT_EQ(answer.found[1].addresses, std::vector{ip("10.0.0.3")});
  EXPECT_FALSE(answer.found[1].fallback);
}

TEST(BothFamilies, AreOneReply) {
  const Reply nx{Verdict::nx, {}, {}, "dns/a"}, silent{Verdict::timeout, {}, {}, "dns/a"},
      found{Verdict::valid, {ip("10.0.0.3")}, {}, "dns/a"}, empty{Verdict::other, {}, {}, "dns/a"};
  bool fallback = false;
  EXPECT_EQ(both_families(found, nx, fallback).verdict, Verdict::valid);
  EXPECT_EQ(both_families(nx, silent, fallback).verdict, Verdict::timeout);
  EXPECT_EQ(both_families(empty, found, fallback).verdict, Verdict::valid);
  EXPECT_FALSE(fallback);
  EXPECT_EQ(both_families(silent, found, fallback).verdict, Verdict::valid);
  EXPECT_TRUE(fallback);
}

}  // namespace
}  // namespace kerbgate::resolve
