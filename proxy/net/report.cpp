// What a connection says of itself in the log.
#include <sys/socket.h>
#include <unistd.h>

#include "log/template.hpp"
#include "net/connection.hpp"
#include "net/shown.hpp"

namespace kerbgate::net {

// The fields that an Impala operator asks for; impalad knows the client only by the proxy's port towards it.
void Connection::note_login() {
  if (frontend().conf.kerberos.fqdn.empty() || std::exchange(login_noted_, true)) return;
  const login::Opening& opening = setup_->opening;
  if (user_) fields_.emplace_back("client", shown(user_->principal));
  if (opening.ticket) {
    const login::Ticket& ticket = *opening.ticket;
    fields_.emplace_back("service", shown(ticket.service + '@' + ticket.realm));
    fields_.emplace_back("enctype", std::to_string(ticket.enctype));
    if (ticket.kvno != 0) fields_.emplace_back("kvno", std::to_string(ticket.kvno));
  }
  static constexpr const char* kKinds[] = {"unknown", "sasl", "tls", "http", "thrift", "garbage"};
  if (!opening.mechanism.empty()) fields_.emplace_back("mechanism", opening.mechanism);
  if (opening.kind != login::Kind::sasl) fields_.emplace_back("protocol", kKinds[int(opening.kind)]);
  if (server_.fd >= 0) fields_.emplace_back("local_port", std::to_string(SocketAddress::local(server_.fd).port()));
}

/// Why it failed, behind whose login it was.
void Connection::note_reason(const std::string& reason) {
  if (setup_) note_login();
  fields_.emplace_back("reason", reason);
}

void Connection::report(log::Cause cause, log::Phase phase, bool unfinished) {
  if (!unfinished) count_end(cause, phase);
  if (setup_ && setup_->opening.kind == login::Kind::sasl) note_login();
  if (std::exchange(logged_, logged_ || unfinished)) return;
  const config::Frontend& conf = frontend().conf;
  if (!frontend().logger || frontend().logger->empty()) return;
  const std::uint64_t in = received();
  const bool clean = cause == log::Cause::normal;
  if (conf.dontlognull && in == 0) return;
  if (conf.dontlog_normal && clean && retries_ == 0 && !redispatched_) return;

  log::Session session = line(unfinished);
  session.bytes_in = in;
  session.bytes_out = path().to_client();
  session.cause = cause;
  session.phase = phase;
  if (!conf.kerberos.fqdn.empty()) session.fields = std::move(fields_);
  const bool trouble = !clean || retries_ != 0 || redispatched_;
  const log::Priority priority = conf.log_separate_errors && trouble ? log::Priority::err : log::Priority::info;
  if (conf.log_format) {
    add_for_format(session, *conf.log_format);
    if (conf.log_format->json) return frontend().logger->send(priority, "", log::json(session));
  }
  const std::string text = text_of(session);
  if (frontend().logger->wants_json()) return frontend().logger->send(priority, text, log::json(session));
  frontend().logger->send(priority, text);
}

std::string Connection::text_of(const log::Session& session) {
  const config::Frontend& conf = frontend().conf;
  if (conf.log_format) return log::written(*conf.log_format, session);
  if (conf.tcplog) return log::tcplog(session);
  const login::Ends both = ends();
  return log::default_line(session, SocketAddress(both.destination, both.destination_port).str());
}

/// All that every line has; how it ended is added by who knows.
log::Session Connection::line(bool unfinished) const {
  log::Session session;
  session.unfinished = unfinished;
  session.client_address = from_.str();
  session.client_port = from_port_;
  session.accepted = accepted_time_;
  session.frontend = frontend().conf.name;
  session.backend = backend_ ? backend().conf.name : session.frontend;
  if (last_server_ != balance::kNoServer) session.server = backend().servers[last_server_].name;
  session.queue_ms = queue_ms_;
  session.connect_ms = connect_ms_;
  session.total_ms = std::chrono::duration_cast<Millis>(loop_.now() - accepted_).count();
  session.active = frontend().process->connections;
  session.frontend_current = *frontend().connections;
  if (backend_) {
    // Who ends is not counted any more, as in HAProxy.
    session.backend_current = std::uint32_t(
        std::max<std::int64_t>(std::int64_t(backend().counts->current) - (in_backend_ && !unfinished), 0));
    const bool holds = lease_ || (setup_ && setup_->approach && setup_->approach->lease());
    if (last_server_ != balance::kNoServer)
      session.server_current = backend().pool->current(last_server_) - (holds && !unfinished ? 1 : 0);
    session.server_queue = server_turn_;
    session.backend_queue = backend_turn_;
  }
  session.retries = retries_;
  session.redispatched = redispatched_;
  session.tls = client_.tls != nullptr;
  return session;
}

/// What only a log-format shows, and costs system calls.
void Connection::add_for_format(log::Session& session, const config::LogTemplate& format) {
  session.handshake_ms = handshake_ms_;
  session.number = number_;
  session.line = frontend().lines++;
  if (format.has(config::LogField::host)) session.host = log::host_name();
  session.pid = ::getpid();
  const login::Ends both = ends();
  session.destination = {both.destination.str(), both.destination_port};
  const bool relayed = server_.fd >= 0;
  SocketAddress source, target;
  if (relayed) {
    source = SocketAddress::local(server_.fd);
    target = SocketAddress::peer(server_.fd);
  } else if (setup_ && setup_->approach) {
    source = setup_->approach->source();
    target = setup_->approach->target();
  }
  // A server that has reset the connection has no name for the system any more.
  if (relayed && target.port() == 0) target = backend().servers[last_server_].address(std::size_t(retries_));
  if (source.family() != AF_UNSPEC) session.source = {source.ip().unmapped().str(), source.port()};
  if (target.family() != AF_UNSPEC) session.target = {target.ip().unmapped().str(), target.port()};
  if (client_.tls) {
    session.tls_version = client_.tls->version();
    session.tls_cipher = client_.tls->cipher();
    session.tls_name = client_.tls->server_name();
    session.tls_subject = client_.tls->peer_subject();
  }
  for (const config::LogPiece& piece : format.pieces)
    if (piece.kind == config::LogPiece::Kind::fetch && piece.fetch == config::LogFetch::rule)
      session.fetched.push_back(look(piece));
}

// The conditions and the words are HAProxy's; its reason in brackets is OpenSSL's.
void Connection::report_handshake(bool timed_out) {
  const config::Frontend& conf = frontend().conf;
  if (!frontend().logger || frontend().logger->empty()) return;
  const tls::Session& session = *client_.tls;
  const bool left = !timed_out && session.left();
  if (conf.dontlognull && left) return;
  std::string words = "SSL handshake failure (" + session.failure() + ')';
  if (timed_out) words = "Timeout during SSL handshake";
  if (left) words = std::string("Connection ") + (session.begun() ? "error" : "closed") + " during SSL handshake";
  report_early(words);
}

/// For a connection that ended before it was a session: HAProxy's line and words.
void Connection::report_early(const std::string& words) {
  const config::Frontend& conf = frontend().conf;
  if (!frontend().logger || frontend().logger->empty()) return;
  const log::Priority priority = conf.log_separate_errors ? log::Priority::err : log::Priority::info;
  if (!conf.error_log_format)
    return frontend().logger->send(priority, log::early_line(from_.str(), from_port_, accepted_time_,
                                                             conf.name + '/' + place_.door().label, words));
  log::Session session = line(false);
  session.error = words;
  add_for_format(session, *conf.error_log_format);
  if (conf.error_log_format->json) return frontend().logger->send(priority, "", log::json(session));
  frontend().logger->send(priority, log::written(*conf.error_log_format, session));
}

}  // namespace kerbgate::net
