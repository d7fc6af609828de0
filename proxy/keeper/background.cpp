#include "keeper/background.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>

#include "keeper/systemd.hpp"

namespace kerbgate::keeper {

Result<Background> Background::enter() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return system_error(errno, "go to the background");
  net::Fd read(ends[0]), write(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return system_error(errno, "go to the background");
  if (child > 0) {
    write.reset();
    char word = 0;
    ssize_t got = 0;
    do got = ::read(read.get(), &word, 1);
    while (got < 0 && errno == EINTR);
    if (got == 1) ServiceManager::ready_elsewhere(child);
    ::_exit(got == 1 ? 0 : 1);
  }
  ::setsid();
  return Background(std::move(write));
}

void Background::ready() {
  if (!parent_) return;
  leave_terminal(open_null());
  const char word = 'r';
  while (::write(parent_.get(), &word, 1) < 0 && errno == EINTR) {
  }
  parent_.reset();
}

void hold_standard_streams() {
  for (int stream = 0; stream < 3; ++stream)
    if (::fcntl(stream, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) != stream) return;
}

net::Fd open_null() { return net::Fd(::open("/dev/null", O_RDWR | O_CLOEXEC)); }

void leave_terminal(const net::Fd& null) {
  if (null)
    for (int stream = 0; stream < 3; ++stream) ::dup2(null.get(), stream);
}

Result<PidFile> PidFile::write(const std::string& path) {
  const std::string doing = "write the pidfile " + path;
  net::Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, 0644));
  if (!fd) return system_error(errno, doing);
  struct stat found {};
  const bool regular = ::fstat(fd.get(), &found) == 0 && S_ISREG(found.st_mode);
  const std::string text = std::to_string(::getpid()) + '\n';
  const ssize_t written = ::write(fd.get(), text.data(), text.size());
  // A disk over the network may be full only now.
  if (written == ssize_t(text.size()) && ::close(fd.release()) == 0) return PidFile(path);
  const int error = written >= 0 && written != ssize_t(text.size()) ? ENOSPC : errno;
  if (regular) ::unlink(path.c_str());
  return system_error(error, doing);
}

// Another instance may have been started meanwhile and be known by the file.
PidFile::~PidFile() {
  if (path_.empty()) return;
  pid_t number = 0;
  if (std::ifstream(path_) >> number && number == ::getpid()) ::unlink(path_.c_str());
}

std::uint64_t raise_open_files() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    ::getrlimit(RLIMIT_NOFILE, &limit);
  }
  return limit.rlim_cur;
}

}  // namespace kerbgate::keeper
