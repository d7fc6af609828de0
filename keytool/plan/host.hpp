#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kerbgate/daemon_flags.hpp"
#include "kerbgate/inventory.hpp"
#include "kerbgate/keytab.hpp"
#include "keytab/target.hpp"
#include "plan/changes.hpp"
#include "plan/selection.hpp"

/// One host of a plan: its keytab and flagfiles in OUT/HOST/.
namespace kerbgate::plan {

/// What all hosts share. Read by several threads at a time, written by none.
struct Shared {
  explicit Shared(KerberosSetup setup);  ///< which has a proxy

  KerberosSetup kerberos;  ///< `keytab`: the path where the inventory says none
  Names names;
  std::set<std::string, std::less<>> short_names{};  ///< first labels that one host alone has, the proxy counted in
  std::string keytabs, out;                          ///< folders
  KeyFiles proxy{};                                  ///< the proxy's keys
  std::optional<Error> proxy_missing{};              ///< why there are none
  keytab::MergeOptions merge{};
  keytab::WriteOptions write{};
  keytab::Owner owner{};  ///< as `write.owner` says
  bool dry_run = false;
};

enum class State { created, changed, unchanged, failed };

struct HostPlan {
  std::string host;
  State state = State::failed;
  std::vector<std::string> sources;    ///< files that its keys came from, the proxy's apart
  std::string keytab;                  ///< the file of the plan
  std::size_t entries = 0;             ///< in it
  bool keytab_changed = false;         ///< or would be, under dry_run
  std::vector<KeyChange> key_changes;  ///< against the last plan; all of them when there was none
  std::string dress_change;            ///< "mode 0644, not 0400"; empty: none
  std::vector<std::string> flagfiles;  ///< every one of the plan: names
  std::vector<std::string> new_flags;  ///< those that changed
  std::vector<std::string> left_out;   ///< keys that it does not get, and why
  std::vector<std::string> left_over;  ///< files in OUT/HOST that an earlier plan made and this one did not
  std::vector<std::string> warnings;   ///< of its flags
  std::optional<Error> error;          ///< failed: why
  bool has_earlier_plan = false;       ///< OUT/HOST was there
};

/// Plans and, unless dry_run, writes. Nothing that is the same is written again. A host that fails is left as it was,
/// unless the disk gave up between its files.
HostPlan plan_host(const Shared& shared, const InventoryHost& host);

/// Directories of OUT that a plan made and that are of no host of the inventory; sorted.
Result<std::vector<std::string>> hosts_left_over(const Shared& shared);

}  // namespace kerbgate::plan
