#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <utility>

#include "kerbgate/result.hpp"

namespace kerbgate::keeper {

/// An Error when a socket stands at `path` and somebody may serve it: the file of a program that runs is not to be
/// taken away from it. Nobody answers at what a killed program left behind.
Result<void> nobody_answers(const std::string& path);

/// The file of a UNIX socket that this process listens on: removed at the end, unless another stands there by then.
class SocketFile {
 public:
  SocketFile() = default;  ///< none
  /// The one that has just been bound there.
  explicit SocketFile(std::string path);
  SocketFile(SocketFile&& other) noexcept : path_(std::exchange(other.path_, {})), mark_(other.mark_) {}
  SocketFile& operator=(SocketFile&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(mark_, other.mark_);
    return *this;
  }
  ~SocketFile();

  [[nodiscard]] explicit operator bool() const noexcept { return !path_.empty(); }
  /// Makes room for another process's: it serves on under `path`.
  void move_to(const std::string& path);

 private:
  /// What tells a file from a later one of its name.
  struct Mark {
    std::uint64_t device = 0, inode = 0;
    std::int64_t seconds = 0, nanoseconds = 0;
    friend bool operator==(const Mark&, const Mark&) = default;
  };
  static Mark mark_of(const std::string& path);
  std::string path_;
  Mark mark_;
};

}  // namespace kerbgate::keeper
