#include "keeper/ports.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "keeper/privileges.hpp"
#include "net/socket.hpp"

namespace kerbgate::keeper {
namespace {

constexpr int kBacklog = 4096;
constexpr int kRuntimeBacklog = 64;
constexpr std::string_view kRuntimeKey = "stats socket ";

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

/// A duplicate of a descriptor that this process was started with.
Result<net::Fd> taken_over(int number, const std::string& key) {
  if (!is_listening(number)) return Error{Errc::invalid, key + " is not a listening socket of this process"};
  const int copy = ::fcntl(number, F_DUPFD_CLOEXEC, 3);
  if (copy < 0) return system_error(errno, "take over " + key);
  ::fcntl(copy, F_SETFL, ::fcntl(copy, F_GETFL) | O_NONBLOCK);
  return net::Fd(copy);
}

}  // namespace

bool is_listening(int descriptor) {
  int listening = 0;
  socklen_t size = sizeof listening;
  return ::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening != 0;
}

std::vector<const config::Frontend*> listening(const config::Config& config) {
  std::vector<const config::Frontend*> out;
  for (const config::Frontend& frontend : config.frontends)
    if (!frontend.disabled) out.push_back(&frontend);
  return out;
}

std::vector<const config::Frontend*> served(const config::Config& config) {
  std::vector<const config::Frontend*> out = listening(config);
  std::erase_if(out, [](const config::Frontend* frontend) { return frontend->stats.enabled; });
  return out;
}

std::vector<const config::Frontend*> pages(const config::Config& config) {
  std::vector<const config::Frontend*> out = listening(config);
  std::erase_if(out, [](const config::Frontend* frontend) { return !frontend->stats.enabled; });
  return out;
}

std::string key_of(const config::RuntimeSocket& socket) { return std::string(kRuntimeKey) + socket.bind.key(); }

Result<std::vector<net::Fd>> Ports::inherited(const config::Bind& bind) const {
  std::vector<int> numbers{bind.inherited_fd};
  if (!bind.inherited_name.empty()) numbers = manager_.sockets(bind.inherited_name);
  if (numbers.empty())
    return Error{Errc::not_found, bind.key() + ": the service manager has handed over no socket of that name" +
                                      (manager_.sockets().empty() ? ", nor any other" : "") +
                                      " (FileDescriptorName= in the socket unit)"};
  std::vector<net::Fd> fds;
  for (const int number : numbers) {
    Result<net::Fd> fd = taken_over(number, bind.key());
    if (!fd) return std::move(fd).error();
    fds.push_back(std::move(*fd));
  }
  return fds;
}

Result<Ports::Held> Ports::open_file(const std::string& path, int backlog, const net::FileAccess& access) const {
  if (Result<void> free = nobody_answers(path); !free) return std::move(free).error();
  Result<net::Fd> fd = net::listen_unix(path, backlog, access);
  if (!fd) return std::move(fd).error();
  Held out;
  out.fds.push_back(std::move(*fd));
  out.file = SocketFile(path);
  return out;
}

Result<Ports::Held> Ports::open_one(const config::Bind& bind, int backlog, int sockets,
                                    const std::map<std::string, std::vector<IpAddress>>& hosts) const {
  if (!bind.path.empty()) return open_file(bind.path, backlog, {});
  Held out;
  if (bind.inherited_fd >= 0 || !bind.inherited_name.empty()) {
    Result<std::vector<net::Fd>> fds = inherited(bind);
    if (!fds) return std::move(fds).error();
    out.fds = std::move(*fds);
    return out;
  }
  const auto keep = [&out](Result<net::Fd> fd) -> Result<void> {
    if (!fd) return std::move(fd).error();
    out.fds.push_back(std::move(*fd));
    return {};
  };
  Result<std::vector<IpAddress>> addresses = addresses_of(bind, hosts);
  if (!addresses) return std::move(addresses).error();
  for (const IpAddress& ip : *addresses) {
    const net::SocketAddress address(ip, bind.port);
    Result<net::Fd> first = net::listen_on(address, bind, backlog, true);
    // `*:21050` in place of `10.0.0.7:21050`: until the worker has changed over, both are ours.
    if (!first && holds_port(bind.port))
      if (Result<net::Fd> beside = net::listen_beside(address, bind, backlog); beside) first = std::move(beside);
    if (Result<void> one = keep(std::move(first)); !one) return std::move(one).error();
    for (int i = 1; i < sockets; ++i)
      if (Result<void> one = keep(net::listen_beside(address, bind, backlog)); !one) return std::move(one).error();
  }
  return out;
}

bool Ports::holds_port(std::uint16_t port) const {
  return std::any_of(open_.begin(), open_.end(), [port](const auto& entry) {
    return net::SocketAddress::local(entry.second.fds.front().get()).port() == port;
  });
}

Result<void> Ports::open(const config::Config& config, const std::map<std::string, std::vector<IpAddress>>& hosts) {
  Open opened;
  for (const config::Frontend* frontend : listening(config)) {
    for (const config::Bind& bind : frontend->binds) {
      const std::string key = bind.key();
      if (open_.contains(key) || opened.contains(key)) continue;
      Result<Held> held =
          open_one(bind, backlog_of(config, *frontend, bind), frontend->stats.enabled ? 1 : per_bind_, hosts);
      if (!held) {
        Error failed = std::move(held).error();
        failed.what = at(bind) + "listener " + frontend->name + ": " + failed.what;
        return failed;
      }
      opened[key] = std::move(*held);
    }
  }
  for (const config::RuntimeSocket& socket : config.global.runtime_sockets)
    if (Result<void> one = open_runtime(socket, hosts, opened); !one) {
      Error failed = std::move(one).error();
      failed.what = at(socket.bind) + "stats socket: " + failed.what;
      return failed;
    }
  open_.merge(opened);
  return {};
}

Result<void> Ports::open_runtime(const config::RuntimeSocket& socket,
                                 const std::map<std::string, std::vector<IpAddress>>& hosts, Open& opened) const {
  const std::string key = key_of(socket);
  const std::string& path = socket.bind.path;
  net::FileAccess access{socket.mode, -1, -1};
  if (!path.empty() && !socket.user.empty()) {
    Result<uid_t> uid = uid_of(socket.user);
    if (!uid) return std::move(uid).error();
    access.uid = *uid;
  }
  if (!path.empty() && !socket.group.empty()) {
    Result<gid_t> gid = gid_of(socket.group);
    if (!gid) return std::move(gid).error();
    access.gid = *gid;
  }
  if (open_.contains(key) || opened.contains(key)) return {};
  Result<Held> held =
      path.empty() ? open_one(socket.bind, kRuntimeBacklog, 1, hosts) : open_file(path, kRuntimeBacklog, access);
  if (!held) return std::move(held).error();
  opened[key] = std::move(*held);
  return {};
}

void Ports::release_unused(const config::Config& config) {
  std::set<std::string> named;
  for (const config::RuntimeSocket& socket : config.global.runtime_sockets) named.insert(key_of(socket));
  for (const config::Frontend* frontend : listening(config))
    for (const config::Bind& bind : frontend->binds) named.insert(bind.key());
  std::erase_if(open_, [&](const auto& entry) { return !named.contains(entry.first); });
}

void Ports::release_all() {
  Open kept;
  for (auto& [key, held] : open_) {
    if (!held.file || !key.starts_with(kRuntimeKey)) continue;
    held.file.move_to(key.substr(kRuntimeKey.size()) + '.' + std::to_string(::getpid()));
    kept[key].file = std::move(held.file);
  }
  open_.swap(kept);
}

std::vector<std::string> Ports::unclaimed(const config::Config& config) const {
  std::set<std::string> named;
  for (const config::Frontend* frontend : listening(config))
    for (const config::Bind& bind : frontend->binds) named.insert(bind.key());
  for (const config::RuntimeSocket& socket : config.global.runtime_sockets) named.insert(socket.bind.key());
  std::vector<std::string> out;
  for (const HandedOver& one : manager_.sockets())
    if (!named.contains("fd@" + one.name) && !named.contains("fd@" + std::to_string(one.fd)))
      out.push_back("the service manager has handed over the socket '" + one.name + "' (descriptor " +
                    std::to_string(one.fd) + "), and no line binds it: its clients wait for ever; write 'bind fd@" +
                    one.name + "'");
  return out;
}

Result<std::vector<Sockets>> Ports::share(const config::Config& config) const {
  std::vector<std::string> keys;
  for (const config::Frontend* frontend : listening(config))
    for (const config::Bind& bind : frontend->binds) keys.push_back(bind.key());
  for (const config::RuntimeSocket& socket : config.global.runtime_sockets) keys.push_back(key_of(socket));
  std::vector<Sockets> out;
  for (const std::string& key : keys) {
    Sockets& sockets = out.emplace_back();
    sockets.key = key;
    for (const net::Fd& fd : open_.at(key).fds) {
      const int copy = ::fcntl(fd.get(), F_DUPFD_CLOEXEC, 3);
      if (copy < 0) return system_error(errno, "share the socket of " + key);
      sockets.fds.emplace_back(copy);
    }
  }
  return out;
}

}  // namespace kerbgate::keeper
