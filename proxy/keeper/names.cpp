#include "keeper/names.hpp"

#include <algorithm>
#include <chrono>
#include <memory>

#include "keeper/lookup.hpp"

namespace kerbgate::keeper {
namespace {

struct Outcome {
  stats::NameState state;
  std::vector<Notice> notices;
};

const char* mode_word(config::DnsCheck mode) {
  static constexpr const char* kWords[] = {"strict", "warn", "off"};
  return kWords[int(mode)];
}

Outcome check_one(const NameToCheck& name, Resolver& resolver) {
  Outcome out;
  out.state.service = name.service;
  out.state.keytab = name.keytab;
  NameReport& report = out.state.report;
  const auto trouble = [&out](std::string text) {
    out.state.troubles.push_back(text);
    out.notices.push_back({log::Priority::warning, std::move(text)});
  };
  if (name.keytab.empty()) {
    report = check_name(name.fqdn, name.service, resolver);
    return out;
  }
  Result<keytab::Scan> scan = keytab::read(name.keytab);
  if (!scan) {
    trouble("kerberos keytab: " + scan.error().what);
    report = check_name(name.fqdn, name.service, resolver);
    return out;
  }
  if (!scan->sound())
    trouble("kerberos keytab " + name.keytab + " is damaged at byte " + std::to_string(scan->damage.front().offset) +
            ": " + scan->damage.front().reason + " (keytool read tells more)");
  report = check_name(name.fqdn, name.service, resolver, &scan->entries);
  std::uint32_t& newest = out.state.kvno;
  const std::vector<std::string> served{name.service, name.fqdn};
  for (const keytab::Entry& entry : scan->entries)
    if (entry.principal.components == served) newest = std::max(newest, entry.kvno);
  if (newest != 0)
    out.notices.push_back({log::Priority::info, "kerberos keytab " + name.keytab + " holds " + name.service + '/' +
                                                    name.fqdn + ", newest kvno " + std::to_string(newest)});
  return out;
}

log::Priority gravity(const Finding& finding, config::DnsCheck check) {
  if (finding.severity == Severity::note) return log::Priority::info;
  if (finding.severity == Severity::error && check == config::DnsCheck::strict) return log::Priority::alert;
  return log::Priority::warning;
}

}  // namespace

std::vector<NameToCheck> names_of(const config::Config& config) {
  std::vector<NameToCheck> out;
  const auto add = [&out](const config::Kerberos& kerberos) {
    if (kerberos.fqdn.empty()) return;
    NameToCheck name{kerberos.fqdn, kerberos.service, kerberos.keytab};
    if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(std::move(name));
  };
  add(config.global.kerberos);
  for (const config::Frontend& frontend : config.frontends) add(frontend.kerberos);
  return out;
}

NameVerdict check_names(const config::Config& config, Resolver& resolver, std::chrono::milliseconds limit) {
  NameVerdict verdict;
  const config::DnsCheck mode = config.global.dns_check;
  verdict.states.mode = mode_word(mode);
  if (mode == config::DnsCheck::off) return verdict;
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (const NameToCheck& name : names_of(config)) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    auto outcome = std::make_shared<Outcome>();
    const bool ended = run_within(std::max(left, std::chrono::milliseconds(100)),
                                  [outcome, name, &resolver] { *outcome = check_one(name, resolver); });
    if (!ended) {
      const std::string text = name.fqdn + ": DNS did not answer within " + std::to_string(limit.count()) +
                               " ms; the name is not checked now and will be asked for again";
      verdict.notices.push_back({log::Priority::warning, text});
      verdict.states.names.push_back({name.service, name.keytab, {name.fqdn, {}, {}, {}}, 0, {text}});
      continue;
    }
    for (Notice& notice : outcome->notices) verdict.notices.push_back(std::move(notice));
    const NameReport& report = outcome->state.report;
    for (const Finding& finding : report.findings) verdict.notices.push_back({gravity(finding, mode), finding.text});
    if (mode == config::DnsCheck::strict && report.refused()) verdict.refused = true;
    verdict.states.names.push_back(std::move(outcome->state));
  }
  verdict.states.checked = std::chrono::system_clock::now();
  return verdict;
}

}  // namespace kerbgate::keeper
