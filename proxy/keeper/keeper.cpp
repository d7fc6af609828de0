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

#include "keeper/names.hpp"
#include "net/socket.hpp"

namespace kerbgate::keeper {
namespace {

std::vector<std::string> names_in(const config::Config& config) {
  std::vector<std::string> names;
  for (const config::Backend& backend : config.backends)
    for (const config::Server& server : backend.servers) {
      names.push_back(server.host);
      if (!server.check_host.empty()) names.push_back(server.check_host);
    }
  for (const config::Frontend& frontend : config.frontends)
    for (const config::Bind& bind : frontend.binds)
      if (!bind.host.empty() && bind.host != "*") names.push_back(bind.host);
  for (const config::RuntimeSocket& socket : config.global.runtime_sockets)
    if (!socket.bind.host.empty() && socket.bind.host != "*") names.push_back(socket.bind.host);
  return names;
}

std::map<std::string, net::Fd> log_sockets(const config::Config& config) {
  std::map<std::string, net::Fd> out;
  const auto add = [&out](const std::vector<config::LogTarget>& targets) {
    for (const config::LogTarget& target : targets)
      if (target.kind == config::LogTarget::Kind::unix_socket && !out.contains(target.address))
        if (net::Fd fd = net::dial_datagram(target.address)) out[target.address] = std::move(fd);
  };
  add(config.global.log);
  for (const config::Frontend& frontend : config.frontends) add(frontend.log);
  for (const config::Backend& backend : config.backends) add(backend.log);
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
      quiet_(quiet) {}

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
  Resolved resolved = resolve_all(names_in(config), resolver_, kLookups);
  remember_silent(resolved);
  Outfit outfit;
  for (const auto& backend : config.backends)
    for (const auto& server : backend.servers)
      if (const auto failure = resolved.failures.find(server.host); failure != resolved.failures.end())
        outfit.notices.push_back(
            {log::Priority::warning,
             "'server " + backend.name + '/' + server.name + "' : could not resolve address '" + server.host + "' (" +
                 failure->second.what +
                 (resolved.addresses.at(server.host).empty() ? "); it stays down until a reload finds it"
                                                             : "); it keeps the addresses that it had")});
  NameVerdict names = check_names(config, resolver_, kLookups);
  if (told_to_stop()) return Error{Errc::unsupported, "the proxy was told to stop meanwhile"};
  if (names.refused) {
    std::string why;
    for (const Notice& notice : names.notices)
      if (notice.priority == log::Priority::alert) why += (why.empty() ? "" : "; ") + notice.text;
    return Error{Errc::dns_mismatch, why};
  }
  std::vector<TlsStamp> stamps = tls_stamps(config);
  TlsRead tls = read_tls(config);
  if (!tls.errors.empty()) return tls.error();
  if (Result<void> opened = ports_.open(config, resolved.addresses); !opened) return std::move(opened).error();
  Result<std::vector<Sockets>> sockets = ports_.share(config);
  if (!sockets) return std::move(sockets).error();
  last_findings_ = names.notices;
  known_hosts_ = resolved.addresses;
  tls_stamps_ = std::move(stamps);
  outfit.tls_files = std::move(tls.files);
  for (Notice& notice : tls.notices) outfit.notices.push_back(std::move(notice));
  for (Notice& notice : names.notices) outfit.notices.push_back(std::move(notice));
  outfit.texts = texts;
  outfit.hosts = std::move(resolved.addresses);
  outfit.sockets = std::move(*sockets);
  outfit.log_sockets = log_sockets(config);
  outfit.names = std::move(names.states);
  return outfit;
}

Result<Outfit> Keeper::first() {
  Result<Outfit> outfit = fit_out(config_, texts_);
  if (outfit)
    for (const Notice& notice : outfit->notices) say(notice.priority, notice.text);
  return outfit;
}

// A file that is not right changes nothing: the old configuration, its ports and its names stay.
void Keeper::reload(Channel& worker) {
  const auto refuse = [&](const std::string& why) {
    const std::string text = "reload refused, nothing has changed: " + why;
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
  Result<Outfit> outfit = fit_out(parsed.config, *texts);
  if (!outfit) {
    ports_.release_unused(config_);
    return refuse(outfit.error().what);
  }
  outfit->notices.push_back({log::Priority::notice, "configuration reloaded"});
  for (const Notice& notice : outfit->notices) say(notice.priority, notice.text);
  const Packed packed = pack(*outfit);
  if (!worker.post(Word::outfit, packed.bytes.bytes(), packed.fds)) return;
  config_ = std::move(parsed.config);
  texts_ = std::move(*texts);
  look_at_coordinators();
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
  std::vector<TlsStamp> stamps = tls_stamps(config_);
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

void Keeper::tell_worker(Channel& worker, std::vector<Notice> notices, stats::NameStates names) {
  Outfit outfit;
  outfit.names = std::move(names);
  outfit.notices = std::move(notices);
  const Packed packed = pack(outfit);
  // A worker that has gone is seen by serve().
  if (!worker.post(Word::notices, packed.bytes.bytes())) return;
}

bool Keeper::watches_names() const {
  return config_.global.dns_check != config::DnsCheck::off && config_.global.dns_interval.count() > 0;
}

void Keeper::look_at_coordinators() {
  std::vector<probe::Target> targets = probe::targets_of(config_);
  for (probe::Target& target : targets)
    if (const auto found = known_hosts_.find(target.host); found != known_hosts_.end())
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
  if (!tls_stamps_.empty() && !draining_) at_most(last_look_ + kCertificates - now);
  if (watches_names()) at_most(last_check_ + config_.global.dns_interval - now);
  if (worker.pending() && !stuck_) at_most(kStuck - worker.stuck_for());
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
      ports_.release_all();
      return bool(worker.post(Word::drain));
    case SIGTERM:
    case SIGINT:
      return bool(worker.post(Word::stop));
    default:
      return true;  // SIGCHLD: the worker's end shows on the channel
  }
}

void Keeper::serve(Channel& worker, int signals) {
  using SteadyClock = std::chrono::steady_clock;
  last_check_ = last_look_ = SteadyClock::now();
  probes_.emplace(resolver_);
  look_at_coordinators();
  for (bool goes_on = true; goes_on;) {
    const short wanted = short(POLLIN | (worker.pending() ? POLLOUT : 0));
    // What coordinators have answered waits where it is while the worker has not taken what came before.
    pollfd ready[3] = {
        {worker.fd(), wanted, 0}, {signals, POLLIN, 0}, {worker.pending() ? -1 : probes_->fd(), POLLIN, 0}};
    const int count = ::poll(ready, 3, int(time_to_wait(worker)));
    if (count < 0 && errno != EINTR) break;
    if (!tls_stamps_.empty() && SteadyClock::now() >= last_look_ + kCertificates) {
      if (!draining_ && !worker.pending()) check_certificates(worker);
      last_look_ = SteadyClock::now();
    }
    if (watches_names() && SteadyClock::now() >= last_check_ + config_.global.dns_interval) {
      if (!worker.pending()) check_again(worker);
      last_check_ = SteadyClock::now();
    }
    if (count > 0 && (ready[0].revents & POLLOUT) != 0) goes_on = bool(worker.flush());
    watch_worker(worker);
    if (count <= 0) continue;
    if ((ready[0].revents & ~POLLOUT) != 0) {
      Result<Message> said = worker.receive();
      if (!said) break;
      // Only now is a socket that no line names any more closed: the worker has stopped accepting on it.
      if (said->word == Word::applied) ports_.release_unused(config_);
    }
    if (ready[2].revents != 0) pass_on_checks(worker);
    if ((ready[1].revents & POLLIN) != 0) goes_on = obey_signal(worker, signals) && goes_on;
  }
  all_ended_ = probes_->stop();
  probes_.reset();
}

}  // namespace kerbgate::keeper
