#include "diagnosis/kdc_checks.hpp"

#include <algorithm>
#include <cstdlib>

#include "diagnosis/key_match.hpp"
#include "kerbgate/name.hpp"

namespace kerbgate::diagnosis {
namespace {

std::string folded(const std::string& host) {
  const auto name = Fqdn::parse(host);
  return name ? name->str() : host;
}

bool holds(const std::vector<keytab::Entry>& entries, const Principal& principal) {
  return std::any_of(entries.begin(), entries.end(), [&](const auto& entry) { return entry.principal == principal; });
}

class Checks {
 public:
  Checks(const DoctorInput& input, const std::vector<keytab::Entry>* entries)
      : input_(input), entries_(entries), proxy_(service_principal(input, input.proxy)) {}

  KdcChecks run(Resolver& resolver);

 private:
  void log_in();
  bool log_in_as(const Principal& client);
  void take_cache();
  [[nodiscard]] std::vector<Principal> candidates() const;
  void reachability();
  void clock();
  void key_of(const Principal& server, Cause absent);
  void compare(const kdc::ServiceTicket& ticket, Cause absent);
  void no_ticket(const Principal& server, const Error& error);
  void pass(std::string subject, std::string check, std::string found) {
    out_.rows.push_back(passed(std::move(subject), std::move(check), std::move(found)));
  }
  void fail(const std::string& subject, std::string check, std::string found, Cause cause) {
    const Places places{{"principal", subject},     {"proxy-principal", proxy_.printable()},
                        {"keytab", keytab_place()}, {"realm", input_.realm},
                        {"proxy", input_.proxy},    {"host", input_.hosts.empty() ? "" : input_.hosts.front().name}};
    out_.rows.push_back(problem(Verdict::fail, subject, std::move(check), std::move(found), cause, places));
  }
  [[nodiscard]] std::string keytab_place() const { return input_.keytab.empty() ? "KEYTAB" : input_.keytab; }

  const DoctorInput& input_;
  const std::vector<keytab::Entry>* entries_;
  const Principal proxy_;
  KdcChecks out_;
  Principal client_;
};

/// Whom to log in as: the principal that was asked for, or what a coordinator logs in as, or any that the file holds.
std::vector<Principal> Checks::candidates() const {
  if (input_.login_as) return {*input_.login_as};
  std::vector<Principal> all;
  const auto add = [&](const Principal& principal) {
    if (holds(*entries_, principal) && std::find(all.begin(), all.end(), principal) == all.end())
      all.push_back(principal);
  };
  for (const DoctorHost& host : input_.hosts) add(service_principal(input_, host.name));
  add(proxy_);
  for (const auto& entry : *entries_) add(entry.principal);
  constexpr std::size_t kTried = 3;
  if (all.size() > kTried) all.resize(kTried);
  return all;
}

/// False when another principal may fare better.
bool Checks::log_in_as(const Principal& client) {
  const std::string name = client.printable();
  const auto done = out_.session->log_in(client, input_.keytab);
  if (done) {
    client_ = client;
    out_.no_login.clear();
    pass(name, "login at the KDC", "a ticket-granting ticket with " + input_.keytab);
    return true;
  }
  const Error& error = done.error();
  out_.no_login = error.what;
  client_ = client;
  if (kdc::is(error, kdc::Errc::unreachable) || kdc::is(error, kdc::Errc::clock_skew)) return true;
  const Cause cause = kdc::is(error, kdc::Errc::client_unknown)  ? Cause::service_principal_unknown
                      : kdc::is(error, kdc::Errc::no_key)        ? Cause::own_key_missing
                      : kdc::is(error, kdc::Errc::realm_unknown) ? Cause::realm_unknown
                                                                 : Cause::login_key_refused;
  fail(name, "login at the KDC", error.what, cause);
  return cause == Cause::realm_unknown;
}

void Checks::take_cache() {
  auto client = out_.session->take_default_cache();
  if (!client) {
    out_.no_login = client.error().what + "; give --keytab, or run kinit";
    out_.rows.push_back(skipped(input_.realm, "login at the KDC", out_.no_login));
    return;
  }
  client_ = *client;
  pass(client_.printable(), "login at the KDC", "the tickets of the default credentials cache are used (no --keytab)");
  out_.session->ask_time(client_);
}

void Checks::log_in() {
  if (input_.keytab.empty()) return take_cache();
  if (entries_ == nullptr || (entries_->empty() && !input_.login_as)) {
    out_.no_login = "no key in " + input_.keytab + " to log in with";
    out_.rows.push_back(skipped(input_.realm, "login at the KDC", out_.no_login));
    return;
  }
  for (const Principal& candidate : candidates()) {
    if (log_in_as(candidate)) break;
  }
  if (!out_.no_login.empty()) out_.session->ask_time(client_);
}

/// Which KDCs answered. libkrb5's own search leaves no list, only success or failure.
void Checks::reachability() {
  std::string list;
  bool any = false, all = true;
  for (const kdc::Asked& one : out_.session->asked()) {
    list += (list.empty() ? "" : "; ") + one.address + ": " + one.outcome;
    any = any || one.answered;
    all = all && one.answered;
  }
  const std::string subject = "realm " + input_.realm;
  if (any && all) return pass(subject, "KDC", list);
  const Places places{{"realm", input_.realm}, {"keytab", keytab_place()}, {"principal", client_.printable()}};
  if (!list.empty()) {
    const Verdict verdict = any ? Verdict::warn : Verdict::fail;
    out_.rows.push_back(problem(verdict, subject, "KDC", list, Cause::kdc_down, places));
  } else if (!out_.granted.empty()) {
    pass(subject, "KDC", "libkrb5 found it and it answered");
  } else {
    out_.rows.push_back(skipped(subject, "KDC", out_.no_login.empty() ? "it was not asked" : out_.no_login));
  }
}

void Checks::clock() {
  const auto offset = out_.session->clock_offset();
  const std::string subject = "realm " + input_.realm;
  if (!offset) {
    out_.rows.push_back(skipped(subject, "clock", "the KDC has not said its time"));
    return;
  }
  out_.rows.push_back(clock_check(subject, *offset, out_.session->allowed_skew()));
  out_.skewed = out_.rows.back().verdict == Verdict::fail;
}

void Checks::no_ticket(const Principal& server, const Error& error) {
  const std::string name = server.printable();
  out_.refused[name] = error.what;
  if (kdc::is(error, kdc::Errc::server_unknown)) {
    fail(name, "ticket", error.what, Cause::service_principal_unknown);
  } else if (kdc::is(error, kdc::Errc::clock_skew)) {
    fail(name, "ticket", error.what, Cause::clock_skew);
  } else if (kdc::is(error, kdc::Errc::realm_unknown)) {
    fail(name, "ticket", error.what, Cause::realm_unknown);
  } else {
    out_.rows.push_back(skipped(name, "ticket", error.what));
  }
}

void Checks::compare(const kdc::ServiceTicket& ticket, Cause absent) {
  const std::string name = ticket.server.printable();
  const WantedKey wanted{ticket.server, ticket.kvno, ticket.enctype};
  const auto match = match_key(
      wanted, *entries_, [&](const keytab::Entry& entry) { return kdc::opens(entry, ticket); }, absent);
  if (!match.cause) return pass(name, "key", match.found);
  out_.wrong_keys[name] = *match.cause;
  fail(name, "key", match.found, *match.cause);
}

void Checks::key_of(const Principal& server, Cause absent) {
  const std::string name = server.printable();
  if (out_.granted.contains(name) || out_.refused.contains(name)) return;
  const auto ticket = out_.session->ticket(server);
  if (!ticket) return no_ticket(server, ticket.error());
  const std::string version = "kvno " + std::to_string(ticket->kvno) + " " + keytab::enctype_name(ticket->enctype);
  out_.granted[name] = version;
  // With an inventory the file is one host's, or the proxy's alone: it need not hold every host's key.
  const bool expected = server == proxy_ || input_.hosts.size() == 1;
  if (entries_ != nullptr && (expected || holds(*entries_, server))) {
    compare(*ticket, absent);
  } else {
    pass(name, "ticket", "the KDC gives one, " + version);
  }
}

KdcChecks Checks::run(Resolver& resolver) {
  auto session = kdc::Session::open({input_.timeout}, resolver);
  if (!session) {
    out_.no_login = session.error().what;
    fail("realm " + input_.realm, "KDC", session.error().what, Cause::realm_unknown);
    return std::move(out_);
  }
  out_.session = std::move(*session);
  log_in();
  if (out_.no_login.empty()) {
    if (Fqdn::parse(input_.proxy)) key_of(proxy_, Cause::proxy_key_not_merged);
    for (const DoctorHost& host : input_.hosts) {
      if (Fqdn::parse(host.name)) key_of(service_principal(input_, host.name), Cause::own_key_missing);
    }
  }
  reachability();
  clock();
  return std::move(out_);
}

}  // namespace

Principal service_principal(const DoctorInput& input, const std::string& host) {
  return {{input.service, folded(host)}, input.realm, 1};
}

CheckResult clock_check(const std::string& realm, std::chrono::seconds offset, std::chrono::seconds allowed) {
  const auto seconds = offset.count();
  const std::string difference =
      "is " + std::to_string(std::abs(seconds)) + " s " + (seconds < 0 ? "behind" : "ahead of");
  const std::string found = "the KDC's clock " + (seconds == 0 ? "agrees with" : difference) + " this host's; " +
                            std::to_string(allowed.count()) + " s are allowed";
  const auto size = std::chrono::abs(offset);
  if (2 * size <= allowed) return passed(realm, "clock", found);
  return problem(size > allowed ? Verdict::fail : Verdict::warn, realm, "clock", found, Cause::clock_skew, {});
}

KdcChecks kdc_checks(const DoctorInput& input, const std::vector<keytab::Entry>* entries, Resolver& resolver) {
  return Checks(input, entries).run(resolver);
}

}  // namespace kerbgate::diagnosis
