// Whose login it is: the ticket held against the keytab, before any coordinator is dialled.
#include "login/replay_cache.hpp"
#include "login/verification.hpp"
#include "net/connection.hpp"

namespace kerbgate::net {
namespace {

using login::Cause;

/// Of what is no login, for the log.
std::string protocol_of(login::Kind kind) {
  if (kind == login::Kind::tls) return "TLS";
  return kind == login::Kind::http ? "HTTP" : "a Thrift call without a login";
}

}  // namespace

void Connection::refuse(Cause cause, std::string text) {
  login::Opening& opening = setup_->opening;
  opening.next = login::Opening::Next::refuse;
  opening.cause = cause;
  opening.reason = std::move(text);
  opening.refusal = login::words(cause).told ? opening.reason : std::string();
}

/// False: the opening says why not.
bool Connection::let_in() {
  const login::Opening& opening = setup_->opening;
  const config::Kerberos& conf = frontend().conf.kerberos;
  if (!conf.verifies()) return !opening.ticket || !frontend().keys || held_against_keytab();
  if (opening.kind != login::Kind::sasl) {
    const std::string protocol = protocol_of(opening.kind);
    return refuse(Cause::not_kerberos, login::refusal(Cause::not_kerberos, {{"protocol", protocol}})), false;
  }
  if (opening.ticket) return verified();
  // PLAIN, which only the coordinator can judge.
  if (conf.access.empty()) return true;
  return refuse(Cause::plain_unproved, login::refusal(Cause::plain_unproved)), false;
}

/// What an acceptor is asked, of an opening with a ticket: a view of its bytes.
std::optional<ApReq> Connection::request() const {
  const login::Opening& opening = setup_->opening;
  return login::read_token(std::span(setup_->bytes).first(opening.token_end).subspan(opening.token_at)).request;
}

// In login inspect nothing is proved. Only a ticket that no key of the keytab opens, though it is for a service in it,
// is known to fail at coordinators that have the same keys.
bool Connection::held_against_keytab() {
  const login::Opening& opening = setup_->opening;
  const auto keys = frontend().keys->get();
  if (!keys) return true;
  const auto asked = request();
  if (!asked || !login::seems_stale(*asked, keys->slots())) return true;
  Acceptor* acceptor = loop_.acceptor(frontend().krb5);
  if (acceptor == nullptr) return true;
  const Acceptance acceptance = acceptor->accept(*asked, *keys);
  const bool stale = acceptance.no.why == NoLogin::Why::no_enctype || acceptance.no.why == NoLogin::Why::no_kvno;
  if (acceptance.login || !stale) return true;
  login::Unverified why = login::explain(acceptance.no, *opening.ticket, keys->slots(), acceptor->skew());
  return refuse(why.cause, std::move(why.text)), false;
}

bool Connection::verified() {
  const login::Opening& opening = setup_->opening;
  const auto keys = frontend().keys ? frontend().keys->get() : nullptr;
  Acceptor* acceptor = keys ? loop_.acceptor(frontend().krb5) : nullptr;
  if (acceptor == nullptr) return refuse(Cause::no_keytab, login::refusal(Cause::no_keytab)), false;
  const auto asked = request();
  Acceptance acceptance = acceptor->accept(*asked, *keys);
  if (!acceptance.login) {
    login::Unverified why = login::explain(acceptance.no, *opening.ticket, keys->slots(), acceptor->skew());
    return refuse(why.cause, std::move(why.text)), false;
  }
  setup_->login = std::move(acceptance.login);
  return is_first(*setup_->login, acceptor->skew()) && welcome(setup_->login->client.printable());
}

bool Connection::is_first(const kerbgate::Login& login, std::chrono::seconds skew) {
  using Seen = login::ReplayCache::Seen;
  const Seen seen = frontend().process->replays.see(login.id, login.made + skew, std::chrono::system_clock::now());
  if (seen == Seen::first) return true;
  const Cause cause = seen == Seen::again ? Cause::replay : Cause::replays_full;
  const std::string limit = std::to_string(login::ReplayCache::kMost);
  return refuse(cause, login::refusal(cause, {{"limit", limit}})), false;
}

/// By the rules for principals; whoever is let in is counted from here on.
bool Connection::welcome(std::string principal) {
  const config::Kerberos& conf = frontend().conf.kerberos;
  user_ = std::make_unique<User>();
  user_->principal = std::move(principal);
  if (!rules::admits(conf.access, user_->principal))
    return refuse(Cause::user_denied, login::refusal(Cause::user_denied, {{"user", user_->principal}})), false;
  if (!frontend().per_principal || conf.maxconn_per_principal == 0) return true;
  user_->connections = frontend().per_principal->track(user_->principal, loop_.now());
  const auto now = user_->connections ? user_->connections.count(rules::Count::current, loop_.now()) : 0;
  if (now <= conf.maxconn_per_principal && user_->connections) return true;
  user_->connections = {};
  const std::string limit = std::to_string(conf.maxconn_per_principal);
  return refuse(Cause::user_maxconn,
                login::refusal(Cause::user_maxconn, {{"user", user_->principal}, {"limit", limit}})),
         false;
}

}  // namespace kerbgate::net
