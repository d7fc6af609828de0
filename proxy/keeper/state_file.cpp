#include "keeper/state_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>

#include "hs2/handle_file.hpp"
#include "kerbgate/replace_file.hpp"

namespace kerbgate::keeper {
namespace {

constexpr mode_t kMode = 0600;

struct Reading {
  StateFile::Known known;
  std::string why;       ///< it cannot be used; empty: it can, or is not there
  bool foreign = false;  ///< and is not to be replaced
};

Reading read_state(const std::string& path) {
  Result<SecretFile> file = read_secret_file(path, "file", "state file of kerbgate");
  if (!file && file.error().is(Errc::not_found)) return {};
  if (!file) return {{}, file.error().what, true};
  Result<StateFile::Known> known = hs2::decode(file->content.bytes(), std::chrono::system_clock::now());
  if (!known) return {{}, known.error().what, known.error().is(Errc::unsupported)};
  if (file->others_write) return {{}, "others than its owner may write to it", false};
  if (file->owner != 0 && file->owner != ::geteuid())
    return {
        {}, "it belongs to user " + std::to_string(file->owner) + ", neither root nor who started the proxy", false};
  return {std::move(*known), "", false};
}

/// Empty: a file can be made there.
std::string trouble_of_folder(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return "it is a folder";
  if (::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) == 0) return "";
  return system_error(errno, "no file can be made in " + folder).what;
}

std::string unwritable(const std::string& path, const std::string& why) {
  return "kerberos state-file " + path + " cannot be written: " + why +
         "; which coordinator made which session is forgotten at a restart until it can";
}

std::string unusable(const std::string& path, const Reading& reading) {
  if (reading.foreign)
    return "kerberos state-file " + path + " stays as it is and is not used: " + reading.why +
           "; name another file, or move this one away";
  return "kerberos state-file " + path + " is not used: " + reading.why +
         "; no session from before is known, and the file is written anew";
}

}  // namespace

StateFile::Known StateFile::news(const std::string& path, std::vector<Notice>& notices) {
  const FileStamp stamp = stamps_of({path}).front();
  if (path == path_ && stamp == stamp_) return {};
  if (path != path_)
    if (const std::string why = trouble_of_folder(path); !why.empty())
      notices.push_back({log::Priority::warning, said_ = unwritable(path, why)});
  path_ = path;
  stamp_ = stamp;
  Reading reading = read_state(path);
  foreign_ = reading.foreign;
  if (!reading.why.empty()) notices.push_back({log::Priority::warning, unusable(path, reading)});
  if (!reading.known.empty())
    notices.push_back({log::Priority::notice, "kerberos state-file " + path + ": " +
                                                  std::to_string(reading.known.size()) +
                                                  " handles of sessions and operations read"});
  return std::move(reading.known);
}

void StateFile::write(const std::string& path, Known mine, Known others, std::vector<Notice>& notices) {
  if (foreign_) return;
  const auto bytes = hs2::encode(hs2::joined(std::move(mine), std::move(others)), std::chrono::system_clock::now());
  const Result<void> written = replace_file(path, bytes, kMode);
  stamp_ = stamps_of({path}).front();
  const std::string why = written ? "" : unwritable(path, written.error().what);
  if (!why.empty() && why != said_) notices.push_back({log::Priority::warning, why});
  said_ = why;
}

std::string trouble_of_state_file(const std::string& path) {
  if (const std::string why = trouble_of_folder(path); !why.empty()) return unwritable(path, why);
  const Reading reading = read_state(path);
  return reading.why.empty() ? "" : unusable(path, reading);
}

Result<StateFile::Known> handles_in(int fd) {
  Result<SecretFile> file = read_open_file(fd, "the worker's table of handles", "file", "table of handles");
  if (!file) return std::move(file).error();
  return hs2::decode(file->content.bytes(), std::chrono::system_clock::now());
}

}  // namespace kerbgate::keeper
