#include <algorithm>

#include "config/finish.hpp"
#include "kerbgate/name.hpp"

namespace kerbgate::config {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

/// The name in its compared form. One that is no FQDN is an alert where the FQDN check is strict, else a warning; said
/// once, however many listeners take it.
std::string checked_fqdn(const std::string& text, const Position& at, DnsCheck check, Report& report) {
  const auto fqdn = Fqdn::parse(text);
  if (fqdn) return fqdn->str();
  if (report.first("fqdn at " + at.file + ":" + std::to_string(at.line))) {
    report.say(check == DnsCheck::strict ? Level::alert : Level::warning, at,
               "'kerberos fqdn' : " + fqdn.error().what + "; write the whole name that clients connect to, such as " +
                   "impala.example.com");
  }
  return lower(text);
}

/// What would let in whom the line is to keep out is refused.
void check_verifying(const Proxy& proxy, const Kerberos& out, Report& report) {
  const KerberosDraft& own = proxy.settings.kerberos;
  if (out.verifies() && out.keytab.empty())
    report.say(
        Level::alert, own.login_at,
        "'kerberos login' : to verify logins takes the keys of their tickets: write 'kerberos keytab FILE', here "
        "or in the global section");
  if (out.verifies() && proxy.settings.tls_passthrough)
    report.say(Level::alert, own.login_at,
               "'kerberos login' : with 'tls-passthrough' no login is seen, so that none can be verified");
  if (!out.verifies() && (!out.access.empty() || out.maxconn_per_principal != 0))
    report.say(Level::alert, own.access_at,
               "'kerberos allow', 'deny' and 'maxconn-per-principal' : who logs in is known only with 'kerberos login "
               "verify'; everyone would be let in");
}

}  // namespace

Kerberos resolve_kerberos(const Draft& draft, const Proxy& proxy, Report& report) {
  const KerberosDraft& own = proxy.settings.kerberos;
  const KerberosDraft& above = draft.kerberos;
  Kerberos out;
  // Global's name is that of the TCP listeners: HTTP (a stats page) logs in otherwise.
  const bool inherits = proxy.settings.mode == Mode::tcp;
  if (own.fqdn) {
    out.fqdn = checked_fqdn(*own.fqdn, own.fqdn_at, draft.global.dns_check, report);
  } else if (above.fqdn && inherits) {
    out.fqdn = checked_fqdn(*above.fqdn, above.fqdn_at, draft.global.dns_check, report);
  }
  out.service = own.service.value_or(above.service.value_or(out.service));
  out.keytab = own.keytab.value_or(inherits ? above.keytab.value_or("") : "");
  out.principals = own.principals;
  if (out.principals.empty() && inherits && !own.fqdn && !own.service) out.principals = above.principals;
  out.login = own.login;
  out.mechanisms = own.mechanisms.value_or(out.mechanisms);
  out.plain_in_clear = own.plain_in_clear;
  out.access = own.access;
  out.maxconn_per_principal = own.maxconn_per_principal.value_or(0);
  check_verifying(proxy, out, report);
  if (out.login == Login::inspect && out.fqdn.empty() && out.principals.empty())
    report.say(
        Level::warning, own.login_at,
        "'kerberos login' : without 'kerberos fqdn' no ticket's principal is compared; any service's login passes");
  return out;
}

}  // namespace kerbgate::config
