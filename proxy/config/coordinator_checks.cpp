// Checks that know Impala: a login, the daemon's web port.
#include <algorithm>

#include "config/finish.hpp"
#include "config/keyword.hpp"
#include "config/nearest.hpp"
#include "kerbgate/principal.hpp"

namespace kerbgate::config {
namespace {

/// Words in pairs, as `inter 10s`; `alone` stand by themselves. An alert says what is wrong.
class Arguments {
 public:
  explicit Arguments(const Statement& line) : line_(line) {}

  /// False at the end, and where something is wrong.
  bool next(std::initializer_list<std::string_view> known, std::initializer_list<std::string_view> alone = {}) {
    if (at_ == line_.args.size()) return false;
    word_ = &line_.args[at_++];
    value_ = nullptr;
    if (std::find(alone.begin(), alone.end(), word_->text) != alone.end()) return true;
    if (std::find(known.begin(), known.end(), word_->text) == known.end()) {
      std::vector<std::string_view> all(known);
      all.insert(all.end(), alone.begin(), alone.end());
      line_.place.alert(*word_, "unknown argument " + quoted(word_->text) + did_you_mean(word_->text, all));
      return failed_ = true, false;
    }
    if (at_ == line_.args.size()) {
      line_.place.alert(*word_, "missing argument after " + quoted(word_->text));
      return failed_ = true, false;
    }
    value_ = &line_.args[at_++];
    return true;
  }
  [[nodiscard]] bool is(std::string_view text) const { return word_->text == text; }
  [[nodiscard]] const Word& value() const { return *value_; }
  void take(Millis& out) {
    const auto time = line_.place.time(value(), false);
    failed_ = failed_ || !time;
    if (time && *time < Millis(100)) {
      line_.place.alert(value(), quoted(value().text) + " is too short a time between logins: at least 100ms");
      failed_ = true;
    }
    out = time.value_or(out);
  }
  void take(std::uint16_t& out) {
    const auto port = line_.place.number(value(), 1, 65535);
    failed_ = failed_ || !port;
    out = static_cast<std::uint16_t>(port.value_or(out));
  }
  [[nodiscard]] bool right() const { return !failed_; }

 private:
  const Statement& line_;
  std::size_t at_ = 0;
  const Word* word_ = nullptr;
  const Word* value_ = nullptr;
  bool failed_ = false;
};

void set_kerberos_check(const Statement& line) {
  KerberosCheck check;
  check.on = !line.negated;
  Arguments arguments(line);
  while (arguments.next({"inter"})) arguments.take(check.inter);
  if (arguments.right()) line.settings().kerberos_check = check;
}

void set_impala_check(const Statement& line) {
  ImpalaCheck check;
  check.on = !line.negated;
  Arguments arguments(line);
  while (arguments.next({"port", "auth", "inter"}, {"ssl"})) {
    if (arguments.is("ssl")) check.tls = true;
    if (arguments.is("port")) arguments.take(check.port);
    if (arguments.is("auth")) check.auth_file = arguments.value().text;
    if (arguments.is("inter")) arguments.take(check.inter);
  }
  if (arguments.right()) line.settings().impala_check = check;
}

void set_check_principal(const Statement& line) {
  if (const auto principal = Principal::parse(line.args[0].text, "REALM"); !principal)
    return line.place.alert(line.args[0], principal.error().what);
  line.global().check_principal = line.args[0].text;
  if (line.args.size() == 1) return;
  if (line.args[1].text != "keytab")
    return line.place.alert(line.args[1], "only accepts 'keytab FILE' (got " + quoted(line.args[1].text) + ")");
  if (line.args.size() == 2) return line.place.alert(line.args[1], "missing argument after 'keytab'");
  line.global().check_keytab = line.args[2].text;
}

constexpr Keyword kRows[] = {
    {kBack, "option kerberos-check", "[inter TIME]", State::working, 0, 2, set_kerberos_check,
     "checks by a GSSAPI login beside the TCP check, every 30s; kerbgate's own", ""},
    {kBack, "option impala-check", "[port N] [ssl] [auth FILE] [inter TIME]", State::working, 0, 7, set_impala_check,
     "checks by impalad's web port (25000) beside the TCP check, every 30s; kerbgate's own", ""},
    {kG, "kerberos check-principal", "PRINCIPAL [keytab FILE]", State::working, 1, 3, set_check_principal,
     "who logs in to check (the listener's own principal, with kerberos keytab)", ""},
};

bool is_checked(const Server& server) { return server.check; }

void check_backend(const Config& config, const Backend& backend, Report& report) {
  const auto warn = [&](const std::string& text) {
    report.say(Level::warning, backend.at, quoted(backend.name) + " : " + text);
  };
  const bool checks = backend.kerberos_check.on || backend.impala_check.on;
  if (checks && !backend.servers.empty() && std::none_of(backend.servers.begin(), backend.servers.end(), is_checked))
    warn(std::string("'option ") + (backend.kerberos_check.on ? "kerberos" : "impala") +
         "-check' does nothing: no server line says 'check'");
  if (backend.kerberos_check.on) {
    if (service_to_check(config, backend).principals.empty())
      warn("'option kerberos-check' does nothing: set 'kerberos fqdn', whose principal tickets are for");
    else if (config.global.check_keytab.empty() && service_to_check(config, backend).keytab.empty())
      warn(
          "'option kerberos-check' does nothing: set 'kerberos keytab', or 'kerberos check-principal' with a keytab, "
          "to "
          "log in with");
  }
  if (backend.balance == Balance::leastqueries && !backend.impala_check.on)
    warn("'balance leastqueries' needs 'option impala-check', which counts them: 'leastconn' is used");
}

}  // namespace

std::span<const Keyword> coordinator_check_keywords() { return kRows; }

void check_coordinator_checks(const Config& config, Report& report) {
  for (const Backend& backend : config.backends)
    if (!backend.disabled && backend.mode == Mode::tcp) check_backend(config, backend, report);
}

CheckedService service_to_check(const Config& config, const Backend& backend) {
  const auto leads_here = [&](const Frontend& front) {
    return front.default_backend == backend.name ||
           std::any_of(front.routes.begin(), front.routes.end(),
                       [&](const Route& route) { return route.backend == backend.name; });
  };
  CheckedService out;
  bool known = false, led_to = false;
  for (const Frontend& front : config.frontends) {
    if (!leads_here(front)) continue;
    led_to = true;
    for (const Bind& bind : front.binds) out.in_clear = out.in_clear || !bind.tls.on;
    if (known || front.kerberos.effective_principals().empty()) continue;
    known = true;
    out.principals = front.kerberos.effective_principals();
    out.fqdn = front.kerberos.fqdn;
    out.keytab = front.kerberos.keytab;
  }
  if (!led_to) {
    out.in_clear = true;
    out.principals = config.global.kerberos.effective_principals();
    out.fqdn = config.global.kerberos.fqdn;
  }
  if (out.keytab.empty()) out.keytab = config.global.kerberos.keytab;
  return out;
}

}  // namespace kerbgate::config
