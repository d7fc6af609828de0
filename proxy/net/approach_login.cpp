// What a server that has been reached is told of a login, and what its answer means.
#include <cerrno>
#include <cstring>

#include "net/approach.hpp"

namespace kerbgate::net {
namespace {

using Outcome = login::Attempt::Outcome;

}  // namespace

void Approach::say_login() {
  if (!say(opening_, sent_) || !say(replies_, replied_)) return;
  if (server_.unsent() && server_.ready.writable && server_.flush(loop_) != 0 && errno != EAGAIN)
    attempt_failed(Outcome::reset, Failure::answer, why_broken());
}

// False: not all of it is said yet, or will ever be.
bool Approach::say(std::span<const std::uint8_t> bytes, std::size_t& sent) {
  while (sent < bytes.size() && server_.ready.writable) {
    const ssize_t now = server_.send(bytes.data() + sent, bytes.size() - sent, loop_);
    if (now > 0) {
      sent += std::size_t(now);
    } else if (errno != EAGAIN) {
      attempt_failed(Outcome::reset, Failure::answer, why_broken());
      return false;
    }
  }
  return sent == bytes.size();
}

// TLS 1.3 learns only here that the server refused this side's certificate.
std::string Approach::why_broken() const {
  return server_.tls && !server_.tls->failure().empty() ? server_.tls->failure() : std::strerror(errno);
}

void Approach::read_answer() {
  std::uint8_t bytes[4096];
  while (state_ == State::answering && server_.readable()) {
    const ssize_t got = server_.receive(bytes, sizeof bytes, loop_);
    if (got > 0 && dialogue_) {
      go_on({bytes, std::size_t(got)});
    } else if (got > 0) {
      answer_.insert(answer_.end(), bytes, bytes + got);
      judge_answer();
    } else if (got == 0) {
      attempt_failed(Outcome::closed, Failure::answer);
    } else if (errno != EAGAIN) {
      attempt_failed(Outcome::reset, Failure::answer, why_broken());
    }
  }
}

// A login to its end, as its client would go on with it.
void Approach::go_on(std::span<const std::uint8_t> heard) {
  const std::vector<std::uint8_t> out = dialogue_->feed(heard);
  replies_.insert(replies_.end(), out.begin(), out.end());
  switch (dialogue_->state()) {
    case SaslLogin::State::going:
      if (sent_ == opening_.size()) return say_login();
      return attempt_failed(Outcome::foreign, Failure::answer);  // before the token was whole
    case SaslLogin::State::done:
      answer_ = dialogue_->received();
      state_ = State::arrived;
      return login_accepted();
    case SaslLogin::State::rejected:
      return attempt_failed(dialogue_->reply().status == sasl::Status::bad ? Outcome::bad : Outcome::error,
                            Failure::answer, dialogue_->reply().text);
    case SaslLogin::State::foreign:
      return attempt_failed(Outcome::foreign, Failure::answer, dialogue_->why());
    case SaslLogin::State::broken:
      return attempt_failed(Outcome::unproved, Failure::answer, dialogue_->why());
  }
}

// So it was good, whatever those before said of it.
void Approach::login_accepted() {
  if (!verdict_.ticket) return;
  backend_.servers[last_].blame->accepted();
  for (const balance::ServerIndex index : refused_) {
    const LiveServer& server = backend_.servers[index];
    const Millis time = server.blame->refused(loop_.now());
    if (time.count() == 0) continue;
    Now known = backend_.someone_avoided_until.load();
    while (known < loop_.now() + time &&
           !backend_.someone_avoided_until.compare_exchange_weak(known, loop_.now() + time)) {
    }
    if (backend_.logger)
      backend_.logger->send(log::Priority::warning, "Server " + backend_.conf.name + '/' + server.name +
                                                        " is avoided for " + std::to_string(time.count() / 1000) +
                                                        " s: again and again it failed logins that others accepted");
  }
}

void Approach::judge_answer() {
  if (verdict_.kind != login::Kind::sasl) {
    state_ = State::arrived;
    return;
  }
  login::Reply reply = login::classify_reply(answer_);
  switch (reply.next) {
    case login::Reply::Next::more:
      return;
    case login::Reply::Next::accepted:
      if (sent_ < opening_.size())
        return attempt_failed(Outcome::foreign, Failure::answer);  // before the token was whole
      state_ = State::arrived;
      return login_accepted();
    case login::Reply::Next::rejected:
      return attempt_failed(answer_[0] == std::uint8_t(login::Status::bad) ? Outcome::bad : Outcome::error,
                            Failure::answer, std::move(reply.text));
    case login::Reply::Next::foreign:
      return attempt_failed(Outcome::foreign, Failure::answer);
  }
}

}  // namespace kerbgate::net
