#include <algorithm>

#include "config/keyword.hpp"
#include "config/nearest.hpp"

namespace kerbgate::config {
namespace {

/// Global's, or the section's own.
KerberosDraft& kerberos(const Statement& line) {
  return line.draft.proxy != nullptr ? line.settings().kerberos : line.draft.kerberos;
}

void set_fqdn(const Statement& line) {
  kerberos(line).fqdn = line.args[0].text;
  kerberos(line).fqdn_at = line.place.at(line.args[0]);
}

void set_service(const Statement& line) {
  if (line.args[0].text.find_first_of("/@ \t\n\\") != std::string::npos)
    return line.place.alert(line.args[0], quoted(line.args[0].text) +
                                              " is no service name: the word before the '/', as in "
                                              "impala/proxy.example.com");
  kerberos(line).service = line.args[0].text;
}

void add_principal(const Statement& line) {
  const std::string& text = line.args[0].text;
  const std::size_t slash = text.find('/');
  const std::size_t at = text.find('@');
  const bool whole =
      slash != std::string::npos && slash > 0 && slash + 1 < std::min(at, text.size()) && at != text.size() - 1;
  if (!whole)
    return line.place.alert(line.args[0],
                            quoted(text) + " is no service principal: write SERVICE/HOST or SERVICE/HOST@REALM");
  KerberosDraft& mine = kerberos(line);
  if (mine.principals_inherited) mine.principals.clear();
  mine.principals_inherited = false;
  mine.principals.push_back(text);
}

void set_keytab(const Statement& line) { kerberos(line).keytab = line.args[0].text; }

void set_login(const Statement& line) {
  const Word& word = line.args[0];
  kerberos(line).login_at = line.place.at(word);
  if (word.text == "pass" || word.text == "inspect") {
    kerberos(line).login = word.text == "pass" ? Login::pass : Login::inspect;
  } else if (word.text == "verify") {
    kerberos(line).login = Login::verify;
  } else if (word.text == "late") {
    kerberos(line).login = Login::late;
  } else {
    static constexpr std::string_view kKnown[] = {"pass", "inspect", "verify", "late"};
    line.place.alert(word, "supports pass, inspect, verify and late (got " + quoted(word.text) + ")" +
                               did_you_mean(word.text, kKnown));
  }
}

void set_mechanisms(const Statement& line) {
  std::vector<std::string> mechanisms;
  bool in_clear = false;
  for (const Word& word : line.args) {
    std::string name = word.text;
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    if (name == "PLAIN-IN-CLEAR")
      in_clear = true;
    else if (name == "GSSAPI" || name == "PLAIN")
      mechanisms.push_back(name);
    else
      return line.place.alert(word, "supports GSSAPI, PLAIN and plain-in-clear (got " + quoted(word.text) + ")");
  }
  if (mechanisms.empty()) return line.place.alert(line.args[0], "names no mechanism: GSSAPI, PLAIN or both");
  kerberos(line).mechanisms = std::move(mechanisms);
  kerberos(line).plain_in_clear = in_clear;
}

template <bool Allow>
void add_access(const Statement& line) {
  rules::Access access{Allow, {}};
  for (const Word& word : line.args) {
    // Without a realm it would match nobody, or everybody of every realm that is trusted: neither is meant.
    if (word.text.find('@') == std::string::npos && word.text != "*")
      return line.place.alert(word, quoted(word.text) +
                                        " has no realm: write it whole, as in alice@EXAMPLE.COM, "
                                        "*/admin@EXAMPLE.COM or *@EXAMPLE.COM");
    access.patterns.push_back(word.text);
  }
  kerberos(line).access.push_back(std::move(access));
  kerberos(line).access_at = line.place.at(line.head);
}

void set_most_per_principal(const Statement& line) {
  const auto most = line.place.number(line.args[0], 1, kMostConnections);
  if (!most) return;
  kerberos(line).maxconn_per_principal = std::uint32_t(*most);
  kerberos(line).access_at = line.place.at(line.head);
}

void set_dns_check(const Statement& line) {
  const std::string& word = line.args[0].text;
  if (word == "strict" || word == "warn" || word == "off") {
    line.global().dns_check = word == "strict" ? DnsCheck::strict : word == "warn" ? DnsCheck::warn : DnsCheck::off;
  } else {
    line.place.alert(line.args[0], "supports strict, warn and off (got " + quoted(word) + ")");
  }
}
void set_dns_interval(const Statement& line) {
  if (const auto time = line.place.time(line.args[0], false)) line.global().dns_interval = *time;
}
void set_state_file(const Statement& line) { line.global().state_file = line.args[0].text; }

constexpr Keyword kRows[] = {
    {kG, "kerberos fqdn", "NAME", State::working, 1, 1, set_fqdn, "the name that clients connect to", ""},
    {kG, "kerberos service", "NAME", State::working, 1, 1, set_service, "first part of the principal (impala)", ""},
    {kG, "kerberos principal", "PRINCIPAL", State::working, 1, 1, add_principal,
     "what tickets may be for (service/fqdn); may repeat; a realm is compared only if written", ""},
    {kG, "kerberos keytab", "FILE", State::working, 1, 1, set_keytab, "the keytab that holds it", ""},
    {kG, "kerberos dns-check", "strict|warn|off", State::working, 1, 1, set_dns_check,
     "what a fqdn that DNS contradicts does: refuse (default), warn, nothing", ""},
    {kG, "kerberos dns-interval", "TIME", State::working, 1, 1, set_dns_interval, "between checks of the fqdn (5m)",
     ""},
    {kG, "kerberos state-file", "FILE", State::working, 1, 1, set_state_file,
     "keeps over restarts which coordinator made which session (login late)", ""},
    {kFront, "kerberos fqdn", "NAME", State::working, 1, 1, set_fqdn,
     "of this listener; global's principals then do not count", ""},
    {kFront, "kerberos service", "NAME", State::working, 1, 1, set_service, "of this listener; likewise", ""},
    {kFront, "kerberos principal", "PRINCIPAL", State::working, 1, 1, add_principal,
     "of this listener, instead of global's", ""},
    {kFront, "kerberos keytab", "FILE", State::working, 1, 1, set_keytab, "of this listener", ""},
    {kFront, "kerberos login", "pass|inspect|verify|late", State::working, 1, 1, set_login,
     "how far logins are read: inspect when there is a fqdn, else pass; verify and late need a keytab", ""},
    {kFront, "kerberos mechanisms", "GSSAPI [PLAIN] [plain-in-clear]", State::working, 1, 3, set_mechanisms,
     "SASL mechanisms that may log in (GSSAPI); PLAIN only over TLS unless plain-in-clear", ""},
    {kFront, "kerberos allow", "PATTERN...", State::working, 1, -1, add_access<true>,
     "principals that are let in (* and ? in them); with login verify; all others are kept out", ""},
    {kFront, "kerberos deny", "PATTERN...", State::working, 1, -1, add_access<false>,
     "principals that are kept out; of allow and deny lines the first that fits decides", ""},
    {kFront, "kerberos maxconn-per-principal", "N", State::working, 1, 1, set_most_per_principal,
     "connections at once of one principal; with login verify", ""},
};

}  // namespace

std::span<const Keyword> kerberos_keywords() { return kRows; }

}  // namespace kerbgate::config
