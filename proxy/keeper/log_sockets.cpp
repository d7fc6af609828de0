#include "keeper/log_sockets.hpp"

#include <sys/stat.h>

#include <set>

#include "net/socket.hpp"

namespace kerbgate::keeper {
namespace {

std::set<std::string> paths_of(const config::Config& config) {
  std::set<std::string> out;
  for (const config::LogTarget& target : config.log_targets())
    if (target.kind == config::LogTarget::Kind::unix_socket) out.insert(target.address);
  return out;
}

}  // namespace

std::map<std::string, net::Fd> log_sockets(const config::Config& config) {
  std::map<std::string, net::Fd> out;
  for (const std::string& path : paths_of(config))
    if (net::Fd fd = net::dial_datagram(path)) out[path] = std::move(fd);
  return out;
}

std::vector<LogStamp> log_stamps(const config::Config& config) {
  std::vector<LogStamp> out;
  for (const std::string& path : paths_of(config)) {
    struct stat status {};
    LogStamp& stamp = out.emplace_back(LogStamp{path});
    if (::stat(path.c_str(), &status) != 0) continue;
    stamp.device = status.st_dev;
    stamp.inode = status.st_ino;
    stamp.changed = status.st_ctim.tv_sec * 1'000'000'000 + status.st_ctim.tv_nsec;
  }
  return out;
}

}  // namespace kerbgate::keeper
