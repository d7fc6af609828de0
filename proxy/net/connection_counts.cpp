// What a connection adds to the counters, and what it shows of itself while it runs.
#include "login/refusal.hpp"
#include "net/connection.hpp"
#include "net/shown.hpp"
#include "net/socket.hpp"

namespace kerbgate::net {
namespace {

using log::Cause;
using log::Phase;

/// A ticket's clear part is nobody's word yet: any octets may stand in it.
std::string service_of(const login::Ticket& ticket) {
  return log::printable(ticket.service + '@' + ticket.realm, kShown);
}

/// What HAProxy counts of the way it ended, on a server and on its backend alike.
void count_verdict(stats::Serving& counts, Cause cause, Phase phase) {
  const bool by_client = cause == Cause::client_abort || cause == Cause::client_timeout;
  const bool by_server = cause == Cause::server_abort || cause == Cause::server_timeout;
  if (phase == Phase::connect || phase == Phase::queue) {
    if (by_client) stats::add(counts.client_aborts);
    if (by_server || cause == Cause::resource) stats::add(counts.failed_connections);
  } else if (phase == Phase::data) {
    if (by_client) stats::add(counts.client_aborts);
    if (by_server) stats::add(counts.server_aborts);
  }
}

}  // namespace

void Connection::count_begin() {
  loop_.roll().add(*this);
  LiveFrontend& front = frontend();
  stats::add(front.counts->connections);
  front.counts->rate.add(accepted_);
  front.counts->most.see(*front.connections);
  stats::add(place_.door().counts->connections);
  place_.door().counts->most.see(place_.door().connections);
  stats::Whole& whole = front.process->counts;
  stats::add(whole.connections);
  whole.rate.add(accepted_);
  whole.most.see(front.process->connections);
}

void Connection::count_approach() {
  stats::add(frontend().counts->logins.openings[std::size_t(setup_->opening.kind)]);
  stats::Back& back = *backend().counts;
  in_backend_ = true;
  stats::add(back.connections);
  back.most.see(++back.current);
  back.rate.add(loop_.now());
}

void Connection::count_taken() {
  if (setup_->opening.kind != login::Kind::sasl) return;
  stats::add(frontend().counts->logins.taken);
  stats::add(frontend().process->counts.logins);
  if (const auto& ticket = setup_->opening.ticket; ticket && last_server_ != balance::kNoServer)
    backend().servers[last_server_].counts->took(ticket->kvno, ticket->enctype, std::chrono::system_clock::now());
  if (setup_->opening.ticket)
    asked_ = frontend().process->counts.asked.opened(service_of(*setup_->opening.ticket), loop_.now());
  if (user_) user_->key = frontend().process->counts.users.opened(shown(user_->principal), loop_.now());
}

void Connection::count_refused(login::Cause cause, const std::string& words) {
  stats::Logins& logins = frontend().counts->logins;
  if (!in_backend_) stats::add(logins.openings[std::size_t(setup_->opening.kind)]);
  if (std::size_t(cause) < logins.refused.size()) stats::add(logins.refused[std::size_t(cause)]);
  stats::Refusal refusal;
  refusal.time = std::chrono::system_clock::now();
  refusal.client = from_.str();
  refusal.port = from_port_;
  refusal.frontend = frontend().conf.name;
  if (in_backend_) refusal.backend = backend().conf.name;
  stats::Whole& whole = frontend().process->counts;
  if (setup_->opening.ticket) {
    refusal.asked = service_of(*setup_->opening.ticket);
    whole.asked.refused(refusal.asked, loop_.now());
  }
  if (user_) {
    refusal.user = shown(user_->principal);
    whole.users.refused(refusal.user, loop_.now());
  }
  refusal.cause = cause;
  refusal.words = log::printable(words);
  whole.refusals.note(std::move(refusal));
}

/// From the client: what a server was given, or, while none has taken anything, what was read.
std::uint64_t Connection::received() const {
  if (late_) return path().from_client();
  return setup_ && path().untouched() ? setup_->bytes.size() : said_ + path().from_client();
}

void Connection::account() {
  const std::uint64_t in = received() - counted_in_, out = path().to_client() - counted_out_;
  if (setup_ || (in == 0 && out == 0)) return;
  counted_in_ += in;
  counted_out_ += out;
  frontend().counts->bytes.add(in, out);
  place_.door().counts->bytes.add(in, out);
  frontend().process->counts.bytes.add(in, out);
  if (in_backend_) backend().counts->bytes.add(in, out);
  if (last_server_ != balance::kNoServer) backend().servers[last_server_].counts->bytes.add(in, out);
}

void Connection::count_end(Cause cause, Phase phase) {
  stats::Front& front = *frontend().counts;
  if (setup_) {
    front.bytes.add(received(), path().to_client());
    place_.door().counts->bytes.add(received(), path().to_client());
    frontend().process->counts.bytes.add(received(), path().to_client());
  }
  account();
  if (cause == Cause::proxy_denied) stats::add(front.denied);
  if (phase == Phase::request && (cause == Cause::client_abort || cause == Cause::client_timeout))
    stats::add(front.request_errors);
  if (asked_ != 0)
    frontend().process->counts.asked.closed(std::exchange(asked_, 0), received(), path().to_client(), loop_.now());
  if (user_ && user_->key != 0)
    frontend().process->counts.users.closed(std::exchange(user_->key, 0), received(), path().to_client(), loop_.now());
  if (!in_backend_) return;
  const auto count_on = [&](stats::Serving& counts) {
    count_verdict(counts, cause, phase);
    if (connect_ms_ < 0) return;
    counts.queue_ms.add(std::uint64_t(std::max(queue_ms_, 0)));
    counts.connect_ms.add(std::uint64_t(connect_ms_));
    counts.total_ms.add(std::uint64_t(std::chrono::duration_cast<Millis>(loop_.now() - accepted_).count()));
  };
  count_on(*backend().counts);
  if (last_server_ != balance::kNoServer) count_on(*backend().servers[last_server_].counts);
}

SessionView Connection::view() const {
  SessionView out;
  out.id = id();
  out.client = SocketAddress(from_, from_port_).str();
  out.frontend = frontend().conf.name;
  if (in_backend_) out.backend = backend().conf.name;
  balance::ServerIndex server = last_server_;
  switch (state_) {
    case State::opening:
    case State::receiving:
      out.state = "login";
      break;
    case State::approaching:
      switch (setup_->approach->state()) {
        case Approach::State::queued:
          out.state = "queue";
          break;
        case Approach::State::answering:
          out.state = "answer";
          break;
        default:
          out.state = "connect";
      }
      if (setup_->approach->lease()) server = setup_->approach->lease().server();
      break;
    case State::relaying:
      out.state = "data";
      break;
    default:
      out.state = "closing";
  }
  if (in_backend_ && server != balance::kNoServer) {
    out.server = backend().servers[server].name;
    out.server_address = backend().servers[server].whereabouts();
  }
  if (setup_ && setup_->opening.ticket) out.asked = service_of(*setup_->opening.ticket);
  for (const auto& [key, value] : fields_)
    if (key == "service") out.asked = log::printable(value, kShown);
  out.age = std::chrono::duration_cast<Millis>(loop_.now() - accepted_);
  out.idle = std::chrono::duration_cast<Millis>(loop_.now() - last_activity_);
  out.bytes_in = received();
  out.bytes_out = path().to_client();
  return out;
}

bool Connection::on(const std::string& backend_name, const std::string& server) const {
  if (!in_backend_ || backend().conf.name != backend_name) return false;
  if (server.empty()) return true;
  const balance::Lease& lease = setup_ && setup_->approach ? setup_->approach->lease() : lease_;
  return lease && backend().servers[lease.server()].name == server;
}

bool Connection::of(const std::string& name) const { return frontend().conf.name == name; }

void Connection::kill(Cause cause) {
  switch (state_) {
    case State::announcing:
    case State::securing:
    case State::opening:
    case State::receiving:
      break;
    case State::approaching:
      note_way();
      note_attempts();
      setup_->approach->lease().release();
      break;
    case State::relaying:
      if (setup_) settle();
      break;
    case State::telling:
    case State::flushing:
      abort_on_close(client_.fd);
      return end();
    case State::over:
      return;
  }
  abort_on_close(client_.fd);
  if (server_.fd >= 0) abort_on_close(server_.fd);
  finish(cause, Phase::normal);  // whoever is cut from outside has no phase: HAProxy's "K-" and "D-"
}

}  // namespace kerbgate::net
