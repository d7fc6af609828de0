#include <algorithm>
#include <map>

#include "kerbgate/canonical.hpp"

namespace kerbgate {
namespace {

/// One look at the world for the whole check, so that its parts cannot disagree.
class OneLook : public Resolver {
 public:
  explicit OneLook(Resolver& behind) : behind_(behind) {}

  Result<Forward> forward(const std::string& host) override {
    auto found = names_.find(host);
    if (found == names_.end()) found = names_.emplace(host, behind_.forward(host)).first;
    return found->second;
  }

  Result<std::optional<std::string>> reverse(const IpAddress& address) override {
    auto found = pointers_.find(address.str());
    if (found == pointers_.end()) found = pointers_.emplace(address.str(), behind_.reverse(address)).first;
    return found->second;
  }

 private:
  Resolver& behind_;
  std::map<std::string, Result<Forward>> names_;
  std::map<std::string, Result<std::optional<std::string>>> pointers_;
};

/// Lower case, without the trailing dot: as libkrb5 would put it into a principal.
std::string folded(const std::string& name, Resolver& resolver) {
  return canonical(name, {Canonicalize::no, false, ""}, resolver).host;
}

Finding absent(const std::string& fqdn) {
  return {
      Severity::error, Errc::not_found,
      fqdn +
          ": the name has no address, so nobody can reach it: create its A or AAAA record (and the PTR record of that "
          "address), or add it to /etc/hosts on every host"};
}

Finding unanswered(const std::string& subject, const std::string& why) {
  return {Severity::warning, Errc::dns_no_answer,
          subject + ": DNS did not answer (" + why +
              "), so it is not known what clients will ask for: check "
              "/etc/resolv.conf and the name servers it names"};
}

Finding alias(const std::string& fqdn, const std::string& real, const std::string& service) {
  const std::string what = fqdn + ": the name is an alias (CNAME or hosts-file alias) of " + real +
                           ", so clients ask for " + service + "/" + real + ", not for " + service + "/" + fqdn;
  if (real.find('.') == std::string::npos) {
    return {Severity::error, Errc::dns_mismatch, what + ": write the full name first on its line in /etc/hosts"};
  }
  return {Severity::error, Errc::dns_mismatch,
          what + ": give " + fqdn + " an A record of its own, or use " + real +
              " as the proxy's name, or set dns_canonicalize_hostname = false in krb5.conf on every client and "
              "coordinator"};
}

Finding other_pointer(const std::string& fqdn, const std::string& address, const std::string& pointer) {
  return {Severity::error, Errc::dns_mismatch,
          fqdn + ": " + address + " reverse-resolves to " + pointer + ", not to " + fqdn +
              ": fix the PTR record, or set rdns = false in krb5.conf on every client and coordinator"};
}

Finding no_pointer(const std::string& fqdn, const std::string& address) {
  return {Severity::warning, Errc::not_found,
          fqdn + ": " + address +
              " has no PTR record; MIT Kerberos then keeps the forward name, other clients may "
              "not: create a PTR record that names " +
              fqdn};
}

void check_address(const IpAddress& address, const std::string& real, OneLook& dns, NameReport& report) {
  const std::string text = address.str();
  const auto pointer = dns.reverse(address);
  report.addresses.push_back({address, "", pointer.ok()});
  if (!pointer) {
    report.findings.push_back(unanswered(report.fqdn + ": " + text, pointer.error().what));
  } else if (!pointer->has_value()) {
    report.findings.push_back(no_pointer(report.fqdn, text));
  } else {
    const std::string name = folded(**pointer, dns);
    report.addresses.back().ptr = name;
    // The name behind an alias has been reported as that.
    if (name != report.fqdn && name != real) report.findings.push_back(other_pointer(report.fqdn, text, name));
  }
}

void check_dns(const std::string& service, OneLook& dns, NameReport& report) {
  const std::string& fqdn = report.fqdn;
  const auto forward = dns.forward(fqdn);
  if (!forward) {
    const bool missing = forward.error().is(Errc::not_found);
    report.findings.push_back(missing ? absent(fqdn) : unanswered(fqdn, forward.error().what));
    return;
  }
  const std::string real = folded(forward->canonical, dns);
  if (real != fqdn) report.findings.push_back(alias(fqdn, real, service));
  for (const IpAddress& address : forward->addresses) check_address(address, real, dns, report);
}

void add_views(const std::string& service, OneLook& dns, NameReport& report) {
  const std::pair<const char*, CanonicalRules> settings[] = {
      {"rdns = true", {Canonicalize::yes, true, ""}},
      {"rdns = false", {Canonicalize::yes, false, ""}},
      {"dns_canonicalize_hostname = false", {Canonicalize::no, false, ""}},
      {"dns_canonicalize_hostname = fallback", {Canonicalize::fallback, false, ""}},
  };
  for (const auto& [setting, rules] : settings) {
    report.views.push_back({setting, service + "/" + canonical(report.fqdn, rules, dns).host});
  }
}

/// "service/host" of an entry; empty for a principal of another form.
std::string service_and_host(const Principal& principal) {
  return principal.components.size() == 2 ? principal.components[0] + "/" + principal.components[1] : std::string();
}

/// "impala/a@R, impala/b@R and 3 more".
std::string contents(const std::vector<keytab::Entry>& keytab) {
  constexpr std::size_t kNamed = 4;
  std::vector<std::string> names;
  for (const auto& entry : keytab) {
    const std::string name = entry.principal.printable();
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  if (names.empty()) return "nothing";
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kNamed); ++i) text += (i > 0 ? ", " : "") + names[i];
  return names.size() > kNamed ? text + " and " + std::to_string(names.size() - kNamed) + " more" : text;
}

/// Marks what the keytab holds; one finding a principal that it lacks, with every setting that leads to it.
void check_keytab(const std::vector<keytab::Entry>& keytab, NameReport& report) {
  std::vector<std::pair<std::string, std::string>> missing;
  for (ClientView& view : report.views) {
    view.in_keytab = std::any_of(keytab.begin(), keytab.end(), [&](const keytab::Entry& entry) {
      return service_and_host(entry.principal) == view.principal;
    });
    if (view.in_keytab) continue;
    const auto known = std::find_if(missing.begin(), missing.end(), [&](auto& m) { return m.first == view.principal; });
    if (known == missing.end()) {
      missing.emplace_back(view.principal, view.setting);
    } else {
      known->second += ", or " + view.setting;
    }
  }
  for (const auto& [principal, settings] : missing) {
    const bool own = principal.ends_with("/" + report.fqdn);
    const char* remedy =
        own ? ": export that principal's keytab at the KDC and add it with keytool merge"
            : ": remove the fault in DNS that leads there, or add that principal's keytab with keytool merge";
    report.findings.push_back({Severity::warning, Errc::not_found,
                               report.fqdn + ": clients with " + settings + " ask for " + principal +
                                   ", which the keytab does not hold (it holds " + contents(keytab) + ")" + remedy});
  }
}

}  // namespace

bool NameReport::refused() const {
  return std::any_of(findings.begin(), findings.end(), [](const Finding& f) { return f.severity == Severity::error; });
}

bool NameReport::unanswered() const {
  return std::any_of(findings.begin(), findings.end(), [](const Finding& f) { return f.code == Errc::dns_no_answer; });
}

NameReport check_name(const std::string& name, const std::string& service, Resolver& resolver,
                      const std::vector<keytab::Entry>* keytab) {
  NameReport report;
  const auto fqdn = Fqdn::parse(name);
  if (!fqdn) {
    report.fqdn = name;
    report.findings.push_back({Severity::error, Errc::invalid, fqdn.error().what});
    return report;
  }
  report.fqdn = fqdn->str();
  OneLook dns(resolver);
  check_dns(service, dns, report);
  add_views(service, dns, report);
  if (keytab != nullptr) check_keytab(*keytab, report);
  return report;
}

}  // namespace kerbgate
