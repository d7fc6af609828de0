#include "login/refusal.hpp"

#include <strings.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "login/frame.hpp"
#include "login/service.hpp"

namespace kerbgate::login {
namespace {

constexpr std::size_t kMaxValue = 200;
constexpr std::size_t kMaxServerName = 40;
constexpr std::size_t kMaxServerText = 120;
constexpr std::size_t kMaxGroups = 3;
constexpr std::size_t kMaxNames = 3;

constexpr std::array kTable{
    Words{
        Cause::garbage, "garbage",
        "the first bytes are no Thrift SASL login, TLS, HTTP or Thrift call: closed; look for a port scan, or a client "
        "of another protocol",
        false},
    Words{Cause::proxy_header, "proxy-header",
          "a PROXY protocol header came where none is expected: closed; write accept-proxy on the bind line, or take "
          "send-proxy off the balancer in front",
          false},
    Words{Cause::bad_client_hello, "bad-client-hello",
          "a TLS record came that holds no ClientHello of up to 64 KiB: closed; look at the TLS library of the client",
          false},
    Words{Cause::client_gave_up, "client-gave-up",
          "the client broke off its own login: closed; look at its log, mostly it has no ticket (kinit)", false},
    Words{Cause::not_kerberos, "not-kerberos",
          "{protocol} came where only Kerberos logins are let in: closed; set the client to a Kerberos login in the "
          "protocol of this listener, or write kerberos login inspect",
          false},

    Words{Cause::in_clear, "in-clear",
          "this port speaks TLS and the login came in clear: connect with TLS (impala-shell --ssl, JDBC ssl=true)"},
    Words{Cause::no_start, "no-start", "Expecting START status, received {status}"},
    Words{Cause::mechanism_length, "mechanism-length",
          "START announces a mechanism name of {length} octets, 1 to 20 are possible: use a Thrift SASL client"},
    Words{Cause::mechanism_name, "mechanism-name",
          "START names {mechanism}, which cannot be a SASL mechanism: use a Thrift SASL client"},
    Words{Cause::mechanism_refused, "mechanism-refused",
          "mechanism {mechanism} is not accepted here; use Kerberos (impala-shell -k)"},
    Words{Cause::plain_in_clear, "plain-in-clear",
          "mechanism PLAIN would send a password in clear; use TLS (impala-shell --ssl) or Kerberos (impala-shell -k)"},
    Words{Cause::plain_unproved, "plain-unproved",
          "mechanism PLAIN proves no principal and this proxy lets in by principal: use Kerberos (impala-shell -k)"},
    Words{Cause::no_token_frame, "no-token-frame",
          "Expecting OK or COMPLETE status after START, received {status}: use a Thrift SASL client"},
    Words{Cause::token_too_long, "token-too-long",
          "login announces a token of {length} octets, the most is {limit}: use a Thrift SASL client, or put the user "
          "into fewer groups"},
    Words{Cause::logins_too_large, "logins-too-large",
          "logins that are not decided yet hold {limit} here, and this one is large: try again in a moment"},
    Words{Cause::token_empty, "token-empty",
          "{mechanism} login is empty: the client found no credentials; for Kerberos run kinit first"},

    Words{Cause::token_not_gss, "token-not-gss",
          "{mechanism} login holds no GSSAPI token: set the client to Kerberos (impala-shell -k, AuthMech=1, "
          "principal=)"},
    Words{Cause::token_ntlm, "token-ntlm",
          "client sent NTLM, not Kerberos: log in to the domain and connect to {host} by that very name"},
    Words{Cause::token_no_ticket, "token-no-ticket",
          "client offers Kerberos and sent no ticket: run kinit, then connect to {host}"},
    Words{Cause::token_other_mechanism, "token-other-mechanism",
          "GSSAPI token is for mechanism {name}, not Kerberos: run kinit, then connect to {host}"},
    Words{Cause::token_damaged, "token-damaged",
          "Kerberos token cannot be read: connect again; if it stays so, look at the Kerberos library of the client"},

    Words{Cause::wrong_host, "wrong-host",
          "ticket is for {asked}, this proxy is {served}: connect to {host}, or for impala-shell add -b {host}"},
    Words{Cause::wrong_case, "wrong-case",
          "ticket is for {asked}, this proxy is {served}: Kerberos tells upper from lower case; write {host} just so"},
    Words{Cause::wrong_service, "wrong-service",
          "ticket is for {asked}, this proxy is {served}: set the service name {service} (impala-shell -s {service})"},
    Words{
        Cause::wrong_realm, "wrong-realm",
        "ticket is for {asked}, this proxy is {served}: name that realm in the principal that the client asks for, or "
        "map {host} to it under domain_realm in its krb5.conf"},

    Words{Cause::no_keytab, "no-keytab",
          "proxy has no keytab to verify logins with: try again later; its log says what is wrong with the file"},
    Words{
        Cause::keytab_no_service, "keytab-no-service",
        "keytab of the proxy holds no key of {asked}: export it at the KDC (ktadd -norandkey) and merge it there with "
        "kerbgate-keytool"},
    Words{Cause::keytab_no_enctype, "keytab-no-enctype",
          "ticket for {asked} is encrypted with {enctype}, the keytab of the proxy holds only {enctypes}: export all "
          "enctypes of it (ktadd -norandkey) and merge them there with kerbgate-keytool"},
    Words{Cause::keytab_no_kvno, "keytab-no-kvno",
          "ticket for {asked} needs {kvno} ({enctype}), the keytab of the proxy holds {kvnos}: if the ticket is older "
          "than its key run kdestroy and kinit, else export the key (ktadd -norandkey) and merge it there with "
          "kerbgate-keytool"},
    Words{
        Cause::keytab_wrong_key, "keytab-wrong-key",
        "ticket for {asked} does not open with {kvno} ({enctype}) in the keytab of the proxy: run kdestroy and kinit; "
        "if it stays so the KDC has another key, export that (ktadd -norandkey) and merge it there with --prefer "
        "first"},
    Words{Cause::enctype_not_permitted, "enctype-not-permitted",
          "ticket for {asked} or its session key is of an enctype that krb5.conf of the proxy does not permit "
          "({enctype}): give the principal AES keys, or add it to permitted_enctypes there"},
    Words{Cause::clock_skew, "clock-skew",
          "clock of the client is {skew} {direction} the clock of the proxy, {limit} are allowed: set the clocks "
          "(chronyc makestep)"},
    Words{Cause::ticket_expired, "ticket-expired", "ticket for {asked} has expired: run kinit"},
    Words{Cause::ticket_not_yet_valid, "ticket-not-yet-valid",
          "ticket for {asked} is not yet valid: set the clocks (chronyc makestep); if it is postdated, wait"},
    Words{Cause::realm_path, "realm-path",
          "ticket for {asked} came through realms that krb5.conf of the proxy does not allow: name their path under "
          "capaths there"},
    Words{Cause::unverifiable, "unverifiable",
          "Kerberos login cannot be verified ({words}): connect again; if it stays so, look at the Kerberos library of "
          "the client"},
    Words{Cause::replay, "replay",
          "this very login has been here before: connect again; if it was no client of yours, its bytes were copied on "
          "the way"},
    Words{Cause::replays_full, "replays-full",
          "proxy remembers {limit} logins, and as many came within the allowed clock skew: try again in some minutes"},

    Words{Cause::user_denied, "user-denied",
          "{user} may not log in here: ask who runs the proxy (kerberos allow, kerberos deny)"},
    Words{Cause::user_maxconn, "user-maxconn",
          "{user} has {limit} connections already: close some, or raise kerberos maxconn-per-principal"},

    Words{Cause::login_timeout, "login-timeout",
          "no whole login came within {time}: connect again; for clients that are only slow raise timeout login"},
    Words{
        Cause::queue_timeout, "queue-timeout",
        "every coordinator of {backend} is full and none came free within {time}: try again later, or raise maxconn of "
        "the servers"},
    Words{Cause::maxconn, "maxconn", "proxy is full with {limit} connections: try again later, or raise its maxconn"},
    Words{Cause::login_broken, "login-broken",
          "login broke off ({why}): connect again; if it stays so, set kerberos login verify here"},
    Words{Cause::login_stale, "login-stale",
          "login is more than {time} old and no coordinator would take it: connect again, and call sooner"},
    Words{Cause::no_server_up, "no-server-up",
          "no coordinator of {backend} is up: try again later; the log of the proxy says why each is down"},
    Words{Cause::all_failed, "all-failed", "no coordinator took this login: {attempts}"},
};

template <class Row, std::size_t N, class Key>
constexpr bool in_order(const std::array<Row, N>& rows, Key Row::*key, int first) {
  for (std::size_t i = 0; i < N; ++i) {
    if (static_cast<int>(rows[i].*key) != first + static_cast<int>(i)) return false;
  }
  return true;
}
static_assert(in_order(kTable, &Words::cause, static_cast<int>(Cause::none) + 1));
static_assert(kTable.back().cause == Cause::all_failed, "every cause has its row");

using Outcome = Attempt::Outcome;
constexpr std::array kOutcomes{
    OutcomeWords{Outcome::refused, "refused", "connection refused"},
    OutcomeWords{Outcome::timeout, "timeout", "no connection in time"},
    OutcomeWords{Outcome::reset, "reset", "connection reset"},
    OutcomeWords{Outcome::closed, "closed", "closed without a word"},
    OutcomeWords{Outcome::bad, "bad", "answered BAD"},
    OutcomeWords{Outcome::error, "error", "answered ERROR"},
    OutcomeWords{Outcome::insecure, "insecure", "TLS handshake failed"},
    OutcomeWords{Outcome::no_answer, "no-answer", "no answer to the login in time"},
    OutcomeWords{Outcome::foreign, "foreign", "answered in no SASL frame; is this its Kerberos port"},
    OutcomeWords{Outcome::unproved, "unproved", "did not go on with the login as a holder of the key"},
};

static_assert(in_order(kOutcomes, &OutcomeWords::outcome, 0));
static_assert(kOutcomes.back().outcome == Outcome::unproved, "every outcome has its row");

const OutcomeWords& words_of(Outcome outcome) { return kOutcomes[static_cast<std::size_t>(outcome)]; }

/// What a coordinator does not say: impalad closes in silence and JGSS answers BAD for any GSSAPI failure.
std::string likely_reason(const Attempt& attempt, const Ticket& ticket) {
  const std::string kvno = ticket.kvno == 0 ? "the key" : "kvno " + std::to_string(ticket.kvno);
  const std::string service = plain(ticket.service, kMaxServerText);
  const std::string_view coordinator = std::string_view(attempt.address).substr(0, attempt.address.rfind(':'));
  return ": most likely the keytab there lacks " + kvno + " (" + enctype_words(ticket.enctype) + ") of " + service +
         ", the ticket is older than its key, or a clock is off; run kinit, else run kerbgate-keytool doctor on " +
         plain(coordinator, kMaxServerText);
}

bool same_story(const Attempt& a, const Attempt& b) { return a.outcome == b.outcome && a.text == b.text; }

std::vector<std::vector<const Attempt*>> grouped(const std::vector<Attempt>& attempts) {
  std::vector<std::vector<const Attempt*>> groups;
  for (const Attempt& attempt : attempts) {
    const auto group = std::find_if(groups.begin(), groups.end(),
                                    [&](const auto& other) { return same_story(*other.front(), attempt); });
    if (group == groups.end()) {
      groups.push_back({&attempt});
    } else {
      group->push_back(&attempt);
    }
  }
  return groups;
}

std::string names(const std::vector<const Attempt*>& group) {
  std::string list;
  for (std::size_t i = 0; i < std::min(group.size(), kMaxNames); ++i) {
    list += (i == 0 ? "" : ", ") + plain(group[i]->server, kMaxServerName);
  }
  if (group.size() > kMaxNames) list += " and " + std::to_string(group.size() - kMaxNames) + " more";
  return list;
}

std::string_view value_of(std::string_view place, std::initializer_list<Value> values) {
  const auto* found = std::find_if(values.begin(), values.end(), [&](const Value& v) { return v.place == place; });
  return found == values.end() ? std::string_view{} : found->value;
}

/// `text` with its places filled; a value is never looked into for places.
std::string filled(std::string_view text, std::initializer_list<Value> values, std::size_t max_value) {
  std::string line;
  for (auto open = text.find('{'); open != std::string_view::npos; open = text.find('{')) {
    const auto close = text.find('}', open);
    const std::string_view value = value_of(text.substr(open + 1, close - open - 1), values);
    line += text.substr(0, open);
    line += value.empty() ? std::string(text.substr(open, close + 1 - open)) : plain(value, max_value);
    text.remove_prefix(close + 1);
  }
  return line.append(text);
}

}  // namespace

std::span<const Words> refusal_table() { return kTable; }
std::span<const OutcomeWords> outcome_table() { return kOutcomes; }

const Words& words(Cause cause) { return kTable.at(static_cast<std::size_t>(cause) - 1); }

std::string refusal(Cause cause, std::initializer_list<Value> values) {
  return plain(filled(words(cause).text, values, kMaxValue), kMaxText);
}

std::string describe(const Attempt& attempt, const std::optional<Ticket>& ticket) {
  std::string line(words_of(attempt.outcome).text);
  // The system's text is mostly the same words again.
  const bool repeats = strncasecmp(attempt.text.c_str(), line.c_str(), line.size()) == 0;
  if (!attempt.text.empty() && !repeats) line += " (" + plain(attempt.text, kMaxServerText) + ")";
  const bool silent = attempt.outcome == Outcome::closed || attempt.outcome == Outcome::bad;
  if (ticket && silent) line += likely_reason(attempt, *ticket);
  return line;
}

std::string all_failed(const std::vector<Attempt>& attempts, const std::optional<Ticket>& ticket) {
  if (attempts.empty()) return refusal(Cause::no_server_up, {{"backend", "this listener"}});
  const auto groups = grouped(attempts);
  std::string list;
  for (std::size_t i = 0; i < std::min(groups.size(), kMaxGroups); ++i) {
    list += (i == 0 ? "" : "; ") + names(groups[i]) + ": " + describe(*groups[i].front(), ticket);
  }
  std::size_t untold = 0;
  for (std::size_t i = kMaxGroups; i < groups.size(); ++i) untold += groups[i].size();
  if (untold > 0) list += "; " + std::to_string(untold) + " more otherwise";
  return plain(filled(words(Cause::all_failed).text, {{"attempts", list}}, kMaxText), kMaxText);
}

}  // namespace kerbgate::login
