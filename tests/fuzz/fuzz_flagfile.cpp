#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "diagnosis/flag_checks.hpp"
#include "diagnosis/flagfile_form.hpp"

/// Any bytes as a flagfile: lines and flags lie within it, and every check has a verdict, a cause with a remedy, and
/// blames only what it has reported.
namespace {

using namespace kerbgate;

void must(bool holds) {
  if (!holds) __builtin_trap();
}

void check(const std::string& text, Role role) {
  KerberosSetup setup{*Fqdn::parse("lb.example.com"), "impala", "EXAMPLE.COM", "/etc/impala.keytab", false};
  const DaemonFlags wanted = *daemon_flags(setup, *Fqdn::parse("host1.example.com"), role);
  const auto form = diagnosis::flagfile_form(text, {"f", wanted, "k", "lb.example.com", "host1.example.com"});
  must(!form.results.empty());
  for (const auto& one : form.blamed) {
    const std::string& by = one.second;
    must(std::any_of(form.results.begin(), form.results.end(), [&](const CheckResult& r) { return r.check == by; }));
  }
  auto rows = diagnosis::flag_checks(form, {"f", wanted, "impala/lb.example.com@EXAMPLE.COM", "host1", {}});
  rows.insert(rows.end(), form.results.begin(), form.results.end());
  for (const CheckResult& row : rows) {
    const bool trouble = row.verdict == Verdict::fail || row.verdict == Verdict::warn;
    must(trouble == !row.cause.empty() && trouble == !row.remedy.empty());
  }
  // A daemon that would start with the right names has no failure, and the other way round for the principal.
  const bool right = form.flags.value("principal") == wanted.value("principal");
  const bool failed = std::any_of(rows.begin(), rows.end(), [](const CheckResult& r) {
    return r.check == "principal" && r.verdict == Verdict::fail;
  });
  must(!(right && failed));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::size_t last = 1;
  for (const FlagfileLine& line : flagfile_lines(text, "/usr/sbin/impalad")) {
    must(line.line >= last && line.line <= size + 1 && !line.text.empty());
    must(line.text.data() >= text.data() && line.text.data() + line.text.size() <= text.data() + size);
    last = line.line;
  }
  check(text, Role::coordinator);
  check(text, Role::statestored);
  return 0;
}
