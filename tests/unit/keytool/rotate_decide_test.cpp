#include "rotate/decide.hpp"

#include <gtest/gtest.h>

#include "rotate/initiator.hpp"
#include "rotate/span.hpp"
#include "unit/keytool/rotate_fixture.hpp"

namespace kerbgate::rotate {
namespace {

using namespace test;
using Indexes = std::vector<std::size_t>;

testing::AssertionResult refused(const auto& result, const std::string& part) {
  if (result) return testing::AssertionFailure() << "not refused";
  if (!result.error().is(Errc::conflict)) return testing::AssertionFailure() << "another kind of error";
  if (result.error().what.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << '"' << part << "\" is not in: " << result.error().what;
}

TEST(StageDecision, NewKeysOfTheEnctypesInForceForAll) {
  const auto keytabs = hosts(host("a", {{3, 'k'}}), host("b", {{3, 'k'}}));
  kadm5::Record now = kdc({3});
  now.keys = {{3, 18}, {3, 17}, {3, 18}};
  const auto stage = decide_stage(keytabs, kProxy, now, {});
  ASSERT_TRUE(stage);
  EXPECT_EQ(stage->kvno, 4U);
  EXPECT_EQ(stage->enctypes, (std::vector<std::int32_t>{18, 17}));
  EXPECT_EQ(stage->targets, (Indexes{0, 1}));
  EXPECT_TRUE(stage->keys.empty());
  EXPECT_TRUE(stage->warnings.empty());
}

TEST(StageDecision, TheKeyThatIsStagedGoesIntoTheRest) {
  const auto keytabs = hosts(host("a", {{3, 'k'}}), host("b", {{3, 'k'}, {4, 'n'}}));
  const auto stage = decide_stage(keytabs, kProxy, kdc({3}), {});
  ASSERT_TRUE(stage);
  EXPECT_TRUE(stage->enctypes.empty());
  ASSERT_EQ(stage->keys.size(), 1U);
  EXPECT_EQ(stage->keys[0].key.bytes()[0], 'n');
  EXPECT_EQ(stage->targets, (Indexes{0}));
}

TEST(StageDecision, TwoStagedKeysAreRefused) {
  const auto keytabs = hosts(host("a", {{3, 'k'}, {4, 'm'}}), host("b", {{3, 'k'}, {4, 'n'}}));
  EXPECT_TRUE(refused(decide_stage(keytabs, kProxy, kdc({3}), {}),
                      "b.example.com has another aes256-cts-hmac-sha1-96 key than a.example.com"));
}

TEST(StageDecision, AStaleHostIsWarnedOfAndStaged) {
  const auto keytabs = hosts(host("a", {{2, 'k'}}), host("b", {{3, 'k'}}));
  const auto stage = decide_stage(keytabs, kProxy, kdc({3}), {});
  ASSERT_TRUE(stage);
  EXPECT_EQ(stage->targets, (Indexes{0, 1}));
  ASSERT_EQ(stage->warnings.size(), 1U);
  EXPECT_EQ(stage->warnings[0].find("a.example.com: no kvno 3, the key in force"), 0U);
}

TEST(StageDecision, OneRotationAtATime) {
  EXPECT_TRUE(refused(decide_stage(hosts(host("a", {{3, 'k'}})), kProxy, kdc({2, 3}), {}), "are still in the KDC"));
  EXPECT_TRUE(refused(decide_stage(hosts(host("a", {{2, 'j'}, {3, 'k'}})), kProxy, kdc({3}), {}),
                      "are still in a.example.com"));
  EXPECT_TRUE(decide_stage(hosts(host("a", {{3, 'k'}, {4, 'n'}}), host("b", {{3, 'k'}})), kProxy, kdc({2, 3}), {}))
      << "begun before: goes on";
}

TEST(StageDecision, KeysThatTheKdcHasNotComeToAreRefused) {
  EXPECT_TRUE(refused(decide_stage(hosts(host("a", {{9, 'k'}})), kProxy, kdc({3}), {}), "--kvno 9"));
}

TEST(StageDecision, AWeakEnctypeIsWarnedOf) {
  kadm5::Record now = kdc({3});
  now.keys.push_back({3, 23});
  const auto stage = decide_stage(hosts(host("a", {{3, 'k'}})), kProxy, now, {});
  ASSERT_TRUE(stage);
  ASSERT_EQ(stage->warnings.size(), 1U);
  EXPECT_NE(stage->warnings[0].find("is weak"), std::string::npos);
  EXPECT_EQ(decide_stage(hosts(host("a", {{3, 'k'}})), kProxy, now, {20})->enctypes, (std::vector<std::int32_t>{20}));
}

TEST(StageDecision, TheLastKvnoIsTheEnd) {
  EXPECT_TRUE(refused(decide_stage(hosts(host("a", {{65535, 'k'}})), kProxy, kdc({65535}), {}), "the last"));
}

TEST(CommitDecision, TakesTheKeysThatAllHave) {
  const auto commit =
      decide_commit(hosts(host("a", {{3, 'k'}, {4, 'n'}}), host("b", {{3, 'k'}, {4, 'n'}})), kProxy, kdc({3}));
  ASSERT_TRUE(commit);
  EXPECT_FALSE(commit->done);
  EXPECT_EQ(commit->kvno, 4U);
  ASSERT_EQ(commit->keys.size(), 1U);
  EXPECT_EQ(commit->keys[0].key.bytes()[0], 'n');
}

TEST(CommitDecision, IsDoneWhenTheKdcHasTheKvno) {
  const auto commit = decide_commit(hosts(host("a", {{3, 'k'}, {4, 'n'}})), kProxy, kdc({4}));
  ASSERT_TRUE(commit);
  EXPECT_TRUE(commit->done);
  EXPECT_EQ(commit->kvno, 4U);
}

TEST(CommitDecision, RefusesWhatWouldShutAHostOut) {
  const auto one_lacks = hosts(host("a", {{3, 'k'}, {4, 'n'}}), host("b", {{3, 'k'}}));
  EXPECT_TRUE(refused(decide_commit(one_lacks, kProxy, kdc({3})), "b.example.com: no kvno 4"));
  const auto two_keys = hosts(host("a", {{3, 'k'}, {4, 'n'}}), host("b", {{3, 'k'}, {4, 'm'}}));
  EXPECT_TRUE(refused(decide_commit(two_keys, kProxy, kdc({3})), "not the same key everywhere"));
  auto half = hosts(host("a", {{3, 'k'}, {4, 'n'}}), host("b", {{3, 'k'}, {4, 'n'}}));
  half[0].entries.push_back(half[0].entries.back().copy());
  half[0].entries.back().enctype = 17;
  EXPECT_TRUE(refused(decide_commit(half, kProxy, kdc({3})), "b.example.com has no aes128-cts-hmac-sha1-96 key"));
}

TEST(CommitDecision, RefusesWhenTheKdcMovedOn) {
  EXPECT_TRUE(refused(decide_commit(hosts(host("a", {{3, 'k'}, {4, 'n'}})), kProxy, kdc({5})),
                      "the KDC is at kvno 5, which is not in a.example.com"));
}

TEST(CommitDecision, RefusesWithNothingStaged) {
  EXPECT_TRUE(refused(decide_commit(hosts(host("a", {{3, 'k'}})), kProxy, kdc({3})), "nothing is staged"));
}

Patience at(std::int64_t now) { return {now, std::chrono::hours(1), true}; }

TEST(PurgeDecision, WaitsForTheLastTicketAndTheClocks) {
  const auto keytabs = hosts(host("a", {{3, 'k'}, {4, 'n'}}), host("b", {{4, 'n'}}));
  EXPECT_TRUE(refused(decide_purge(keytabs, kProxy, kdc({3, 4}), at(1000)), "another 1 h 5 min (longest life 1 h,"));
  EXPECT_TRUE(refused(decide_purge(keytabs, kProxy, kdc({3, 4}), at(1000 + 3600 + 299)), "another 1 s"));
  const auto purge = decide_purge(keytabs, kProxy, kdc({3, 4}), at(1000 + 3600 + 300));
  ASSERT_TRUE(purge);
  EXPECT_EQ(purge->keep, 4U);
  EXPECT_TRUE(purge->at_kdc);
  EXPECT_EQ(purge->targets, (Indexes{0}));
  EXPECT_TRUE(decide_purge(keytabs, kProxy, kdc({3, 4}), {1000, std::chrono::hours(1), false}));
}

TEST(PurgeDecision, HasNothingToDoWithOneKey) {
  const auto purge = decide_purge(hosts(host("a", {{4, 'n'}})), kProxy, kdc({4}), at(1000));
  ASSERT_TRUE(purge);
  EXPECT_TRUE(purge->nothing());
}

TEST(PurgeDecision, RefusesWhatWouldShutAHostOut) {
  const Patience late = at(1'000'000);
  EXPECT_TRUE(refused(decide_purge(hosts(host("a", {{3, 'k'}, {4, 'n'}})), kProxy, kdc({3}), late), "commit first"));
  EXPECT_TRUE(refused(decide_purge(hosts(host("a", {{3, 'k'}})), kProxy, kdc({4}), late), "no kvno 4"));
  EXPECT_TRUE(
      refused(decide_purge(hosts(host("a", {{3, 'k'}, {4, 'n'}}), host("b", {{4, 'm'}})), kProxy, kdc({4}), late),
              "not the same key"));
  kadm5::Record timeless = kdc({3, 4});
  timeless.key_changed = 0;
  EXPECT_TRUE(refused(decide_purge(hosts(host("a", {{4, 'n'}})), kProxy, timeless, late), "does not say when"));
}

TEST(LongestLife, IsTheLongestOfAll) {
  using std::chrono::hours;
  EXPECT_EQ(longest_life(hours(1), hours(10), std::nullopt), hours(10));
  EXPECT_EQ(longest_life(hours(1), std::nullopt, hours(24)), hours(24));
  EXPECT_EQ(longest_life(hours(30), hours(10), hours(24)), hours(30));
  EXPECT_EQ(longest_life(hours(0), hours(0), std::nullopt), std::nullopt);
}

TEST(Span, ReadsAndPrints) {
  for (const auto& [text, seconds] : std::vector<std::pair<std::string, int>>{
           {"90", 90}, {"90s", 90}, {"10m", 600}, {"24h", 86400}, {"1d12h", 129600}, {"0", 0}}) {
    const auto span = parse_span(text);
    ASSERT_TRUE(span) << text;
    EXPECT_EQ(span->count(), seconds) << text;
  }
  for (const std::string wrong : {"", "x", "-1", "1h30", "7x", "h", "99999999999999999999", "99999999999d", "1 h"})
    EXPECT_FALSE(parse_span(wrong)) << wrong;
  const auto words = [](int seconds) { return span_words(std::chrono::seconds(seconds)); };
  EXPECT_EQ(words(59), "59 s");
  EXPECT_EQ(words(61), "2 min");
  EXPECT_EQ(words(3600), "1 h");
  EXPECT_EQ(words(23 * 3600 + 41 * 60 - 5), "23 h 41 min");
  EXPECT_EQ(words(7 * 86400), "7 d");
  EXPECT_EQ(words(50 * 3600), "2 d 2 h");
}

TEST(Initiator, IsTheHostsOwnPrincipalWhateverItsCase) {
  HostKeytab keytab = host("a", {{3, 'k'}});
  EXPECT_FALSE(initiates(keytab, {}, kProxy));
  keytab.host = "LB.example.com";
  EXPECT_TRUE(initiates(keytab, {}, kProxy));
}

TEST(Initiator, IsWhatTheFlagfileSays) {
  const HostKeytab keytab = host("a", {{3, 'k'}});
  const auto with = [&](const std::string& text) { return initiates(keytab, {{"f", "impalad", text}}, kProxy); };
  const std::string proxy = kProxy.str();
  EXPECT_FALSE(with("-principal=" + proxy + "\n-be_principal=impala/a.example.com@EXAMPLE.COM\n"));
  EXPECT_EQ(with("-principal=" + proxy + "\n"), "f names it as principal without a be_principal");
  EXPECT_EQ(with("-principal=x/y@Z\n-be_principal=" + proxy + "\n"), "f names it as be_principal");
  EXPECT_FALSE(with("statestored\n-principal=" + proxy + "\n")) << "another daemon's line";
}

TEST(Initiator, IsTheOnlyPrincipalOfAHostsKeytab) {
  HostKeytab keytab = host("a", {{3, 'k'}});
  keytab.entries.erase(keytab.entries.begin());
  EXPECT_TRUE(initiates(keytab, {}, kProxy));
  keytab.host.clear();
  EXPECT_FALSE(initiates(keytab, {}, kProxy)) << "a file to merge from is no daemon's";
}

}  // namespace
}  // namespace kerbgate::rotate
