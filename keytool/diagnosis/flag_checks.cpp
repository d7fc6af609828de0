#include "diagnosis/flag_checks.hpp"

#include <algorithm>

#include "diagnosis/cause.hpp"
#include "kerbgate/principal.hpp"
#include "lower.hpp"

namespace kerbgate::diagnosis {
namespace {

constexpr std::string_view kToken = "_HOST";

/// impalad's reading: the first _HOST, wherever it stands, becomes gethostname() as it is.
std::string expanded(const std::string& value, const std::string& hostname) {
  const std::size_t at = value.find(kToken);
  if (at == std::string::npos) return value;
  return value.substr(0, at) + hostname + value.substr(at + kToken.size());
}

bool is_service_and_host(const std::string& value) {
  const auto principal = Principal::parse(value, "DEFAULT");
  return principal && principal->components.size() == 2 && !principal->components[0].empty() &&
         !principal->components[1].empty();
}

bool same_without_case(const std::string& a, const std::string& b) { return lower(a) == lower(b); }

class Checks {
 public:
  Checks(const FlagfileForm& form, const FlagNeeds& needs) : form_(form), flags_(form.flags), needs_(needs) {}

  std::vector<CheckResult> run() {
    principal();
    be_principal();
    keytab_file();
    hostname();
    switched_off();
    tls();
    return std::move(results_);
  }

 private:
  [[nodiscard]] std::string wanted(std::string_view flag) const { return needs_.wanted.value(flag); }
  [[nodiscard]] bool is_coordinator() const { return needs_.wanted.role == Role::coordinator; }
  [[nodiscard]] std::string own_principal() const { return wanted(is_coordinator() ? "be_principal" : "principal"); }

  void pass(const char* flag, std::string found) { results_.push_back(passed(needs_.file, flag, std::move(found))); }

  /// A problem with the flag, at its line when it stands there.
  void wrong(Verdict verdict, const char* check, const std::string& found, Cause cause, const std::string& right,
             std::string_view flag) {
    const FileFlag* there = flags_.find(flag);
    results_.push_back(problem(verdict, needs_.file, check, found, cause,
                               {{"flagfile", needs_.file},
                                {"line", there != nullptr ? std::to_string(there->line) : "?"},
                                {"flag", std::string(flag)},
                                {"found", there != nullptr ? *there->value : ""},
                                {"wanted", right},
                                {"role", std::string(role_name(needs_.wanted.role))},
                                {"host", needs_.wanted.host},
                                {"keytab", wanted("keytab_file")}}));
  }

  bool blamed(const char* flag) {
    const auto by = form_.blamed.find(flag);
    if (by == form_.blamed.end()) return false;
    results_.push_back(skipped(needs_.file, flag, "not read as written: see " + by->second));
    return true;
  }

  void principal() {
    if (blamed("principal")) return;
    const std::string value = flags_.value("principal");
    if (!value.empty() && is_proxys_on_another_daemon(value)) return;
    if (!value.empty()) return compare("principal", value);
    const bool backend = !flags_.value("be_principal").empty() || form_.blamed.contains("be_principal");
    wrong(Verdict::fail, "principal", backend ? "not set, and be_principal is" : "not set",
          backend ? Cause::be_principal_without_principal : Cause::principal_flag_missing, wanted("principal"),
          "principal");
  }

  /// The proxy's principal where no client comes. be_principal saves it, since it is the internal one.
  bool is_proxys_on_another_daemon(const std::string& value) {
    if (is_coordinator() || needs_.proxy_principal.empty() || value != needs_.proxy_principal) return false;
    if (value == wanted("principal")) return false;
    const bool saved = flags_.value("be_principal") == own_principal();
    wrong(saved ? Verdict::warn : Verdict::fail, "principal",
          value +
              (saved ? ", the proxy's; be_principal is used instead" : ", the proxy's, and no be_principal of its own"),
          Cause::statestored_with_proxy_principal, own_principal(), "principal");
    return true;
  }

  void be_principal() {
    if (blamed("be_principal")) return;
    const std::string value = flags_.value("be_principal");
    if (!value.empty()) return compare("be_principal", value);
    if (!is_coordinator()) return;
    if (flags_.value("principal").empty()) return;  // that row says it all
    wrong(Verdict::fail, "be_principal",
          "not set, so that the coordinator is " + flags_.value("principal") + " everywhere",
          Cause::coordinator_without_be_principal, wanted("be_principal"), "be_principal");
  }

  void compare(const char* flag, const std::string& value) {
    const std::string right = is_coordinator() ? wanted(flag) : own_principal();
    if (value.find(kToken) != std::string::npos) return compare_token(flag, value, right);
    if (value == right) return pass(flag, value);
    if (!is_service_and_host(value)) {
      return wrong(Verdict::fail, flag, value, Cause::principal_flag_malformed, right, flag);
    }
    if (value == right.substr(0, right.find('@'))) {
      return wrong(Verdict::warn, flag, value + ": without a realm that of the host's krb5.conf counts",
                   Cause::flag_value_differs, right, flag);
    }
    const char* how = same_without_case(value, right) ? ", capital letters aside" : "";
    wrong(Verdict::fail, flag, value + " instead of " + right + how, Cause::flag_value_differs, right, flag);
  }

  void compare_token(const char* flag, const std::string& value, const std::string& right) {
    if (needs_.hostname.empty()) {
      const bool external = is_coordinator() && std::string_view(flag) == "principal";
      if (!external) return wrong(Verdict::warn, flag, value, Cause::host_token_unknown, right, flag);
      return wrong(Verdict::fail, flag, value + ": the host's own name is not the proxy's", Cause::flag_value_differs,
                   right, flag);
    }
    const std::string real = expanded(value, needs_.hostname);
    if (real == right) return pass(flag, value + ", which is " + real + " here");
    wrong(Verdict::fail, flag, value + " becomes " + real + " instead of " + right, Cause::host_token_short, right,
          flag);
  }

  void keytab_file() {
    if (blamed("keytab_file")) return;
    const std::string value = flags_.value("keytab_file"), right = wanted("keytab_file");
    if (value.empty()) {
      return wrong(Verdict::fail, "keytab_file", "not set", Cause::keytab_flag_missing, right, "keytab_file");
    }
    if (!value.starts_with('/')) {
      return wrong(Verdict::fail, "keytab_file", value, Cause::keytab_path_relative, right, "keytab_file");
    }
    const bool same = value == right || (needs_.same_file && needs_.same_file(value, right));
    if (same) return pass("keytab_file", value);
    wrong(Verdict::fail, "keytab_file", value + " instead of " + right, Cause::keytab_path_differs, right,
          "keytab_file");
  }

  void hostname() {
    const std::string value = flags_.value("hostname"), &host = needs_.wanted.host;
    if (value.empty()) return;
    if (value == host) return pass("hostname", value);
    const bool is_short = same_without_case(value, host.substr(0, host.find('.')));
    const bool near = is_short || same_without_case(value, host);
    wrong(near ? Verdict::warn : Verdict::fail, "hostname", value + " instead of " + host, Cause::hostname_flag_differs,
          host, "hostname");
  }

  void switched_off() {
    for (const char* flag : {"skip_internal_kerberos_auth", "skip_external_kerberos_auth"}) {
      if (flags_.on(flag)) wrong(Verdict::warn, flag, "on", Cause::kerberos_switched_off, "", flag);
    }
    const char* removed = "kerberos_reinit_interval";
    if (flags_.find(removed) != nullptr) {
      wrong(Verdict::warn, removed, flags_.value(removed), Cause::flag_removed, "", removed);
    }
  }

  void tls() {
    const bool certificate = !flags_.value("ssl_server_certificate").empty();
    const bool key = !flags_.value("ssl_private_key").empty();
    if (certificate == key) return;
    const char* missing = certificate ? "ssl_private_key" : "ssl_server_certificate";
    const char* there = certificate ? "ssl_server_certificate" : "ssl_private_key";
    wrong(Verdict::fail, "TLS flags", std::string(there) + " is set and " + missing + " is not",
          Cause::tls_flags_incomplete, "", missing);
  }

  const FlagfileForm& form_;
  const EffectiveFlags& flags_;
  const FlagNeeds& needs_;
  std::vector<CheckResult> results_;
};

}  // namespace

std::vector<CheckResult> flag_checks(const FlagfileForm& form, const FlagNeeds& needs) {
  return Checks(form, needs).run();
}

}  // namespace kerbgate::diagnosis
