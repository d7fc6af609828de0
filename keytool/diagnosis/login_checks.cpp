#include "diagnosis/login_checks.hpp"

#include <algorithm>

namespace kerbgate::diagnosis {
namespace {

using End = LoginOutcome::End;

std::string subject_of(const LoginTarget& target) { return target.host + ":" + std::to_string(target.port); }

Places places_of(const LoginTarget& target, const Evidence& evidence) {
  Places places{{"host", target.host},
                {"port", std::to_string(target.port)},
                {"name", target.host},
                {"proxy", evidence.proxy},
                {"principal", target.server.printable()},
                {"proxy-principal", target.server.printable()},
                {"flag", "principal"},
                {"wanted", target.server.printable()}};
  if (!evidence.keytab.empty()) places.emplace_back("keytab", evidence.keytab);
  return places;
}

/// What the other side did, in words.
std::string seen(const LoginOutcome& outcome) {
  switch (outcome.end) {
    case End::closed:
      return "closed without a word";
    case End::reset:
      return "connection reset";
    case End::rejected:
      return "answered: " + (outcome.text.empty() ? "no reason given" : outcome.text);
    default:
      return outcome.text;
  }
}

bool refused_the_login(End end) { return end == End::closed || end == End::reset || end == End::rejected; }

/// What an acceptor's own words, where it sends any, say.
std::optional<Cause> said(const std::string& words) {
  static constexpr std::pair<std::string_view, Cause> kWords[]{
      {"keytab is likely out of date", Cause::kvno_older},
      {"cannot decrypt ticket", Cause::key_differs},
      {"but not with enctype", Cause::enctype_missing},
      {"No key table entry found", Cause::proxy_key_not_merged},
      {"Cannot find key of appropriate type", Cause::proxy_key_not_merged},
      {"does not match server principal", Cause::flag_value_differs},
      {"Clock skew too great", Cause::clock_skew}};
  for (const auto& [part, cause] : kWords)
    if (words.find(part) != std::string::npos) return cause;
  return std::nullopt;
}

/// Why a login was refused: what is known for sure first.
Cause reason(const LoginOutcome& outcome, const Evidence& evidence) {
  if (const auto cause = said(outcome.text)) return *cause;
  if (evidence.skewed) return Cause::clock_skew;
  if (evidence.key) return *evidence.key;
  if (evidence.own_name_accepted) return Cause::flag_value_differs;
  return evidence.names.value_or(Cause::login_refused);
}

std::string because(const LoginTarget& target, const LoginOutcome& outcome, const Evidence& evidence) {
  if (evidence.own_name_accepted) return "; it takes a ticket of its own name, so its --principal is not the proxy's";
  if (reason(outcome, evidence) != Cause::login_refused || evidence.ticket.empty()) return {};
  return "; the ticket is for " + target.server.printable() + ", " + evidence.ticket;
}

std::string accepted(const LoginOutcome& outcome) {
  return "accepted in " + std::to_string(outcome.took.count()) + " ms" + (outcome.tls ? ", TLS" : "");
}

/// The rows in which no login took place, or none could be judged.
CheckResult without_login(const LoginTarget& target, const LoginOutcome& outcome, const char* check,
                          const Places& places) {
  const auto fail = [&](std::string found, Cause cause) {
    return problem(Verdict::fail, subject_of(target), check, std::move(found), cause, places);
  };
  switch (outcome.end) {
    case End::no_address:
      return fail(outcome.text, Cause::name_not_found);
    case End::refused:
    case End::unreachable:
      return fail(outcome.text, Cause::port_closed);
    case End::silent:
      return fail("connected, and no answer in time", Cause::login_stalled);
    case End::foreign:
      return fail(outcome.text, outcome.tls && !target.tls ? Cause::tls_not_spoken : Cause::port_speaks_otherwise);
    case End::tls_failed:
      return fail(outcome.text, Cause::tls_not_spoken);
    case End::unproved:
      return fail("its answer is none that a client can take: " + outcome.text, Cause::login_refused);
    case End::unserved:
      return fail("the login is accepted, and a call after it is not answered: " + outcome.text,
                  Cause::service_threads_busy);
    default:
      return fail(outcome.text, Cause::login_refused);
  }
}

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all.empty() ? "no DNS name" : all;
}

CheckResult dates_check(const LoginTarget& target, const tls::Certificate& certificate, const Places& places,
                        std::int64_t now) {
  constexpr std::int64_t kDay = 86400, kSoon = 30 * kDay;
  const std::string subject = subject_of(target), check = "certificate dates";
  const std::int64_t left = certificate.not_after - now;
  if (left < 0) {
    const std::string found = "ended " + std::to_string(-left / kDay) + " days ago";
    return problem(Verdict::fail, subject, check, found, Cause::certificate_expired, places);
  }
  if (certificate.not_before > now)
    return problem(Verdict::fail, subject, check, "not valid yet", Cause::certificate_expired, places);
  const std::string found = "valid for " + std::to_string(left / kDay) + " days";
  if (left < kSoon) return problem(Verdict::warn, subject, check, found, Cause::certificate_expired, places);
  return passed(subject, check, found);
}

}  // namespace

CheckResult login_check(const LoginTarget& target, const LoginOutcome& outcome, const Evidence& evidence) {
  const Places places = places_of(target, evidence);
  if (outcome.end == End::accepted) return passed(subject_of(target), "login", accepted(outcome));
  if (!refused_the_login(outcome.end)) return without_login(target, outcome, "login", places);
  return problem(Verdict::fail, subject_of(target), "login", seen(outcome) + because(target, outcome, evidence),
                 reason(outcome, evidence), places);
}

CheckResult direct_check(const LoginTarget& target, const LoginOutcome& outcome, const Evidence& evidence) {
  const char* const check = "direct login";
  const Places places = places_of(target, evidence);
  if (outcome.end == End::accepted) return passed(subject_of(target), check, accepted(outcome) + ": -b is not needed");
  if (!refused_the_login(outcome.end)) return without_login(target, outcome, check, places);
  return problem(Verdict::fail, subject_of(target), check,
                 "a ticket for " + target.server.printable() + " is refused: " + seen(outcome),
                 evidence.skewed ? Cause::clock_skew : Cause::direct_connection_without_b, places);
}

std::vector<CheckResult> certificate_checks(const LoginTarget& target, const tls::Certificate& certificate,
                                            const std::string& proxy, std::int64_t now) {
  const std::string subject = subject_of(target);
  const Places places{{"host", target.host}, {"port", std::to_string(target.port)}, {"proxy", proxy}};
  std::vector<CheckResult> rows;
  const auto lacks = [&](const std::string& name) {
    return std::find(certificate.uncovered.begin(), certificate.uncovered.end(), name) != certificate.uncovered.end();
  };
  const std::string carried = "carries " + joined(certificate.names);
  if (lacks(proxy)) {
    rows.push_back(problem(Verdict::fail, subject, "certificate names", carried + "; not " + proxy,
                           Cause::certificate_without_proxy_name, places));
  } else if (lacks(target.host)) {
    rows.push_back(problem(Verdict::warn, subject, "certificate names", carried + "; not " + target.host,
                           Cause::certificate_without_host_name, places));
  } else {
    rows.push_back(passed(subject, "certificate names", carried));
  }
  rows.push_back(dates_check(target, certificate, places, now));
  if (certificate.distrust.empty()) {
    rows.push_back(passed(subject, "certificate chain", "trusted"));
  } else {
    // Without a CA's file it is only this host that does not know the CA.
    const Verdict verdict = target.ca_file.empty() ? Verdict::warn : Verdict::fail;
    rows.push_back(
        problem(verdict, subject, "certificate chain", certificate.distrust, Cause::certificate_not_trusted, places));
  }
  return rows;
}

}  // namespace kerbgate::diagnosis
