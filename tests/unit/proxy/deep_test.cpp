#include "check/deep.hpp"

#include <gtest/gtest.h>

namespace kerbgate::check {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kInter{30'000};

TEST(DeepHealth, FirstFailureIsEnoughAndLaterOnesAreConfirmed) {
  DeepHealth fresh(kInter);
  EXPECT_EQ(fresh.state(), Deep::unknown);
  EXPECT_EQ(fresh.observe(Look::failed), Deep::down);

  DeepHealth seen(kInter);
  EXPECT_EQ(seen.observe(Look::passed), Deep::up);
  EXPECT_EQ(seen.next_delay(), kInter);
  EXPECT_EQ(seen.observe(Look::failed), Deep::up);
  EXPECT_EQ(seen.next_delay(), DeepHealth::kSoon);
  EXPECT_EQ(seen.observe(Look::failed), Deep::down);
  EXPECT_EQ(seen.next_delay(), DeepHealth::kDown);
}

TEST(DeepHealth, OneSuccessBringsItBack) {
  DeepHealth health(kInter);
  (void)health.observe(Look::failed);
  EXPECT_EQ(health.observe(Look::passed), Deep::up);
  EXPECT_EQ(health.observe(Look::quiescing), Deep::drain);
  EXPECT_EQ(health.observe(Look::passed), Deep::up);
}

TEST(DeepHealth, ASaturatedOneIsOutAtOnceAndIsLeftAlone) {
  DeepHealth health(kInter);
  (void)health.observe(Look::passed);
  EXPECT_EQ(health.observe(Look::saturated), Deep::down);
  EXPECT_EQ(health.next_delay(), kInter);
  EXPECT_EQ(health.observe(Look::passed), Deep::up);
}

TEST(DeepHealth, WhatCouldNotBeLookedAtIsUnknownWhateverItWas) {
  for (const Look before : {Look::passed, Look::quiescing, Look::failed, Look::saturated}) {
    DeepHealth health(kInter);
    (void)health.observe(before);
    EXPECT_EQ(health.observe(Look::unknown), Deep::unknown);
  }
}

TEST(DeepHealth, LooksMoreOftenThanTheIntervalOnlyWhereThatIsLonger) {
  DeepHealth quick(milliseconds(300));
  (void)quick.observe(Look::failed);
  EXPECT_EQ(quick.next_delay(), milliseconds(300));
}

TEST(DeepVerdict, DownBeatsDrainAndUnknownBarsNobody) {
  constexpr Deep kAll[] = {Deep::unknown, Deep::up, Deep::drain, Deep::down};
  for (const Deep login : kAll)
    for (const Deep web : kAll) {
      const Verdict verdict = verdict_of(login, web);
      EXPECT_EQ(verdict.barred, login == Deep::down || web == Deep::down);
      EXPECT_EQ(verdict.quiescing, !verdict.barred && (login == Deep::drain || web == Deep::drain));
      EXPECT_EQ(verdict, verdict_of(web, login));
    }
}

}  // namespace
}  // namespace kerbgate::check
