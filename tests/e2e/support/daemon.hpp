#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "support/process.hpp"

namespace kerbgate::e2e {

/// A process that puts itself into the background and leaves its pid in a file: ended with this object.
class Daemon {
 public:
  /// Runs the command that starts it to its end, which comes only when nobody holds that command's output any more, and
  /// takes the pid from the file. What a failed start left behind is ended too.
  Daemon(std::vector<std::string> command, const Environment& environment, std::string pidfile);
  ~Daemon();  ///< SIGKILL when it still runs; the file is removed
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  void signal(int number) const;
  /// Returns when the process is gone; throws when it stays.
  void wait() const;

 private:
  void attach();
  void end() noexcept;

  std::string pidfile_;
  pid_t pid_ = -1;
  int handle_ = -1;  ///< pidfd: readable when the process has ended, and never another process
};

}  // namespace kerbgate::e2e
