// What a connection says of itself in the log.
#include "net/connection.hpp"

namespace kerbgate::net {

// The fields that an Impala operator asks for; impalad knows the client only by the proxy's port towards it.
void Connection::note_login() {
  if (frontend().conf.kerberos.fqdn.empty()) return;
  const login::Opening& opening = setup_->opening;
  if (user_) fields_.emplace_back("client", user_->principal);
  if (opening.ticket) {
    const login::Ticket& ticket = *opening.ticket;
    fields_.emplace_back("service", ticket.service + '@' + ticket.realm);
    fields_.emplace_back("enctype", std::to_string(ticket.enctype));
    if (ticket.kvno != 0) fields_.emplace_back("kvno", std::to_string(ticket.kvno));
  }
  static constexpr const char* kKinds[] = {"unknown", "sasl", "tls", "http", "thrift", "garbage"};
  if (!opening.mechanism.empty()) fields_.emplace_back("mechanism", opening.mechanism);
  if (opening.kind != login::Kind::sasl) fields_.emplace_back("protocol", kKinds[int(opening.kind)]);
  fields_.emplace_back("local_port", std::to_string(SocketAddress::local(server_.fd).port()));
}

void Connection::report(log::Cause cause, log::Phase phase, bool unfinished) {
  if (!unfinished) count_end(cause, phase);
  if (std::exchange(logged_, logged_ || unfinished)) return;
  const config::Frontend& conf = frontend().conf;
  if (!frontend().logger || frontend().logger->empty()) return;
  const std::uint64_t in = received();
  const bool clean = cause == log::Cause::normal;
  if (conf.dontlognull && in == 0) return;
  if (conf.dontlog_normal && clean && retries_ == 0 && !redispatched_) return;

  log::Session session;
  session.client_address = from_.str();
  session.client_port = from_port_;
  session.accepted = accepted_time_;
  session.frontend = conf.name;
  session.backend = backend_ ? backend().conf.name : conf.name;
  if (last_server_ != balance::kNoServer) session.server = backend().servers[last_server_].name;
  session.queue_ms = queue_ms_;
  session.connect_ms = connect_ms_;
  session.total_ms = std::chrono::duration_cast<Millis>(loop_.now() - accepted_).count();
  session.bytes_in = in;
  session.bytes_out = path().to_client();
  session.unfinished = unfinished;
  session.cause = cause;
  session.phase = phase;
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
  if (!conf.kerberos.fqdn.empty()) session.fields = std::move(fields_);
  const bool trouble = !clean || retries_ != 0 || redispatched_;
  const log::Priority priority = conf.log_separate_errors && trouble ? log::Priority::err : log::Priority::info;
  const login::Ends both = conf.tcplog ? login::Ends{} : ends();
  const std::string line =
      conf.tcplog ? log::tcplog(session)
                  : log::default_line(session, SocketAddress(both.destination, both.destination_port).str());
  if (frontend().logger->wants_json()) return frontend().logger->send(priority, line, log::json(session));
  frontend().logger->send(priority, line);
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
  frontend().logger->send(
      priority, log::early_line(from_.str(), from_port_, accepted_time_, conf.name + '/' + place_.door().label, words));
}

}  // namespace kerbgate::net
