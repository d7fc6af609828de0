#pragma once

#include <string>

#include "kerbgate/result.hpp"
#include "net/fd.hpp"

namespace kerbgate::keeper {

/// `daemon`: the rest of the start happens in a child of its own session, and the command that was typed ends when the
/// child says how that went: 0 once it serves, 1 with the child's own words on the terminal.
class Background {
 public:
  /// Forks. In the parent it does not return: it exits with the child's word. Must come before any thread.
  static Result<Background> enter();
  Background() = default;  ///< stays in the foreground: ready() does nothing

  /// It serves: the terminal is let go, standard streams become /dev/null, the parent exits 0.
  void ready();
  [[nodiscard]] bool entered() const noexcept { return bool(parent_); }

 private:
  explicit Background(net::Fd parent) : parent_(std::move(parent)) {}
  net::Fd parent_;
};

/// A standard stream that whoever started the proxy had closed becomes /dev/null: else a socket would take its number,
/// and what is meant for a terminal go to a client.
void hold_standard_streams();

/// Standard streams become `null`: whoever started the proxy may go. Opened apart, since a chroot has no /dev/null.
net::Fd open_null();
void leave_terminal(const net::Fd& null);

/// The file with this process's number; gone when destroyed, unless it holds another's by then.
class PidFile {
 public:
  PidFile() = default;
  static Result<PidFile> write(const std::string& path);
  PidFile(PidFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  PidFile& operator=(PidFile&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
  }
  ~PidFile();

 private:
  explicit PidFile(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

/// Raises the soft limit of open files to the hard one; the limit that is in force then.
std::uint64_t raise_open_files();

}  // namespace kerbgate::keeper
