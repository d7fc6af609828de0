#include "diagnosis/access_checks.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "account.hpp"
#include "diagnosis/cause.hpp"

namespace kerbgate::diagnosis {
namespace {

std::string user_text(uid_t uid) { return user_name(uid).value_or(std::to_string(uid)); }
std::string group_text(gid_t gid) { return group_name(gid).value_or(std::to_string(gid)); }

/// What is unsafe in the mode; empty: nothing.
std::string excess(const struct stat& status, const User& user) {
  const mode_t mode = status.st_mode;
  if ((mode & S_IRWXO) != 0) return "everybody has rights on it";
  if ((mode & S_IWGRP) != 0) return "group " + group_text(status.st_gid) + " may change it";
  if ((mode & S_IRGRP) == 0) return {};
  if (status.st_gid == user.gid || status.st_gid == 0) return {};
  return "group " + group_text(status.st_gid) + " may read it" +
         (user.in_group(status.st_gid) ? ", and has other members than " + user.name : "");
}

std::string denial(const std::string& file, const User& user, const ReadAttempt& attempt) {
  const std::string who = user.name + " may not ";
  struct stat status {};
  if (!attempt.directory.empty()) {
    const bool known = ::stat(attempt.directory.c_str(), &status) == 0;
    return who + "pass directory " + attempt.directory + (known ? ": " + owner_text(status) : "");
  }
  if (attempt.error != EACCES && attempt.error != EPERM) return who + "read it: " + std::strerror(attempt.error);
  const bool known = ::stat(file.c_str(), &status) == 0;
  return who + "read it: " + (known ? owner_text(status) : std::string(std::strerror(attempt.error)));
}

}  // namespace

std::string owner_text(const struct stat& status) {
  return "owned by " + user_text(status.st_uid) + ':' + group_text(status.st_gid) + ", mode " +
         mode_text(status.st_mode);
}

std::vector<CheckResult> ownership_checks(const std::string& file, const struct stat& status, const User& user) {
  std::vector<CheckResult> results;
  const std::string unsafe = excess(status, user);
  // What root owns is for the user's group to read.
  const std::string safe_mode = status.st_uid == user.uid ? "0400" : "0440";
  const bool others = (status.st_mode & (S_IRWXO | S_IWGRP)) != 0;
  if (unsafe.empty()) {
    results.push_back(passed(file, "mode", mode_text(status.st_mode)));
  } else {
    results.push_back(problem(others ? Verdict::fail : Verdict::warn, file, "mode",
                              mode_text(status.st_mode) + ": " + unsafe, Cause::keytab_mode_unsafe,
                              {{"keytab", file}, {"mode", safe_mode}}));
  }
  const std::string owner = user_text(status.st_uid);
  if (status.st_uid == user.uid || status.st_uid == 0) {
    results.push_back(passed(file, "owner", owner));
  } else {
    results.push_back(problem(Verdict::fail, file, "owner", owner + " instead of " + user.name,
                              Cause::keytab_owner_wrong, {{"keytab", file}, {"user", user.name}}));
  }
  return results;
}

std::optional<CheckResult> world_check(const std::string& file, const struct stat& status) {
  if ((status.st_mode & S_IRWXO) == 0) return std::nullopt;
  return problem(Verdict::fail, file, "mode", mode_text(status.st_mode) + ": everybody has rights on it",
                 Cause::keytab_mode_unsafe, {{"keytab", file}, {"mode", "0400"}});
}

std::optional<CheckResult> open_directory_check(const std::string& file) {
  for (auto directory = std::filesystem::path(file).parent_path(); directory.has_relative_path();
       directory = directory.parent_path()) {
    struct stat status {};
    if (::stat(directory.c_str(), &status) != 0) continue;
    // With the sticky bit, as /tmp has it, others cannot rename what is not theirs.
    if ((status.st_mode & S_IWOTH) == 0 || (status.st_mode & S_ISVTX) != 0) continue;
    return problem(Verdict::fail, directory.string(), "mode",
                   mode_text(status.st_mode) + ": everybody may put another keytab in this one's place",
                   Cause::keytab_mode_unsafe, {{"keytab", directory.string()}, {"mode", "o-w"}});
  }
  return std::nullopt;
}

CheckResult readable_check(const std::string& file, const User& user) {
  const auto attempt = read_as(user, file);
  const std::string check = "readable by " + user.name;
  if (!attempt) return skipped(file, check, attempt.error().what);
  if (attempt->error == 0) return passed(file, check, "opened as uid " + std::to_string(user.uid));
  const Cause cause = attempt->directory.empty() ? Cause::keytab_unreadable : Cause::keytab_directory_closed;
  return problem(Verdict::fail, file, check, denial(file, user, *attempt), cause,
                 {{"keytab", file}, {"user", user.name}, {"directory", attempt->directory}});
}

CheckResult var_tmp_check(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return problem(Verdict::fail, path, "mode", std::strerror(errno), Cause::var_tmp_mode, {{"path", path}});
  }
  const std::string found = mode_text(status.st_mode) + (S_ISDIR(status.st_mode) ? "" : ", and no directory");
  if (S_ISDIR(status.st_mode) && (status.st_mode & 07777) == 01777) return passed(path, "mode", found);
  return problem(Verdict::fail, path, "mode", found, Cause::var_tmp_mode, {{"path", path}});
}

}  // namespace kerbgate::diagnosis
