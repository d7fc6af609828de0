#include "net/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <random>

namespace kerbgate::net {
namespace {

using namespace std::chrono_literals;

class Alarm final : public Timer {
 public:
  explicit Alarm(std::function<void()> ring = {}) : ring_(std::move(ring)) {}
  void on_timer() override {
    ++rung;
    if (ring_) ring_();
  }
  int rung = 0;

 private:
  std::function<void()> ring_;
};

const Now kStart{};

TEST(TimerWheel, NeverRingsEarlyAndAtMostOneSlotLate) {
  for (const Millis after : {0ms, 1ms, 31ms, 32ms, 33ms, 1000ms}) {
    TimerWheel wheel(kStart);
    Alarm alarm;
    wheel.schedule(alarm, kStart + after);
    for (Now t = kStart; alarm.rung == 0; t += 1ms) {
      wheel.advance(t);
      if (alarm.rung == 0) continue;
      EXPECT_GE(t, kStart + after);
      EXPECT_LE(t, kStart + after + 2 * TimerWheel::kSlot);
    }
    EXPECT_TRUE(wheel.empty());
  }
}

TEST(TimerWheel, ADeadlineBeyondOneRoundWaitsForItsOwnRound) {
  TimerWheel wheel(kStart);
  Alarm alarm;
  wheel.schedule(alarm, kStart + 12h);
  for (Now t = kStart; t < kStart + 12h; t += 60s) wheel.advance(t);
  EXPECT_EQ(alarm.rung, 0);
  wheel.advance(kStart + 12h + 2 * TimerWheel::kSlot);
  EXPECT_EQ(alarm.rung, 1);
}

TEST(TimerWheel, ACancelledTimerDoesNotRing) {
  TimerWheel wheel(kStart);
  Alarm first, second;
  wheel.schedule(first, kStart + 100ms);
  wheel.schedule(second, kStart + 100ms);
  wheel.cancel(first);
  wheel.advance(kStart + 1s);
  EXPECT_EQ(first.rung, 0);
  EXPECT_EQ(second.rung, 1);
}

TEST(TimerWheel, ATimerMayScheduleItselfAndCancelItsNeighbourWhileItRings) {
  TimerWheel wheel(kStart);
  Alarm victim;
  std::unique_ptr<Alarm> actor;
  actor = std::make_unique<Alarm>([&] {
    wheel.cancel(victim);
    if (actor->rung == 1) wheel.schedule(*actor, kStart + 10s);
  });
  wheel.schedule(victim, kStart + 50ms);
  wheel.schedule(*actor, kStart + 50ms);  // rings first: last in, first out
  wheel.advance(kStart + 1s);
  EXPECT_EQ(victim.rung, 0);
  EXPECT_EQ(actor->rung, 1);
  wheel.advance(kStart + 11s);
  EXPECT_EQ(actor->rung, 2);
}

TEST(TimerWheel, AfterALongSleepEverythingDueRingsOnce) {
  TimerWheel wheel(kStart);
  std::vector<std::unique_ptr<Alarm>> alarms;
  std::mt19937 random(7);
  for (int i = 0; i < 2000; ++i) {
    alarms.push_back(std::make_unique<Alarm>());
    wheel.schedule(*alarms.back(), kStart + Millis(random() % 3'000'000));
  }
  wheel.advance(kStart + 24h);
  for (const auto& alarm : alarms) EXPECT_EQ(alarm->rung, 1);
}

TEST(TimerWheel, NextIsTheFirstSlotThatHoldsAnything) {
  TimerWheel wheel(kStart);
  EXPECT_EQ(wheel.next(), Now::max());
  Alarm alarm;
  wheel.schedule(alarm, kStart + 500ms);
  const Now next = wheel.next();
  EXPECT_GE(next, kStart + 500ms);
  EXPECT_LE(next, kStart + 500ms + TimerWheel::kSlot);
  wheel.advance(next);
  EXPECT_EQ(alarm.rung, 1);
}

}  // namespace
}  // namespace kerbgate::net
