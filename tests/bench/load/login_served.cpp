#include "login_served.hpp"

#include <array>
#include <cerrno>
#include <stdexcept>

#include "messages.hpp"

namespace kerbgate::bench {

LoginServed::LoginServed(Loop& loop, Service& service, int fd) : loop_(loop), service_(service) {
  stream_.open(fd, nullptr, false);
  loop.watch(fd, *this);
}

void LoginServed::on_event(std::uint32_t) {
  std::array<std::uint8_t, 4096> bytes;  // NOLINT: read into
  while (!gone_) {
    const ssize_t got = stream_.read(bytes);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return leave();
    heard_.insert(heard_.end(), bytes.begin(), bytes.begin() + got);
    while (!gone_ && take()) continue;
  }
}

bool LoginServed::take() {
  using State = login::Reception::State;
  if (!login_) return take_opening();
  if (login_->state() == State::going) {
    const login::Reception::Step step = login_->feed(heard_);
    heard_.erase(heard_.begin(), heard_.begin() + std::ptrdiff_t(step.used));
    if (!step.out.empty() && !say(step.out)) return false;
    if (login_->state() == State::refused || login_->state() == State::left) leave();
    return !gone_ && login_->state() == State::done;
  }
  const std::size_t length = message_length(heard_);
  if (length == 0) return false;
  heard_.erase(heard_.begin(), heard_.begin() + std::ptrdiff_t(length));
  return say(session_opened());
}

/// START, whose mechanism is the only one there is, and the token.
bool LoginServed::take_opening() {
  const auto start = sasl::read_header(heard_);
  if (!start) return false;
  const std::size_t behind = std::min(heard_.size(), sasl::kHeaderSize + start->length);
  const auto token = sasl::read_header(std::span(heard_).subspan(behind));
  const std::size_t at = behind + sasl::kHeaderSize;
  if (!token || heard_.size() < at + token->length) return false;
  try {
    login_.emplace(LateAcceptance(service_.accept(std::span(heard_).subspan(at, token->length))));
  } catch (const std::runtime_error& reason) {
    say(sasl::frame(sasl::Status::error, reason.what()));
    if (!gone_) leave();
    return false;
  }
  heard_.erase(heard_.begin(), heard_.begin() + std::ptrdiff_t(at + token->length));
  return say(login_->begin());
}

bool LoginServed::say(const std::vector<std::uint8_t>& bytes) {
  if (stream_.write(bytes) == ssize_t(bytes.size())) return true;
  leave();
  return false;
}

void LoginServed::leave() {
  gone_ = true;
  stream_.close(true);
  loop_.retire(std::unique_ptr<Watched>(this));
}

}  // namespace kerbgate::bench
