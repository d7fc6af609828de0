#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "net/fd.hpp"

/// The log's UNIX targets, for a worker whose root has no such paths.
namespace kerbgate::keeper {

/// Connected, by path; of those where somebody listens.
std::map<std::string, net::Fd> log_sockets(const config::Config& config);

/// Which socket a path leads to: another one once a log daemon was started anew.
struct LogStamp {
  std::string path;
  dev_t device = 0;
  ino_t inode = 0;           ///< 0: there is none
  std::int64_t changed = 0;  ///< ns: a number may come back with the next socket
  friend bool operator==(const LogStamp&, const LogStamp&) = default;
};
std::vector<LogStamp> log_stamps(const config::Config& config);

}  // namespace kerbgate::keeper
