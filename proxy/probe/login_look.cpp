#include "diagnosis/login_checks.hpp"
#include "kerbgate/canonical.hpp"
#include "probe/addresses.hpp"
#include "probe/look.hpp"

namespace kerbgate::probe {
namespace {

using diagnosis::Cause;
using diagnosis::Evidence;
using diagnosis::LoginOutcome;
using diagnosis::LoginTarget;
using End = LoginOutcome::End;

bool is_refused(End end) { return end == End::closed || end == End::reset || end == End::rejected; }

class LoginLook {
 public:
  LoginLook(const Target& target, Resolver& resolver) : target_(target), resolver_(resolver), addresses_(target) {}

  Seen run(Tickets& tickets) {
    Tickets::Got got = tickets.get();
    if (!got.now) {
      Seen out;
      out.found = "no ticket to log in with: " + got.trouble;
      return out;
    }
    LoginOutcome outcome = log_in(*got.now, got.now->server);
    // The key may have been changed since that ticket was made.
    if (is_refused(outcome.end)) {
      Tickets::Got again = tickets.get(got.now.get());
      const bool is_new = again.now && again.now != got.now;
      if (again.now) got = std::move(again);
      if (is_new) outcome = log_in(*got.now, got.now->server);
    }
    Evidence evidence;
    evidence.proxy = target_.fqdn;
    evidence.ticket = got.now->words();
    evidence.skewed = got.now->skewed;
    if (is_refused(outcome.end)) find_out(got, evidence);
    return judge(*got.now, outcome, evidence, got.before.get());
  }

 private:
  /// Why it refuses without saying so: its key is an old one, or it has not been told the proxy's name.
  void find_out(const Tickets::Got& got, Evidence& evidence) {
    if (got.before && log_in(*got.before, got.before->server).end == End::accepted) {
      evidence.key = Cause::kvno_older;
      return;
    }
    Principal own = got.now->server;
    const std::string host = own_name();
    if (own.components.size() != 2 || own.components[1] == host) return;
    own.components[1] = host;
    evidence.own_name_accepted = got.now->fetch_too(own) && log_in(*got.now, own).end == End::accepted;
  }

  /// As clients would call the host that is asked.
  [[nodiscard]] std::string own_name() const {
    return IpAddress::parse(target_.host) ? canonical(target_.host, {}, resolver_).host : target_.host;
  }

  [[nodiscard]] LoginTarget as_client(const Principal& server) const {
    LoginTarget out;
    out.host = target_.host;
    out.port = target_.port;
    out.server = server;
    out.tls = target_.tls;
    out.ca_file = target_.ca_file;
    out.call = true;
    out.crt_file = target_.crt_file;
    out.preface = target_.preface;
    return out;
  }

  LoginOutcome log_in(const Ticket& ticket, const Principal& server) {
    return diagnosis::probe_login(as_client(server), ticket.session.cache(), target_.limit, addresses_);
  }

  Seen judge(const Ticket& ticket, const LoginOutcome& outcome, const Evidence& evidence, const Ticket* before) const {
    CheckResult row = diagnosis::login_check(as_client(ticket.server), outcome, evidence);
    Seen out;
    out.took = outcome.took;
    out.ticket = ticket.words();
    out.found = std::move(row.found);
    out.cause = std::move(row.cause);
    out.remedy = std::move(row.remedy);
    if (evidence.key && before != nullptr)
      out.found = "a ticket of " + ticket.words() + " is refused (" + out.found + "), one of " + before->words() +
                  " is still accepted";
    out.look = outcome.end == End::accepted   ? check::Look::passed
               : outcome.end == End::unserved ? check::Look::saturated
               // What this side could not do says nothing of the other.
               : outcome.end == End::broken && !outcome.tls ? check::Look::unknown
                                                            : check::Look::failed;
    if (outcome.end != End::accepted || !outcome.tls || target_.tls || target_.tls_passes) return out;
    const CheckResult clear =
        diagnosis::problem(Verdict::fail, "", "", "the port speaks TLS alone, and the server line has no 'ssl'",
                           Cause::tls_not_spoken, {{"host", target_.host}, {"port", std::to_string(target_.port)}});
    out.look = check::Look::failed;
    out.found = clear.found;
    out.cause = clear.cause;
    out.remedy = clear.remedy;
    return out;
  }

  const Target& target_;
  Resolver& resolver_;
  Addresses addresses_;
};

}  // namespace

Seen look_by_login(const Target& target, Tickets& tickets, Resolver& resolver) {
  return LoginLook(target, resolver).run(tickets);
}

}  // namespace kerbgate::probe
