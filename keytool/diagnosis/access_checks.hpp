#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>
#include <vector>

#include "diagnosis/as_user.hpp"
#include "kerbgate/check_result.hpp"

namespace kerbgate::diagnosis {

/// Mode and owner of a keytab that `user` reads. Pure. Safe: nobody but the user (and root) can read or change it; a
/// file of root's may be readable by the user's own group.
std::vector<CheckResult> ownership_checks(const std::string& file, const struct stat& status, const User& user);

/// Rights of everybody, which are unsafe whoever the daemon's user is: nullopt when there are none.
std::optional<CheckResult> world_check(const std::string& file, const struct stat& status);

/// A directory above the file (absolute) where everybody can put another file in its place: nullopt when there is none.
std::optional<CheckResult> open_directory_check(const std::string& file);

/// Whether that user can read it, really tried; a skip with the reason where it cannot be tried.
CheckResult readable_check(const std::string& file, const User& user);

/// impalad wants drwxrwxrwt of /var/tmp, bit for bit. `path`: where it is.
CheckResult var_tmp_check(const std::string& path);

/// "owned by impala:hadoop, mode 0640"
std::string owner_text(const struct stat& status);

}  // namespace kerbgate::diagnosis
