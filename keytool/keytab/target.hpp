#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>

#include "kerbgate/fd.hpp"
#include "kerbgate/keytab.hpp"

/// The file that a new keytab replaces: where it really is, and what of it has to stay.
namespace kerbgate::keytab {

struct Owner {
  std::optional<uid_t> user;
  std::optional<gid_t> group;
};

/// chown(1)'s USER, USER:GROUP, USER: (the user's login group) and :GROUP, names or numbers.
Result<Owner> parse_owner(const std::string& text);

/// The target's place, and the file that is there now, if any. It stays locked against libkrb5's writers and against
/// other writers of ours as long as this lives.
struct Target {
  std::string path;  ///< symbolic links followed
  std::string directory;
  std::string name;
  Fd old_file;  ///< empty when there is none
  uid_t uid = 0;
  gid_t gid = 0;
  mode_t mode = 0600;  ///< of the old file
  std::optional<FileState> state;
};

/// Follows symbolic links (a dangling one too), opens and locks what is there. Refuses what is not a regular file and
/// what is neither empty nor a keytab: a typing error must not cost a file.
Result<Target> take_target(const std::string& path, std::chrono::milliseconds lock_wait);

/// Gives `fd` (a new file at `path`) owner, ACL, SELinux label, user attributes and at last the mode: the asked ones,
/// else those of the old file. Until the mode is set nobody but this user can open it. Errors when one cannot be kept:
/// a service that can no longer read its keytab is worse than a refusal.
Result<void> dress_as(const Target& target, int fd, const Owner& owner, std::optional<mode_t> mode);

}  // namespace kerbgate::keytab
