#include "keeper/privileges.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

namespace kerbgate::keeper {
namespace {

Result<void> denied(int error, const std::string& doing) {
  Error failed = system_error(error, doing);
  if (error == EPERM)
    failed.what += "; start the proxy as root, or take user, group and chroot out of the configuration";
  return failed;
}

/// `uid 0` and `user 65534` give numbers: they need no entry in the user database.
std::optional<std::uint32_t> as_number(const std::string& text) {
  std::uint32_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

Result<Identity> identity_of(const config::Global& global) {
  Identity out;
  out.chroot = global.chroot;
  if (!global.chroot.empty()) {
    struct stat found {};
    if (::stat(global.chroot.c_str(), &found) != 0) return system_error(errno, "chroot " + global.chroot);
    if (!S_ISDIR(found.st_mode)) return Error{Errc::not_found, "chroot " + global.chroot + ": not a folder"};
  }
  if (const auto number = as_number(global.user)) {
    out.uid = *number;
  } else if (!global.user.empty()) {
    const passwd* entry = ::getpwnam(global.user.c_str());
    if (entry == nullptr)
      return Error{Errc::not_found,
                   "user " + global.user + " does not exist on this host (useradd -r " + global.user + ')'};
    out.uid = entry->pw_uid;
    out.gid = entry->pw_gid;
  }
  if (const auto number = as_number(global.group)) {
    out.gid = *number;
  } else if (!global.group.empty()) {
    const struct group* entry = ::getgrnam(global.group.c_str());
    if (entry == nullptr)
      return Error{Errc::not_found,
                   "group " + global.group + " does not exist on this host (groupadd -r " + global.group + ')'};
    out.gid = entry->gr_gid;
  }
  return out;
}

Result<void> become(const Identity& identity) {
  if (!identity.chroot.empty() && (::chroot(identity.chroot.c_str()) != 0 || ::chdir("/") != 0))
    return denied(errno, "chroot " + identity.chroot);
  if (::geteuid() == 0 && (identity.uid || identity.gid) && ::setgroups(0, nullptr) != 0)
    return denied(errno, "give up the supplementary groups");
  if (identity.gid && ::getegid() != *identity.gid && ::setgid(*identity.gid) != 0)
    return denied(errno, "become group " + std::to_string(*identity.gid));
  if (identity.uid && ::geteuid() != *identity.uid && ::setuid(*identity.uid) != 0)
    return denied(errno, "become user " + std::to_string(*identity.uid));
  if (identity.drops()) ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  return {};
}

}  // namespace kerbgate::keeper
