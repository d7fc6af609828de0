// Commands that change something.
#include <charconv>

#include "admin/change.hpp"
#include "admin/command.hpp"
#include "config/value.hpp"

namespace kerbgate::admin {
namespace {

constexpr const char* kUsage =
    "usage: set server <backend>/<server> addr | agent | agent-addr | agent-port | agent-send | check-addr | "
    "check-port | fqdn | health | ssl | state | weight\n";

std::string change_state(const Call& call, const ServerPlace& place) {
  const std::string& word = call.arg(2);
  if (word != "ready" && word != "drain" && word != "maint")
    return "'set server <srv> state' expects 'ready', 'drain' and 'maint'.\n";
  set_state(call.site, place,
            word == "ready"   ? balance::Admin::ready
            : word == "drain" ? balance::Admin::drain
                              : balance::Admin::maint);
  return "";
}

std::string change_health(const Call& call, const ServerPlace& place) {
  const std::string& word = call.arg(2);
  if (!place.conf().track_server.empty()) return "cannot change health on a tracking server.\n";
  if (word == "stopping") {
    set_state(call.site, place, balance::Admin::drain);
  } else if (word == "up" || word == "down") {
    set_health(call.site, place, word == "up");
  } else {
    return "'set server <srv> health' expects 'up', 'stopping', or 'down'.\n";
  }
  return "";
}

/// `addr IP [port P]`, in HAProxy's words.
std::string change_address(const Call& call, const ServerPlace& place) {
  const std::string& ip_text = call.arg(2);
  if (ip_text.empty()) return "set server <b>/<s> addr requires an address and optionally a port.\n";
  const std::string by = " by 'stats socket command'\n";
  const Result<IpAddress> ip = IpAddress::parse(ip_text);
  if (!ip) return "Invalid addr '" + log::printable(ip_text, 100) + "'" + by;
  const net::SocketAddress old = place.server().address(0);
  std::string out = "no need to change the addr";
  if (!(old.ip() == *ip)) out = "IP changed from '" + old.ip().str() + "' to '" + ip->str() + "'";
  std::uint16_t port = old.port();
  if (call.arg(3) == "port" && !call.arg(4).empty()) {
    const auto any = config::parse_number(call.arg(4), 0, INT32_MAX);
    if (!any) return out + ", problem converting port '" + log::printable(call.arg(4), 100) + "' to an int" + by;
    const auto wanted = config::parse_number(call.arg(4), 1, 65535);
    if (!wanted) return "The port must be from 1 to 65535; nothing was changed.\n";
    port = std::uint16_t(*wanted);
    out += port == old.port() ? ", no need to change the port"
                              : ", port changed from '" + std::to_string(old.port()) + "' to '" + call.arg(4) + "'";
  }
  place.server().moved->to(net::SocketAddress(*ip, port), place.server().moved->host(), net::Moved::By::operator_);
  place.backend->pool->set_found(place.index, true, call.site.home().now());
  return out + by;
}

/// What HAProxy says where a server has none of it; what a server here has is changed in the file alone.
std::string absent(const std::string& what, const ServerPlace& place) {
  const config::Server& conf = place.conf();
  const std::string in_the_file = "'set server <srv> " + what + "' does not exist here; change the file and reload.\n";
  if (what == "agent" || what == "agent-send") return "agent checks are not enabled on this server.\n";
  if (what == "agent-addr" || what == "agent-port") return "agent checks are not enabled on this server";
  if (what == "check-addr" || what == "check-port")
    return conf.check ? in_the_file : "health checks are not enabled on this server";
  if (what == "fqdn") return "set server <b>/<s> fqdn failed because no resolution is configured.\n";
  if (what == "ssl")
    return conf.tls.on ? in_the_file
                       : "'set server <srv> ssl' cannot be set.  default-server should define ssl settings\n";
  return kUsage;
}

void set_server(Call call) {
  std::string error;
  const auto place = find_server(call.site, call.arg(0), error);
  if (!place) return call.reply(error);
  const std::string& what = call.arg(1);
  if (what == "state") return call.reply(change_state(call, *place));
  if (what == "weight") return call.reply(set_weight(call.site, *place, call.arg(2)));
  if (what == "health") return call.reply(change_health(call, *place));
  if (what == "addr") return call.reply(change_address(call, *place));
  if (what == "fqdn" && !place->conf().resolvers.empty()) return call.reply(change_name(call, *place));
  call.reply(absent(what, *place));
}

void set_weight_command(Call call) {
  std::string error;
  const auto place = find_server(call.site, call.arg(0), error);
  call.reply(place ? set_weight(call.site, *place, call.arg(1)) : error);
}

template <balance::Admin Admin>
void set_server_state(Call call) {
  std::string error;
  const auto place = find_server(call.site, call.arg(0), error);
  if (!place) return call.reply(error);
  set_state(call.site, *place, Admin);
  call.reply("");
}

std::shared_ptr<net::LiveFrontend> frontend_of(const Call& call) {
  if (call.arg(0).empty()) {
    call.reply("A frontend name is expected.\n");
    return nullptr;
  }
  auto found = find_frontend(call.site, call.arg(0));
  if (!found) call.reply("No such frontend.\n");
  return found;
}

void disable_frontend(Call call) {
  if (const auto frontend = frontend_of(call))
    call.reply(pause(call.site, *frontend, true) ? "" : "All sockets are already disabled.\n");
}

void enable_frontend(Call call) {
  const auto frontend = frontend_of(call);
  if (!frontend) return;
  if (*frontend->shut_down) return call.reply("Frontend was previously shut down, cannot enable.\n");
  call.reply(pause(call.site, *frontend, false) ? "" : "All sockets are already enabled.\n");
}

void shutdown_frontend(Call call) {
  const auto frontend = frontend_of(call);
  if (!frontend) return;
  if (frontend->shut_down->exchange(true)) return call.reply("Frontend was already shut down.\n");
  pause(call.site, *frontend, true);
  call.reply("");
}

void shutdown_session(Call call) {
  const std::string& word = call.arg(0);
  std::uint64_t id = 0;
  const char* const begin = word.data() + (word.starts_with("0x") ? 2 : 0);
  const auto [end, failed] = std::from_chars(begin, word.data() + word.size(), id, 16);
  if (failed != std::errc{} || end != word.data() + word.size() || id == 0)
    return call.reply("Session pointer expected (use 'show sess').\n");
  end_sessions(
      call.site, [id](const net::Listed& one) { return one.id() == id; },
      [reply = std::move(call.reply)](std::size_t ended) {
        reply(ended == 0 ? "No such session (use 'show sess').\n" : "");
      });
}

void shutdown_sessions(Call call) {
  std::string error;
  const auto place = find_server(call.site, call.arg(0), error);
  if (!place) return call.reply(error);
  end_sessions(
      call.site,
      [backend = place->backend->conf.name, server = place->server().name](const net::Listed& one) {
        return one.on(backend, server);
      },
      [reply = std::move(call.reply)](std::size_t) { reply(""); });
}

/// A count, or the answer that HAProxy gives to what is none.
std::optional<std::uint32_t> limit_of(const Call& call, const std::string& text, const char* missing) {
  if (text.empty()) {
    call.reply(missing);
    return std::nullopt;
  }
  const auto value = config::parse_number(text, 0, 2'147'483'647);
  if (!value) {
    call.reply("Value out of range.\n");
    return std::nullopt;
  }
  return std::uint32_t(*value);
}

void set_maxconn_global(Call call) {
  const auto value = limit_of(call, call.arg(0), "Expects an integer value.\n");
  if (!value) return;
  net::Process& process = call.site.process();
  if (*value > process.most_maxconn) return call.reply("Value out of range.\n");
  process.maxconn = *value == 0 ? process.most_maxconn.load() : *value;
  process.parking.wake();
  call.reply("");
}

void set_maxconn_frontend(Call call) {
  const auto frontend = frontend_of(call);
  if (!frontend) return;
  const auto value = limit_of(call, call.arg(1), "Integer value expected.\n");
  if (!value) return;
  frontend->maxconn_set = *value;
  call.site.process().parking.wake();
  call.reply("");
}

void set_maxconn_server(Call call) {
  std::string error;
  const auto place = find_server(call.site, call.arg(0), error);
  if (!place) return call.reply(error);
  const std::string& text = call.arg(1);
  if (text.empty()) return call.reply("Require <maxconn>.\n");
  const auto value = config::parse_number(text, 0, 2'147'483'647);
  if (!value) return call.reply("maxconn string empty or preceded by garbage");
  place->backend->pool->set_maxconn(place->index, std::uint32_t(*value), call.site.home().now());
  call.reply("");
}

void clear(Call call) {
  const bool all = call.arg(0) == "all";
  if (!all && !call.args.empty()) return call.reply("'clear counters' expects 'all' or nothing more.\n");
  if (all && call.user.level < RuntimeLevel::admin) return call.reply("Permission denied\n");
  clear_counters(call.site, all);
  call.reply("");
}

using enum RuntimeLevel;

constexpr Command kRows[] = {
    {"clear counters", "clear counters [all]", "begin peaks anew; with 'all' (admin) every counter", operator_, clear},
    {"disable frontend", "disable frontend <frontend>", "refuse its clients for a while", admin, disable_frontend},
    {"disable server", "disable server <bk>/<srv>", "put it in maintenance (also 'set server')", admin,
     set_server_state<balance::Admin::maint>},
    {"enable frontend", "enable frontend <frontend>", "let its clients in again", admin, enable_frontend},
    {"enable server", "enable server <bk>/<srv>", "take it back (also 'set server')", admin,
     set_server_state<balance::Admin::ready>},
    {"set maxconn frontend", "set maxconn frontend <frontend> <value>", "change a frontend's limit", admin,
     set_maxconn_frontend},
    {"set maxconn global", "set maxconn global <value>", "change the process's limit; 0: as descriptors allow", admin,
     set_maxconn_global},
    {"set maxconn server", "set maxconn server <bk>/<srv> <value>", "change a server's limit; 0: none", admin,
     set_maxconn_server},
    {"set server", "set server <bk>/<srv> [opts]", "change a server's state, weight, health or address", admin,
     set_server},
    {"set weight", "set weight <bk>/<srv> <weight>", "change a server's weight (also 'set server')", admin,
     set_weight_command},
    {"shutdown frontend", "shutdown frontend <frontend>", "close its ports for good", admin, shutdown_frontend},
    {"shutdown session", "shutdown session <id>", "end a session", admin, shutdown_session},
    {"shutdown sessions server", "shutdown sessions server <bk>/<srv>", "end all sessions on a server", admin,
     shutdown_sessions},
};

}  // namespace

std::span<const Command> change_commands() { return kRows; }

}  // namespace kerbgate::admin
