#pragma once

#include <sys/stat.h>

#include <chrono>
#include <optional>
#include <string>

#include "kerbgate/fd.hpp"
#include "kerbgate/keytab.hpp"
#include "kerbgate/result.hpp"
#include "kerbgate/secret.hpp"

/// Keytab files as files: names, whole contents, locks. Knows nothing of records.
namespace kerbgate::keytab {

/// The path of a keytab name: FILE: and WRFILE: are taken off. Errc::unsupported for the other types of libkrb5 and
/// Heimdal, and for what looks like a type (upper case letters and a colon).
Result<std::string> file_path(const std::string& name);

/// All bytes of a file, or of standard input for "-". A regular file is read under the shared lock that libkrb5's
/// writers respect, so that no half-written record is seen. Reading stops after the first bytes of what cannot be a
/// keytab, so that a device or a pipe without end does no harm.
struct Contents {
  Secret bytes;
  std::optional<FileState> state;  ///< of a regular file
};
Result<Contents> read_bytes(const std::string& path);

FileState state_of(const struct stat& status);

enum class Lock { shared, exclusive };

/// Takes libkrb5's kind of lock (an open file description lock on the whole file), waiting at most `wait`. Errc::io
/// when it is still held then. A file system that knows no locks is no error. Closing the descriptor gives the lock
/// back.
Result<void> lock_file(int fd, Lock kind, std::chrono::milliseconds wait, const std::string& path);

/// Writes all of it at the descriptor's position.
Result<void> write_all(int fd, std::span<const std::uint8_t> bytes, const std::string& doing);

/// "owned by impala (uid 27), mode 0400, and this is uid 1000"; the reason in a message about a refused access.
std::string access_story(const std::string& path);

/// A file in memory that libkrb5 can open by name. Wiped at the end.
class MemoryFile {
 public:
  static Result<MemoryFile> holding(std::span<const std::uint8_t> bytes);
  MemoryFile(MemoryFile&&) = default;
  MemoryFile& operator=(MemoryFile&&) = delete;
  ~MemoryFile();
  [[nodiscard]] std::string path() const;

 private:
  MemoryFile(Fd fd, std::size_t size) : fd_(std::move(fd)), size_(size) {}
  Fd fd_;
  std::size_t size_;
};

}  // namespace kerbgate::keytab
