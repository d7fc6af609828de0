#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "kerbgate/result.hpp"

namespace kerbgate::keeper {

/// Who the worker becomes, as numbers: inside a chroot names can no longer be looked up.
struct Identity {
  std::optional<uid_t> uid;
  std::optional<gid_t> gid;
  std::string chroot;

  /// Something is to be given up, so a keeper stays outside.
  [[nodiscard]] bool drops() const noexcept { return uid || gid || !chroot.empty(); }
};

/// A user or group by its name or number.
Result<uid_t> uid_of(const std::string& user);
Result<gid_t> gid_of(const std::string& group);

/// `user`, `group` and `chroot` looked up. An unknown user or group or a missing folder is an Error (a warning at -c).
Result<Identity> identity_of(const config::Global& global);

/// chroot, then the group, then the user, and no way back (no_new_privs). Being that user already is enough; anything
/// else needs root, and says so.
Result<void> become(const Identity& identity);

}  // namespace kerbgate::keeper
