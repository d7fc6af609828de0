#include "program/service.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <iostream>

#include "keeper/ports.hpp"
#include "net/socket.hpp"

namespace kerbgate::program {
namespace {

using namespace std::chrono_literals;

/// How long `busy-polling` waits for the next event before it sleeps.
constexpr std::chrono::microseconds kBusyPolling{1000};
/// For the lines of sessions that SIGTERM cuts; resets need no answer.
constexpr net::Millis kLastWords{1000};

/// With addresses for names; without one for a name nothing can be sent there.
std::vector<config::LogTarget> located(std::vector<config::LogTarget> targets,
                                       const std::map<std::string, std::vector<IpAddress>>& hosts) {
  for (config::LogTarget& target : targets)
    if (const auto found = hosts.find(target.address);
        target.by_name() && found != hosts.end() && !found->second.empty())
      target.address = found->second.front().str();
  return targets;
}

/// What tells one list of targets from another: equal lists share a logger.
std::string key_of(const std::vector<config::LogTarget>& targets) {
  std::string key;
  for (const config::LogTarget& t : targets)
    for (const std::string& part : {std::to_string(int(t.kind)), t.address, std::to_string(t.port),
                                    std::to_string(t.max_length), std::to_string(int(t.format)),
                                    std::to_string(t.facility), std::to_string(t.level), std::to_string(t.min_level)})
      key += part + '\n';
  return key;
}

}  // namespace

void LogSockets::replace(std::map<std::string, net::Fd> sockets) {
  const std::lock_guard lock(mutex_);
  sockets_ = std::move(sockets);
}

int LogSockets::copy(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto found = sockets_.find(path);
  return found == sockets_.end() ? -1 : ::fcntl(found->second.get(), F_DUPFD_CLOEXEC, 3);
}

Service::Service(keeper::Channel keeper, keeper::Sources sources, Limits limits)
    : keeper_(std::move(keeper)), sources_(std::move(sources)), limits_(limits) {
  for (int i = 0; i < limits.threads; ++i) loops_.push_back(std::make_unique<net::Loop>());
  std::vector<net::Loop*> loops;
  for (const auto& loop : loops_) {
    loop->roll().number_from((std::uint64_t{loops.size()} << 40) + 1);
    loops.push_back(loop.get());
    process_->loops.push_back(loop.get());
  }
  site_ = std::make_unique<admin::Site>(std::move(loops), process_);
  site_->rename_by([this](const std::string& backend, const std::string& server, const std::string& name) {
    const std::string order = backend + '\n' + server + '\n' + name;
    if (!keeper_.send(keeper::Word::rename, {reinterpret_cast<const std::uint8_t*>(order.data()), order.size()}))
      end(3);
  });
}

Service::~Service() {
  if (handles_copier_.joinable()) handles_copier_.join();
}

int Service::run() {
  if (!loops_[0]->watch_readable(keeper_.fd(), watch_)) return 3;
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < loops_.size(); ++i) threads.emplace_back([this, i] { loops_[i]->run(); });
  loops_[0]->run();
  for (const auto& loop : loops_) loop->stop();
  for (std::thread& thread : threads) thread.join();
  return status_;
}

void Service::on_event(int, std::uint32_t) {
  Result<keeper::Message> message = keeper_.receive();
  if (!message) return end(message.error().is(Errc::not_found) ? status_ : 3);
  // Not within this batch of events: what is replaced, a prober above all, may be named by those still to come.
  auto whole = std::make_shared<keeper::Message>(std::move(*message));
  loops_[0]->post([this, whole] { obey(std::move(*whole)); });
}

void Service::obey(keeper::Message message) {
  switch (message.word) {
    case keeper::Word::stop:
      return stop();
    case keeper::Word::drain:
      return drain();
    case keeper::Word::ping:
      return answer_when_all_turn();
    case keeper::Word::save:
      return say_handles(false);
    case keeper::Word::applied:
    case keeper::Word::alive:
    case keeper::Word::rename:
      return;
    case keeper::Word::outfit:
    case keeper::Word::certificates:
    case keeper::Word::keytabs:
    case keeper::Word::log_sockets:
    case keeper::Word::notices:
    case keeper::Word::servers:
    case keeper::Word::handles:
      break;
  }
  Result<keeper::Outfit> outfit = keeper::unpack(message.bytes.bytes(), std::move(message.fds));
  if (!outfit) {
    std::cerr << "proxy: " << outfit.error().what << '\n';
    return end(3);
  }
  message.bytes.wipe();
  if (message.word == keeper::Word::notices) {
    log_notices(outfit->notices);
    take_checks(std::move(outfit->checks));
    if (!outfit->names.mode.empty()) site_->know_names(std::move(outfit->names));
    return;
  }
  if (message.word == keeper::Word::log_sockets) return log_sockets_->replace(std::move(outfit->log_sockets));
  if (message.word == keeper::Word::certificates) return take_certificates(*outfit);
  if (message.word == keeper::Word::keytabs) {
    take_keytabs(*outfit);
    return log_notices(outfit->notices);
  }
  if (message.word == keeper::Word::handles) {
    take_handles(std::move(outfit->handles));
    return log_notices(outfit->notices);
  }
  if (message.word == keeper::Word::servers) {
    log_notices(outfit->notices);
    for (const keeper::Placement& placement : outfit->placements) place_server(placement);
    if (!outfit->placements.empty()) adopt_checks(outfit->looks);
    if (!outfit->nameservers.empty()) site_->know_nameservers(std::move(outfit->nameservers));
    return;
  }
  put_in_force(std::move(*outfit));
  if (!keeper_.send(keeper::Word::applied)) end(3);
}

void Service::answer_when_all_turn() {
  auto left = std::make_shared<std::atomic<std::size_t>>(loops_.size());
  for (const auto& loop : loops_)
    loop->post([this, left] {
      if (--*left != 0) return;
      // A keeper that has gone is seen by on_event().
      loops_[0]->post([this] { (void)keeper_.send(keeper::Word::alive).ok(); });
    });
}

void Service::put_in_force(keeper::Outfit outfit) {
  const config::Parsed parsed = keeper::parse(sources_, outfit.texts);
  const config::Config& config = parsed.config;
  log_tag_ = config.global.log_tag;
  log_sockets_->replace(std::move(outfit.log_sockets));
  // More than there are descriptors for would be accepted and then find no way to a server.
  const std::uint32_t wanted = limits_.maxconn != 0 ? limits_.maxconn : config.global.maxconn;
  process_->maxconn = wanted != 0 ? std::min(wanted, limits_.derived_maxconn) : limits_.derived_maxconn;
  process_->most_maxconn = limits_.derived_maxconn;
  log_hosts_ = outfit.hosts;
  own_log_ = logger_for(config.global.log);
  secured_.clear();
  keeps_handles_ = !config.global.state_file.empty();
  take_handles(std::move(outfit.handles));
  std::map<std::string, std::shared_ptr<net::LiveBackend>> backends;
  for (const config::Backend& backend : config.backends) backends[backend.name] = make_backend(backend, outfit);
  backends_ = std::move(backends);
  adopt_checks(outfit.looks);
  link_followers();
  hard_stop_after_ = config.global.hard_stop_after;
  const std::shared_ptr<const net::Directory> directory = make_directory(config);
  take_keytabs(outfit);
  outfit.keytabs.clear();
  std::map<std::string, std::shared_ptr<net::LiveFrontend>> frontends;
  for (const config::Frontend* frontend : keeper::served(config))
    frontends[frontend->name] = make_frontend(*frontend, directory);
  frontends_ = std::move(frontends);
  // The keeper has made them all of the same bytes already: to fail here is a fault, and serving in clear no way out.
  decltype(page_tls_) page_tls;
  for (const config::Frontend* frontend : keeper::pages(config))
    for (const config::Bind& bind : frontend->binds)
      if (bind.tls.on) page_tls[bind.key()] = secured(bind.tls, frontend->name + ' ' + bind.key());
  page_tls_ = std::move(page_tls);
  if (!make_contexts(outfit.tls_files)) return end(3);
  outfit.tls_files.clear();
  for (const auto& loop : loops_)
    loop->post([&loop = *loop, spin = config.global.busy_polling ? kBusyPolling : 0us] { loop.spin(spin); });
  start_probers();
  replace_listeners(config, outfit);
  tell_site(config);
  open_runtime_sockets(config, outfit);
  open_pages(config, outfit);
  site_->know_names(std::move(outfit.names));
  process_->parking.wake();     // who waited at the old limits may find room under the new ones
  log_notices(outfit.notices);  // what they tell of is so now
}

std::shared_ptr<net::tls::Current> Service::secured(const config::Tls& conf, const std::string& identity) {
  secured_.push_back({conf, identity, std::make_shared<net::tls::Current>(nullptr)});
  return secured_.back().current;
}

bool Service::make_contexts(const net::tls::Files& files) {
  std::vector<std::shared_ptr<net::tls::Context>> made;
  for (const Secured& one : secured_) {
    Result<std::shared_ptr<net::tls::Context>> context =
        one.identity.empty() ? net::tls::Context::dialling(one.conf, files)
                             : net::tls::Context::listening(one.conf, files, one.identity);
    if (!context) {
      std::cerr << "proxy: " << context.error().what << '\n';
      return false;
    }
    made.push_back(std::move(*context));
  }
  for (std::size_t i = 0; i < made.size(); ++i) secured_[i].current->set(std::move(made[i]));
  return true;
}

void Service::take_certificates(const keeper::Outfit& outfit) {
  if (make_contexts(outfit.tls_files)) log_notices(outfit.notices);
}

std::shared_ptr<net::Keys> Service::keys_of(const std::string& keytab) {
  std::shared_ptr<net::Keys>& keys = keys_[keytab];
  if (!keys) keys = std::make_shared<net::Keys>(nullptr);
  return keys;
}

void Service::take_keytabs(const keeper::Outfit& outfit) {
  // The same values are the same object, so that threads keep their acceptors over reloads.
  if (!outfit.krb5.values.empty() && outfit.krb5 != *krb5_) krb5_ = std::make_shared<Krb5Conf>(outfit.krb5);
  for (const auto& [path, content] : outfit.keytabs) {
    // The keeper has made keys of the same bytes already.
    if (auto keys = AcceptorKeys::make(content.bytes()); keys) keys_of(path)->set(std::move(*keys));
  }
  wipe_dead_stack();
}

void Service::log_notices(const std::vector<keeper::Notice>& notices) {
  if (own_log_)
    for (const keeper::Notice& notice : notices) own_log_->send(notice.priority, notice.text);
}

std::shared_ptr<log::Logger> Service::logger_for(const std::vector<config::LogTarget>& written,
                                                 const std::string& own_tag) {
  if (written.empty()) return nullptr;
  const std::vector<config::LogTarget> targets = located(written, log_hosts_);
  const std::string& tag = own_tag.empty() ? log_tag_ : own_tag;
  std::shared_ptr<log::Logger>& logger = loggers_[tag + '\n' + key_of(targets)];
  if (!logger)
    logger = std::make_shared<log::Logger>(targets, tag, [sockets = log_sockets_](const std::string& path) {
      if (net::Fd fd = net::dial_datagram(path)) return fd.release();
      // Inside a chroot the path is gone: what the keeper connected serves.
      return sockets->copy(path);
    });
  return logger;
}

void Service::start_probers() {
  struct Checked {
    std::shared_ptr<net::LiveBackend> backend;
    balance::ServerIndex server;
    bool up;
  };
  std::vector<Checked> checked;
  for (const auto& [name, backend] : backends_) {
    if (backend->conf.disabled) continue;
    const std::vector<balance::ServerView> views = backend->pool->view();
    for (std::size_t i = 0; i < backend->servers.size(); ++i)
      if (backend->conf.servers[i].check &&
          (backend->servers[i].has_address() || !backend->pool->found(balance::ServerIndex(i))))
        checked.push_back({backend, balance::ServerIndex(i), views[i].connects});
  }
  probers_.clear();
  for (std::size_t i = 0; i < checked.size(); ++i)
    probers_.push_back(std::make_unique<net::Prober>(*loops_[0], checked[i].backend, checked[i].server, checked[i].up,
                                                     double(i) / double(checked.size())));
}

// A socket whose bind line stays keeps accepting without a pause: its listeners only change the door.
void Service::replace_listeners(const config::Config& config, keeper::Outfit& outfit) {
  std::map<std::string, keeper::Sockets*> given;
  for (keeper::Sockets& sockets : outfit.sockets) given[sockets.key] = &sockets;
  decltype(listeners_) kept;
  decltype(doors_) doors;
  for (const config::Frontend* frontend : keeper::served(config)) {
    for (std::size_t n = 0; n < frontend->binds.size(); ++n) {
      const config::Bind& bind = frontend->binds[n];
      auto door = std::make_shared<net::Door>();
      door->frontend = frontends_.at(frontend->name);
      door->maxconn = bind.maxconn;
      door->label = bind.name.empty() ? std::to_string(n + 1) : bind.name;
      door->accept_proxy = bind.accept_proxy;
      door->tls = door->frontend->secured[n];
      const std::string key = bind.key();
      if (const auto before = doors_.find(key); before != doors_.end()) door->counts = before->second->counts;
      doors[key] = door;
      if (auto old = listeners_.extract(key)) {
        for (auto& [loop, listener] : old.mapped()) loop->post([listener = listener, door] { listener->adopt(door); });
        kept.insert(std::move(old));
        continue;
      }
      std::vector<net::Fd>& fds = given.at(key)->fds;
      // One socket a thread; where there is a single one, the threads share it.
      while (fds.size() < loops_.size()) fds.emplace_back(::fcntl(fds[0].get(), F_DUPFD_CLOEXEC, 3));
      for (std::size_t i = 0; i < fds.size(); ++i) {
        net::Loop& loop = *loops_[i % loops_.size()];
        kept[key].emplace_back(&loop, net::Listener::start(loop, std::move(fds[i]), door));
        if (*door->frontend->paused) loop.post([listener = kept[key].back().second] { listener->shut(true); });
      }
    }
  }
  listeners_.swap(kept);
  doors_.swap(doors);
  for (auto& [key, old] : kept)
    for (auto& [loop, listener] : old) loop->post([listener = listener] { listener->stop(); });
}

void Service::tell_site(const config::Config& config) {
  admin::Generation generation;
  for (const config::Frontend* frontend : keeper::served(config)) {
    generation.frontends.push_back(frontends_.at(frontend->name));
    for (const config::Bind& bind : frontend->binds) {
      generation.doors.push_back(doors_.at(bind.key()));
      for (const auto& [loop, listener] : listeners_.at(bind.key()))
        generation.listeners.push_back({loop, listener, frontends_.at(frontend->name)});
    }
  }
  for (const config::Backend& backend : config.backends) generation.backends.push_back(backends_.at(backend.name));
  generation.runtime_sockets = config.global.runtime_sockets;
  decltype(page_counts_) counted;
  for (const config::Frontend* frontend : keeper::pages(config)) {
    auto& counts = counted[frontend->name];
    counts = page_counts_[frontend->name];
    if (!counts) counts = std::make_shared<admin::PageCounts>();
    generation.pages.push_back(
        {frontend->name, frontend->description, frontend->number, page::HttpServer::kConnections, counts});
  }
  page_counts_.swap(counted);
  generation.node = config.global.node;
  generation.description = config.global.description;
  site_->adopt(std::move(generation));
}

// Its users keep what they came with; a socket whose line stays is kept too.
void Service::open_runtime_sockets(const config::Config& config, keeper::Outfit& outfit) {
  decltype(runtime_sockets_) kept;
  for (const config::RuntimeSocket& conf : config.global.runtime_sockets) {
    const std::string key = keeper::key_of(conf);
    if (kept.contains(key)) continue;
    auto& socket = kept[key];
    socket = std::move(runtime_sockets_[key]);
    if (!socket)
      for (keeper::Sockets& given : outfit.sockets)
        if (given.key == key) socket = std::make_unique<admin::RuntimeSocket>(*site_, std::move(given.fds.at(0)));
    socket->adopt(conf.level, config.global.runtime_timeout, config.global.runtime_maxconn);
  }
  runtime_sockets_.swap(kept);
}

void Service::open_pages(const config::Config& config, keeper::Outfit& outfit) {
  std::vector<page::Gate> gates;
  for (const config::Frontend* frontend : keeper::pages(config)) {
    const auto page = std::make_shared<page::Page>(
        page::Page{frontend->name, frontend->stats, frontend->request_timeout,
                   logger_for(frontend->log, frontend->log_tag), page_counts_.at(frontend->name)});
    for (const config::Bind& bind : frontend->binds) {
      page::Gate& gate = gates.emplace_back(page::Gate{bind.key(), {}, page, page_tls_[bind.key()]});
      for (keeper::Sockets& given : outfit.sockets)
        if (given.key == gate.key) gate.fds = std::move(given.fds);
    }
  }
  if (!pages_ && !gates.empty()) pages_ = std::make_unique<page::HttpServer>(*site_);
  if (pages_) pages_->adopt(std::move(gates));
}

void Service::stop_listeners() {
  if (pages_) pages_->stop();
  for (auto& [key, all] : listeners_)
    for (auto& [loop, listener] : all) loop->post([listener = listener] { listener->stop(); });
  listeners_.clear();
}

void Service::drain() {
  if (std::exchange(draining_, true)) return;
  site_->stopping();
  stop_listeners();
  say_handles(true);  // whoever takes over may read them now
  if (hard_stop_after_.count() != 0) hard_stop_ = loops_[0]->now() + hard_stop_after_;
  on_timer();
}

// Every session is cut by RST, so that no result is taken for whole, and has its line in the log.
void Service::stop() {
  site_->stopping();
  stop_listeners();
  hard_stop_ = net::Now::max();
  give_up_ = loops_[0]->now() + kLastWords;
  process_->each_session([](net::Listed& one) { one.kill(log::Cause::killed); });
  on_timer();
}

void Service::on_timer() {
  if (process_->connections == 0 || loops_[0]->now() >= give_up_) return end(0);
  if (loops_[0]->now() >= hard_stop_) {
    hard_stop_ = net::Now::max();
    log_notices({{log::Priority::warning, "soft-stop running for too long, performing a hard-stop (hard-stop-after)"}});
    process_->each_session([](net::Listed& one) { one.kill(log::Cause::killed); });
  }
  loops_[0]->schedule(*this, loops_[0]->now() + net::TimerWheel::kSlot);
}

void Service::end(int status) {
  status_ = status;
  stop_listeners();
  say_handles(true);
  keeper_.close();
  loops_[0]->stop();
}

}  // namespace kerbgate::program
