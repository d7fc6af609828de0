#include "login/reception.hpp"

#include <algorithm>

namespace kerbgate::login {
namespace {

/// A choice with an authorization identity is some 100 octets.
constexpr std::size_t kLongestFrame = 4096;

}  // namespace

std::vector<std::uint8_t> Reception::refuse(std::string why) {
  state_ = State::refused;
  why_ = std::move(why);
  return {};
}

std::vector<std::uint8_t> Reception::begin() {
  const auto proof = login_->proof();
  return proof ? frame_around(Status::ok, *proof) : refuse(proof.error().what);
}

Reception::Step Reception::feed(Bytes received) {
  Step step;
  while (state_ == State::going && step.used < received.size()) {
    const auto header = read_header(frame_);
    const std::size_t whole = kHeaderSize + (header ? header->length : 0);
    const std::size_t taken = std::min(whole - frame_.size(), received.size() - step.used);
    const Bytes more = received.subspan(step.used, taken);
    frame_.insert(frame_.end(), more.begin(), more.end());
    step.used += taken;
    const auto now = read_header(frame_);
    if (now && now->length > kLongestFrame) {
      refuse("a frame of " + std::to_string(now->length) + " octets");
      break;
    }
    if (!now || frame_.size() < kHeaderSize + now->length) continue;
    const auto out = take(Status(now->status), Bytes(frame_).subspan(kHeaderSize));
    step.out.insert(step.out.end(), out.begin(), out.end());
    frame_.clear();
  }
  return step;
}

std::vector<std::uint8_t> Reception::take(Status status, Bytes payload) {
  if (status == Status::bad || status == Status::error) {
    state_ = State::left;
    return {};
  }
  if (status != Status::ok && status != Status::complete)
    return refuse("expected OK or COMPLETE, received " + std::to_string(int(status)));
  if (!offered_) {
    offered_ = true;
    const auto offer = login_->offer();
    return offer ? frame_around(Status::ok, *offer) : refuse(offer.error().what);
  }
  auto chosen = login_->choice(payload);
  if (!chosen) return refuse(chosen.error().what);
  authorization_ = std::move(*chosen);
  state_ = State::done;
  login_.reset();
  return frame_around(Status::complete, {});
}

}  // namespace kerbgate::login
