#include "keeper/keeper.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <iostream>
#include <set>

#include "keeper/names.hpp"
#include "net/socket.hpp"

namespace kerbgate::keeper {
namespace {

std::vector<std::string> names_in(const config::Config& config) {
  std::vector<std::string> names;
  for (const config::Backend& backend : config.backends)
    for (const config::Server& server : backend.servers) {
      if (server.asks_system()) names.push_back(server.host);
      if (!server.check_host.empty()) names.push_back(server.check_host);
    }
  for (const config::Frontend& frontend : config.frontends)
    for (const config::Bind& bind : frontend.binds)
      if (!bind.host.empty() && bind.host != "*") names.push_back(bind.host);
  for (const config::RuntimeSocket& socket : config.global.runtime_sockets)
    if (!socket.bind.host.empty() && socket.bind.host != "*") names.push_back(socket.bind.host);
  for (const config::LogTarget& target : config.log_targets())
    if (target.by_name()) names.push_back(target.address);
  return names;
}

/// Of a template's slots some are empty as a rule.
bool from_template(const config::Config& config, const Placement& placement) {
  const config::Backend* const backend = config.backend(placement.backend);
  return backend != nullptr && std::any_of(backend->servers.begin(), backend->servers.end(), [&](const auto& server) {
           return server.name == placement.server && server.from_template;
         });
}

probe::Found found_by(const std::vector<Placement>& placements, probe::Found before = {}) {
  for (const Placement& one : placements) {
    if (one.address)
      before[{one.backend, one.server}] = {one.host, *one.address, one.port};
    else
      before.erase({one.backend, one.server});
  }
  return before;
}

std::vector<LookedAt> looks_of(const std::vector<probe::Target>& targets) {
  std::vector<LookedAt> out;
  for (const probe::Target& target : targets) out.push_back({target.key(), target.servers});
  return out;
}

const char* label(log::Priority priority) {
  if (priority <= log::Priority::err) return "[ALERT]    : ";
  return priority == log::Priority::warning ? "[WARNING]  : " : "[NOTICE]   : ";
}

}  // namespace

Keeper::Keeper(Sources sources, config::Config config, std::vector<config::SourceText> texts, Resolver& resolver,
               int sockets_per_bind, bool quiet)
    : sources_(std::move(sources)),
      config_(std::move(config)),
      texts_(std::move(texts)),
      resolver_(resolver),
      ports_(sockets_per_bind),
      quiet_(quiet),
      discovery_(resolver),
      started_(config_.global) {}

void Keeper::attach(ServiceManager manager, const Settled& settled) {
  manager_ = std::move(manager);
  settled_ = settled;
  ports_.know(manager_);
}

void Keeper::leave() { ports_.close(); }

void Keeper::say(log::Priority priority, const std::string& text) const {
  if (quiet_ && priority > log::Priority::err) return;
  if (priority > log::Priority::notice) return;
  std::cerr << label(priority) << text << '\n' << std::flush;
}

// DNS that does not answer says nothing: a reload meanwhile must not take away servers that stand.
void Keeper::remember_silent(Resolved& resolved) const {
  for (const auto& [name, failure] : resolved.failures)
    if (const auto known = known_hosts_.find(name); failure.is(Errc::dns_no_answer) && known != known_hosts_.end())
      resolved.addresses[name] = known->second;
}

Result<Outfit> Keeper::fit_out(const config::Config& config, const std::vector<config::SourceText>& texts) {
  const resolve::Now until = resolve::Clock::now() + kLookups;
  discovery_.prepare(config);
  Resolved resolved = resolve_all(names_in(config), resolver_, kLookups);
  remember_silent(resolved);
  discovery_.wait_for_answers(until);
  discovery_.seed(config, resolved.addresses);
  Outfit outfit;
  outfit.placements = discovery_.placements(config);
  outfit.looks = looks_of(probe::targets_of(config, found_by(outfit.placements)));
  for (const Placement& placement : outfit.placements)
    if (!placement.address && !from_template(config, placement))
      outfit.notices.push_back({log::Priority::warning, "'server " + placement.backend + '/' + placement.server +
                                                            "' : no address of '" + placement.host + "' yet (" +
                                                            (placement.why.empty() ? "no answer" : placement.why) +
                                                            "); it is down until DNS has one"});
  for (const auto& backend : config.backends)
    for (const auto& server : backend.servers)
      if (const auto failure = resolved.failures.find(server.host); failure != resolved.failures.end() &&
                                                                    server.resolvers.empty() && server.asks_system() &&
                                                                    server.init_address.empty())
        outfit.notices.push_back(
            {log::Priority::warning,
             "'server " + backend.name + '/' + server.name + "' : could not resolve address '" + server.host + "' (" +
                 failure->second.what +
                 (resolved.addresses.at(server.host).empty() ? "); it stays down until a reload finds it"
                                                             : "); it keeps the addresses that it had")});
  std::set<std::string> silent_logs;
  for (const config::LogTarget& target : config.log_targets())
    if (const auto failure = resolved.failures.find(target.address);
        target.by_name() && failure != resolved.failures.end() && silent_logs.insert(target.address).second)
      outfit.notices.push_back(
          {log::Priority::warning,
           "log " + target.address + " : could not resolve the address (" + failure->second.what +
               (resolved.addresses.at(target.address).empty() ? "); it gets no lines until a reload finds it"
                                                              : "); it keeps the address that it had")});
  NameVerdict names = check_names(config, resolver_, kLookups);
  if (told_to_stop()) return Error{Errc::unsupported, "the proxy was told to stop meanwhile"};
  if (names.refused) {
    std::string why;
    for (const Notice& notice : names.notices)
      if (notice.priority == log::Priority::alert) why += (why.empty() ? "" : "; ") + notice.text;
    return Error{Errc::dns_mismatch, why};
  }
  std::vector<FileStamp> stamps = tls_stamps(config), keytab_stamps = stamps_of(keytabs_of(config));
  TlsRead tls = read_tls(config);
  if (!tls.errors.empty()) return tls.error();
  KeytabsRead keytabs = read_keytabs(config, known_keytabs_);
  if (!keytabs.errors.empty()) return Error{Errc::invalid, keytabs.errors.front()};
  if (!keytab_stamps.empty()) {
    Result<Krb5Conf> krb5 = Krb5Conf::read();
    if (!krb5) return std::move(krb5).error();
    outfit.krb5 = std::move(*krb5);
  }
  if (Result<void> opened = ports_.open(config, resolved.addresses); !opened) return std::move(opened).error();
  Result<std::vector<Sockets>> sockets = ports_.share(config);
  if (!sockets) return std::move(sockets).error();
  last_findings_ = names.notices;
  known_hosts_ = resolved.addresses;
  tls_stamps_ = std::move(stamps);
  keytab_stamps_ = std::move(keytab_stamps);
  for (const auto& [path, content] : keytabs.files) known_keytabs_.insert(path);
  log_stamps_ = log_stamps(config);
  outfit.tls_files = std::move(tls.files);
  outfit.keytabs = std::move(keytabs.files);
  for (Notice& notice : keytabs.notices) outfit.notices.push_back(std::move(notice));
  for (Notice& notice : tls.notices) outfit.notices.push_back(std::move(notice));
  for (Notice& notice : names.notices) outfit.notices.push_back(std::move(notice));
  for (std::string& text : ports_.unclaimed(config))
    outfit.notices.push_back({log::Priority::warning, std::move(text)});
  // Last: what is taken here is news no more.
  if (const std::string& file = config.global.state_file; !file.empty())
    outfit.handles = state_file_.news(file, outfit.notices);
  outfit.texts = texts;
  outfit.hosts = std::move(resolved.addresses);
  outfit.sockets = std::move(*sockets);
  outfit.log_sockets = log_sockets(config);
  outfit.names = std::move(names.states);
  return outfit;
}

Result<Outfit> Keeper::first() {
  Result<Outfit> outfit = fit_out(config_, texts_);
  if (!outfit) return outfit;
  for (const Notice& notice : outfit->notices) say(notice.priority, notice.text);
  found_ = found_by(outfit->placements);
  return outfit;
}

// A file that is not right changes nothing: the old configuration, its ports and its names stay.
void Keeper::reload(Channel& worker) {
  manager_.reloading();
  const auto refuse = [&](const std::string& why) {
    const std::string text = "reload refused, nothing has changed: " + why;
    manager_.ready(text);
    say(log::Priority::err, text);
    tell_worker(worker, {{log::Priority::err, text}});
  };
  if (draining_) return refuse("the proxy ends with its last connection (SIGUSR1)");
  if (worker.stuck_for() >= kStuck)
    return say(log::Priority::err, "reload refused, nothing has changed: the worker hangs");
  Result<std::vector<config::SourceText>> texts = read_texts(sources_);
  if (!texts) return refuse(texts.error().what);
  config::Parsed parsed = parse_with_lists(sources_, *texts);
  for (const config::Diagnostic& diagnostic : parsed.diagnostics)
    if (!quiet_ || diagnostic.level == config::Level::alert) std::cerr << diagnostic.str() << std::flush;
  if (!parsed.ok()) {
    const auto first = std::find_if(parsed.diagnostics.begin(), parsed.diagnostics.end(),
                                    [](const auto& d) { return d.level == config::Level::alert; });
    return refuse((first->at.line == 0 ? "" : first->at.file + ':' + std::to_string(first->at.line) + ": ") +
                  first->message);
  }
  Discovery::Names renamed = discovery_.replace_names({});
  Result<Outfit> outfit = fit_out(parsed.config, *texts);
  if (!outfit) {
    ports_.release_unused(config_);
    discovery_.replace_names(std::move(renamed));
    discovery_.keep_only(config_);
    return refuse(outfit.error().what);
  }
  for (std::string& text : waiting_for_restart(started_, parsed.config.global, settled_))
    outfit->notices.push_back({log::Priority::warning, std::move(text)});
  outfit->notices.push_back({log::Priority::notice, "configuration reloaded"});
  for (const Notice& notice : outfit->notices) say(notice.priority, notice.text);
  const Packed packed = pack(*outfit);
  if (!worker.post(Word::outfit, packed.bytes.bytes(), packed.fds)) return;
  config_ = std::move(parsed.config);
  texts_ = std::move(*texts);
  discovery_.keep_only(config_);
  found_ = found_by(outfit->placements);
  look_at_coordinators();
  ask_for_handles(worker);
}

void Keeper::pass_on_servers(Channel& worker) {
  Discovery::News news = discovery_.take();
  Outfit outfit;
  outfit.placements = std::move(news.placements);
  outfit.nameservers = std::move(news.nameservers);
  outfit.notices = std::move(news.notices);
  for (const Notice& notice : outfit.notices) say(notice.priority, notice.text);
  found_ = found_by(outfit.placements, std::move(found_));
  if (!outfit.placements.empty()) outfit.looks = looks_of(probe::targets_of(config_, found_));
  const Packed packed = pack(outfit);
  if (!worker.post(Word::servers, packed.bytes.bytes())) return;
  if (!outfit.placements.empty()) look_at_coordinators();
}

void Keeper::rename(const std::string& order) {
  const std::size_t first = order.find('\n'), second = order.find('\n', first + 1);
  if (second == std::string::npos) return;
  discovery_.rename(config_, order.substr(0, first), order.substr(first + 1, second - first - 1),
                    order.substr(second + 1));
}

// Only what has changed since the last look is worth a line.
void Keeper::check_again(Channel& worker) {
  NameVerdict names = check_names(config_, resolver_, kLookups);
  if (told_to_stop()) return;
  std::vector<Notice> changed;
  for (const Notice& notice : names.notices) {
    const bool known = std::any_of(last_findings_.begin(), last_findings_.end(),
                                   [&](const Notice& old) { return old.text == notice.text; });
    if (!known) changed.push_back({std::max(notice.priority, log::Priority::warning), notice.text});
  }
  last_findings_ = std::move(names.notices);
  tell_worker(worker, std::move(changed), std::move(names.states));
}

// A file that cannot be used keeps the old ones, and is said once: its next change is the next attempt.
void Keeper::check_certificates(Channel& worker) {
  std::vector<FileStamp> stamps = tls_stamps(config_);
  if (stamps == tls_stamps_) return;
  tls_stamps_ = std::move(stamps);
  TlsRead tls = read_tls(config_);
  if (!tls.errors.empty()) {
    const std::string text = "certificates have changed and are not taken, the old ones stay: " + tls.error().what;
    say(log::Priority::warning, text);
    return tell_worker(worker, {{log::Priority::warning, text}}, {});
  }
  Outfit outfit;
  outfit.tls_files = std::move(tls.files);
  outfit.notices = std::move(tls.notices);
  outfit.notices.push_back({log::Priority::notice, "certificates reloaded"});
  for (const Notice& notice : outfit.notices) say(notice.priority, notice.text);
  const Packed packed = pack(outfit);
  if (!worker.post(Word::certificates, packed.bytes.bytes())) return;
}

// As with certificates; keytabs are replaced one by one.
void Keeper::check_keytabs(Channel& worker) {
  std::vector<FileStamp> stamps = stamps_of(keytabs_of(config_));
  if (stamps == keytab_stamps_) return;
  keytab_stamps_ = std::move(stamps);
  KeytabsRead read = read_keytabs(config_, known_keytabs_);
  Outfit outfit;
  outfit.notices = std::move(read.notices);
  for (auto& [path, content] : read.files) {
    known_keytabs_.insert(path);
    outfit.notices.push_back({log::Priority::notice, "kerberos keytab " + path + " read again"});
  }
  outfit.keytabs = std::move(read.files);
  for (const Notice& notice : outfit.notices) say(notice.priority, notice.text);
  const Packed packed = pack(outfit);
  if (!worker.post(Word::keytabs, packed.bytes.bytes())) return;
}

// Also while it drains: the last lines are to be found where the others are.
void Keeper::check_log_sockets(Channel& worker) {
  std::vector<LogStamp> stamps = log_stamps(config_);
  if (stamps == log_stamps_) return;
  log_stamps_ = std::move(stamps);
  Outfit outfit;
  outfit.log_sockets = log_sockets(config_);
  const Packed packed = pack(outfit);
  if (!worker.post(Word::log_sockets, packed.bytes.bytes(), packed.fds)) return;
}

void Keeper::tell_worker(Channel& worker, std::vector<Notice> notices, stats::NameStates names) {
  Outfit outfit;
  outfit.names = std::move(names);
  outfit.notices = std::move(notices);
  const Packed packed = pack(outfit);
  // A worker that has gone is seen by serve().
  if (!worker.post(Word::notices, packed.bytes.bytes())) return;
}

/// What people see of the state: where clients are served.
std::string Keeper::serving() const {
  std::string out = "serving";
  for (const config::Frontend* frontend : listening(config_))
    for (const config::Bind& bind : frontend->binds)
      out += (out.size() == 7 ? " " : ", ") + frontend->name + " on " + bind.key();
  return out;
}

void Keeper::tell_ready() const { manager_.ready(serving()); }

// The watchdog is fed by what comes back: a worker whose loops do not turn is silent.
void Keeper::check_worker(Channel& worker) {
  const auto now = std::chrono::steady_clock::now();
  const auto longest = manager_.watchdog();
  if (!longest || !ping_answered_ || now < last_ping_ + *longest / kPings) return;
  last_ping_ = now;
  ping_answered_ = !worker.post(Word::ping);
}

bool Keeper::watches_names() const {
  return config_.global.dns_check != config::DnsCheck::off && config_.global.dns_interval.count() > 0;
}

void Keeper::look_at_coordinators() {
  std::vector<probe::Target> targets = probe::targets_of(config_, found_);
  for (probe::Target& target : targets)
    if (const auto found = known_hosts_.find(target.host); !target.found && found != known_hosts_.end())
      target.addresses = found->second;
  if (probes_) probes_->adopt(std::move(targets));
}

void Keeper::pass_on_checks(Channel& worker) {
  Outfit outfit;
  outfit.checks = probes_->take();
  const Packed packed = pack(outfit);
  if (!worker.post(Word::notices, packed.bytes.bytes())) return;
}

// What it does not take waits here: signals and names are still seen to.
void Keeper::watch_worker(const Channel& worker) {
  const bool stuck = worker.stuck_for() >= kStuck;
  if (stuck && !stuck_)
    say(log::Priority::warning, "the worker has taken no message for " + std::to_string(kStuck.count() / 1000) +
                                    " s: it hangs, or the host has no CPU for it; reloads wait until it does");
  if (!stuck && stuck_) say(log::Priority::notice, "the worker takes messages again");
  stuck_ = stuck;
}

/// For poll(): -1 for ever.
std::int64_t Keeper::time_to_wait(const Channel& worker) const {
  using std::chrono::milliseconds;
  std::int64_t wait = -1;
  const auto at_most = [&wait](std::chrono::steady_clock::duration left) {
    const auto ms = std::clamp<std::int64_t>(std::chrono::ceil<milliseconds>(left).count(), 0, 1'000'000'000);
    wait = wait < 0 ? ms : std::min(wait, ms);
  };
  const auto now = std::chrono::steady_clock::now();
  if ((watches_files() && !draining_) || !log_stamps_.empty()) at_most(last_look_ + kFiles - now);
  if (watches_names()) at_most(last_check_ + config_.global.dns_interval - now);
  if (keeps_state() && !worker.pending()) at_most(next_save() - now);
  if (worker.pending() && !stuck_) at_most(kStuck - worker.stuck_for());
  if (const auto longest = manager_.watchdog()) at_most(*longest / kPings);
  return wait;
}

/// False when the worker has gone.
bool Keeper::obey_signal(Channel& worker, int signals) {
  signalfd_siginfo signal{};
  if (::read(signals, &signal, sizeof signal) != ssize_t(sizeof signal)) return true;
  switch (signal.ssi_signo) {
    case SIGHUP:
    case SIGUSR2:
      reload(worker);
      return true;
    case SIGUSR1:
      draining_ = true;
      manager_.say("accepts no more, ends with the last connection");
      ports_.release_all();
      return bool(worker.post(Word::drain));
    case SIGTERM:
    case SIGINT:
      manager_.stopping("ends");
      return bool(worker.post(Word::stop));
    default:
      return true;  // SIGCHLD: the worker's end shows on the channel
  }
}

/// False when the worker has gone.
bool Keeper::hear(Channel& worker) {
  const Result<Message> said = worker.receive();
  if (!said) return false;
  // Only now is a socket that no line names any more closed: the worker has stopped accepting on it.
  if (said->word == Word::applied) {
    ports_.release_unused(config_);
    tell_ready();
  }
  if (said->word == Word::alive) {
    ping_answered_ = true;
    manager_.alive();
  }
  if (said->word == Word::rename) rename({said->bytes.bytes().begin(), said->bytes.bytes().end()});
  if (said->word == Word::handles) keep_handles(worker, *said);
  return true;
}

void Keeper::serve(Channel& worker, int signals) {
  using SteadyClock = std::chrono::steady_clock;
  last_check_ = last_look_ = last_save_ = SteadyClock::now();
  probes_.emplace(resolver_);
  look_at_coordinators();
  for (bool goes_on = true; goes_on;) {
    const short wanted = short(POLLIN | (worker.pending() ? POLLOUT : 0));
    // What coordinators and nameservers have answered waits where it is while the worker has not taken what came
    // before.
    pollfd ready[4] = {{worker.fd(), wanted, 0},
                       {signals, POLLIN, 0},
                       {worker.pending() ? -1 : probes_->fd(), POLLIN, 0},
                       {worker.pending() ? -1 : discovery_.fd(), POLLIN, 0}};
    check_worker(worker);
    const int count = ::poll(ready, 4, int(time_to_wait(worker)));
    if (count < 0 && errno != EINTR) break;
    if (SteadyClock::now() >= last_look_ + kFiles) {
      if (!draining_ && !worker.pending()) check_certificates(worker);
      if (!draining_ && !worker.pending()) check_keytabs(worker);
      if (!draining_ && !worker.pending()) check_state_file(worker);
      if (!worker.pending()) check_log_sockets(worker);
      last_look_ = SteadyClock::now();
    }
    if (watches_names() && SteadyClock::now() >= last_check_ + config_.global.dns_interval) {
      if (!worker.pending()) check_again(worker);
      last_check_ = SteadyClock::now();
    }
    if (keeps_state() && !worker.pending() && SteadyClock::now() >= next_save()) ask_for_handles(worker);
    if (count > 0 && (ready[0].revents & POLLOUT) != 0) goes_on = bool(worker.flush());
    watch_worker(worker);
    if (count <= 0) continue;
    if ((ready[0].revents & ~POLLOUT) != 0 && !hear(worker)) break;
    if (ready[2].revents != 0) pass_on_checks(worker);
    if (ready[3].revents != 0) pass_on_servers(worker);
    if ((ready[1].revents & POLLIN) != 0) goes_on = obey_signal(worker, signals) && goes_on;
  }
  // What it said before it hung up.
  for (pollfd left{worker.fd(), POLLIN, 0}; ::poll(&left, 1, 0) > 0 && hear(worker);) {
  }
  all_ended_ = probes_->stop() && Discovery::all_ended();
  probes_.reset();
}

}  // namespace kerbgate::keeper
