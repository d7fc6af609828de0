// Commands that look.
#include <algorithm>
#include <array>
#include <charconv>

#include "admin/command.hpp"
#include "admin/find.hpp"
#include "admin/render.hpp"
#include "check/status.hpp"
#include "log/date.hpp"

namespace kerbgate::admin {
namespace {

std::optional<std::int64_t> number(const std::string& text) {
  std::int64_t out = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (failed != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return out;
}

bool has(const Call& call, std::string_view word) {
  return std::find(call.args.begin(), call.args.end(), word) != call.args.end();
}

void show_info(Call call) {
  const bool as_json = has(call, "json"), as_typed = has(call, "typed");
  call.site.look([reply = std::move(call.reply), as_json, as_typed](const Snapshot& snapshot) {
    const std::vector<Cell> cells = info_cells(snapshot);
    reply(as_json ? json(cells) + '\n' : as_typed ? typed(cells) : text(cells));
  });
}

/// `show stat [{<iid>|<proxy>} <type> <sid>] [typed|json] [up|no-maint]`
std::optional<Selection> selection_of(const Call& call, std::string& error) {
  Selection out;
  out.up_only = has(call, "up");
  out.without_maint = has(call, "no-maint");
  const std::string& first = call.arg(0);
  if (first.empty() || first == "json" || first == "typed" || first == "desc" || first == "up" || first == "no-maint")
    return out;
  if (const auto iid = number(first)) {
    out.iid = *iid;
  } else {
    const auto front = find_frontend(call.site, first);
    const auto back = find_backend(call.site, first);
    if (!front && !back) {
      error = "No such proxy.\n";
      return std::nullopt;
    }
    out.iid = front ? front->conf.number : back->conf.number;
  }
  if (call.args.size() >= 3) {
    out.type = int(number(call.arg(1)).value_or(0));
    out.sid = number(call.arg(2)).value_or(0);
  }
  return out;
}

void show_stat(Call call) {
  std::string error;
  const std::optional<Selection> selection = selection_of(call, error);
  if (!selection) return call.reply(error);
  const bool as_json = has(call, "json"), as_typed = has(call, "typed");
  call.site.look([reply = std::move(call.reply), as_json, as_typed, selection](const Snapshot& snapshot) {
    const std::vector<Row> rows = stat_rows(snapshot, *selection);
    reply(as_json ? json(rows) + '\n' : as_typed ? typed(rows) : csv(rows));
  });
}

/// "1h3m", "2m5s", "7s": HAProxy's ages.
std::string age(net::Millis time) {
  const std::int64_t s = time.count() / 1000;
  if (s >= 86400) return std::to_string(s / 86400) + 'd' + std::to_string(s / 3600 % 24) + 'h';
  if (s >= 3600) return std::to_string(s / 3600) + 'h' + std::to_string(s / 60 % 60) + 'm';
  if (s >= 60) return std::to_string(s / 60) + 'm' + std::to_string(s % 60) + 's';
  return std::to_string(s) + 's';
}

std::string hex(std::uint64_t id) {
  std::array<char, 20> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), id, 16).ptr;
  std::string digits(text.data(), end);
  return "0x" + std::string(12 - std::min<std::size_t>(digits.size(), 12), '0') + digits;
}

std::string line_of(const net::SessionView& s) {
  const std::string protocol = s.client.starts_with('[') ? "tcpv6" : "tcpv4";
  return hex(s.id) + ": proto=" + protocol + " src=" + s.client + " fe=" + s.frontend +
         " be=" + (s.backend.empty() ? "<NONE>" : s.backend) + " srv=" + (s.server.empty() ? "<none>" : s.server) +
         " ts=00 age=" + age(s.age) + " state=" + s.state + " idle=" + age(s.idle) +
         " in=" + std::to_string(s.bytes_in) + " out=" + std::to_string(s.bytes_out) +
         (s.asked.empty() ? "" : " asked=" + s.asked) + '\n';
}

std::string details_of(const net::SessionView& s) {
  return line_of(s) + "  client " + s.client + ", " + age(s.age) + " old, silent for " + age(s.idle) + "\n  state " +
         s.state + "\n  frontend " + s.frontend + "\n  backend " + (s.backend.empty() ? "<NONE>" : s.backend) +
         "\n  server " + (s.server.empty() ? "<none>" : s.server + " at " + s.server_address) + "\n  from the client " +
         std::to_string(s.bytes_in) + " bytes, to the client " + std::to_string(s.bytes_out) + " bytes\n" +
         (s.asked.empty() ? "" : "  ticket for " + s.asked + '\n');
}

void show_sess(Call call) {
  std::uint64_t wanted = 0;
  const std::string& word = call.arg(0);
  if (!word.empty() && word != "all") {
    const std::string digits = word.starts_with("0x") ? word.substr(2) : word;
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), wanted, 16);
    if (failed != std::errc{} || end != digits.data() + digits.size()) wanted = 0;
    if (wanted == 0) return call.reply("Session not found.\n");
  }
  struct Found {
    std::mutex mutex;
    std::vector<net::SessionView> views;
  };
  auto found = std::make_shared<Found>();
  call.site.each_session(
      [found, wanted](net::Loop&, net::Listed& one) {
        if (wanted != 0 && one.id() != wanted) return;
        const std::lock_guard lock(found->mutex);
        found->views.push_back(one.view());
      },
      [found, wanted, reply = std::move(call.reply)] {
        if (wanted != 0) return reply(found->views.empty() ? "Session not found.\n" : details_of(found->views[0]));
        std::sort(found->views.begin(), found->views.end(), [](const auto& a, const auto& b) { return a.age < b.age; });
        std::string out;
        for (const net::SessionView& view : found->views) out += line_of(view);
        reply(out);
      });
}

/// The backends that a command is about: all, or the one named.
std::optional<std::vector<std::shared_ptr<net::LiveBackend>>> chosen(const Call& call) {
  if (call.arg(0).empty()) return call.site.generation().backends;
  const auto one = find_backend(call.site, call.arg(0));
  if (!one) return std::nullopt;
  return std::vector{one};
}

/// Address without port, "-" for none.
std::pair<std::string, std::string> address_of(const ServerFacts& server) {
  if (server.addresses.empty()) return {"-", std::to_string(server.port)};
  const std::string& first = server.addresses.front();
  const std::size_t colon = first.rfind(':');
  std::string ip = first.substr(0, colon);
  if (ip.starts_with('[')) ip = ip.substr(1, ip.size() - 2);
  return {ip, first.substr(colon + 1)};
}

/// HAProxy's numbers of check results (CHK_STATUS and CHK_RES).
std::pair<int, int> check_numbers(const ServerFacts& server) {
  if (!server.check) return {1, server.tracked.empty() ? 0 : 2};
  const auto status = check::status_named(server.check->status);
  if (!status) return {0, 0};
  return {int(*status), !check::passed(*status) ? 2 : *status == check::Status::l7okc ? 4 : 3};
}

std::string state_line(const Section& section, const ServerFacts& server) {
  const auto [ip, port] = address_of(server);
  const auto [status, result] = check_numbers(server);
  const bool maint = server.admin == "maint";
  const bool rests = maint || !server.found;
  const int op = !server.up || rests ? 0 : server.throttle < 100 ? 1 : 2;
  const int forced = server.inherited ? 2 : 1;  // HAProxy's bits: forced or inherited
  const int admin = (maint ? forced : server.admin == "drain" ? 8 * forced : 0) +
                    (server.configured_disabled ? 4 : 0) + (server.found ? 0 : 32);
  const bool paused = server.checked ? rests : server.configured_disabled;
  const int check_state = (server.checked ? 6 : 0) + (paused ? 8 : 0);
  const int health = rests || paused ? 0 : server.check ? server.check->health : server.rise;
  const bool is_name = server.host != ip && server.host != server.service;
  std::string out =
      std::to_string(section.id) + ' ' + section.name + ' ' + std::to_string(server.id) + ' ' + server.name + ' ' + ip;
  for (const std::int64_t value :
       {std::int64_t(op), std::int64_t(admin), std::int64_t(server.user_weight), std::int64_t(server.configured_weight),
        server.last_change, std::int64_t(status), std::int64_t(result), std::int64_t(health), std::int64_t(check_state),
        std::int64_t(0), std::int64_t(0), std::int64_t(0)})
    out += ' ' + std::to_string(value);
  return out + ' ' + (is_name ? server.host : "-") + ' ' + port + ' ' +
         (server.service.empty() ? "-" : server.service) + " 0 0 - - 0\n";
}

template <class Line>
std::string each_server(const Site& site, const std::vector<std::shared_ptr<net::LiveBackend>>& backends, Line line) {
  const Snapshot snapshot = site.snapshot();
  std::string out;
  for (const auto& backend : backends)
    if (const Section* section = snapshot.section(backend->conf.name); section != nullptr && section->back)
      for (const ServerFacts& server : section->back->servers) out += line(*section, server);
  return out;
}

void show_servers_state(Call call) {
  const auto backends = chosen(call);
  if (!backends) return call.reply("Can't find backend.\n");
  call.reply(
      "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight "
      "srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state "
      "bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr "
      "srv_agent_addr srv_agent_port\n" +
      each_server(call.site, *backends, state_line));
}

void show_servers_conn(Call call) {
  const auto backends = chosen(call);
  if (!backends) return call.reply("Can't find backend.\n");
  const std::size_t threads = call.site.threads();
  std::string zeros;
  for (std::size_t i = 0; i < threads; ++i) zeros += " 0";
  call.reply(
      "# bkname/svname bkid/svid addr port - purge_delay used_cur used_max need_est unsafe_nb safe_nb idle_lim "
      "idle_cur idle_per_thr[" +
      std::to_string(threads) + "]\n" +
      each_server(call.site, *backends, [&](const Section& section, const ServerFacts& server) {
        const auto [ip, port] = address_of(server);
        return section.name + '/' + server.name + ' ' + std::to_string(section.id) + '/' + std::to_string(server.id) +
               ' ' + ip + ' ' + port + " - 5000 " + std::to_string(server.current) + ' ' + std::to_string(server.most) +
               ' ' + std::to_string(server.current) + " 0 0 -1 0" + zeros + '\n';
      }));
}

void show_errors(Call call) {
  const std::string& name = call.arg(0);
  if (!name.empty() && !find_frontend(call.site, name) && !find_backend(call.site, name))
    return call.reply("No such proxy.\n");
  std::string date, lines;
  std::size_t events = 0;
  for (const stats::Refusal& refusal : call.site.process().counts.refusals.last()) {
    if (!name.empty() && refusal.frontend != name && refusal.backend != name) continue;
    ++events;
    lines += " \n[";
    log::append_haproxy_date(lines, refusal.time);
    lines += "] frontend " + refusal.frontend + ": " + std::string(login::words(refusal.cause).name) + "\n  backend " +
             (refusal.backend.empty() ? "<NONE>" : refusal.backend) + ", src " + refusal.client + ':' +
             std::to_string(refusal.port) + "\n  " + refusal.words + '\n';
  }
  log::append_haproxy_date(date, std::chrono::system_clock::now());
  call.reply("Total events captured on [" + date + "] : " + std::to_string(events) + '\n' + lines);
}

void show_version(Call call) { call.reply(KERBGATE_VERSION "\n"); }

void show_backend(Call call) {
  std::string out = "# name\n";
  for (const auto& backend : call.site.generation().backends) out += backend->conf.name + '\n';
  call.reply(out);
}

void show_sockets(Call call) {
  static constexpr const char* kLevels[] = {"user", "operator", "admin"};
  std::string out = "# socket lvl processes\n";
  for (const config::RuntimeSocket& socket : call.site.generation().runtime_sockets)
    out += (socket.bind.path.empty() ? "" : "unix@") + socket.bind.key() + ' ' + kLevels[int(socket.level)] + " all\n";
  call.reply(out);
}

void get_weight(Call call) {
  std::string error;
  const auto place = find_server(call.site, call.arg(0), error);
  if (!place) return call.reply(error);
  call.reply(std::to_string(place->backend->pool->view_of(place->index).weight) + " (initial " +
             std::to_string(place->conf().weight) + ")\n");
}

using enum RuntimeLevel;

constexpr Command kRows[] = {
    {"get weight", "get weight <bk>/<srv>", "report a server's current weight", user, get_weight},
    {"show backend", "show backend", "the names of all backends", user, show_backend},
    {"show cli sockets", "show cli sockets", "the runtime sockets and their levels", user, show_sockets},
    {"show errors", "show errors [<px>]", "the last clients that were not served, and why", operator_, show_errors},
    {"show info", "show info [json|typed]", "report information about the running process", user, show_info},
    {"show servers conn", "show servers conn [<bk>]", "connections of each server", user, show_servers_conn},
    {"show servers state", "show servers state [<bk>]", "volatile state of each server", user, show_servers_state},
    {"show sess", "show sess [<id>]", "the current sessions, or one in detail", operator_, show_sess},
    {"show stat", "show stat [json|no-maint|typed|up]*", "report counters for each proxy and server", user, show_stat},
    {"show version", "show version", "the version of this process", user, show_version},
};

}  // namespace

std::span<const Command> show_commands() { return kRows; }

}  // namespace kerbgate::admin
