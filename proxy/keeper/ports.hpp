#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "keeper/outfit.hpp"

namespace kerbgate::keeper {

/// The listening sockets, held over reloads: a socket whose bind line stays is never closed, so no connection in its
/// queue is lost and no client is refused.
class Ports {
 public:
  /// `per_bind` sockets share each TCP port (SO_REUSEPORT), one a thread. A port's first socket can be shared even
  /// where it stays the only one: a reload may bring another address of the same port.
  explicit Ports(int per_bind) : per_bind_(per_bind) {}

  /// Opens what is new in `config`; all or nothing: on an error everything is as it was. `hosts` gives the addresses of
  /// names in bind lines. Sockets that `config` no longer names are kept until release_unused().
  Result<void> open(const config::Config& config, const std::map<std::string, std::vector<IpAddress>>& hosts);
  void release_unused(const config::Config& config);
  void release_all() { open_.clear(); }
  /// Duplicates for the worker.
  [[nodiscard]] Result<std::vector<Sockets>> share(const config::Config& config) const;

 private:
  using Open = std::map<std::string, std::vector<net::Fd>>;
  Result<void> open_runtime(const config::RuntimeSocket& socket,
                            const std::map<std::string, std::vector<IpAddress>>& hosts, Open& opened) const;
  Result<std::vector<net::Fd>> open_one(const config::Bind& bind, int backlog, int sockets,
                                        const std::map<std::string, std::vector<IpAddress>>& hosts) const;
  [[nodiscard]] bool holds_port(std::uint16_t port) const;

  int per_bind_;
  Open open_;
};

/// What a runtime socket is called among all sockets: never as a bind line.
std::string key_of(const config::RuntimeSocket& socket);

/// What is listened for: all that is enabled.
std::vector<const config::Frontend*> listening(const config::Config& config);
/// Of these, what leads to servers.
std::vector<const config::Frontend*> served(const config::Config& config);
/// And the stats pages.
std::vector<const config::Frontend*> pages(const config::Config& config);

}  // namespace kerbgate::keeper
