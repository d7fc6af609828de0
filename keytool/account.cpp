#include "account.hpp"

#include <grp.h>
#include <pwd.h>

#include <array>
#include <cstdio>
#include <vector>

namespace kerbgate {

std::optional<std::string> user_name(uid_t uid) {
  std::vector<char> buffer(16384);
  passwd row{};
  passwd* found = nullptr;
  if (getpwuid_r(uid, &row, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) return std::nullopt;
  return found->pw_name;
}

std::optional<std::string> group_name(gid_t gid) {
  // Room for the members of a large group.
  std::vector<char> buffer(1 << 20);
  group row{};
  group* found = nullptr;
  if (getgrgid_r(gid, &row, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) return std::nullopt;
  return found->gr_name;
}

std::string mode_text(mode_t mode) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode & 07777));
  return text.data();
}

}  // namespace kerbgate
