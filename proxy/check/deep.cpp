#include "check/deep.hpp"

#include <algorithm>

namespace kerbgate::check {
namespace {

constexpr int kRise = 1, kFall = 2;

}  // namespace

const char* deep_word(Deep state) {
  switch (state) {
    case Deep::up:
      return "up";
    case Deep::drain:
      return "drain";
    case Deep::down:
      return "down";
    case Deep::unknown:
      break;
  }
  return "unknown";
}

DeepHealth::DeepHealth(std::chrono::milliseconds inter)
    : inter_(inter), health_({kRise, kFall, inter, std::min(inter, kSoon), std::min(inter, kDown)}) {}

Deep DeepHealth::observe(Look look) {
  hold_off_ = look == Look::saturated;
  if (look == Look::unknown) return state_ = Deep::unknown;
  const bool passed = look == Look::passed || look == Look::quiescing;
  if (hold_off_) health_.weaken();
  (void)health_.observe(passed);
  if (!health_.up()) return state_ = Deep::down;
  if (passed) state_ = look == Look::quiescing ? Deep::drain : Deep::up;
  return state_;
}

std::chrono::milliseconds DeepHealth::next_delay() const { return hold_off_ ? inter_ : health_.next_delay(); }

Verdict verdict_of(Deep login, Deep web) {
  Verdict out;
  out.barred = login == Deep::down || web == Deep::down;
  out.quiescing = !out.barred && (login == Deep::drain || web == Deep::drain);
  return out;
}

}  // namespace kerbgate::check
