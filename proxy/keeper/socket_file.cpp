#include "keeper/socket_file.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "net/fd.hpp"

namespace kerbgate::keeper {

Result<void> nobody_answers(const std::string& path) {
  sockaddr_un raw{};
  raw.sun_family = AF_UNIX;
  struct stat existing {};
  // What is no socket, and what is too long, the bind names.
  if (path.size() >= sizeof raw.sun_path || ::lstat(path.c_str(), &existing) != 0 || !S_ISSOCK(existing.st_mode))
    return {};
  std::memcpy(raw.sun_path, path.c_str(), path.size() + 1);
  const net::Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return system_error(errno, "open a socket for " + path);
  const bool answered = ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&raw), sizeof raw) == 0;
  const int error = answered ? 0 : errno;
  if (error == ECONNREFUSED || error == ENOENT) return {};
  const std::string doing = "cannot bind " + path;
  if (answered || error == EAGAIN)
    return Error{Errc::io, doing + ": a program that runs answers there, and would lose its socket (ss -xlp shows " +
                               "which); stop it, or name another path"};
  if (error == EPROTOTYPE) return Error{Errc::io, doing + ": a socket of another kind (datagrams) stands there"};
  Error failed = system_error(error, doing + ": see whether a program that runs answers there");
  failed.what += "; remove the file if nobody needs it";
  return failed;
}

SocketFile::SocketFile(std::string path) : path_(std::move(path)), mark_(mark_of(path_)) {}

// The time too: a file system gives an inode's number to the next file soon.
SocketFile::Mark SocketFile::mark_of(const std::string& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) return {};
  return {found.st_dev, found.st_ino, found.st_mtim.tv_sec, found.st_mtim.tv_nsec};
}

SocketFile::~SocketFile() {
  if (!path_.empty() && mark_ != Mark{} && mark_of(path_) == mark_) ::unlink(path_.c_str());
}

void SocketFile::move_to(const std::string& path) {
  if (path_.empty() || mark_of(path_) != mark_) return;
  if (std::rename(path_.c_str(), path.c_str()) == 0) path_ = path;
}

}  // namespace kerbgate::keeper
