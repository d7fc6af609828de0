#pragma once

#include <sys/types.h>

#include <string>

namespace kerbgate::e2e {

/// A process that put itself into the background and left its pid in a file: ended with this object.
class Daemon {
 public:
  explicit Daemon(std::string pidfile);
  ~Daemon();  ///< SIGKILL when it still runs; the file is removed
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  void signal(int number) const;
  /// Returns when the process is gone; throws when it stays.
  void wait() const;

 private:
  std::string pidfile_;
  pid_t pid_ = -1;
  int handle_ = -1;  ///< pidfd: readable when the process has ended, and never another process
};

}  // namespace kerbgate::e2e
