#include "diagnosis/keytab_checks.hpp"

#include <algorithm>

#include "counted.hpp"
#include "diagnosis/near_principal.hpp"

namespace kerbgate::diagnosis {
namespace {

/// What Kerberos allows clocks to differ by.
constexpr std::uint32_t kSkew = 300;

CheckResult records_check(const keytab::Scan& scan, const KeytabNeeds& needs) {
  const std::string held = counted(scan.entries.size(), "entry", "entries") + ", " + counted(scan.size, "byte");
  if (scan.sound()) return passed(needs.file, "records", held);
  const auto fatal = std::find_if(scan.damage.begin(), scan.damage.end(), [](const auto& d) { return d.fatal; });
  const keytab::Damage& worst = fatal != scan.damage.end() ? *fatal : scan.damage.front();
  std::string found = keytab::damage_text(worst);
  if (scan.damage.size() > 1) found += "; " + counted(scan.damage.size() - 1, "more problem");
  return problem(worst.fatal ? Verdict::fail : Verdict::warn, needs.file, "records", found,
                 worst.cut ? Cause::keytab_truncated : Cause::keytab_damaged, {{"keytab", needs.file}});
}

std::optional<CheckResult> conflict_check(const keytab::Scan& scan, const KeytabNeeds& needs) {
  const keytab::Merged merged = keytab::merge({&scan.entries, 1}, {});
  if (merged.clashes.empty()) return std::nullopt;
  const keytab::Entry& second = scan.entries[merged.clashes.front().second_entry];
  const std::string more =
      merged.clashes.size() > 1 ? "; " + counted(merged.clashes.size() - 1, "more conflict") : std::string();
  return problem(Verdict::fail, needs.file, "conflicts", keytab::slot_text(second) + " has two keys" + more,
                 Cause::key_conflict, {{"keytab", needs.file}});
}

/// One of the two principals that a keytab is looked at for.
struct Wanted {
  const char* check;
  const Principal& principal;
  Cause missing;
  std::vector<std::string> others;  ///< hosts that are no slip for this one
};

CheckResult absent(const Wanted& wanted, const std::vector<Held>& all, const KeytabNeeds& needs, Resolver& resolver) {
  const auto exists = [&](const std::string& host) { return resolver.forward(host).ok(); };
  const auto near = near_principal(wanted.principal, all, wanted.others, exists);
  const std::string name = wanted.principal.printable();
  const std::string held = near ? near->held->principal.printable() : names_text(all);
  return problem(Verdict::fail, needs.file, wanted.check, name + " is not there; the file holds " + held,
                 near ? near->cause : wanted.missing,
                 {{"keytab", needs.file}, {"principal", name}, {"proxy-principal", name}, {"found", held}});
}

CheckResult principal_check(const Wanted& wanted, const std::vector<Held>& all, const KeytabNeeds& needs,
                            Resolver& resolver) {
  const Held* held = find(all, wanted.principal);
  if (held == nullptr) return absent(wanted, all, needs, resolver);
  const std::string name = wanted.principal.printable();
  const std::string found = name + ' ' + keys_text(*held);
  if (!std::all_of(held->enctypes.begin(), held->enctypes.end(), keytab::enctype_is_weak)) {
    return passed(needs.file, wanted.check, found);
  }
  return problem(Verdict::warn, needs.file, wanted.check, found, Cause::enctype_weak,
                 {{"keytab", needs.file}, {"principal", name}});
}

/// A note: nothing fails for it as long as each has what the KDC issues.
std::optional<CheckResult> enctypes_check(const std::vector<Held>& all, const KeytabNeeds& needs) {
  if (!needs.external) return std::nullopt;
  const Held* external = find(all, *needs.external);
  const Held* internal = find(all, needs.internal);
  if (external == nullptr || internal == nullptr) return std::nullopt;
  auto ours = external->enctypes, theirs = internal->enctypes;
  std::sort(ours.begin(), ours.end());
  std::sort(theirs.begin(), theirs.end());
  if (ours == theirs) return passed(needs.file, "enctypes", "both principals have the same");
  return passed(needs.file, "enctypes", "the two principals differ, which is no fault by itself");
}

CheckResult clock_check(const keytab::Scan& scan, const KeytabNeeds& needs) {
  std::uint32_t newest = 0;
  for (const keytab::Entry& entry : scan.entries) newest = std::max(newest, entry.timestamp);
  if (newest <= needs.now || newest - needs.now <= kSkew) {
    return skipped(needs.file, "clock", "no key is of a later time than now; keytool doctor asks the KDC");
  }
  return problem(Verdict::warn, needs.file, "clock",
                 "the newest key was made " + counted(newest - needs.now, "second") + " from now",
                 Cause::key_from_the_future,
                 {{"host", needs.host}, {"proxy", needs.external ? needs.external->components[1] : "PROXY"}});
}

}  // namespace

std::vector<CheckResult> keytab_checks(const keytab::Scan& scan, const KeytabNeeds& needs, Resolver& resolver) {
  std::vector<CheckResult> results{records_check(scan, needs)};
  if (auto conflict = conflict_check(scan, needs)) results.push_back(std::move(*conflict));
  const std::vector<Held> all = principals_of(scan.entries);
  if (needs.external) {
    const Wanted wanted{
        "external principal", *needs.external, Cause::proxy_key_not_merged, {needs.internal.components[1]}};
    results.push_back(principal_check(wanted, all, needs, resolver));
  }
  Wanted own{"internal principal", needs.internal, Cause::own_key_missing, {}};
  if (needs.external) own.others.push_back(needs.external->components[1]);
  results.push_back(principal_check(own, all, needs, resolver));
  if (auto enctypes = enctypes_check(all, needs)) results.push_back(std::move(*enctypes));
  results.push_back(clock_check(scan, needs));
  return results;
}

}  // namespace kerbgate::diagnosis
