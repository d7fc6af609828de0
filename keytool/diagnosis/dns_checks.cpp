#include "diagnosis/dns_checks.hpp"

#include <algorithm>

#include "diagnosis/name_checks.hpp"
#include "kerbgate/canonical.hpp"
#include "kerbgate/name.hpp"

namespace kerbgate::diagnosis {
namespace {

std::optional<Cause> first_fault(const std::vector<CheckResult>& rows) {
  for (const CheckResult& row : rows) {
    const CauseRow* cause = row.verdict == Verdict::fail ? find_cause(row.cause) : nullptr;
    if (cause != nullptr) return cause->cause;
  }
  return std::nullopt;
}

/// One row for each setting of krb5.conf: what is asked for then.
void add_settings(const NameReport& report, const std::string& service, DnsChecks& checks) {
  const std::string wanted = service + "/" + report.fqdn;
  const std::string address = report.addresses.empty() ? std::string() : report.addresses.front().address.str();
  for (const ClientView& view : report.views) {
    const std::string check = "with " + view.setting, found = "clients ask for " + view.principal;
    if (view.principal == wanted) {
      checks.rows.push_back(passed(report.fqdn, check, found));
      continue;
    }
    const Places places{{"name", report.fqdn},
                        {"proxy", report.fqdn},
                        {"address", address},
                        {"found", view.principal.substr(view.principal.find('/') + 1)}};
    checks.rows.push_back(
        problem(Verdict::fail, report.fqdn, check, found, checks.fault.value_or(Cause::ptr_other_name), places));
  }
}

}  // namespace

DnsChecks dns_checks(const std::string& name, const std::string& service, const std::vector<std::string>& hosts,
                     Resolver& resolver) {
  DnsChecks checks;
  checks.rows.push_back(spelling_check(name));
  const auto fqdn = Fqdn::parse(name);
  if (fqdn) {
    for (CheckResult& row : name_checks(fqdn->str(), hosts, resolver)) checks.rows.push_back(std::move(row));
  }
  checks.fault = first_fault(checks.rows);
  if (!fqdn) return checks;
  const NameReport report = check_name(fqdn->str(), service, resolver);
  if (!report.addresses.empty()) add_settings(report, service, checks);
  return checks;
}

}  // namespace kerbgate::diagnosis
