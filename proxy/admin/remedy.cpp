#include "admin/remedy.hpp"

#include "diagnosis/cause.hpp"
#include "login/ticket.hpp"

namespace kerbgate::admin {
namespace {

using diagnosis::Cause;

std::optional<Cause> cause_of(login::Cause refused) {
  switch (refused) {
    case login::Cause::keytab_no_service:
      return Cause::proxy_key_not_merged;
    case login::Cause::keytab_no_enctype:
      return Cause::enctype_missing;
    case login::Cause::keytab_no_kvno:
      return Cause::kvno_older;
    case login::Cause::keytab_wrong_key:
      return Cause::key_differs;
    case login::Cause::enctype_not_permitted:
      return Cause::enctype_weak;
    case login::Cause::clock_skew:
      return Cause::clock_skew;
    default:
      return std::nullopt;
  }
}

/// By login::OutcomeWords::name.
std::optional<Cause> cause_of(const std::string& outcome) {
  if (outcome == "refused" || outcome == "timeout") return Cause::port_closed;
  if (outcome == "closed" || outcome == "bad" || outcome == "reset" || outcome == "error" || outcome == "unproved")
    return Cause::login_refused;
  if (outcome == "insecure") return Cause::tls_not_spoken;
  if (outcome == "no-answer") return Cause::login_stalled;
  if (outcome == "foreign") return Cause::port_speaks_otherwise;
  return std::nullopt;
}

void add(diagnosis::Places& places, std::string_view place, const std::string& value) {
  if (!value.empty()) places.emplace_back(place, value);
}

/// Of the name that a ticket is for ("impala/lb.example.com@REALM"), else of the only one that there is.
const stats::NameState* name_of(const std::string& principal, const stats::NameStates& names) {
  const std::string asked = principal.substr(0, principal.rfind('@'));
  for (const stats::NameState& one : names.names)
    if (one.service + '/' + one.report.fqdn == asked) return &one;
  return names.names.size() == 1 ? &names.names.front() : nullptr;
}

}  // namespace

std::optional<Remedy> remedy_of(const stats::Refusal& refusal, const stats::NameStates& names) {
  const std::optional<Cause> cause = cause_of(refusal.cause);
  if (!cause) return std::nullopt;
  diagnosis::Places places;
  add(places, "principal", refusal.asked);
  add(places, "proxy-principal", refusal.asked);
  add(places, "host", refusal.client);
  if (const stats::NameState* name = name_of(refusal.asked, names)) {
    add(places, "keytab", name->keytab);
    add(places, "proxy", name->report.fqdn);
  }
  return Remedy{std::string(diagnosis::row_of(*cause).id), diagnosis::remedy(*cause, places)};
}

std::optional<Remedy> remedy_of(const stats::PassedOver& passed, const std::string& host,
                                const stats::NameStates& names) {
  const std::optional<Cause> cause = cause_of(passed.outcome);
  if (!cause) return std::nullopt;
  diagnosis::Places places;
  add(places, "host", host);
  if (const stats::NameState* name = name_of("", names)) add(places, "proxy", name->report.fqdn);
  return Remedy{std::string(diagnosis::row_of(*cause).id), diagnosis::remedy(*cause, places)};
}

std::string words(const Remedy& remedy) { return remedy.cause + ": " + remedy.text; }

std::string words(const stats::KeySeen& key) {
  return (key.kvno == 0 ? std::string("unknown kvno") : "kvno " + std::to_string(key.kvno)) + ' ' +
         login::enctype_words(key.enctype);
}

}  // namespace kerbgate::admin
