#include "net/late/guest.hpp"

#include <cerrno>

namespace kerbgate::net::late {
namespace {

constexpr std::size_t kChunk = 4096;

}  // namespace

Guest::Guest(Session::Place place, Token token)
    : session(place, std::move(token)), loop_(place.loop), reception_(LateAcceptance(session.token().state)) {
  out_ = reception_.begin();
}

// False: the client is gone.
bool Guest::send(Endpoint& client) {
  while (sent_ < out_.size() && client.ready.writable) {
    const ssize_t now = client.send(out_.data() + sent_, out_.size() - sent_, loop_);
    if (now < 0) return errno == EAGAIN;
    sent_ += std::size_t(now);
    session.count_login(0, std::uint64_t(now));
  }
  if (client.unsent() && client.ready.writable && client.flush(loop_) != 0) return errno == EAGAIN;
  return true;
}

void Guest::hear(std::span<const std::uint8_t> bytes) {
  const login::Reception::Step step = reception_.feed(bytes);
  session.count_login(step.used, 0);
  session.preload(bytes.subspan(step.used));
  out_.insert(out_.end(), step.out.begin(), step.out.end());
}

Guest::State Guest::receive(Endpoint& client) {
  if (!send(client)) return State::left;
  return logged_in() ? listen(client) : log_in(client);
}

Guest::State Guest::log_in(Endpoint& client) {
  using Login = login::Reception::State;
  while (reception_.state() == Login::going && client.readable()) {
    std::uint8_t bytes[kChunk];
    const ssize_t got = client.receive(bytes, sizeof bytes, loop_);
    if (got < 0 && errno == EAGAIN) {
      client.ready.readable = false;
      break;
    }
    if (got <= 0) return State::left;
    hear({bytes, std::size_t(got)});
    if (!send(client)) return State::left;
  }
  switch (reception_.state()) {
    case Login::going:
      return State::going;
    case Login::refused:
      return State::refused;
    case Login::left:
      return State::left;
    case Login::done:
      break;
  }
  session.token().authorization = reception_.authorization();
  return listen(client);
}

// A client that was not told yet that it is logged in has no call to make.
Guest::State Guest::listen(Endpoint& client) {
  if (sent_ < out_.size()) return State::going;
  switch (session.listen(client)) {
    case Uplink::Status::decide:
      return State::calls;
    case Uplink::Status::ended:
    case Uplink::Status::read_failed:
    case Uplink::Status::write_failed:
      return State::left;
    default:
      return State::going;
  }
}

}  // namespace kerbgate::net::late
