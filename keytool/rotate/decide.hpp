#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kadm5/admin.hpp"
#include "rotate/holders.hpp"

/// What each step may do, from what the keytabs and the KDC hold. Pure: `now` is given. A refusal is Errc::conflict and
/// says who stands in the way and what to do. `keytabs`: those that hold the principal, and no others.
namespace kerbgate::rotate {

/// New keys of kvno N+1 into the keytabs.
struct Stage {
  std::uint32_t kvno = 0;
  std::vector<keytab::Entry> keys;     ///< already staged in some keytab: these and no others go into the rest
  std::vector<std::int32_t> enctypes;  ///< to make new keys of; empty when `keys` is not
  std::vector<std::size_t> targets;    ///< keytabs that lack them
  std::vector<std::string> warnings;
};
/// `enctypes`: those asked for; none: those of the key that is in force.
Result<Stage> decide_stage(std::span<const HostKeytab> keytabs, const Principal& principal, const kadm5::Record& kdc,
                           const std::vector<std::int32_t>& enctypes);

/// The staged keys to the KDC.
struct Commit {
  std::uint32_t kvno = 0;
  bool done = false;  ///< the KDC has that kvno already; whether with these keys, a ticket shows
  std::vector<keytab::Entry> keys;
};
Result<Commit> decide_commit(std::span<const HostKeytab> keytabs, const Principal& principal, const kadm5::Record& kdc);

/// The older keys out of the KDC and the keytabs.
struct Purge {
  std::uint32_t keep = 0;
  bool at_kdc = false;
  std::vector<std::size_t> targets;
  [[nodiscard]] bool nothing() const { return !at_kdc && targets.empty(); }
};
struct Patience {
  std::int64_t now = 0;              ///< seconds since 1970
  std::chrono::seconds ticket_life;  ///< the longest of a ticket; an acceptor's clock skew is added
  bool wait = true;                  ///< false: tickets of the old key may become worthless
};
Result<Purge> decide_purge(std::span<const HostKeytab> keytabs, const Principal& principal, const kadm5::Record& kdc,
                           const Patience& patience);

/// The longest life that a ticket for the principal may have: the longest of its own limit, the ticket-granting
/// ticket's and the operator's. nullopt when none of them is a limit.
std::optional<std::chrono::seconds> longest_life(std::chrono::seconds own, std::optional<std::chrono::seconds> granting,
                                                 std::optional<std::chrono::seconds> asked);

}  // namespace kerbgate::rotate
