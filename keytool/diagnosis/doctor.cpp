#include "diagnosis/doctor.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

#include "diagnosis/dns_checks.hpp"
#include "diagnosis/kdc_checks.hpp"
#include "diagnosis/login_checks.hpp"
#include "diagnosis/verify.hpp"
#include "kerbgate/name.hpp"

namespace kerbgate::diagnosis {
namespace {

using Rows = std::vector<CheckResult>;

/// Calls `work(0)` ... `work(count - 1)`, at most `jobs` at a time.
template <class Work>
void side_by_side(std::size_t count, std::size_t jobs, const Work& work) {
  std::atomic<std::size_t> next{0};
  const auto run = [&] {
    for (std::size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::jthread> threads;
  for (std::size_t n = 1; n < std::min(jobs, count); ++n) threads.emplace_back(run);
  run();
}

class Doctor {
 public:
  Doctor(const DoctorInput& input, Resolver& resolver)
      : input_(input), resolver_(resolver), proxy_(service_principal(input, input.proxy)) {
    for (const DoctorHost& host : input.hosts) hosts_.push_back(service_principal(input, host.name).components[1]);
  }

  Rows run();

 private:
  void add(Rows rows) {
    for (CheckResult& row : rows) rows_.push_back(std::move(row));
  }
  void add_new(Rows rows);
  void look_at_keytab();
  [[nodiscard]] const DoctorHost* keytab_owner() const;
  Rows host_rows(const DoctorHost& host) const;
  Rows login_rows(LoginTarget target, bool of_coordinator) const;
  [[nodiscard]] LoginTarget target_at(const std::string& host, std::uint16_t port) const;
  [[nodiscard]] Evidence evidence_for(const LoginTarget& target, bool of_coordinator) const;
  void explain(const LoginTarget& target, Evidence& evidence) const;
  [[nodiscard]] std::string no_ticket(const Principal& server) const;

  const DoctorInput& input_;
  Resolver& resolver_;
  const Principal proxy_;
  std::vector<std::string> hosts_;
  Rows rows_;
  std::optional<std::vector<keytab::Entry>> entries_;
  const DoctorHost* owner_ = nullptr;  ///< whose keytab it is
  std::optional<Cause> proxy_fault_;
  KdcChecks kdc_;
};

/// verify() says of names what has been said, and leaves the clock to the KDC's row.
void Doctor::add_new(Rows rows) {
  for (CheckResult& row : rows) {
    if (row.check == "clock" && row.verdict == Verdict::skip) continue;
    const bool said = std::any_of(rows_.begin(), rows_.end(), [&](const CheckResult& known) {
      return known.subject == row.subject && known.check == row.check && known.found == row.found;
    });
    if (!said) rows_.push_back(std::move(row));
  }
}

/// The one host of which the keytab holds the own principal; the only host there is, whatever it holds.
const DoctorHost* Doctor::keytab_owner() const {
  if (input_.hosts.size() == 1) return &input_.hosts.front();
  const DoctorHost* found = nullptr;
  for (const DoctorHost& host : input_.hosts) {
    const Principal own = service_principal(input_, host.name);
    const bool held = entries_ && std::any_of(entries_->begin(), entries_->end(),
                                              [&](const auto& entry) { return entry.principal == own; });
    if (held && found != nullptr) return nullptr;
    if (held) found = &host;
  }
  return found;
}

void Doctor::look_at_keytab() {
  if (input_.keytab.empty()) return;
  auto scan = keytab::read_regular(input_.keytab);
  if (scan) entries_ = std::move(scan->entries);
  owner_ = keytab_owner();
  if (owner_ == nullptr) {
    if (!scan) rows_.push_back(skipped(input_.keytab, "keytab file", scan.error().what));
    return;
  }
  VerifyInput input{input_.keytab};
  input.proxy = input_.proxy;
  input.host = owner_->name;
  input.role = owner_->role;
  input.service = input_.service;
  input.realm = input_.realm;
  input.flagfile = input_.flagfile;
  input.user = input_.user;
  input.hostname_output = input_.hostname_output;
  input.now = static_cast<std::uint32_t>(input_.now);
  input.names = false;
  add_new(verify(input, resolver_));
}

LoginTarget Doctor::target_at(const std::string& host, std::uint16_t port) const {
  LoginTarget target{host, port, proxy_, input_.tls, input_.ca_file, {proxy_.components[1]}};
  if (host != proxy_.components[1]) target.must_cover.push_back(host);
  return target;
}

std::string Doctor::no_ticket(const Principal& server) const {
  if (!kdc_.no_login.empty()) return kdc_.no_login;
  const auto refused = kdc_.refused.find(server.printable());
  if (refused != kdc_.refused.end()) return refused->second;
  return kdc_.granted.contains(server.printable()) ? "" : "there is no ticket for " + server.printable();
}

Evidence Doctor::evidence_for(const LoginTarget& target, bool of_coordinator) const {
  Evidence evidence;
  evidence.proxy = proxy_.components[1];
  evidence.skewed = kdc_.skewed;
  evidence.names = proxy_fault_;
  const auto granted = kdc_.granted.find(target.server.printable());
  if (granted != kdc_.granted.end()) evidence.ticket = granted->second;
  const bool own_keytab = owner_ != nullptr && service_principal(input_, owner_->name).components[1] == target.host;
  // With one host, what comes through the proxy comes from that host.
  if (!own_keytab && (of_coordinator || input_.hosts.size() != 1)) return evidence;
  evidence.keytab = input_.keytab;
  const auto wrong = kdc_.wrong_keys.find(target.server.printable());
  if (wrong != kdc_.wrong_keys.end()) evidence.key = wrong->second;
  return evidence;
}

/// A coordinator that takes its own name's ticket has not been told the proxy's.
void Doctor::explain(const LoginTarget& target, Evidence& evidence) const {
  if (evidence.skewed || evidence.key) return;
  LoginTarget own = target;
  own.server = service_principal(input_, target.host);
  if (!no_ticket(own.server).empty()) return;
  const LoginOutcome outcome = probe_login(own, kdc_.session->cache(), input_.timeout, resolver_);
  evidence.own_name_accepted = outcome.end == LoginOutcome::End::accepted;
}

Rows Doctor::login_rows(LoginTarget target, bool of_coordinator) const {
  Rows rows;
  const std::string subject = target.host + ":" + std::to_string(target.port);
  const std::string why = no_ticket(target.server);
  Evidence evidence = evidence_for(target, of_coordinator);
  LoginOutcome outcome;
  if (!why.empty()) {
    outcome = probe_port(target, input_.timeout, resolver_);
    const bool open = outcome.end == LoginOutcome::End::accepted;
    rows.push_back(open ? passed(subject, "port", "takes connections") : login_check(target, outcome, evidence));
    rows.back().check = "port";
    rows.push_back(skipped(subject, "login", why));
  } else {
    target.call = true;
    outcome = probe_login(target, kdc_.session->cache(), input_.timeout, resolver_);
    const bool silent = outcome.end == LoginOutcome::End::closed || outcome.end == LoginOutcome::End::rejected;
    if (of_coordinator && silent) explain(target, evidence);
    rows.push_back(login_check(target, outcome, evidence));
  }
  if (outcome.certificate) {
    for (CheckResult& row : certificate_checks(target, *outcome.certificate, evidence.proxy, input_.now))
      rows.push_back(std::move(row));
  }
  if (of_coordinator && input_.direct) {
    target.server = service_principal(input_, target.host);
    const std::string no_own = no_ticket(target.server);
    rows.push_back(
        no_own.empty()
            ? direct_check(target, probe_login(target, kdc_.session->cache(), input_.timeout, resolver_), evidence)
            : skipped(subject, "direct login", no_own));
  }
  return rows;
}

Rows Doctor::host_rows(const DoctorHost& host) const {
  DnsChecks names = dns_checks(host.name, input_.service, {}, resolver_);
  const auto fqdn = Fqdn::parse(host.name);
  if (!fqdn || host.role != Role::coordinator) return std::move(names.rows);
  for (CheckResult& row : login_rows(target_at(fqdn->str(), host.port), true)) names.rows.push_back(std::move(row));
  return std::move(names.rows);
}

Rows Doctor::run() {
  DnsChecks names = dns_checks(input_.proxy, input_.service, hosts_, resolver_);
  proxy_fault_ = names.fault;
  add(std::move(names.rows));
  look_at_keytab();
  kdc_ = kdc_checks(input_, entries_ ? &*entries_ : nullptr, resolver_);
  add(std::move(kdc_.rows));
  std::vector<Rows> by_host(input_.hosts.size() + 1);
  side_by_side(by_host.size(), input_.jobs, [&](std::size_t i) {
    if (i < input_.hosts.size()) {
      by_host[i] = host_rows(input_.hosts[i]);
    } else if (Fqdn::parse(input_.proxy)) {
      by_host[i] = login_rows(target_at(proxy_.components[1], input_.proxy_port), false);
    }
  });
  for (Rows& rows : by_host) add_new(std::move(rows));
  return std::move(rows_);
}

}  // namespace

std::vector<CheckResult> doctor(const DoctorInput& input, Resolver& resolver) { return Doctor(input, resolver).run(); }

}  // namespace kerbgate::diagnosis
