#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace kerbgate::keeper {

/// A listening socket that the service manager opened (socket activation).
struct HandedOver {
  int fd = -1;
  std::string name;  ///< FileDescriptorName= of the socket unit
};

/// The service manager that started this process, systemd as a rule: what it hands over, and what it is told
/// (sd_notify(3)). Without one there are no sockets, no watchdog, and telling does nothing.
class ServiceManager {
 public:
  /// Of this process as it was started: to be asked before a fork, since the manager means the first process by its
  /// number.
  static ServiceManager of_this_process();
  ServiceManager() = default;  ///< none

  [[nodiscard]] const std::vector<HandedOver>& sockets() const noexcept { return sockets_; }
  /// Descriptors of that name, in their order.
  [[nodiscard]] std::vector<int> sockets(const std::string& name) const;
  /// The longest silence before it takes the process for hung; nothing: it does not look.
  [[nodiscard]] std::optional<std::chrono::milliseconds> watchdog() const noexcept { return watchdog_; }

  /// The start, or a reload, is over. `status` is for people, one line.
  void ready(const std::string& status) const;
  /// As ready(), said by the process that was started for the one that goes on in the background.
  static void ready_elsewhere(pid_t main);
  void reloading() const;
  void say(const std::string& status) const;
  void stopping(const std::string& status) const;
  void alive() const;  ///< feeds the watchdog

 private:
  std::vector<HandedOver> sockets_;
  std::optional<std::chrono::milliseconds> watchdog_;
};

}  // namespace kerbgate::keeper
