#include "keeper/secret_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "net/fd.hpp"

namespace kerbgate::keeper {
namespace {

constexpr off_t kLargest = 16 << 20;

}  // namespace

std::vector<FileStamp> stamps_of(const std::set<std::string>& paths) {
  std::vector<FileStamp> out;
  for (const std::string& path : paths) {
    struct stat about {};
    if (::stat(path.c_str(), &about) != 0) about = {};
    out.push_back({path, about.st_mtim.tv_sec, about.st_mtim.tv_nsec, std::int64_t(about.st_ino), about.st_size});
  }
  return out;
}

Result<SecretFile> read_secret_file(const std::string& path, const std::string& kind, const std::string& wanted) {
  const net::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return system_error(errno, "cannot open the " + kind + ' ' + path);
  return read_open_file(fd.get(), path, kind, wanted);
}

Result<SecretFile> read_open_file(int fd, const std::string& path, const std::string& kind, const std::string& wanted) {
  struct stat about {};
  ::fstat(fd, &about);
  if (!S_ISREG(about.st_mode)) return Error{Errc::invalid, path + ": is no file: a " + wanted + " is wanted"};
  if (about.st_size > kLargest) return Error{Errc::invalid, path + ": is larger than 16 MiB: is it a " + wanted + '?'};
  SecretFile out{Secret(std::size_t(about.st_size)), (about.st_mode & S_IROTH) != 0,
                 (about.st_mode & (S_IWGRP | S_IWOTH)) != 0, about.st_uid};
  std::size_t have = 0;
  while (have < out.content.size()) {
    const ssize_t got = ::pread(fd, out.content.writable().data() + have, out.content.size() - have, off_t(have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(errno, "cannot read the " + kind + ' ' + path);
    if (got == 0) break;
    have += std::size_t(got);
  }
  if (have < out.content.size()) return Error{Errc::io, path + ": became shorter while it was read"};
  return out;
}

}  // namespace kerbgate::keeper
