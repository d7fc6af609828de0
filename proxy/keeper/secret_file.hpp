#pragma once

#include <sys/types.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "kerbgate/result.hpp"
#include "kerbgate/secret.hpp"

/// Files with keys in them, which are read here and sent on as bytes, and sent again when they change.
namespace kerbgate::keeper {

/// What tells a file from a later one of its name.
struct FileStamp {
  std::string path;
  std::int64_t seconds = 0, nanoseconds = 0, inode = 0, size = 0;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};
/// Of each path, in their order; a file that is not there has a stamp too.
std::vector<FileStamp> stamps_of(const std::set<std::string>& paths);

struct SecretFile {
  Secret content;
  bool for_all = false;       ///< everybody on this host may read it
  bool others_write = false;  ///< its group or everybody may write to it
  uid_t owner = 0;
};
/// A regular file of up to 16 MiB; a pipe is not waited for. `kind`: "TLS file", `wanted`: "PEM file", for the errors.
Result<SecretFile> read_secret_file(const std::string& path, const std::string& kind, const std::string& wanted);
/// The same of a file that is open; `path` is what errors call it.
Result<SecretFile> read_open_file(int fd, const std::string& path, const std::string& kind, const std::string& wanted);

}  // namespace kerbgate::keeper
