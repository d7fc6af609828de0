#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "keeper/outfit.hpp"
#include "keeper/socket_file.hpp"
#include "keeper/systemd.hpp"
#include "net/socket.hpp"

namespace kerbgate::keeper {

/// The listening sockets, held over reloads: a socket whose bind line stays is never closed, so no connection in its
/// queue is lost and no client is refused.
class Ports {
 public:
  /// `per_bind` sockets share each TCP port (SO_REUSEPORT), one a thread. A port's first socket can be shared even
  /// where it stays the only one: a reload may bring another address of the same port.
  explicit Ports(int per_bind) : per_bind_(per_bind) {}

  /// Whose sockets `fd@NAME` means. Before open().
  void know(const ServiceManager& manager) { manager_ = manager; }
  /// What the service manager has handed over and no line of `config` names: its clients would wait for ever.
  [[nodiscard]] std::vector<std::string> unclaimed(const config::Config& config) const;

  /// Opens what is new in `config`; all or nothing: on an error everything is as it was. `hosts` gives the addresses of
  /// names in bind lines. Sockets that `config` no longer names are kept until release_unused().
  Result<void> open(const config::Config& config, const std::map<std::string, std::vector<IpAddress>>& hosts);
  void release_unused(const config::Config& config);
  /// Nobody else comes here: all is closed, and the files of sockets are gone. Those of runtime sockets make room for
  /// another process's: PATH becomes PATH.PID, where this one goes on answering until its end.
  void release_all();
  /// All of it, at the end.
  void close() { open_.clear(); }
  /// Duplicates for the worker.
  [[nodiscard]] Result<std::vector<Sockets>> share(const config::Config& config) const;

 private:
  struct Held {
    std::vector<net::Fd> fds;
    SocketFile file;
  };
  using Open = std::map<std::string, Held>;
  Result<void> open_runtime(const config::RuntimeSocket& socket,
                            const std::map<std::string, std::vector<IpAddress>>& hosts, Open& opened) const;
  Result<Held> open_one(const config::Bind& bind, int backlog, int sockets,
                        const std::map<std::string, std::vector<IpAddress>>& hosts) const;
  Result<std::vector<net::Fd>> inherited(const config::Bind& bind) const;
  Result<Held> open_file(const std::string& path, int backlog, const net::FileAccess& access) const;
  [[nodiscard]] bool holds_port(std::uint16_t port) const;

  int per_bind_;
  ServiceManager manager_;
  Open open_;
};

/// A descriptor that this process was started with, and that clients can come to.
bool is_listening(int descriptor);

/// What a runtime socket is called among all sockets: never as a bind line.
std::string key_of(const config::RuntimeSocket& socket);

/// What is listened for: all that is enabled.
std::vector<const config::Frontend*> listening(const config::Config& config);
/// Of these, what leads to servers.
std::vector<const config::Frontend*> served(const config::Config& config);
/// And the stats pages.
std::vector<const config::Frontend*> pages(const config::Config& config);

}  // namespace kerbgate::keeper
