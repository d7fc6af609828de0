#include "keytab/file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <thread>
#include <vector>

#include "account.hpp"

namespace kerbgate::keytab {
namespace {

constexpr std::chrono::milliseconds kReadWait{5000};
constexpr std::chrono::milliseconds kLockPoll{20};
constexpr std::size_t kMaxFile = std::numeric_limits<std::int32_t>::max();
constexpr std::size_t kChunk = 65536;

Error too_large(const std::string& path) {
  return {Errc::unsupported, "read " + path + ": larger than 2 GiB, which libkrb5 cannot read either"};
}

Error open_failure(int code, const std::string& path) {
  Error error = system_error(code, "read keytab " + path);
  if (error.is(Errc::permission)) error.what += ": " + access_story(path);
  return error;
}

/// Up to `room` bytes; fewer only at the end.
Result<std::size_t> read_some(int fd, std::span<std::uint8_t> room, const std::string& path) {
  std::size_t got = 0;
  while (got < room.size()) {
    const ssize_t n = ::read(fd, room.data() + got, room.size() - got);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error(errno, "read keytab " + path);
    if (n == 0) break;
    got += static_cast<std::size_t>(n);
  }
  return got;
}

bool may_be_keytab(std::span<const std::uint8_t> bytes) { return bytes.size() >= 2 && bytes[0] == 5; }

Result<Secret> read_to_the_end(int fd, std::size_t expected, const std::string& path) {
  // What does not begin as a keytab costs no more than its first bytes, whatever its size.
  Secret all(2);
  const auto begun = read_some(fd, all.writable(), path);
  if (!begun) return begun.error();
  if (*begun < 2) return Secret(all.bytes().first(*begun));
  if (!may_be_keytab(all.bytes())) return all;
  Secret chunk(std::max(kChunk, expected + 1));
  for (;;) {
    const auto got = read_some(fd, chunk.writable(), path);
    if (!got) return got.error();
    all.append(chunk.bytes().first(*got));
    if (*got == 0) return all;
    if (all.size() > kMaxFile) return too_large(path);
  }
}

Result<Contents> contents(Result<Secret> bytes, std::optional<FileState> state) {
  if (!bytes) return std::move(bytes).error();
  return Contents{std::move(*bytes), state};
}

std::string user_text(uid_t uid) {
  const auto name = user_name(uid);
  return name ? *name + " (uid " + std::to_string(uid) + ')' : "uid " + std::to_string(uid);
}

bool is_type_name(std::string_view word) {
  constexpr std::array<std::string_view, 12> kOthers{"MEMORY", "KEYRING", "DIR", "API",        "SRVTAB", "ANY",
                                                     "HDB",    "HDBGET",  "AKF", "AFSKEYFILE", "KRB4",   "JAVA14"};
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  return std::ranges::find(kOthers, word) != kOthers.end() || (word.size() > 1 && std::ranges::all_of(word, upper));
}

}  // namespace

Result<std::string> file_path(const std::string& name) {
  const std::size_t colon = name.find(':');
  std::string path = name;
  if (colon != std::string::npos && name.find('/') > colon) {
    const std::string type = name.substr(0, colon);
    if (type == "FILE" || type == "WRFILE") {
      path = name.substr(colon + 1);
    } else if (is_type_name(type)) {
      return Error(Errc::unsupported, "keytab " + name + ": type " + type +
                                          " is not a file; the types known here are " +
                                          "FILE: and WRFILE: (for a file of that name write ./" + name + ")");
    }
  }
  if (path.empty()) return Error(Errc::invalid, "keytab '" + name + "': the name of a file is empty");
  if (path.find('\0') != std::string::npos) return Error(Errc::invalid, "a file name cannot hold a NUL");
  return path;
}

FileState state_of(const struct stat& status) {
  return {status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size), status.st_mtim.tv_sec,
          status.st_mtim.tv_nsec};
}

Result<Contents> read_bytes(const std::string& path) {
  if (path == "-") return contents(read_to_the_end(STDIN_FILENO, 0, "standard input"), std::nullopt);
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd) return open_failure(errno, path);
  struct stat status {};
  if (fstat(fd.get(), &status) != 0) return system_error(errno, "stat " + path);
  if (S_ISDIR(status.st_mode)) return Error(Errc::io, "read keytab " + path + ": is a directory, a keytab is a file");
  if (!S_ISREG(status.st_mode)) return contents(read_to_the_end(fd.get(), 0, path), std::nullopt);
  if (auto locked = lock_file(fd.get(), Lock::shared, kReadWait, path); !locked) return std::move(locked).error();
  // Asked again under the lock: a writer may have been at work until now.
  if (fstat(fd.get(), &status) != 0) return system_error(errno, "stat " + path);
  if (static_cast<std::size_t>(status.st_size) > kMaxFile) return too_large(path);
  return contents(read_to_the_end(fd.get(), static_cast<std::size_t>(status.st_size), path), state_of(status));
}

Result<void> lock_file(int fd, Lock kind, std::chrono::milliseconds wait, const std::string& path) {
  const auto deadline = std::chrono::steady_clock::now() + wait;
  for (;;) {
    struct flock whole {};
    whole.l_type = static_cast<short>(kind == Lock::shared ? F_RDLCK : F_WRLCK);
    whole.l_whence = SEEK_SET;
    if (fcntl(fd, F_OFD_SETLK, &whole) == 0) return {};
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EACCES) return {};
    if (std::chrono::steady_clock::now() >= deadline) break;
    // There is no lock call with a time limit, and a signal for it would not be ours to take.
    std::this_thread::sleep_for(kLockPoll);
  }
  return Error(Errc::io, "lock " + path + ": another program has held it for " + std::to_string(wait.count()) +
                             " ms; see fuser(1) for which, and try again");
}

Result<void> write_all(int fd, std::span<const std::uint8_t> bytes, const std::string& doing) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error(errno, doing);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

std::string access_story(const std::string& path) {
  struct stat status {};
  const std::string caller = "this is uid " + std::to_string(geteuid());
  if (::stat(path.c_str(), &status) != 0) return "a directory on the way to it may not be entered, and " + caller;
  return "owned by " + user_text(status.st_uid) + ", mode " + mode_text(status.st_mode) + ", and " + caller;
}

Result<MemoryFile> MemoryFile::holding(std::span<const std::uint8_t> bytes) {
  Fd fd(memfd_create("keytab", MFD_CLOEXEC));
  if (!fd) return system_error(errno, "memfd_create");
  MemoryFile file(std::move(fd), bytes.size());
  if (auto written = write_all(file.fd_.get(), bytes, "write to memory"); !written) return std::move(written).error();
  return file;
}

MemoryFile::~MemoryFile() {
  if (!fd_ || size_ == 0) return;
  void* pages = mmap(nullptr, size_, PROT_WRITE, MAP_SHARED, fd_.get(), 0);
  if (pages == MAP_FAILED) return;
  explicit_bzero(pages, size_);
  munmap(pages, size_);
}

std::string MemoryFile::path() const { return "/proc/self/fd/" + std::to_string(fd_.get()); }

}  // namespace kerbgate::keytab
