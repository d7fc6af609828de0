#include "keeper/discovery.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "keeper/lookup.hpp"

namespace kerbgate::keeper {
namespace {

constexpr resolve::Millis kCounting{1000};

std::string at_backend(const GroupKey& key) { return "backend " + key.backend + ": " + key.host; }

/// The sections' own nameservers, and the system's where they are asked for; none of them twice.
config::Resolvers with_system(config::Resolvers section) {
  if (!section.system) return section;
  for (config::Nameserver& found : system_nameservers()) {
    const bool known = std::any_of(
        section.nameservers.begin(), section.nameservers.end(),
        [&found](const config::Nameserver& own) { return own.address == found.address && own.port == found.port; });
    if (!known) section.nameservers.push_back(std::move(found));
  }
  return section;
}

}  // namespace

Discovery::Discovery(Resolver& system)
    : system_(system),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      news_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Discovery::~Discovery() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake();
  if (thread_.joinable()) thread_.join();
}

void Discovery::wake() const { (void)!::eventfd_write(wake_.get(), 1); }

std::shared_ptr<DnsSection> Discovery::section_for(const config::Config& config, const std::string& name) {
  const auto written = config.resolvers.find(name);
  const config::Resolvers conf = with_system(written == config.resolvers.end() ? config::Resolvers{} : written->second);
  for (const auto& section : sections_)
    if (section->conf().asks_as(conf)) return section;
  std::vector<std::string> troubles;
  sections_.push_back(std::make_shared<DnsSection>(conf, system_, troubles));
  for (std::string& trouble : troubles) notices_.push_back({log::Priority::warning, std::move(trouble)});
  if (sections_.back()->clients().empty() && sections_.back()->impala() == nullptr)
    notices_.push_back({log::Priority::warning, "resolvers " + name + " has no nameserver that can be asked"});
  return sections_.back();
}

void Discovery::prepare(const config::Config& config) {
  const std::lock_guard lock(mutex_);
  const resolve::Now now = resolve::Clock::now();
  for (const GroupConf& wanted : groups_of(config, renamed_)) {
    const std::shared_ptr<DnsSection> section = section_for(config, wanted.key.section);
    const bool known =
        std::any_of(groups_.begin(), groups_.end(), [&](const auto& group) { return group->serves(wanted, *section); });
    if (known) continue;
    std::map<std::string, resolve::Slot> before;
    for (const auto& group : groups_)
      for (std::size_t i = 0; group->key().backend == wanted.key.backend && i < group->slots().size(); ++i) {
        // One that was given another name goes on where it is until that has an address.
        const std::string& name = group->slots().conf().names[i];
        if (group->key().host == wanted.key.host || renamed_.contains(wanted.key.backend + '/' + name))
          before[name] = group->slots().slot(i);
      }
    groups_.push_back(std::make_shared<DnsGroup>(wanted, section, before, now));
    groups_.back()->on_answer = [this](DnsGroup& group, const auto& changed) { heard(group, changed); };
  }
  if (groups_.empty()) return;
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  wake();
}

void Discovery::heard(DnsGroup& group, const std::vector<std::size_t>& changed) {
  for (const std::size_t slot : changed) {
    Placement placement = group.placement(slot);
    auto key = std::pair(placement.backend, placement.server);
    changed_.insert_or_assign(std::move(key), std::move(placement));
  }
  std::size_t& before = left_over_[&group];
  const std::size_t now = group.slots().left_over();
  if (now > before && group.is_template())
    notices_.push_back({log::Priority::warning,
                        at_backend(group.key()) + " has " + std::to_string(group.slots().size() + now) +
                            (group.key().host == config::kCoordinators ? " servers and " : " servers in DNS and ") +
                            std::to_string(group.slots().size()) + " in the configuration: " + std::to_string(now) +
                            " are not used; raise the number of server-template"});
  before = now;
  answered_.notify_all();
}

void Discovery::wait_for_answers(resolve::Now until) {
  std::unique_lock lock(mutex_);
  const auto all = [this] {
    return std::all_of(groups_.begin(), groups_.end(), [](const auto& group) { return group->answered(); });
  };
  wait_within(answered_, lock, std::chrono::duration_cast<resolve::Millis>(until - resolve::Clock::now()), all);
}

DnsGroup* Discovery::group_of(const std::string& backend, const std::string& server) const {
  for (auto group = groups_.rbegin(); group != groups_.rend(); ++group) {
    const std::vector<std::string>& names = (*group)->slots().conf().names;
    if ((*group)->key().backend == backend && std::find(names.begin(), names.end(), server) != names.end())
      return group->get();
  }
  return nullptr;
}

std::optional<Placement> Discovery::placement_of(const std::string& backend, const std::string& server) const {
  const DnsGroup* const group = group_of(backend, server);
  if (group == nullptr) return std::nullopt;
  const std::vector<std::string>& names = group->slots().conf().names;
  const auto at = std::find(names.begin(), names.end(), server);
  return group->placement(static_cast<std::size_t>(at - names.begin()));
}

void Discovery::seed(const config::Config& config, const std::map<std::string, std::vector<IpAddress>>& addresses) {
  const std::lock_guard lock(mutex_);
  for (const GroupConf& wanted : groups_of(config, renamed_)) {
    DnsGroup* const group = group_of(wanted.key.backend, wanted.servers.front()->name);
    if (group == nullptr) continue;
    std::vector<IpAddress> known;
    const auto found = addresses.find(wanted.key.host);
    if (wanted.servers.front()->init_libc && found != addresses.end()) known = found->second;
    if (known.empty())
      for (const config::Server* server : wanted.servers)
        if (Result<IpAddress> address = IpAddress::parse(server->init_address); address) known.push_back(*address);
    group->seed(known, resolve::Clock::now());
  }
}

void Discovery::keep_only(const config::Config& config) {
  const std::lock_guard lock(mutex_);
  std::set<const DnsGroup*> wanted;
  for (const GroupConf& conf : groups_of(config, renamed_)) {
    const std::shared_ptr<DnsSection> section = section_for(config, conf.key.section);
    for (const auto& group : groups_)
      if (group->serves(conf, *section)) wanted.insert(group.get());
  }
  std::erase_if(groups_, [&](const auto& group) { return !wanted.contains(group.get()); });
  std::erase_if(left_over_, [&](const auto& one) { return !wanted.contains(one.first); });
  std::erase_if(sections_, [](const auto& section) { return section.use_count() == 1; });
  // What was heard for a configuration that is not in force is not news.
  std::map<std::pair<std::string, std::string>, Placement> changed;
  for (const auto& [where, stale] : changed_)
    if (std::optional<Placement> placement = placement_of(where.first, where.second))
      changed.emplace(where, std::move(*placement));
  changed_ = std::move(changed);
}

Discovery::Names Discovery::replace_names(Names names) {
  const std::lock_guard lock(mutex_);
  return std::exchange(renamed_, std::move(names));
}

void Discovery::rename(const config::Config& config, const std::string& backend, const std::string& server,
                       const std::string& host) {
  {
    const std::lock_guard lock(mutex_);
    renamed_[backend + '/' + server] = host;
  }
  prepare(config);
  keep_only(config);
}

std::vector<Placement> Discovery::placements(const config::Config& config) const {
  const std::lock_guard lock(mutex_);
  std::vector<Placement> out;
  for (const GroupConf& conf : groups_of(config, renamed_))
    for (const config::Server* server : conf.servers)
      if (std::optional<Placement> placement = placement_of(conf.key.backend, server->name))
        out.push_back(std::move(*placement));
  return out;
}

Discovery::News Discovery::take() {
  const std::lock_guard lock(mutex_);
  eventfd_t ignored = 0;
  (void)!::eventfd_read(news_.get(), &ignored);
  News out;
  for (auto& [where, placement] : changed_) out.placements.push_back(std::move(placement));
  changed_.clear();
  out.notices = std::exchange(notices_, {});
  out.nameservers = counted_;
  return out;
}

void Discovery::count() {
  const resolve::Now now = resolve::Clock::now();
  if (now - counted_at_ < kCounting) return;
  std::vector<stats::Nameserver> all;
  for (const auto& section : sections_)
    for (stats::Nameserver& one : section->counts()) all.push_back(std::move(one));
  counted_at_ = now;
  if (all == counted_) return;
  counted_ = std::move(all);
  (void)!::eventfd_write(news_.get(), 1);
}

void Discovery::poll_once(std::unique_lock<std::mutex>& lock) {
  std::vector<pollfd> sockets{{wake_.get(), POLLIN, 0}};
  resolve::Now due = resolve::Now::max();
  for (const auto& group : groups_) due = std::min(due, group->due());
  for (const auto& section : sections_) {
    for (const auto& client : section->clients()) {
      client->watch(sockets);
      if (const auto wait = client->wait()) due = std::min(due, resolve::Clock::now() + *wait);
    }
    if (section->impala() != nullptr) section->impala()->watch(sockets);
  }
  const auto left = std::chrono::ceil<resolve::Millis>(due - resolve::Clock::now()).count();
  const int limit = due == resolve::Now::max() ? -1 : static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
  lock.unlock();
  (void)::poll(sockets.data(), sockets.size(), limit);
  lock.lock();
  eventfd_t ignored = 0;
  (void)!::eventfd_read(wake_.get(), &ignored);
  for (const auto& section : sections_) {
    for (const auto& client : section->clients()) client->process(sockets);
    if (section->impala() == nullptr) continue;
    section->impala()->process();
    for (Notice& notice : section->impala()->take_notices()) notices_.push_back(std::move(notice));
  }
}

bool Discovery::all_ended() {
  constexpr resolve::Millis kGoodbye{300}, kLook{10};
  const resolve::Now until = resolve::Clock::now() + kGoodbye;
  while (BackendsClient::any_asking() && resolve::Clock::now() < until) std::this_thread::sleep_for(kLook);
  return !BackendsClient::any_asking();
}

void Discovery::run() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    const resolve::Now now = resolve::Clock::now();
    for (const auto& group : groups_) group->step(now);
    poll_once(lock);
    count();
    if (!changed_.empty() || !notices_.empty()) (void)!::eventfd_write(news_.get(), 1);
  }
}

}  // namespace kerbgate::keeper
