#include "keeper/ports.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "net/socket.hpp"

namespace kerbgate::keeper {
namespace {

constexpr int kBacklog = 4096;

int backlog_of(const config::Config& config, const config::Frontend& frontend, const config::Bind& bind) {
  if (bind.backlog != 0) return bind.backlog;
  if (frontend.backlog != 0) return frontend.backlog;
  if (frontend.maxconn != 0) return int(frontend.maxconn);
  return config.global.maxconn != 0 ? int(config.global.maxconn) : kBacklog;
}

std::string at(const config::Bind& bind) {
  return bind.at.line == 0 ? std::string{} : bind.at.file + ':' + std::to_string(bind.at.line) + ": ";
}

Result<std::vector<IpAddress>> addresses_of(const config::Bind& bind,
                                            const std::map<std::string, std::vector<IpAddress>>& hosts) {
  if (bind.host.empty() || bind.host == "*") {
    IpAddress any;
    any.v6 = bind.ipv6_any || bind.v4v6 || bind.v6only;
    return std::vector{any};
  }
  if (Result<IpAddress> literal = IpAddress::parse(bind.host); literal) return std::vector{*literal};
  const auto found = hosts.find(bind.host);
  if (found == hosts.end() || found->second.empty())
    return Error{Errc::not_found, "cannot bind " + bind.key() + ": the name " + bind.host + " has no address"};
  return found->second;
}

Result<net::Fd> inherited(int number) {
  int listening = 0;
  socklen_t size = sizeof listening;
  if (::getsockopt(number, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || listening == 0)
    return Error{Errc::invalid, "fd@" + std::to_string(number) + " is not a listening socket of this process"};
  const int copy = ::fcntl(number, F_DUPFD_CLOEXEC, 3);
  if (copy < 0) return system_error(errno, "take over fd@" + std::to_string(number));
  ::fcntl(copy, F_SETFL, ::fcntl(copy, F_GETFL) | O_NONBLOCK);
  return net::Fd(copy);
}

}  // namespace

std::vector<const config::Frontend*> served(const config::Config& config) {
  std::vector<const config::Frontend*> out;
  for (const config::Frontend& frontend : config.frontends)
    if (!frontend.disabled && frontend.mode == config::Mode::tcp) out.push_back(&frontend);
  return out;
}

Result<std::vector<net::Fd>> Ports::open_one(const config::Bind& bind, int backlog,
                                             const std::map<std::string, std::vector<IpAddress>>& hosts) const {
  std::vector<net::Fd> fds;
  const auto keep = [&fds](Result<net::Fd> fd) -> Result<void> {
    if (!fd) return std::move(fd).error();
    fds.push_back(std::move(*fd));
    return {};
  };
  if (bind.inherited_fd >= 0) {
    if (Result<void> one = keep(inherited(bind.inherited_fd)); !one) return std::move(one).error();
    return fds;
  }
  if (!bind.path.empty()) {
    if (Result<void> one = keep(net::listen_unix(bind.path, backlog)); !one) return std::move(one).error();
    return fds;
  }
  Result<std::vector<IpAddress>> addresses = addresses_of(bind, hosts);
  if (!addresses) return std::move(addresses).error();
  for (const IpAddress& ip : *addresses) {
    const net::SocketAddress address(ip, bind.port);
    Result<net::Fd> first = net::listen_on(address, bind, backlog, true);
    // `*:21050` in place of `10.0.0.7:21050`: until the worker has changed over, both are ours.
    if (!first && holds_port(bind.port))
      if (Result<net::Fd> beside = net::listen_beside(address, bind, backlog); beside) first = std::move(beside);
    if (Result<void> one = keep(std::move(first)); !one) return std::move(one).error();
    for (int i = 1; i < per_bind_; ++i)
      if (Result<void> one = keep(net::listen_beside(address, bind, backlog)); !one) return std::move(one).error();
  }
  return fds;
}

bool Ports::holds_port(std::uint16_t port) const {
  return std::any_of(open_.begin(), open_.end(), [port](const auto& entry) {
    return net::SocketAddress::local(entry.second.front().get()).port() == port;
  });
}

Result<void> Ports::open(const config::Config& config, const std::map<std::string, std::vector<IpAddress>>& hosts) {
  Open opened;
  for (const config::Frontend* frontend : served(config)) {
    for (const config::Bind& bind : frontend->binds) {
      const std::string key = bind.key();
      if (open_.contains(key) || opened.contains(key)) continue;
      Result<std::vector<net::Fd>> fds = open_one(bind, backlog_of(config, *frontend, bind), hosts);
      if (!fds) {
        Error failed = std::move(fds).error();
        failed.what = at(bind) + "listener " + frontend->name + ": " + failed.what;
        return failed;
      }
      opened[key] = std::move(*fds);
    }
  }
  open_.merge(opened);
  return {};
}

void Ports::release_unused(const config::Config& config) {
  std::set<std::string> named;
  for (const config::Frontend* frontend : served(config))
    for (const config::Bind& bind : frontend->binds) named.insert(bind.key());
  std::erase_if(open_, [&](const auto& entry) { return !named.contains(entry.first); });
}

Result<std::vector<Sockets>> Ports::share(const config::Config& config) const {
  std::vector<Sockets> out;
  for (const config::Frontend* frontend : served(config)) {
    for (const config::Bind& bind : frontend->binds) {
      Sockets& sockets = out.emplace_back();
      sockets.key = bind.key();
      for (const net::Fd& fd : open_.at(sockets.key)) {
        const int copy = ::fcntl(fd.get(), F_DUPFD_CLOEXEC, 3);
        if (copy < 0) return system_error(errno, "share the socket of " + sockets.key);
        sockets.fds.emplace_back(copy);
      }
    }
  }
  return out;
}

}  // namespace kerbgate::keeper
