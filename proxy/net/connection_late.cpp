// A login that is completed here: the client is logged in first, and a coordinator chosen by its first call.
#include <cstring>

#include "login/refusal.hpp"
#include "net/connection.hpp"

namespace kerbgate::net {
namespace {

using log::Cause;
using log::Phase;

/// impalad forgets a session this long after its last connection (--disconnected_session_timeout), and a connection
/// is idle for `timeout client` at most.
constexpr std::chrono::seconds kSessionLives{900};
/// Where a connection may be idle for ever.
constexpr std::chrono::hours kLongIdle{24 * 7};

hs2::Handles::Clock::duration lifetime(Millis idle) {
  return idle.count() == 0 ? kSessionLives + kLongIdle : kSessionLives + hs2::Handles::Clock::duration(idle);
}

}  // namespace

// False: this login has to be left to its coordinator.
bool Connection::receive_late(const Login& login) {
  login::Opening& opening = setup_->opening;
  std::string why = why_not_late(login);
  if (why.empty() && opening.ticket && opening.ticket->in_spnego) why = "its token stands inside SPNEGO";
  if (!why.empty()) {
    say_note("login of " + login.client.printable() + " is left to the coordinator, as in login verify: " + why);
    return false;
  }
  late::Token token;
  token.bytes = Secret(std::span(setup_->bytes).first(opening.length));
  token.opening = opening;
  token.state = login.state;
  token.made = login.made;
  if (const Acceptor* acceptor = loop_.acceptor(frontend().krb5)) token.skew = acceptor->skew();
  late_ = std::make_unique<late::Guest>(late::Session::Place{loop_, *this, *this, frontend().process->handles,
                                                             lifetime(frontend().conf.client_timeout), from_},
                                        std::move(token));
  late_->session.count_login(opening.length, 0);
  late_->hear(std::span(setup_->bytes).subspan(opening.length));
  ::explicit_bzero(setup_->bytes.data(), setup_->bytes.size());  // the session has the only copy of the token
  setup_->held.release();
  setup_->bytes.clear();
  state_ = State::receiving;
  receive();
  return true;
}

void Connection::receive() {
  switch (late_->receive(client_)) {
    case late::Guest::State::going:
      if (!late_->logged_in()) return wait_until(setup_->login_until);
      last_activity_ = loop_.now();
      return wait_until(std::min(listening_deadline(), late_->session.deadline()));
    case late::Guest::State::calls:
      return choose_late();
    case late::Guest::State::refused: {
      const std::string text = login::refusal(login::Cause::login_broken, {{"why", late_->why()}});
      note_reason(text);
      count_refused(login::Cause::login_broken, text);
      report(Cause::proxy_denied, Phase::request);
      return tell(text);
    }
    case late::Guest::State::left:
      return finish(Cause::client_abort, Phase::request);
  }
}

void Connection::receive_timed_out() {
  if (!late_->logged_in()) return tell(login_timed_out());
  if (loop_.now() >= listening_deadline()) return finish(Cause::client_timeout, Phase::request);
  late_->session.on_deadline();  // its token is stale
  wait_until(std::min(listening_deadline(), late_->session.deadline()));
}

void Connection::choose_late() {
  late::Session& session = late_->session;
  const std::string owner = session.owner_of_call();
  const late::Token& token = session.token();
  begin_approach(token.bytes.bytes());
  if (owner.empty() && !session.call().handle.empty())
    say_note(session.call().method + " asks for a handle that this proxy has not seen: sent by balance");
  if (!token.fresh(std::chrono::system_clock::now())) return refuse_stale();
  for (std::size_t i = 0; i < backend().servers.size() && !owner.empty(); ++i)
    if (backend().pool->view_of(balance::ServerIndex(i)).key == owner)
      setup_->approach->prefer(balance::ServerIndex(i));
  setup_->approach->complete_logins([&session] { return session.token().initiate(); });
  setup_->approach->begin();
  follow_approach();
}

void Connection::refuse_stale() {
  const std::string age = std::to_string(late_->session.token().skew.count()) + " s";
  const std::string text = login::refusal(login::Cause::login_stale, {{"time", age}});
  note_reason(text);
  count_refused(login::Cause::login_stale, text);
  report(Cause::proxy_denied, Phase::request);
  tell(text);
}

// The session failed, and its client still listens: it hears why, as the answer to its call.
void Connection::relay_told() {
  if (setup_) settle();
  const std::string& why = late_->session.why();
  note_reason(why);
  lease_.release();
  report(late_->session.culprit() == Side::server ? Cause::server_abort : Cause::proxy_denied, Phase::data);
  const std::vector<std::uint8_t> words = late_->session.failure(why);
  path().stop(loop_);
  server_fd_.reset();
  tell_bytes(words);
}

void Connection::say_note(const std::string& note) const {
  if (backend_ == nullptr || !backend_->logger) return;
  backend_->logger->send(log::Priority::notice, "Client " + SocketAddress(from_, from_port_).str() + " of " +
                                                    frontend().conf.name + ": " + log::printable(note));
}

/// Until when a client that is logged in may be without a call.
Now Connection::listening_deadline() const {
  const Millis limit = frontend().conf.client_timeout;
  return limit.count() == 0 ? Now::max() : last_activity_ + limit;
}

// The earlier of the relay's own and of what its session waits for.
Now Connection::next_deadline() const {
  return late_ ? std::min(relay_deadline(), late_->session.deadline()) : relay_deadline();
}

}  // namespace kerbgate::net
