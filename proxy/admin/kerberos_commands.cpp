// kerbgate's own commands: show kerberos, why, drain.
#include <algorithm>

#include "admin/change.hpp"
#include "admin/command.hpp"
#include "admin/remedy.hpp"
#include "log/date.hpp"

namespace kerbgate::admin {
namespace {

std::string date_of(std::chrono::system_clock::time_point time) {
  std::string out;
  log::append_haproxy_date(out, time);
  return out.substr(0, out.rfind('.'));
}

void describe(std::string& out, const stats::NameState& state) {
  out += stats::describe(state.report, !state.keytab.empty());
  if (!state.keytab.empty())
    out += "  keytab " + state.keytab + ": " +
           (state.kvno == 0 ? "does not hold " : "newest kvno " + std::to_string(state.kvno) + " of ") + state.service +
           '/' + state.report.fqdn + '\n';
  static constexpr const char* kSeverities[] = {"note", "warning", "error"};
  for (const Finding& finding : state.report.findings)
    out += "  " + std::string(kSeverities[std::size_t(finding.severity)]) + ": " + finding.text + '\n';
  for (const std::string& trouble : state.troubles) out += "  warning: " + trouble + '\n';
  if (state.report.findings.empty() && state.troubles.empty()) out += "  all agrees\n";
}

constexpr std::size_t kShown = 10;

/// The principals with the most connections, and what all others have together.
void describe(std::string& out, const std::vector<stats::Tally::Row>& users) {
  std::uint64_t total = 0, refused = 0, current = 0;
  for (std::size_t i = 0; i < users.size(); ++i) {
    const stats::Tally::Row& row = users[i];
    if (i < kShown) {
      out += "principal " + row.name + ": " + std::to_string(row.total) + (row.total == 1 ? " login, " : " logins, ") +
             std::to_string(row.refused) + " refused, " + std::to_string(row.current) + " connected\n";
      continue;
    }
    total += row.total;
    refused += row.refused;
    current += row.current;
  }
  if (users.size() > kShown)
    out += std::to_string(users.size() - kShown) + " other principals: " + std::to_string(total) + " logins, " +
           std::to_string(refused) + " refused, " + std::to_string(current) + " connected\n";
}

void describe_looks(std::string& out, const Snapshot& snapshot) {
  for (const Section& section : snapshot.sections) {
    if (!section.back) continue;
    for (const ServerFacts& server : section.back->servers)
      for (const stats::CoordinatorCheck& look : server.looks) {
        out += "server " + section.name + '/' + server.name + ' ' + stats::kind_word(look.kind) + ' ' +
               check::deep_word(look.state) + ", " + date_of(look.when) + ": " +
               log::printable(stats::describe(look), 1000) + '\n';
        if (!look.passed && !look.good_ticket.empty())
          out += "  last accepted " + date_of(look.good_when) + ", ticket of " + look.good_ticket + '\n';
      }
  }
}

/// What clients' own logins have shown of each server.
void describe_logins(std::string& out, const Snapshot& snapshot) {
  for (const Section& section : snapshot.sections) {
    if (!section.back) continue;
    for (const ServerFacts& server : section.back->servers) {
      const std::string title = "server " + section.name + '/' + server.name;
      for (const stats::KeySeen& key : server.keys)
        out += title + " took " + std::to_string(key.logins) + (key.logins == 1 ? " login" : " logins") +
               " with tickets of " + words(key) + ", last " + date_of(key.last) + '\n';
      if (!server.last_passed_over) continue;
      out += title + " passed over, last " + date_of(server.last_passed_over->time) + ": " +
             server.last_passed_over->words + '\n';
      if (const auto remedy = remedy_of(*server.last_passed_over, server.host, snapshot.names))
        out += "  " + log::printable(words(*remedy), 1000) + '\n';
    }
  }
}

void show_kerberos(Call call) {
  const Snapshot snapshot = call.site.snapshot();
  std::string out;
  if (snapshot.names.names.empty()) {
    out = snapshot.names.mode == "off" ? "dns-check off: the names are not checked\n"
                                       : "no kerberos fqdn in the configuration: logins pass unread\n";
  } else {
    out = "names checked " + date_of(snapshot.names.checked) + " (dns-check " + snapshot.names.mode + ")\n";
    for (const stats::NameState& state : snapshot.names.names) describe(out, state);
  }
  for (const Section& section : snapshot.sections) {
    if (!section.front) continue;
    const LoginFacts& logins = section.front->logins;
    if (logins.taken == 0 && logins.refused == 0) continue;
    out += "frontend " + section.name + ": " + std::to_string(logins.taken) + " logins taken, " +
           std::to_string(logins.refused) + " clients refused";
    for (const auto& [name, count] : logins.refusals)
      out += (&name == &logins.refusals.front().first ? " (" : ", ") + name + ' ' + std::to_string(count);
    out += logins.refusals.empty() ? "\n" : ")\n";
  }
  describe_looks(out, snapshot);
  describe_logins(out, snapshot);
  describe(out, snapshot.users);
  call.reply(out);
}

/// "impala/host3.example.com" means it in every realm.
bool is_principal(const std::string& principal, const std::string& asked) {
  if (principal.empty()) return false;
  return principal == asked || principal.substr(0, principal.rfind('@')) == asked;
}

bool concerns(const stats::Refusal& refusal, const std::string& who) {
  return who.empty() || refusal.client == who || is_principal(refusal.asked, who) || is_principal(refusal.user, who);
}

void why(Call call) {
  const std::string& who = call.arg(0);
  const std::vector<stats::Refusal> refusals = call.site.process().counts.refusals.last();
  const stats::NameStates names = call.site.names();
  std::string out;
  std::size_t shown = 0, more = 0;
  for (const stats::Refusal& refusal : refusals) {
    if (!concerns(refusal, who)) continue;
    if (shown == kShown) {
      ++more;
      continue;
    }
    ++shown;
    out += date_of(refusal.time) + "  " + refusal.client + ':' + std::to_string(refusal.port) + " at " +
           refusal.frontend + "  " + std::string(login::words(refusal.cause).name) + '\n' +
           (refusal.user.empty() ? "" : "  user " + refusal.user + '\n') +
           (refusal.asked.empty() ? "" : "  with a ticket for " + refusal.asked + '\n') + "  " + refusal.words + '\n';
    if (const auto remedy = remedy_of(refusal, names)) out += "  " + log::printable(words(*remedy), 1000) + '\n';
  }
  if (more != 0) out += "and " + std::to_string(more) + " more\n";
  if (out.empty()) {
    out = who.empty() ? "Nobody was refused" : log::printable(who, 200) + " was not refused";
    out += refusals.size() < stats::Refusals::kKept ? " since the proxy started.\n"
                                                    : " among the last " + std::to_string(refusals.size()) +
                                                          ", since " + date_of(refusals.back().time) + ".\n";
  }
  call.reply(out);
}

/// What still runs on a server, again and again until nothing does.
class Drain final : public std::enable_shared_from_this<Drain>, private net::Timer {
 public:
  Drain(Call call, ServerPlace place, bool wait)
      : loop_(call.site.home()), call_(std::move(call)), place_(std::move(place)), wait_(wait) {}
  ~Drain() { loop_.cancel(*this); }

  void look() {
    struct Seen {
      std::mutex mutex;
      std::size_t count = 0;
      net::Millis oldest{0};
      std::vector<net::SessionView> views;
    };
    auto seen = std::make_shared<Seen>();
    call_.site.each_session(
        [seen, backend = place_.backend->conf.name, server = place_.server().name](net::Loop&, net::Listed& one) {
          if (!one.on(backend, server)) return;
          const std::lock_guard lock(seen->mutex);
          net::SessionView view = one.view();
          seen->oldest = std::max(seen->oldest, view.age);
          if (++seen->count <= kListed) seen->views.push_back(std::move(view));
        },
        [self = shared_from_this(), seen] { self->tell(seen->count, seen->oldest, seen->views); });
  }

 private:
  static constexpr std::size_t kListed = 100;
  static constexpr net::Millis kAgain{500};

  void tell(std::size_t count, net::Millis oldest, const std::vector<net::SessionView>& views) {
    std::string out;
    if (count != last_) {
      const std::string name = place_.backend->conf.name + '/' + place_.server().name;
      out = count == 0 ? name + ": nothing runs there\n"
                       : name + ": " + std::to_string(count) + (count == 1 ? " session" : " sessions") +
                             ", the oldest for " + std::to_string(oldest.count() / 1000) + " s\n";
      if (last_ == kNever)
        for (const net::SessionView& view : views)
          out += "  " + view.client + " at " + view.frontend + ", " + view.state + ", " +
                 std::to_string(view.age.count() / 1000) + " s, silent for " +
                 std::to_string(view.idle.count() / 1000) + " s\n";
      if (last_ == kNever && count > views.size()) out += "  and " + std::to_string(count - views.size()) + " more\n";
      last_ = count;
    }
    if (!wait_ || count == 0) return call_.reply(out);
    if (!call_.say(out)) return;
    held_ = shared_from_this();
    loop_.schedule(*this, loop_.now() + kAgain);
  }
  void on_timer() override {
    const auto self = std::exchange(held_, nullptr);
    look();
  }

  static constexpr std::size_t kNever = std::size_t(-1);
  net::Loop& loop_;  ///< outlives the site
  Call call_;
  ServerPlace place_;
  bool wait_;
  std::size_t last_ = kNever;
  std::shared_ptr<Drain> held_;  ///< by itself, while it sleeps
};

void drain(Call call) {
  std::string error;
  auto place = find_server(call.site, call.arg(0), error);
  if (!place) return call.reply(error);
  if (!call.arg(1).empty() && call.arg(1) != "wait") return call.reply("usage: drain <backend>/<server> [wait]\n");
  if (place->backend->pool->admin(place->index) == balance::Admin::ready)
    set_state(call.site, *place, balance::Admin::drain);
  const bool wait = call.arg(1) == "wait";
  std::make_shared<Drain>(std::move(call), std::move(*place), wait)->look();
}

using enum RuntimeLevel;

constexpr Command kRows[] = {
    {"drain", "drain <bk>/<srv> [wait]", "no new connections there; what still runs, until nothing does", admin, drain},
    {"show kerberos", "show kerberos", "names, principals, keytabs and logins", user, show_kerberos},
    {"why", "why [<address>|<principal>]", "why clients were refused, and what to do", operator_, why},
};

}  // namespace

std::span<const Command> kerberos_commands() { return kRows; }

}  // namespace kerbgate::admin
