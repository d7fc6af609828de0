#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "kerbgate/result.hpp"

namespace kerbgate::diagnosis {

/// A user of this host, with all that a login as him would give.
struct User {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  ///< the login group too

  [[nodiscard]] bool in_group(gid_t group) const;
};

/// By name or number. Errc::not_found when the host does not know him.
Result<User> find_user(const std::string& name);

/// What an attempt to read a file came to.
struct ReadAttempt {
  int error = 0;          ///< errno; 0: it can be read
  std::string directory;  ///< the one that may not be passed, when it is a directory that denies
};

/// Tries to read `path` (absolute) as that user: a child process takes on his groups and ids and opens it. Only root
/// can become another user: Errc::permission otherwise. Needs no thread to stand still.
Result<ReadAttempt> read_as(const User& user, const std::string& path);

}  // namespace kerbgate::diagnosis
