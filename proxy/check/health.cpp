#include "check/health.hpp"

#include <algorithm>

namespace kerbgate::check {
namespace {

int at_least_one(int value) { return std::max(value, 1); }

}  // namespace

Health::Health(Policy policy, bool up) : policy_(policy), up_(up), count_(up ? at_least_one(policy.fall) - 1 : 0) {}

std::optional<bool> Health::observe(bool passed) {
  if (passed == up_) {
    count_ = 0;
    return std::nullopt;
  }
  if (++count_ < at_least_one(up_ ? policy_.fall : policy_.rise)) return std::nullopt;
  count_ = 0;
  up_ = passed;
  return up_;
}

void Health::weaken() {
  if (up_) count_ = std::max(count_, at_least_one(policy_.fall) - 1);
}

std::chrono::milliseconds Health::next_delay() const {
  const bool settled = count_ == 0;
  if (settled && up_) return policy_.inter;
  const auto wanted = settled ? policy_.downinter : policy_.fastinter;
  return wanted.count() > 0 ? wanted : policy_.inter;
}

int Health::value() const noexcept {
  const int rise = at_least_one(policy_.rise), fall = at_least_one(policy_.fall);
  return up_ ? std::max(rise + fall - 1 - count_, rise) : std::min(count_, rise - 1);
}

std::string Health::words() const {
  if (count_ == 0) return up_ ? "UP" : "DOWN";
  if (!up_) return "DOWN " + std::to_string(count_) + "/" + std::to_string(policy_.rise);
  return "UP " + std::to_string(std::max(policy_.fall - count_, 1)) + "/" + std::to_string(policy_.fall);
}

}  // namespace kerbgate::check
