#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "counted.hpp"
#include "keytab/file.hpp"
#include "keytab/target.hpp"
#include "krb5/keytab.hpp"

namespace kerbgate::keytab {
namespace {

/// What a person types to stop a program waits until the temporary file is gone. SIGXFSZ (a file size limit) becomes
/// the write's error instead of the end of the process.
class SignalsHeld {
 public:
  SignalsHeld() {
    sigset_t held;
    sigemptyset(&held);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXFSZ}) sigaddset(&held, signal);
    pthread_sigmask(SIG_BLOCK, &held, &before_);
  }
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;
  ~SignalsHeld() {
    sigset_t size_limit;
    sigemptyset(&size_limit);
    sigaddset(&size_limit, SIGXFSZ);
    const timespec at_once{};
    sigtimedwait(&size_limit, nullptr, &at_once);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t before_{};
};

/// A file of the target's directory that only this user can open, removed unless it took the target's place.
class TemporaryFile {
 public:
  static Result<TemporaryFile> beside(const Target& target) {
    constexpr std::size_t kNameMax = 255, kAround = sizeof(".") + sizeof(".kerbgate-XXXXXX");
    std::string path = target.directory + "/." + target.name.substr(0, kNameMax - kAround) + ".kerbgate-XXXXXX";
    Fd fd(mkostemp(path.data(), O_CLOEXEC));
    if (!fd) {
      Error error =
          system_error(errno, "write keytab " + target.path + ": cannot create a file in " + target.directory);
      if (error.is(Errc::permission)) error.what += ": " + access_story(target.directory);
      return error;
    }
    TemporaryFile file(std::move(fd), std::move(path));
    // A umask may have taken rights from it that reading it back needs.
    if (fchmod(file.fd_.get(), 0600) != 0) return system_error(errno, "write keytab " + target.path + ": fchmod");
    return file;
  }
  TemporaryFile(TemporaryFile&& other) noexcept
      : fd_(std::move(other.fd_)), path_(std::exchange(other.path_, std::string())) {}
  TemporaryFile& operator=(TemporaryFile&&) = delete;
  ~TemporaryFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  [[nodiscard]] int fd() const { return fd_.get(); }

  Result<void> replace(const Target& target) {
    if (::rename(path_.c_str(), target.path.c_str()) == 0) {
      path_.clear();
      return {};
    }
    const bool mounted = errno == EBUSY;
    Error error = system_error(errno, "write keytab " + target.path + ": rename");
    if (mounted) error.what += "; it is a mount point by itself (a container's?), write beside it";
    return error;
  }

 private:
  TemporaryFile(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  Fd fd_;
  std::string path_;
};

/// What libkrb5 reads from the descriptor must be these entries, in every field.
Result<void> read_back(int fd, std::span<const Entry> entries, const std::string& path) {
  std::size_t taken = 0;
  std::string wrong;
  const auto visit = [&](const LibraryEntry& theirs) {
    wrong = taken == entries.size() ? "libkrb5 reads an entry too many" : difference(entries[taken], theirs);
    ++taken;
    return wrong.empty();
  };
  const auto read = each_library_entry("/proc/self/fd/" + std::to_string(fd), visit);
  const std::string doing = "write keytab " + path + ": reading back what was written: ";
  if (!read) return Error(read.error().code, doing + read.error().what);
  if (!wrong.empty()) return Error(Errc::io, doing + "entry " + std::to_string(taken) + ": " + wrong);
  if (taken == entries.size()) return {};
  return Error(Errc::io,
               doing + "libkrb5 finds " + std::to_string(taken) + " of " + counted(entries.size(), "entry", "entries"));
}

Result<void> sync(int fd, const std::string& doing) {
  // Directories of some network file systems cannot be synced; their servers do it.
  if (::fsync(fd) == 0 || errno == EINVAL) return {};
  return system_error(errno, doing);
}

Result<void> fill(const TemporaryFile& file, std::span<const std::uint8_t> bytes, std::span<const Entry> entries,
                  const Target& target, const Owner& owner, std::optional<mode_t> mode) {
  const std::string doing = "write keytab " + target.path;
  if (auto written = write_all(file.fd(), bytes, doing); !written) return written;
  if (auto same = read_back(file.fd(), entries, target.path); !same) return same;
  if (auto dressed = dress_as(target, file.fd(), owner, mode); !dressed) return dressed;
  return sync(file.fd(), doing + ": fsync");
}

}  // namespace

Result<void> write_file(const std::string& path, std::span<const Entry> entries, const WriteOptions& options) {
  auto place = file_path(path);
  if (!place) return std::move(place).error();
  if (options.mode && *options.mode > 07777) return Error(Errc::invalid, "mode: only the bits of 07777 can be set");
  auto owner = options.owner ? parse_owner(*options.owner) : Owner{};
  if (!owner) return std::move(owner).error();
  const auto bytes = encode(entries);
  if (!bytes) return bytes.error();
  auto target = take_target(*place, options.lock_wait);
  if (!target) return std::move(target).error();
  if (options.unchanged_since && target->state != options.unchanged_since) {
    return Error(Errc::conflict, "write keytab " + target->path +
                                     ": another program has changed it since it was read, so it stays; run this again");
  }

  // Opened first, so that nothing but the sync itself can fail after the rename. A directory that this user may write
  // but not read cannot be synced.
  const Fd directory(::open(target->directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const SignalsHeld held;
  auto file = TemporaryFile::beside(*target);
  if (!file) return std::move(file).error();
  if (auto filled = fill(*file, bytes->bytes(), entries, *target, *owner, options.mode); !filled) return filled;
  if (auto replaced = file->replace(*target); !replaced) return replaced;
  if (!directory) return {};
  return sync(directory.get(), "write keytab " + target->path + ": it is in place, but syncing its directory failed");
}

}  // namespace kerbgate::keytab
