#include "keytab/target.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <array>
#include <cerrno>
#include <vector>

#include "keytab/file.hpp"

namespace kerbgate::keytab {
namespace {

constexpr int kMaxLinks = 40;
constexpr const char* kAccessList = "system.posix_acl_access";

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

/// One symbolic link's content; nullopt when `path` is none or is not there.
Result<std::optional<std::string>> link_of(const std::string& path) {
  std::array<char, 4097> content{};
  const ssize_t size = readlink(path.c_str(), content.data(), content.size() - 1);
  if (size >= 0) return std::optional<std::string>(std::string(content.data(), static_cast<std::size_t>(size)));
  if (errno == EINVAL || errno == ENOENT) return std::optional<std::string>();
  Error error = system_error(errno, "write keytab " + path);
  if (error.is(Errc::permission)) error.what += ": " + access_story(path);
  return error;
}

Result<std::string> followed(std::string path) {
  for (int links = 0; links < kMaxLinks; ++links) {
    const auto link = link_of(path);
    if (!link) return link.error();
    if (!*link) return path;
    path = (*link)->starts_with('/') ? **link : directory_of(path) + '/' + **link;
  }
  return system_error(ELOOP, "write keytab " + path);
}

Result<void> refuse_what_is_no_file(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  if (S_ISDIR(status.st_mode)) return Error(Errc::io, "write keytab " + path + ": is a directory; name a file in it");
  if (S_ISREG(status.st_mode)) return {};
  return Error(Errc::io, "write keytab " + path + ": not a regular file; for standard output write -");
}

Result<void> refuse_what_is_no_keytab(int fd, const std::string& path) {
  std::array<std::uint8_t, 2> first{};
  const ssize_t got = pread(fd, first.data(), first.size(), 0);
  if (got < 0) return system_error(errno, "read keytab " + path);
  if (got == 0 || (got == 2 && first[0] == 5 && (first[1] == 1 || first[1] == 2))) return {};
  return Error(Errc::not_a_keytab,
               "write keytab " + path + ": what is there is not a keytab, so it is not replaced; choose another name");
}

/// Opens what is at the path now. An exclusive lock needs the right to write; who has only that to read takes a shared
/// one, which keeps writers out as well.
Result<Fd> open_old(const std::string& path, std::chrono::milliseconds wait) {
  Lock kind = Lock::exclusive;
  Fd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  if (!fd && (errno == EACCES || errno == EPERM || errno == EROFS)) {
    kind = Lock::shared;
    fd = Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  }
  if (!fd && errno == ENOENT) return fd;
  if (!fd) {
    Error error = system_error(errno, "write keytab " + path);
    if (error.is(Errc::permission)) error.what += ": " + access_story(path);
    return error;
  }
  if (auto locked = lock_file(fd.get(), kind, wait, path); !locked) return std::move(locked).error();
  return fd;
}

/// Is the path still (or still not) what was opened?
Result<bool> still_there(const Fd& fd, const std::string& path) {
  struct stat opened {
  }, named{};
  if (::lstat(path.c_str(), &named) != 0) {
    if (errno != ENOENT) return system_error(errno, "write keytab " + path);
    return !fd;
  }
  if (!fd) return false;
  if (fstat(fd.get(), &opened) != 0) return system_error(errno, "write keytab " + path);
  return opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

/// Opens and locks what is at the path. Whoever had the lock meanwhile may have put another file in its place: then
/// that.
Result<Fd> hold_old(const std::string& path, std::chrono::milliseconds wait) {
  for (;;) {
    auto old_file = open_old(path, wait);
    if (!old_file) return old_file;
    const auto same = still_there(*old_file, path);
    if (!same) return same.error();
    if (*same) return old_file;
  }
}

bool is_kept(const std::string& attribute) {
  return attribute == kAccessList || attribute == "security.selinux" || attribute == "security.SMACK64" ||
         attribute.starts_with("user.");
}

std::vector<std::string> attribute_names(int fd) {
  const ssize_t size = flistxattr(fd, nullptr, 0);
  if (size <= 0) return {};
  std::string all(static_cast<std::size_t>(size), '\0');
  const ssize_t got = flistxattr(fd, all.data(), all.size());
  std::vector<std::string> out;
  for (std::size_t at = 0; got > 0 && at < static_cast<std::size_t>(got); at += out.back().size() + 1) {
    out.emplace_back(all.c_str() + at);
  }
  return out;
}

std::optional<std::string> attribute(int fd, const std::string& name) {
  const ssize_t size = fgetxattr(fd, name.c_str(), nullptr, 0);
  if (size < 0) return std::nullopt;
  std::string value(static_cast<std::size_t>(size), '\0');
  if (fgetxattr(fd, name.c_str(), value.data(), value.size()) != size) return std::nullopt;
  return value;
}

Result<void> keep_attributes(const Target& target, int fd) {
  // A default ACL of the directory would give rights that the old file did not give.
  if (!attribute(target.old_file.get(), kAccessList) && attribute(fd, kAccessList)) fremovexattr(fd, kAccessList);
  for (const std::string& name : attribute_names(target.old_file.get())) {
    if (!is_kept(name)) continue;
    const auto wanted = attribute(target.old_file.get(), name);
    if (!wanted || attribute(fd, name) == wanted) continue;
    if (fsetxattr(fd, name.c_str(), wanted->data(), wanted->size(), 0) == 0) continue;
    Error error = system_error(errno, "write keytab " + target.path + ": cannot keep the attribute " + name);
    error.what += "; run as root, or remove the old file first";
    return error;
  }
  return {};
}

Result<void> give_to(const Target& target, int fd, const Owner& owner) {
  struct stat now {};
  if (fstat(fd, &now) != 0) return system_error(errno, "stat the new " + target.path);
  const uid_t uid = owner.user.value_or(target.old_file ? target.uid : now.st_uid);
  const gid_t gid = owner.group.value_or(target.old_file ? target.gid : now.st_gid);
  if (uid == now.st_uid && gid == now.st_gid) return {};
  if (fchown(fd, uid, gid) == 0) return {};
  const bool asked = owner.user || owner.group;
  Error error = system_error(errno, "write keytab " + target.path + ": cannot " + (asked ? "give it to" : "keep its") +
                                        " uid " + std::to_string(uid) + ", gid " + std::to_string(gid));
  error.what += asked ? "; run as root" : "; run as root, or say whose it shall be with --owner";
  return error;
}

}  // namespace

Result<Target> take_target(const std::string& path, std::chrono::milliseconds lock_wait) {
  if (auto usable = refuse_what_is_no_file(path); !usable) return std::move(usable).error();
  auto place = followed(path);
  if (!place) return std::move(place).error();
  Target target;
  target.path = std::move(*place);
  target.directory = directory_of(target.path);
  target.name = target.path.substr(target.path.rfind('/') + 1);
  if (target.name.empty()) return Error(Errc::invalid, "write keytab '" + path + "': names a directory");
  auto old_file = hold_old(target.path, lock_wait);
  if (!old_file) return std::move(old_file).error();
  target.old_file = std::move(*old_file);
  if (!target.old_file) return target;
  if (auto keytab = refuse_what_is_no_keytab(target.old_file.get(), target.path); !keytab) {
    return std::move(keytab).error();
  }
  struct stat status {};
  if (fstat(target.old_file.get(), &status) != 0) return system_error(errno, "stat " + target.path);
  target.uid = status.st_uid;
  target.gid = status.st_gid;
  target.mode = status.st_mode & 07777;
  target.state = state_of(status);
  return target;
}

Result<void> dress_as(const Target& target, int fd, const Owner& owner, std::optional<mode_t> mode) {
  if (auto given = give_to(target, fd, owner); !given) return given;
  if (target.old_file) {
    if (auto kept = keep_attributes(target, fd); !kept) return kept;
  }
  if (fchmod(fd, mode.value_or(target.mode)) == 0) return {};
  return system_error(errno, "write keytab " + target.path + ": cannot set its mode");
}

}  // namespace kerbgate::keytab
