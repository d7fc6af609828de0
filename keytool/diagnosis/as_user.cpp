#include "diagnosis/as_user.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "kerbgate/fd.hpp"
#include "kerbgate/quoted.hpp"

namespace kerbgate::diagnosis {
namespace {

/// What the child writes when it is done.
struct Report {
  int switched = 0;    ///< errno of becoming the user
  int error = 0;       ///< errno of opening and reading
  int directory = -1;  ///< index of the first directory that denies
};

std::vector<gid_t> groups_of(const std::string& name, gid_t login) {
  std::vector<gid_t> groups(64);
  int count = static_cast<int>(groups.size());
  while (getgrouplist(name.c_str(), login, groups.data(), &count) < 0) {
    groups.resize(std::max<std::size_t>(static_cast<std::size_t>(count), 2 * groups.size()));
    count = static_cast<int>(groups.size());
  }
  groups.resize(static_cast<std::size_t>(count));
  return groups;
}

/// The directories on the way to `path`, from the root on.
void add_directories(const std::filesystem::path& path, std::vector<std::string>& all) {
  std::filesystem::path way;
  for (const auto& part : path.parent_path()) {
    way /= part;
    if (std::find(all.begin(), all.end(), way.string()) == all.end()) all.push_back(way.string());
  }
}

/// As it is written, and as it is behind symbolic links.
std::vector<std::string> directories_to(const std::string& path) {
  std::vector<std::string> all;
  add_directories(path, all);
  std::error_code ignored;
  const auto real = std::filesystem::canonical(path, ignored);
  if (!real.empty()) add_directories(real, all);
  return all;
}

int become(const User& user) {
  if (geteuid() == user.uid) return 0;
  if (setgroups(user.groups.size(), user.groups.data()) != 0) return errno;
  if (setresgid(user.gid, user.gid, user.gid) != 0) return errno;
  if (setresuid(user.uid, user.uid, user.uid) != 0) return errno;
  return 0;
}

int try_to_read(const char* path) {
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return errno;
  char byte = 0;
  // NFS may open what it does not let be read.
  const int error = ::read(fd, &byte, 1) < 0 ? errno : 0;
  explicit_bzero(&byte, 1);
  ::close(fd);
  return error;
}

/// In the child: no allocation, no lock, only system calls, since another thread may have held one at the fork.
[[noreturn]] void be_the_child(const User& user, const char* path, const std::vector<std::string>& directories,
                               int out) {
  Report report;
  report.switched = become(user);
  if (report.switched == 0) report.error = try_to_read(path);
  if (report.error == EACCES) {
    for (std::size_t i = 0; i < directories.size() && report.directory < 0; ++i) {
      if (::access(directories[i].c_str(), X_OK) != 0 && errno == EACCES) report.directory = static_cast<int>(i);
    }
  }
  const ssize_t written = ::write(out, &report, sizeof report);
  _exit(written == sizeof report ? 0 : 1);
}

Result<Report> ask_child(const User& user, const std::string& path, const std::vector<std::string>& directories) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return system_error(errno, "make a pipe");
  Fd in(ends[0]), out(ends[1]);
  const pid_t child = fork();
  if (child < 0) return system_error(errno, "start a process to become " + user.name);
  if (child == 0) be_the_child(user, path.c_str(), directories, out.get());
  out.reset();
  Report report;
  ssize_t got = 0;
  do got = ::read(in.get(), &report, sizeof report);
  while (got < 0 && errno == EINTR);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (got != sizeof report) return Error(Errc::io, "the process that became " + user.name + " ended without an answer");
  return report;
}

}  // namespace

bool User::in_group(gid_t group) const { return std::find(groups.begin(), groups.end(), group) != groups.end(); }

Result<User> find_user(const std::string& name) {
  std::vector<char> buffer(65536);
  passwd row{};
  passwd* found = nullptr;
  uid_t number = 0;
  const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (problem == std::errc() && end == name.data() + name.size()) {
    getpwuid_r(number, &row, buffer.data(), buffer.size(), &found);
  } else {
    getpwnam_r(name.c_str(), &row, buffer.data(), buffer.size(), &found);
  }
  if (found == nullptr) return Error(Errc::not_found, "there is no user " + kerbgate::quoted(name) + " on this host");
  return User{row.pw_name, row.pw_uid, row.pw_gid, groups_of(row.pw_name, row.pw_gid)};
}

Result<ReadAttempt> read_as(const User& user, const std::string& path) {
  if (geteuid() != user.uid && geteuid() != 0) {
    return Error(Errc::permission, "only root can become " + user.name + ", and this is uid " +
                                       std::to_string(geteuid()) + "; run it as root or as " + user.name);
  }
  const std::vector<std::string> directories = directories_to(path);
  const auto report = ask_child(user, path, directories);
  if (!report) return report.error();
  if (report->switched != 0) return system_error(report->switched, "become " + user.name);
  return ReadAttempt{report->error,
                     report->directory < 0 ? std::string() : directories[static_cast<std::size_t>(report->directory)]};
}

}  // namespace kerbgate::diagnosis
