// Who may look and change, and what is written down.
#include <algorithm>

#include "explain/sight.hpp"

namespace kerbgate::explain {
namespace {

using config::Bind;
using config::Frontend;
using config::LogTarget;

/// The first bind line that others than this host reach; null: none.
const Bind* reachable(const Frontend& front) {
  for (const Bind& bind : front.binds)
    if (!is_local(bind)) return &bind;
  return nullptr;
}

void open_page(const Sight& sight, std::vector<Advice>& out) {
  for (const Frontend* front : sight.pages())
    if (const Bind* bind = reachable(*front); bind != nullptr && front->stats.auth.empty())
      out.push_back({bind->at,
                     "the stats page on " + bind->key() + " is open to everyone: hosts, users' addresses, principals" +
                         (!front->stats.admin.empty() ? ", and the buttons that stop servers" : ""),
                     "stats auth USER:PASSWORD, or bind 127.0.0.1"});
}

void clear_password(const Sight& sight, std::vector<Advice>& out) {
  for (const Frontend* front : sight.pages())
    if (const Bind* bind = reachable(*front); bind != nullptr && !bind->tls.on && !front->stats.auth.empty())
      out.push_back({said_at(front->said, {"stats auth"}, bind->at),
                     "the password of the stats page crosses the network in clear on " + bind->key(),
                     "ssl crt FILE on its bind line, or bind 127.0.0.1"});
}

void open_runtime_socket(const Sight& sight, std::vector<Advice>& out) {
  for (const config::RuntimeSocket& socket : sight.config().global.runtime_sockets) {
    if (!socket.bind.path.empty() || socket.bind.inherited_fd >= 0 || socket.level == config::RuntimeLevel::user)
      continue;
    const bool admin = socket.level == config::RuntimeLevel::admin;
    if (!admin && is_local(socket.bind)) continue;
    out.push_back({socket.bind.at,
                   "the runtime socket " + socket.bind.key() + " asks for no password: whoever reaches it " +
                       (admin ? "may stop servers and cut off sessions" : "sees all sessions"),
                   "stats socket /run/kerbgate.sock mode 600, whose users the file's rights choose"});
  }
}

void no_log(const Sight& sight, std::vector<Advice>& out) {
  for (const Frontend* front : sight.listeners())
    if (front->log.empty())
      out.push_back({front->at,
                     "'" + front->name + "' writes no log: nobody will know who came, and why a login failed",
                     sight.config().global.log.empty() ? "log TARGET FACILITY in global, and log global in defaults"
                                                       : "log global in defaults or here"});
}

void short_log(const Sight& sight, std::vector<Advice>& out) {
  for (const Frontend* front : sight.listeners())
    if (!front->log.empty() && !front->tcplog && !front->log_format)
      out.push_back(
          {said_at(front->said, {"log"}, front->at),
           "the log of '" + front->name + "' says who came, and neither which coordinator he got nor how it ended",
           "option tcplog"});
}

void lost_log(const Sight& sight, std::vector<Advice>& out) {
  const config::Global& global = sight.config().global;
  if (!global.daemon) return;
  const bool lost = std::any_of(global.log.begin(), global.log.end(), [](const LogTarget& target) {
    return target.kind == LogTarget::Kind::out || target.kind == LogTarget::Kind::err;
  });
  if (lost)
    out.push_back({said_at(global.said, {"log"}, {}), "log lines for stdout or stderr are lost: a daemon has neither",
                   "log /dev/log local0, or no daemon"});
}

constexpr Look kLooks[] = {
    {"open-page", open_page},
    {"password-in-clear", clear_password},
    {"open-runtime-socket", open_runtime_socket},
    {"no-log", no_log},
    {"short-log", short_log},
    {"lost-log", lost_log},
};

}  // namespace

std::span<const Look> operation_looks() { return kLooks; }

}  // namespace kerbgate::explain
