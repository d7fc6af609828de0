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

Result<uid_t> uid_of(const std::string& user) {
  if (const auto number = as_number(user)) return uid_t(*number);
  if (const passwd* entry = ::getpwnam(user.c_str()); entry != nullptr) return entry->pw_uid;
  return Error{Errc::not_found, "user " + user + " does not exist on this host (useradd -r " + user + ')'};
}

Result<gid_t> gid_of(const std::string& group) {
  if (const auto number = as_number(group)) return gid_t(*number);
  if (const struct group* entry = ::getgrnam(group.c_str()); entry != nullptr) return entry->gr_gid;
  return Error{Errc::not_found, "group " + group + " does not exist on this host (groupadd -r " + group + ')'};
}

Result<Identity> identity_of(const config::Global& global) {
  Identity out;
  out.chroot = global.chroot;
  if (!global.chroot.empty()) {
    struct stat found {};
    if (::stat(global.chroot.c_str(), &found) != 0) return system_error(errno, "chroot " + global.chroot);
    if (!S_ISDIR(found.st_mode)) return Error{Errc::not_found, "chroot " + global.chroot + ": not a folder"};
  }
  if (!global.user.empty()) {
    Result<uid_t> uid = uid_of(global.user);
    if (!uid) return std::move(uid).error();
    out.uid = *uid;
    // A user's own group goes with its name; a number has no entry to find it in.
    if (const passwd* entry = ::getpwnam(global.user.c_str()); entry != nullptr) out.gid = entry->pw_gid;
  }
  if (!global.group.empty()) {
    Result<gid_t> gid = gid_of(global.group);
    if (!gid) return std::move(gid).error();
    out.gid = *gid;
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
