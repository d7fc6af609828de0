#include "support/daemon.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "support/temp_dir.hpp"

namespace kerbgate::e2e {

Daemon::Daemon(std::vector<std::string> command, const Environment& environment, std::string pidfile)
    : pidfile_(std::move(pidfile)) {
  try {
    run_ok(std::move(command), environment);
    attach();
  } catch (...) {
    end();
    throw;
  }
}

Daemon::~Daemon() { end(); }

void Daemon::attach() {
  pid_ = std::stoi(read_file(pidfile_));
  handle_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  if (handle_ < 0) throw std::system_error(errno, std::generic_category(), "process " + std::to_string(pid_));
}

void Daemon::end() noexcept {
  try {
    if (handle_ < 0) attach();
  } catch (const std::exception&) {
    return;  // it never came so far
  }
  syscall(SYS_pidfd_send_signal, handle_, SIGKILL, nullptr, 0);
  close(handle_);
  std::error_code ignored;
  std::filesystem::remove(pidfile_, ignored);
}

void Daemon::signal(int number) const {
  if (syscall(SYS_pidfd_send_signal, handle_, number, nullptr, 0) != 0)
    throw std::system_error(errno, std::generic_category(), "signal to " + std::to_string(pid_));
}

void Daemon::wait() const {
  pollfd ended{handle_, POLLIN, 0};
  if (poll(&ended, 1, static_cast<int>(std::chrono::milliseconds(kPatience).count())) != 1)
    throw std::runtime_error("process " + std::to_string(pid_) + " does not end");
}

}  // namespace kerbgate::e2e
