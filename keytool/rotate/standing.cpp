#include "rotate/standing.hpp"

#include <algorithm>

namespace kerbgate::rotate {
namespace {

std::string kvno(std::uint32_t number) { return "kvno " + std::to_string(number); }

HostStanding of_host(std::vector<std::uint32_t> held, const KdcView& kdc, bool rotating) {
  HostStanding out{std::move(held), "", false};
  if (!kdc.kvno) {
    out.words = "?";
    return out;
  }
  const auto has = [&](std::uint32_t number) { return std::ranges::find(out.kvnos, number) != out.kvnos.end(); };
  out.wrong = !has(*kdc.kvno) || out.kvnos.back() > *kdc.kvno + 1;
  if (out.kvnos.back() > *kdc.kvno + 1) {
    out.words = "has " + kvno(out.kvnos.back()) + ", which the KDC has not come to";
  } else if (!has(*kdc.kvno)) {
    out.words = "lacks " + kvno(*kdc.kvno) + ", the key in force";
  } else if (has(*kdc.kvno + 1)) {
    out.words = kvno(*kdc.kvno + 1) + " staged";
  } else if (rotating) {
    out.words = "not staged";
  } else {
    out.words = out.kvnos.front() < *kdc.kvno ? "committed, old key not purged" : "one key, in force";
  }
  return out;
}

std::string next_step(const Standing& now, const KdcView& kdc) {
  switch (now.phase) {
    case Phase::unknown:
      return "not known without the KDC's kvno";
    case Phase::steady:
      return "nothing; keytool rotate stage begins a rotation";
    case Phase::staging:
      return "keytool rotate stage again: some keytabs have no " + kvno(*kdc.kvno + 1) + " yet";
    case Phase::staged:
      return "push the keytabs to their hosts, then keytool rotate commit";
    case Phase::committed:
      return "keytool rotate purge, when the tickets of the old key have ended";
    case Phase::broken:
      break;
  }
  if (!now.differences.empty())
    return "one kvno must be one key everywhere: take the wrong one out (keytool write --remove --kvno N), then stage";
  if (std::ranges::any_of(now.hosts, [&](const auto& host) { return host.kvnos.back() > *kdc.kvno + 1; }))
    return "take the kvno that the KDC has not come to out of those keytabs: keytool write --remove --kvno N";
  const bool one_has_it = std::ranges::any_of(
      now.hosts, [&](const auto& host) { return std::ranges::find(host.kvnos, *kdc.kvno) != host.kvnos.end(); });
  if (one_has_it) {
    const std::string number = std::to_string(*kdc.kvno);
    return "bring kvno " + number +
           " from a keytab that has it: keytool write FILE -o key.keytab --principal P --kvno " + number +
           ", then keytool merge, push";
  }
  return "bring the KDC's key to those hosts: kadmin.local ktadd -norandkey, keytool merge, push";
}

Phase phase_of(const Standing& now, std::span<const HostKeytab> keytabs, const Principal& principal,
               const KdcView& kdc) {
  const bool wrong = std::ranges::any_of(now.hosts, [](const HostStanding& host) { return host.wrong; });
  if (wrong || !now.differences.empty()) return Phase::broken;
  if (!kdc.kvno) return Phase::unknown;
  const Spread staged = spread(keytabs, principal, *kdc.kvno + 1);
  if (!staged.holding.empty()) return staged.lacking.empty() ? Phase::staged : Phase::staging;
  const bool old_key =
      std::ranges::any_of(now.hosts, [&](const auto& host) { return host.kvnos.front() < *kdc.kvno; }) ||
      std::ranges::any_of(kdc.kvnos, [&](std::uint32_t number) { return number < *kdc.kvno; });
  return old_key ? Phase::committed : Phase::steady;
}

}  // namespace

const char* phase_word(Phase phase) {
  switch (phase) {
    case Phase::unknown:
      return "unknown";
    case Phase::steady:
      return "steady";
    case Phase::staging:
      return "staging";
    case Phase::staged:
      return "staged";
    case Phase::committed:
      return "committed";
    case Phase::broken:
      return "broken";
  }
  return "";
}

Standing standing(std::span<const HostKeytab> keytabs, const Principal& principal, const KdcView& kdc) {
  Standing out;
  std::vector<std::uint32_t> all;
  for (const HostKeytab& keytab : keytabs) {
    for (const std::uint32_t number : kvnos(keytab, principal)) all.push_back(number);
  }
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  for (const std::uint32_t number : all) {
    for (std::string& difference : spread(keytabs, principal, number).differences)
      out.differences.push_back(kvno(number) + ": " + std::move(difference));
  }
  const bool rotating = kdc.kvno && std::ranges::find(all, *kdc.kvno + 1) != all.end();
  for (const HostKeytab& keytab : keytabs) out.hosts.push_back(of_host(kvnos(keytab, principal), kdc, rotating));
  out.phase = phase_of(out, keytabs, principal, kdc);
  out.next = next_step(out, kdc);
  return out;
}

}  // namespace kerbgate::rotate
