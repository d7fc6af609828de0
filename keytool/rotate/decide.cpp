#include "rotate/decide.hpp"

#include <algorithm>

#include "rotate/span.hpp"

namespace kerbgate::rotate {
namespace {

/// What libkrb5's acceptors take beyond a ticket's end (krb5.conf, clockskew).
constexpr std::chrono::minutes kClockSkew{5};
/// The KDC keeps 16 bits of it.
constexpr std::uint32_t kLastKvno = 65535;

Error refuse(std::string why) { return {Errc::conflict, std::move(why)}; }

std::string kvno(std::uint32_t number) { return "kvno " + std::to_string(number); }

bool kdc_has_older(const kadm5::Record& kdc) {
  return std::ranges::any_of(kdc.keys, [&](const kadm5::KeyKind& key) { return key.kvno < kdc.kvno; });
}

/// Those that hold a kvno greater than `limit`.
std::vector<std::size_t> beyond(std::span<const HostKeytab> keytabs, const Principal& principal, std::uint32_t limit) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < keytabs.size(); ++i) {
    if (kvnos(keytabs[i], principal).back() > limit) out.push_back(i);
  }
  return out;
}

std::vector<std::size_t> with_older(std::span<const HostKeytab> keytabs, const Principal& principal,
                                    std::uint32_t keep) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < keytabs.size(); ++i) {
    if (kvnos(keytabs[i], principal).front() < keep) out.push_back(i);
  }
  return out;
}

/// Those that have the key in force and an older one. One that lacks the first is stale, which is another matter.
std::vector<std::size_t> not_purged(std::span<const HostKeytab> keytabs, const Principal& principal,
                                    std::uint32_t in_force) {
  auto out = with_older(keytabs, principal, in_force);
  std::erase_if(out, [&](std::size_t i) {
    const auto held = kvnos(keytabs[i], principal);
    return std::ranges::find(held, in_force) == held.end();
  });
  return out;
}

Result<void> refuse_beyond(std::span<const HostKeytab> keytabs, const Principal& principal, const kadm5::Record& kdc) {
  const auto strange = beyond(keytabs, principal, kdc.kvno + 1);
  if (strange.empty()) return {};
  return refuse(
      listed(keytabs, strange) + ": a kvno that the KDC (" + kvno(kdc.kvno) +
      ") has not come to: keytabs of another KDC, or the principal was made anew. Take those keys out: keytool "
      "write FILE -o FILE --remove --principal '" +
      principal.printable() + "' --kvno " + std::to_string(kvnos(keytabs[strange.front()], principal).back()));
}

Error differing(const Spread& spread, std::uint32_t number, const std::string& then) {
  return refuse(kvno(number) + " is not the same key everywhere: " + listed(spread.differences) + "; " + then);
}

std::vector<std::int32_t> enctypes_in_force(const kadm5::Record& kdc) {
  std::vector<std::int32_t> out;
  for (const kadm5::KeyKind& key : kdc.keys) {
    if (key.kvno == kdc.kvno && std::ranges::find(out, key.enctype) == out.end()) out.push_back(key.enctype);
  }
  return out;
}

void warn_of(Stage& stage, std::span<const HostKeytab> keytabs, const Principal& principal, const kadm5::Record& kdc) {
  const Spread present = spread(keytabs, principal, kdc.kvno);
  if (!present.lacking.empty()) {
    stage.warnings.push_back(listed(keytabs, present.lacking) + ": no " + kvno(kdc.kvno) +
                             ", the key in force: logins with it fail there today; merge it (keytool merge) and push");
  }
  for (const std::string& difference : present.differences)
    stage.warnings.push_back(kvno(kdc.kvno) + " is not alike: " + difference);
  std::vector<std::int32_t> all = stage.enctypes;
  for (const keytab::Entry& key : stage.keys) all.push_back(key.enctype);
  for (const std::int32_t enctype : all) {
    if (!keytab::enctype_is_weak(enctype)) continue;
    stage.warnings.push_back(keytab::enctype_name(enctype) +
                             " is weak; --enctype, given once for each that is wanted, leaves it out");
  }
}

}  // namespace

Result<Stage> decide_stage(std::span<const HostKeytab> keytabs, const Principal& principal, const kadm5::Record& kdc,
                           const std::vector<std::int32_t>& enctypes) {
  if (auto sane = refuse_beyond(keytabs, principal, kdc); !sane) return sane.error();
  if (kdc.kvno >= kLastKvno) return refuse("the KDC is at " + kvno(kdc.kvno) + ", the last that there is");
  Stage out;
  out.kvno = kdc.kvno + 1;
  Spread staged = spread(keytabs, principal, out.kvno);
  if (!staged.differences.empty()) {
    return differing(staged, out.kvno,
                     "no key is chosen by chance: take the wrong one out (keytool write FILE -o FILE --remove "
                     "--principal '" +
                         principal.printable() + "' --kvno " + std::to_string(out.kvno) + ") and stage again");
  }
  const auto unpurged = not_purged(keytabs, principal, kdc.kvno);
  if (staged.holding.empty() && (kdc_has_older(kdc) || !unpurged.empty())) {
    return refuse("the rotation to " + kvno(kdc.kvno) + " is not finished, older keys are still in " +
                  (unpurged.empty() ? "the KDC" : listed(keytabs, unpurged)) + "; keytool rotate purge first");
  }
  out.keys = std::move(staged.keys);
  if (out.keys.empty()) out.enctypes = enctypes.empty() ? enctypes_in_force(kdc) : enctypes;
  if (out.keys.empty() && out.enctypes.empty()) {
    return refuse("the KDC has no key of " + kvno(kdc.kvno) + "; say which to make with --enctype");
  }
  if (!out.keys.empty() && !enctypes.empty())
    out.warnings.emplace_back("--enctype changes nothing any more: the staged key is completed as it is");
  out.targets = std::move(staged.lacking);
  warn_of(out, keytabs, principal, kdc);
  return out;
}

Result<Commit> decide_commit(std::span<const HostKeytab> keytabs, const Principal& principal,
                             const kadm5::Record& kdc) {
  if (auto sane = refuse_beyond(keytabs, principal, kdc); !sane) return sane.error();
  Commit out;
  out.kvno = kdc.kvno + 1;
  Spread staged = spread(keytabs, principal, out.kvno);
  if (!staged.holding.empty()) {
    if (!staged.lacking.empty()) {
      return refuse(listed(keytabs, staged.lacking) + ": no " + kvno(out.kvno) +
                    "; with the KDC at it every login there would fail. keytool rotate stage again, push, then commit");
    }
    if (!staged.differences.empty()) {
      return differing(staged, out.kvno, "committing it would shut a host out; see keytool rotate stage");
    }
    out.keys = std::move(staged.keys);
    return out;
  }
  out.kvno = kdc.kvno;
  Spread present = spread(keytabs, principal, kdc.kvno);
  if (!present.lacking.empty()) {
    return refuse("the KDC is at " + kvno(kdc.kvno) + ", which is not in " + listed(keytabs, present.lacking) +
                  ": its key was changed by other means than this rotation. Export it (kadmin.local: ktadd "
                  "-norandkey), merge it, push, and stage anew");
  }
  if (!present.differences.empty())
    return differing(present, kdc.kvno, "export the KDC's key (kadmin.local: ktadd -norandkey), merge it and push");
  if (!kdc_has_older(kdc) && with_older(keytabs, principal, kdc.kvno).empty()) {
    return refuse("nothing is staged: " + kvno(kdc.kvno) +
                  " is in force and no keytab has a newer one; keytool rotate stage first");
  }
  out.done = true;
  out.keys = std::move(present.keys);
  return out;
}

Result<Purge> decide_purge(std::span<const HostKeytab> keytabs, const Principal& principal, const kadm5::Record& kdc,
                           const Patience& patience) {
  const auto newer = beyond(keytabs, principal, kdc.kvno);
  if (!newer.empty()) {
    return refuse(listed(keytabs, newer) + ": " + kvno(kdc.kvno + 1) + " is staged and the KDC is at " +
                  kvno(kdc.kvno) + ", so the old key is in use; keytool rotate commit first");
  }
  const Spread present = spread(keytabs, principal, kdc.kvno);
  if (!present.lacking.empty()) {
    return refuse(listed(keytabs, present.lacking) + ": no " + kvno(kdc.kvno) +
                  ", the key in force; merge it before older ones go");
  }
  if (!present.differences.empty()) return differing(present, kdc.kvno, "nothing is purged until it is");
  Purge out{kdc.kvno, kdc_has_older(kdc), with_older(keytabs, principal, kdc.kvno)};
  if (out.nothing() || !patience.wait) return out;
  const char* way_out = "; --now purges at once and makes tickets of the old key worthless";
  if (kdc.key_changed == 0) return refuse(std::string("the KDC does not say when the key was changed") + way_out);
  const std::chrono::seconds left(kdc.key_changed + (patience.ticket_life + kClockSkew).count() - patience.now);
  if (left.count() <= 0) return out;
  return refuse("tickets of the old key may live for another " + span_words(left) + " (longest life " +
                span_words(patience.ticket_life) + ", and 5 min for clocks); purge then" + way_out);
}

std::optional<std::chrono::seconds> longest_life(std::chrono::seconds own, std::optional<std::chrono::seconds> granting,
                                                 std::optional<std::chrono::seconds> asked) {
  const auto longest =
      std::max({own, granting.value_or(std::chrono::seconds(0)), asked.value_or(std::chrono::seconds(0))});
  if (longest.count() == 0) return std::nullopt;
  return longest;
}

}  // namespace kerbgate::rotate
