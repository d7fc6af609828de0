// A connection until bytes flow: its opening is read and judged, a server is found for it.
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "balance/source_hash.hpp"
#include "login/frame.hpp"
#include "login/refusal.hpp"
#include "net/connection.hpp"
#include "net/shown.hpp"
#include "net/socket.hpp"

namespace kerbgate::net {
namespace {

using log::Cause;
using log::Phase;

constexpr std::size_t kOpeningChunk = 16 * 1024;
/// How long a client whose handshake failed may take to read the alert and leave.
constexpr Millis kAlerting{2000};

}  // namespace

void Connection::secure() {
  using Handshake = tls::Session::Handshake;
  switch (client_.tls->handshake({client_.fd, client_.ready, loop_.buffers()})) {
    case Handshake::waiting:
      return;
    case Handshake::failed:
      return handshake_failed(false);
    case Handshake::done:
      break;
  }
  ++frontend().tls.handshakes;
  if (client_.tls->resumed()) ++frontend().tls.resumed;
  if (!frontend().conf.kerberos.fqdn.empty()) {
    fields_.emplace_back("ssl_version", client_.tls->version());
    if (std::string subject = client_.tls->peer_subject(); !subject.empty())
      fields_.emplace_back("ssl_c_s_dn", std::move(subject));
  }
  open();
}

// One line, in HAProxy's words, and no other. The alert is to arrive: the client is heard out before the socket closes.
void Connection::handshake_failed(bool timed_out) {
  ++frontend().tls.failures;
  report_handshake(timed_out);
  if (client_.tls->first_octet() == int(login::Status::start)) tell_that_tls_is_spoken();
  ::shutdown(client_.fd, SHUT_WR);
  state_ = State::telling;
  wait_until(loop_.now() + kAlerting);
  drain_teller();
}

// To a login in clear OpenSSL answers nothing, so this is the first that its client hears.
void Connection::tell_that_tls_is_spoken() {
  if (frontend().conf.kerberos.fqdn.empty() || frontend().login == config::Login::pass) return;
  const std::string text = login::refusal(login::Cause::in_clear);
  count_refused(login::Cause::in_clear, text);
  const std::vector<std::uint8_t> frame = login::frame(login::Status::error, text);
  // The socket is new: what it does not take, nobody would read.
  static_cast<void>(::send(client_.fd, frame.data(), frame.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
}

void Connection::read_opening() {
  std::vector<std::uint8_t>& bytes = setup_->bytes;
  while (state_ == State::opening && client_.readable()) {
    auto block = loop_.buffers().take();
    const ssize_t got = client_.receive(block->data(), kOpeningChunk, loop_);
    const int error = errno;
    const bool fits = got <= 0 || setup_->held.hold(frontend().process->held, bytes.size() + std::size_t(got));
    if (fits && got > 0) bytes.insert(bytes.end(), block->begin(), block->begin() + got);
    loop_.buffers().give(std::move(block));
    if (!fits) {
      const std::string limit = std::to_string(HeldBytes::kMost >> 20) + " MiB";
      refuse(login::Cause::logins_too_large, login::refusal(login::Cause::logins_too_large, {{"limit", limit}}));
      return refuse_opening();
    }
    if (got > 0) {
      judge_opening();
    } else if (got == 0 && frontend().login == config::Login::pass && !bytes.empty() && !setup_->complete) {
      client_.ready.readable = true;  // the relay is to see the end again
      setup_->complete = true;        // in login pass a half-close is a client's right: its bytes are all there now
      judge_opening();
    } else if (got == 0 || error != EAGAIN) {
      return finish(Cause::client_abort, Phase::request);
    }
  }
}

void Connection::judge_opening() {
  if (setup_->stage != Setup::Stage::done && !admit()) return;
  judge_login();
}

void Connection::judge_login() {
  login::Opening& opening = setup_->opening;
  if (frontend().login != config::Login::pass || frontend().conf.tls_passthrough)
    opening = login::classify(setup_->bytes, client_.tls ? frontend().policy_over_tls : frontend().policy);
  if (frontend().login == config::Login::pass) {
    const bool hello = opening.kind == login::Kind::tls && opening.next != login::Opening::Next::refuse;
    const bool wait = opening.next == login::Opening::Next::more && frontend().conf.tls_passthrough;
    if (wait && !setup_->complete && (hello || opening.kind == login::Kind::unknown))
      return wait_until(setup_->login_until);
    // What is no ClientHello is nobody's business here.
    if (!hello || opening.next != login::Opening::Next::dial) opening = {};
    opening.next = login::Opening::Next::dial;
  }
  switch (opening.next) {
    case login::Opening::Next::more:
      return;
    case login::Opening::Next::dial:
      return let_in() ? approach() : refuse_opening();
    case login::Opening::Next::refuse:
      return refuse_opening();
  }
}

void Connection::refuse_opening() {
  note_reason(setup_->opening.reason);
  count_refused(setup_->opening.cause, setup_->opening.reason);
  report(Cause::proxy_denied, Phase::request);
  tell(setup_->opening.refusal);
}

// A client that has closed its side before it said anything more, or is gone altogether.
bool Connection::client_left() {
  if (client_.ready.gone) return true;  // a reset, whatever it had said before
  const ssize_t got = client_.peek(loop_);
  if (got > 0) return false;
  if (got < 0) return errno != EAGAIN;
  // A half-close is a client's right once a server is being dialled in mode pass; a login needs both directions.
  return frontend().login != config::Login::pass || setup_->approach->state() == Approach::State::queued;
}

void Connection::approach() {
  if (setup_->login && frontend().login == config::Login::late && receive_late(*setup_->login)) return;
  std::span<const std::uint8_t> login(setup_->bytes);
  if (setup_->opening.kind != login::Kind::unknown) login = login.first(setup_->opening.length);
  begin_approach(login);
  setup_->approach->begin();
  follow_approach();
}

void Connection::begin_approach(std::span<const std::uint8_t> login) {
  state_ = State::approaching;
  count_approach();
  const bool by_principal = backend().conf.balance == config::Balance::principal && user_;
  const IpAddress key = by_principal ? balance::principal_key(user_->principal) : from_;
  setup_->approach = std::make_unique<Approach>(loop_, *this, backend(), key, login, setup_->opening);
  look_for_own_server();
}

void Connection::follow_approach() {
  Approach& approach = *setup_->approach;
  switch (approach.state()) {
    case Approach::State::arrived:
      return relay();
    case Approach::State::failed:
      return approach_failed();
    default:
      return wait_until(approach.deadline());
  }
}

void Connection::abandon_approach() {
  const bool queued = setup_->approach->state() == Approach::State::queued;
  note_way();
  note_attempts();
  finish(Cause::client_abort, queued ? Phase::queue : Phase::connect);
}

void Connection::approach_failed() {
  using Failure = Approach::Failure;
  const Approach& approach = *setup_->approach;
  const Failure failure = approach.failure();
  const std::string& name = backend().conf.name;
  std::string text;
  login::Cause why = login::Cause::all_failed;
  if (failure == Failure::queue_full || failure == Failure::queue_timeout) {
    const std::string time =
        std::to_string(std::chrono::duration_cast<Millis>(loop_.now() - accepted_).count()) + " ms";
    why = login::Cause::queue_timeout;
    text = login::refusal(why, {{"backend", name}, {"time", time}});
  } else if (approach.attempts().empty()) {
    why = login::Cause::no_server_up;
    text = login::refusal(why, {{"backend", name}});
  } else {
    text = login::all_failed(approach.attempts(), setup_->opening.ticket);
  }
  note_reason(text);
  count_refused(why, text);
  note_way();
  switch (failure) {
    case Failure::queue_timeout:
      report(Cause::server_timeout, Phase::queue);
      break;
    case Failure::queue_full:
      report(Cause::server_abort, Phase::queue);
      break;
    case Failure::connect_timeout:
      report(Cause::server_timeout, Phase::connect);
      break;
    case Failure::answer:
      report(Cause::server_abort, Phase::data);
      break;
    case Failure::resources:
      report(Cause::resource, Phase::connect);
      break;
    default:
      report(Cause::server_abort, Phase::connect);
  }
  note_attempts();
  if (setup_->opening.kind == login::Kind::sasl) return tell(text);
  if (!approach.attempts().empty()) abort_on_close(client_.fd);
  end();
}

}  // namespace kerbgate::net
