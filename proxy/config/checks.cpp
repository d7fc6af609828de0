#include <algorithm>
#include <map>
#include <set>

#include "config/finish.hpp"
#include "config/nearest.hpp"

namespace kerbgate::config {
namespace {

std::string place(const Position& at) { return at.line > 0 ? at.file + ":" + std::to_string(at.line) : at.file; }

std::string title(const Proxy& proxy) { return std::string(section_word(proxy.kind)) + " " + quoted(proxy.name); }

class Checks {
 public:
  Checks(const Draft& draft, Report& report) : draft_(draft), report_(report) {}

  void run() {
    const bool all_read = !report_.has_alert();  // what could not be read is not missing
    bool listens = false;
    for (const Proxy& proxy : draft_.proxies) check_name(proxy);
    for (const Proxy& proxy : draft_.proxies) {
      check_servers(proxy);
      check_references(proxy);
      if (proxy.settings.disabled) continue;
      check_addresses(proxy);
      check_mode(proxy);
      if (all_read) check_use(proxy);
      if (all_read) check_timeouts(proxy);
      listens = listens || !proxy.binds.empty();
    }
    if (!listens && all_read)
      report_.say(Level::alert, {}, "nothing to listen on: no listen or frontend section has a 'bind' line");
  }

 private:
  using Names = std::map<std::string, const Proxy*>;

  /// Two front halves or two back halves of one name cannot be told apart; a frontend and a backend can.
  void check_name(const Proxy& proxy) {
    if (proxy.name.empty()) return;  // said already
    const Proxy* front = proxy.has_front() ? claim(fronts_, proxy) : nullptr;
    const Proxy* back = proxy.has_back() ? claim(backs_, proxy) : nullptr;
    if (const Proxy* first = front != nullptr ? front : back)
      return report_.say(Level::alert, proxy.at,
                         title(proxy) + " has the same name as " + title(*first) + " declared at " + place(first->at) +
                             ": rename one");
    const Names& others = proxy.has_front() ? backs_ : fronts_;
    const auto other = others.find(proxy.name);
    if (proxy.kind != SectionKind::listen && other != others.end())
      report_.say(Level::warning, proxy.at,
                  title(proxy) + " has the same name as " + title(*other->second) + " declared at " +
                      place(other->second->at) + ": a dead form; give them two names, or write one 'listen' section");
  }

  /// The section that has the name already, null when it is free.
  static const Proxy* claim(Names& names, const Proxy& proxy) {
    const auto [entry, is_new] = names.emplace(proxy.name, &proxy);
    return is_new ? nullptr : entry->second;
  }

  void check_servers(const Proxy& proxy) {
    std::map<std::string_view, const Server*> seen;
    for (const Server& server : proxy.servers) {
      const auto [first, is_new] = seen.emplace(server.name, &server);
      if (!is_new)
        report_.say(Level::alert, server.at,
                    "'server " + proxy.name + "/" + server.name + "' : a server of this name is declared at " +
                        place(first->second->at) + ": rename one");
      if (!server.track_server.empty()) check_track(proxy, server);
    }
  }

  /// The server that one tracks, null where it tracks none or none that there is.
  const Server* tracked_by(const Server& server, const Proxy& of, const Proxy** where) const {
    if (server.track_server.empty()) return nullptr;
    const auto backend = backs_.find(server.track_backend.empty() ? of.name : server.track_backend);
    if (backend == backs_.end()) return nullptr;
    *where = backend->second;
    const auto& all = backend->second->servers;
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& s) { return s.name == server.track_server; });
    return found == all.end() ? nullptr : &*found;
  }

  void check_track(const Proxy& proxy, const Server& server) {
    const std::string who = "'server " + proxy.name + '/' + server.name + "' : ";
    const auto wrong = [&](const std::string& what) { report_.say(Level::alert, server.at, who + what); };
    if (server.check)
      return wrong("unable to enable checks and tracking at the same time: take 'check' or 'track' away");
    const std::string backend = server.track_backend.empty() ? proxy.name : server.track_backend;
    if (!backs_.contains(backend)) {
      std::vector<std::string_view> known;
      for (const auto& [name, unused] : backs_) known.emplace_back(name);
      return wrong("unable to find required proxy " + quoted(backend) + " for tracking" + did_you_mean(backend, known));
    }
    const Proxy* where = &proxy;
    const Server* next = tracked_by(server, proxy, &where);
    if (next == nullptr) {
      std::vector<std::string_view> known;
      for (const Server& other : backs_.at(backend)->servers) known.push_back(other.name);
      return wrong("unable to find required server " + quoted(server.track_server) + " for tracking" +
                   did_you_mean(server.track_server, known));
    }
    const std::string named = backend + '/' + server.track_server;
    std::set<const Server*> chain{&server};
    while (!next->track_server.empty()) {
      if (!chain.insert(next).second)
        return wrong("unable to track " + named + " as it belongs to a tracking chain looping back to itself");
      next = tracked_by(*next, *where, &where);
      if (next == nullptr) return;  // said where it stands
    }
    if (!next->check)
      wrong("unable to use " + named + " for tracking as it does not have any check enabled: add 'check' to it");
  }

  void check_references(const Proxy& proxy) {
    if (!proxy.settings.default_backend.empty() && proxy.has_front())
      check_reference(proxy, "default_backend", proxy.settings.default_backend, proxy.settings.default_backend_at);
    for (const BackendUse& use : proxy.uses) check_reference(proxy, "use_backend", use.name, use.at);
    for (const Mention& used : proxy.backends_used) check_reference(proxy, used.by.c_str(), used.name, used.at);
    for (const Mention& used : proxy.tables_used) check_table(proxy, used);
    check_tracking(proxy, proxy.settings.content_rules);
    if (!proxy.has_front()) return;
    check_tracking(proxy, proxy.settings.connection_rules);
    check_tracking(proxy, proxy.settings.session_rules);
  }

  void check_reference(const Proxy& proxy, const char* keyword, const std::string& name, const Position& at) {
    if (backs_.count(name) != 0) return;
    std::vector<std::string_view> known;
    for (const auto& [backend, unused] : backs_) known.emplace_back(backend);
    report_.say(
        Level::alert, at,
        title(proxy) + " : unable to find required " + keyword + ": " + quoted(name) + did_you_mean(name, known));
  }

  void check_tracking(const Proxy& proxy, const std::vector<Rule>& rules) {
    for (const Rule& rule : rules)
      if (rule.action == Rule::Action::track)
        check_table(proxy, {rule.table.empty() ? proxy.name : rule.table, "track-sc0", rule.at});
  }

  void check_table(const Proxy& proxy, const Mention& used) {
    std::vector<std::string_view> known;
    for (const Proxy& other : draft_.proxies) {
      if (!other.table) continue;
      if (other.name == used.name) return;
      known.emplace_back(other.name);
    }
    report_.say(Level::alert, used.at,
                title(proxy) + " : unable to find table " + quoted(used.name) + " referenced by " + used.by +
                    did_you_mean(used.name, known) + "; a section's stick-table line makes it");
  }

  void check_addresses(const Proxy& proxy) {
    for (const Bind& bind : proxy.binds) {
      const auto [first, is_new] = addresses_.emplace(bind.key(), &bind);
      if (!is_new && report_.first("same address " + place(bind.at)))
        report_.say(Level::alert, bind.at,
                    "'bind " + bind.key() + "' : " + title(proxy) + " listens where " + place(first->second->at) +
                        " listens already: change one of the two lines");
    }
  }

  void check_use(const Proxy& proxy) {
    const bool stats = proxy.is_page();
    if (proxy.has_front() && proxy.binds.empty())
      report_.say(Level::warning, proxy.at, title(proxy) + " has no 'bind' line: nobody can come to it");
    if (proxy.kind == SectionKind::frontend && proxy.settings.default_backend.empty() && proxy.uses.empty() && !stats)
      report_.say(Level::warning, proxy.at, title(proxy) + " has no default_backend: its connections are closed");
    if (proxy.has_back() && proxy.servers.empty() && !stats &&
        !(proxy.has_front() && !proxy.settings.default_backend.empty()))
      report_.say(Level::warning, proxy.at, title(proxy) + " has no server: its connections are closed");
  }

  void check_mode(const Proxy& proxy) {
    if (proxy.settings.mode == Mode::tcp && proxy.settings.forwardfor)
      report_.say(Level::warning, proxy.at,
                  "'option forwardfor' ignored for " + title(proxy) + " as it requires HTTP mode.");
    check_page(proxy);
    if (proxy.settings.mode == Mode::http && !proxy.servers.empty())
      report_.say(Level::note, proxy.at,
                  title(proxy) + " is in mode http: what passes is relayed unread, as in mode tcp");
  }

  void check_page(const Proxy& proxy) {
    const StatsSettings& stats = proxy.settings.stats;
    if (!stats.enabled || !proxy.has_front() || proxy.binds.empty()) return;
    if (proxy.settings.mode == Mode::tcp)
      return report_.say(Level::warning, proxy.at,
                         "'stats' statement ignored for " + title(proxy) + " as it requires HTTP mode.");
    if (!proxy.is_page())
      return report_.say(Level::warning, proxy.at,
                         "'stats' lines do nothing in " + title(proxy) +
                             ", which leads to servers: give the page a section of its own");
    for (const Bind& bind : proxy.binds)
      if (bind.accept_proxy)
        report_.say(Level::alert, bind.at,
                    "'bind " + bind.key() + "' : the stats page reads no PROXY header: take 'accept-proxy' away");
    for (const auto* rules :
         {&proxy.settings.connection_rules, &proxy.settings.session_rules, &proxy.settings.content_rules})
      for (const Rule& rule : *rules)
        if (rule.action == Rule::Action::reject || rule.action == Rule::Action::expect_proxy)
          report_.say(Level::alert, rule.at,
                      "tcp-request rules do not hold for the stats page of " + title(proxy) +
                          "; those who are to be kept out would see it, so the configuration is refused: bind it to "
                          "127.0.0.1, or use a firewall");
    const auto is_near = [](const Bind& bind) {
      return !bind.path.empty() || bind.host == "localhost" || bind.host == "::1" || bind.host.starts_with("127.");
    };
    if (stats.auth.empty() && !std::all_of(proxy.binds.begin(), proxy.binds.end(), is_near))
      report_.say(Level::warning, proxy.at,
                  "the stats page of " + title(proxy) +
                      " shows clients, servers and principals to whoever can reach it: add 'stats auth USER:PASSWORD', "
                      "or bind it to 127.0.0.1");
    if (stats.auth.empty() && !stats.admin.empty())
      report_.say(Level::warning, proxy.at,
                  "the stats page of " + title(proxy) +
                      " lets servers be changed without a password: add 'stats auth USER:PASSWORD'");
  }

  void check_timeouts(const Proxy& proxy) {
    const Settings& settings = proxy.settings;
    const Millis none{0};
    std::string missing;
    const auto need = [&](Millis value, const char* name) {
      if (value == none) missing += (missing.empty() ? "'timeout " : ", 'timeout ") + std::string(name) + "'";
    };
    if (proxy.has_front() && !proxy.binds.empty() && !proxy.is_page()) need(settings.client_timeout, "client");
    if (proxy.has_back() && !proxy.servers.empty()) {
      need(settings.connect_timeout, "connect");
      if (settings.tunnel_timeout == none) need(settings.server_timeout, "server");
    }
    if (!missing.empty())
      report_.say(Level::warning, proxy.at,
                  "missing timeouts for proxy " + quoted(proxy.name) + ": set " + missing +
                      ", or dead peers are kept for ever (Impala: connect 5s, client and server 12h)");
  }

  const Draft& draft_;
  Report& report_;
  Names fronts_, backs_;
  std::map<std::string, const Bind*> addresses_;
};

}  // namespace

void check_sections(const Draft& draft, Report& report) { Checks(draft, report).run(); }

}  // namespace kerbgate::config
