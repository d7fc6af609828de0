#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

#include "kerbgate/daemon_flags.hpp"
#include "kerbgate/keytab.hpp"
#include "kerbgate/name.hpp"
#include "kerbgate/result.hpp"

/// Which keys a host gets, and which it must not have. Pure.
namespace kerbgate::plan {

/// Entries of one list a file, and the files' names.
struct KeyFiles {
  std::vector<std::string> files;
  std::vector<std::vector<keytab::Entry>> lists;
};

/// The names of a cluster, as principals are held against them.
struct Names {
  std::string service, realm;
  Fqdn proxy;
  std::set<std::string, std::less<>> hosts;
};

/// What a host takes: copies of entries, one list a file, and what was left out of its own files.
struct Selection {
  KeyFiles keys;
  std::vector<std::string> left_out;  ///< one line each
};

/// A host's own files in whole, but for the proxy's keys where it is no coordinator; a coordinator gets the proxy's
/// keys as well (`proxy` holds only those). Errc::conflict for another host's key in its files, Errc::not_found when
/// its own principal or a coordinator's proxy principal is in none.
Result<Selection> select_keys(const Names& names, const Fqdn& host, bool coordinator, const KeyFiles& own,
                              const KeyFiles& proxy);

/// Keeps of the proxy's files what is the proxy's: every principal whose second component is its name. Says what was
/// left out. Errc::not_found when SERVICE/PROXY@REALM is not among it.
Result<std::vector<std::string>> keep_proxy_keys(const Names& names, KeyFiles& proxy);

/// Both of one host, in one list. Errc::conflict names the two places that hold different keys, and the remedy.
Result<std::vector<keytab::Entry>> merge_keys(const KeyFiles& keys, const keytab::MergeOptions& options);

}  // namespace kerbgate::plan
