#include "net/connection.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "login/refusal.hpp"
#include "net/socket.hpp"

namespace kerbgate::net {
namespace {

using log::Cause;
using log::Phase;

/// How long a told client may take to read and leave.
constexpr Millis kTelling{2000};
/// How long a client may take to acknowledge what a broken server had said, before it learns of the break.
constexpr Millis kFlushing{10'000};
/// How many pieces of what a told client goes on sending are read before others get their turn.
constexpr int kIgnoredAtOnce = 16;

}  // namespace

void Connection::start(Loop& loop, Fd client, const SocketAddress& from, Place place) {
  (new Connection(loop, std::move(client), from, std::move(place)))->begin();
}

Connection::Connection(Loop& loop, Fd client, const SocketAddress& from, Place place)
    : loop_(loop),
      place_(std::move(place)),
      client_fd_(std::move(client)),
      client_{client_fd_.get(), {}, nullptr},
      from_(from.ip().unmapped()),
      from_port_(from.port()),
      accepted_(loop.now()),
      last_activity_(loop.now()),
      accepted_time_(std::chrono::system_clock::now()),
      number_(frontend().process->numbered++) {
  count_begin();
}

Connection::~Connection() {
  loop_.roll().remove(*this);
  loop_.cancel(*this);
  loop_.forget(*this);
}

void Connection::begin() {
  expects_header_ = place_.door().accept_proxy;
  if (!passes(frontend().conf.connection_rules)) return turn_away(frontend().counts->denied_connections);
  setup_ = std::make_unique<Setup>();
  if (!loop_.watch(client_.fd, client_watch_)) return finish(Cause::resource, Phase::request);
  expects_header_ ? announcing() : greet();
}

// The PROXY header is behind us: TLS, if this bind line has it.
void Connection::greet() {
  if (!place_.door().tls) return open();
  client_.tls = place_.door().tls->get()->accept();
  state_ = State::securing;
  wait_until(handshake_deadline());
  if (client_.ready.readable) secure();
}

void Connection::on_event(int side, std::uint32_t events) {
  if (side == 0) {
    client_.note(events);
  } else if (side >= late::Session::kFirstSide) {
    if (late_) late_->session.on_event(side, events);
  } else if (state_ == State::approaching) {
    setup_->approach->server().note(events);
  } else {
    server_.note(events);
  }
  switch (state_) {
    case State::announcing:
      return read_header();
    case State::securing:
      return secure();
    case State::opening:
      return read_opening();
    case State::receiving:
      return receive();
    case State::approaching:
      if (side == 0) {
        if (client_.ready.hung_up && client_left()) abandon_approach();
        return;
      }
      setup_->approach->on_server_event();
      return follow_approach();
    case State::relaying:
      return turn();
    case State::telling:
      return drain_teller();
    case State::flushing:
      if (side == 0 && (events & (EPOLLHUP | EPOLLERR)) != 0) end();
      return;
    case State::over:
      return;
  }
}

void Connection::on_turn() {
  if (state_ == State::relaying) turn();
  if (state_ == State::telling) drain_teller();
}

void Connection::relay() {
  Approach& approach = *setup_->approach;
  state_ = State::relaying;
  server_ = std::move(approach.server());
  note_way();
  connect_ms_ =
      std::int32_t(std::chrono::duration_cast<Millis>(approach.connected_at() - accepted_).count()) - queue_ms_;
  late_ ? late_->session.start(backend(), last_server_, approach.tried(), approach.answer()) : start_relay(approach);
  remember_server();
  if (frontend().conf.logasap && !logged_) {
    note_login();
    report(Cause::normal, Phase::normal, true);
  }
  last_activity_ = loop_.now();
  turn();
}

// First goes what no server has been sent: the opening of what is not a login, and whatever came behind a login.
void Connection::start_relay(const Approach& approach) {
  std::vector<std::uint8_t> first(approach.unsent().begin(), approach.unsent().end());
  if (setup_->opening.kind != login::Kind::unknown) {
    said_ = std::uint32_t(setup_->opening.length - approach.unsent().size());
    first.insert(first.end(), setup_->bytes.begin() + std::ptrdiff_t(setup_->opening.length), setup_->bytes.end());
  }
  relay_.start(first, approach.answer(), loop_);
}

void Connection::turn() {
  if (setup_ && server_.ready.hung_up && path().untouched()) {
    const ssize_t got = server_.peek(loop_);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return server_left_untouched();
  }
  const std::uint64_t before = path().from_client() + path().to_client();
  const DataPath::State state = path().turn(client_, server_, loop_);
  if (path().from_client() + path().to_client() != before) last_activity_ = loop_.now();
  if (setup_ && !path().untouched()) settle();
  if (late_)
    for (const std::string& note : late_->session.take_notes()) say_note(note);
  if (state == DataPath::State::broken) return relay_broken();
  if (state == DataPath::State::told) return relay_told();
  if (state == DataPath::State::closed) return finish(Cause::normal, Phase::normal);
  if (state == DataPath::State::more) loop_.again(*this);
  const Now deadline = next_deadline();
  if (deadline < deadline_ || !scheduled()) wait_until(deadline);
}

void Connection::note_way() {
  Approach& approach = *setup_->approach;
  if (const LiveServer* server = approach.last_server())
    last_server_ = balance::ServerIndex(server - backend().servers.data());
  const Approach::Waited waited = approach.waited();
  queue_ms_ = std::int32_t(waited.time.count());
  server_turn_ = waited.server;
  backend_turn_ = waited.backend;
  retries_ = std::int16_t(approach.retries());
  redispatched_ = approach.redispatched();
}

// A coordinator that was passed over costs the user nothing, so nobody would tell the operator but this line.
void Connection::note_attempts() {
  if (!backend().logger) return;
  for (const login::Attempt& attempt : setup_->approach->attempts())
    backend().logger->send(log::Priority::warning,
                           "Server " + backend().conf.name + '/' + attempt.server + " (" + attempt.address +
                               ") passed over: " + login::describe(attempt, setup_->opening.ticket));
}

// Bytes have passed: there is no going back to another server, and what was kept for that is let go.
void Connection::settle() {
  server_fd_ = setup_->approach->take_fd();
  lease_ = std::move(setup_->approach->lease());
  note_login();
  note_attempts();
  count_taken();
  setup_.reset();
}

void Connection::server_left_untouched() {
  state_ = State::approaching;
  setup_->approach->next_server(login::Attempt::Outcome::closed);
  server_ = Endpoint{};
  follow_approach();
}

void Connection::relay_broken() {
  if (setup_) settle();
  if (path().culprit() == Side::client) {
    abort_on_close(server_.fd);
    return finish(Cause::client_abort, Phase::data);
  }
  report(Cause::server_abort, Phase::data);
  lease_.release();
  path().stop(loop_);
  server_fd_.reset();
  flush_then_reset();
}

// Of the two sides' limits the smaller one, since every byte that passes is activity of both; the client's on a tie. A
// half-closed connection has limits of its own, and so has one that has talked both ways (`timeout tunnel`).
Connection::Limit Connection::relay_limit() const {
  const config::Backend& back = backend().conf;
  Millis client = frontend().conf.client_timeout, server = back.server_timeout;
  if (path().half_closed()) {
    if (frontend().conf.client_fin_timeout.count() != 0) client = frontend().conf.client_fin_timeout;
    if (back.server_fin_timeout.count() != 0) server = back.server_fin_timeout;
  } else if (back.tunnel_timeout.count() != 0 && path().from_client() != 0 && path().to_client() != 0) {
    client = server = back.tunnel_timeout;
  }
  const bool by_client = server.count() == 0 || (client.count() != 0 && client <= server);
  return {by_client ? client : server, by_client ? Cause::client_timeout : Cause::server_timeout};
}

Now Connection::relay_deadline() const {
  const Millis limit = relay_limit().silence;
  return limit.count() == 0 ? Now::max() : last_activity_ + limit;
}

void Connection::relay_timed_out() {
  if (setup_) settle();
  const Cause cause = relay_limit().cause;
  // Bytes that will never arrive: neither end may take this for a whole answer.
  if (path().in_flight() || client_.unsent() || server_.unsent()) {
    abort_on_close(client_.fd);
    abort_on_close(server_.fd);
  }
  finish(cause, Phase::data);
}

void Connection::wait_until(Now deadline) {
  deadline_ = deadline;
  if (deadline == Now::max()) {
    loop_.cancel(*this);
  } else {
    loop_.schedule(*this, deadline);
  }
}

std::string Connection::login_timed_out() {
  const std::string seconds = std::to_string(frontend().conf.login_timeout.count() / 1000) + " s";
  std::string text = login::refusal(login::Cause::login_timeout, {{"time", seconds}});
  note_reason(text);
  count_refused(login::Cause::login_timeout, text);
  report(Cause::client_timeout, Phase::request);
  return text;
}

void Connection::on_timer() {
  switch (state_) {
    case State::announcing:
      return header_failed("Timeout while waiting for PROXY protocol header");
    case State::securing:
      return handshake_failed(true);
    case State::opening: {
      if (setup_->stage != Setup::Stage::done && loop_.now() >= setup_->rules_until) {
        setup_->complete = true;
        return judge_opening();
      }
      if (loop_.now() < setup_->login_until)
        return wait_until(setup_->stage == Setup::Stage::done ? setup_->login_until
                                                              : std::min(setup_->rules_until, setup_->login_until));
      const std::string text = login_timed_out();
      // Only one who has begun to speak SASL reads SASL.
      return tell(setup_->opening.kind == login::Kind::sasl ? text : std::string{});
    }
    case State::approaching:
      setup_->approach->on_deadline();
      return follow_approach();
    case State::receiving:
      return receive_timed_out();
    case State::relaying:
      if (loop_.now() >= relay_deadline()) return relay_timed_out();
      if (!late_ || loop_.now() < late_->session.deadline()) return wait_until(next_deadline());
      late_->session.on_deadline();
      return turn();
    case State::flushing:
      if (loop_.now() >= deadline_ || unacknowledged(client_.fd) == 0) {
        abort_on_close(client_.fd);
        return end();
      }
      return loop_.schedule(*this, loop_.now() + TimerWheel::kSlot);
    case State::telling:
      return end();
    case State::over:
      return;
  }
}

// In words of the protocol that the client speaks by now.
void Connection::tell(const std::string& text) {
  if (text.empty()) return end();
  if (late_ && late_->logged_in()) return tell_bytes(late_->session.failure(text));
  tell_bytes(login::frame(login::Status::error, text));
}

// The text first, then the end of our side; closed once the client has read both, lest a RST overtake the words.
void Connection::tell_bytes(const std::vector<std::uint8_t>& bytes) {
  if (setup_) setup_->approach.reset();
  if (client_.send(bytes.data(), bytes.size(), loop_) != ssize_t(bytes.size()) || client_.end(loop_) != 0) return end();
  state_ = State::telling;
  wait_until(loop_.now() + kTelling);
  drain_teller();
}

// What it says is of no interest, TLS or not.
void Connection::drain_teller() {
  std::uint8_t ignored[4096];
  for (int i = 0; i < kIgnoredAtOnce; ++i) {
    const ssize_t got = ::recv(client_.fd, ignored, sizeof ignored, MSG_DONTWAIT);
    if (got > 0 || (got < 0 && errno == EINTR)) continue;
    if (got < 0 && errno == EAGAIN) return;
    return end();
  }
  loop_.again(*this);
}

// The kernel drops what is unsent when it resets: wait for the client to have it all.
void Connection::flush_then_reset() {
  state_ = State::flushing;
  deadline_ = loop_.now() + kFlushing;
  if (unacknowledged(client_.fd) == 0) {
    abort_on_close(client_.fd);
    return end();
  }
  loop_.schedule(*this, loop_.now() + TimerWheel::kSlot);
}

void Connection::finish(Cause cause, Phase phase) {
  report(cause, phase);
  end();
}

// From here no event, turn or timer reaches it: the descriptors are closed, and the loop destroys it after this wake.
void Connection::end() {
  if (std::exchange(state_, State::over) == State::over) return;
  if (in_backend_) --backend().counts->current;
  loop_.roll().remove(*this);
  loop_.cancel(*this);
  loop_.forget(*this);
  path().stop(loop_);
  setup_.reset();
  user_.reset();
  client_fd_.reset();
  server_fd_.reset();
  lease_.release();
  loop_.retire(std::unique_ptr<Retired>(this));
}

}  // namespace kerbgate::net
