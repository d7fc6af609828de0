#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kerbgate/daemon_flags.hpp"
#include "kerbgate/name.hpp"
#include "kerbgate/result.hpp"

namespace kerbgate {

/// A host of the cluster, with what its line and its groups say.
struct InventoryHost {
  Fqdn name;
  std::vector<Role> roles;  ///< not empty; order of kRoles, without duplicates
  std::string keytab;       ///< `keytab=`: the path on that host; empty: not said
  std::uint16_t port = 0;   ///< `port=`; 0: not said
  std::size_t line = 0;     ///< of its first mention
};

struct Inventory {
  std::vector<InventoryHost> hosts;  ///< in the order of first mention
  std::vector<std::string> notes;    ///< what was left aside and may be a slip, `FILE:LINE: ...`
};

/// Ansible's INI inventory: groups [coordinators] (or [impalad]), [executors], [statestored], [catalogd] and
/// [admissiond], also through [x:children] (where [impalad] is a heading over [coordinators] and [executors] it gives
/// no role to theirs); host ranges host[01:40].example.com, [a:c], [1:9:2]; host variables, [x:vars] and [all:vars],
/// where the nearest to the host wins as in Ansible. A file without groups is a list of coordinators. Other groups and
/// variables are left alone, so that one file serves both. Pure. Errc::invalid: `FILE:LINE: what`.
Result<Inventory> parse_inventory(std::string_view text, const std::string& file);

}  // namespace kerbgate
