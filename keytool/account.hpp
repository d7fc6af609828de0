#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

/// Users, groups and modes as people write them.
namespace kerbgate {

/// nullopt when the host does not know the number.
std::optional<std::string> user_name(uid_t uid);
std::optional<std::string> group_name(gid_t gid);
/// "0400": the twelve bits.
std::string mode_text(mode_t mode);

}  // namespace kerbgate
