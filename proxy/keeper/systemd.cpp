#include "keeper/systemd.hpp"

#include <systemd/sd-daemon.h>

#include <cstdlib>
#include <ctime>

namespace kerbgate::keeper {
namespace {

constexpr std::size_t kLongestStatus = 500;

/// A line of the protocol ends with its text: what came from a file ends none before that.
std::string status_line(std::string status) {
  for (char& c : status)
    if (c < 0x20 || c > 0x7E) c = '?';
  return "STATUS=" + status.substr(0, kLongestStatus) + '\n';
}

void tell(const std::string& state) { ::sd_notify(0, state.c_str()); }

}  // namespace

ServiceManager ServiceManager::of_this_process() {
  ServiceManager out;
  char** names = nullptr;
  const int count = ::sd_listen_fds_with_names(0, &names);
  for (int i = 0; i < count; ++i) {
    out.sockets_.push_back({SD_LISTEN_FDS_START + i, names[i]});
    std::free(names[i]);
  }
  std::free(names);
  std::uint64_t microseconds = 0;
  if (::sd_watchdog_enabled(0, &microseconds) > 0 && microseconds >= 1000)
    out.watchdog_ = std::chrono::milliseconds(microseconds / 1000);
  return out;
}

std::vector<int> ServiceManager::sockets(const std::string& name) const {
  std::vector<int> out;
  for (const HandedOver& one : sockets_)
    if (one.name == name) out.push_back(one.fd);
  return out;
}

void ServiceManager::ready(const std::string& status) const { tell("READY=1\n" + status_line(status)); }

void ServiceManager::ready_elsewhere(pid_t main) { tell("MAINPID=" + std::to_string(main) + "\nREADY=1\n"); }

// The time tells this reload's answer from that of an earlier one (Type=notify-reload).
void ServiceManager::reloading() const {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const std::int64_t microseconds = std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
  tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds) + '\n');
}

void ServiceManager::say(const std::string& status) const { tell(status_line(status)); }

void ServiceManager::stopping(const std::string& status) const { tell("STOPPING=1\n" + status_line(status)); }

void ServiceManager::alive() const { tell("WATCHDOG=1\n"); }

}  // namespace kerbgate::keeper
