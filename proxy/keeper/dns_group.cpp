#include "keeper/dns_group.hpp"

#include <algorithm>
#include <set>

namespace kerbgate::keeper {
namespace {

/// More targets than this are not looked up: no cluster has them.
constexpr std::size_t kMostTargets = 1024;

resolve::SlotsConf slots_conf(const GroupConf& conf, const config::Resolvers& section) {
  resolve::SlotsConf out;
  for (const config::Server* server : conf.servers) out.names.push_back(server->name);
  out.prefer_ipv4 = conf.key.prefer_ipv4;
  out.shared = conf.key.shared;
  out.ignore_weight = conf.key.ignore_weight;
  out.holds = {section.nx, section.timeout, section.refused, section.other, section.obsolete};
  return out;
}

std::vector<std::uint16_t> ports_of(const GroupConf& conf) {
  std::vector<std::uint16_t> out;
  for (const config::Server* server : conf.servers) out.push_back(server->port);
  return out;
}

}  // namespace

DnsSection::DnsSection(config::Resolvers conf, Resolver& system, std::vector<std::string>& troubles)
    : conf_(std::move(conf)) {
  if (!conf_.impala.empty()) impala_ = std::make_unique<BackendsClient>(conf_, system);
  for (const config::Nameserver& server : conf_.nameservers) {
    Result<std::unique_ptr<AresClient>> client = AresClient::make(server, conf_, conf_.name + '/' + server.id);
    if (!client) {
      troubles.push_back(client.error().what);
      continue;
    }
    ids_.push_back(server.id);
    clients_.push_back(std::move(*client));
  }
}

void DnsSection::ask(const std::string& name, Record record, Done done) {
  if (clients_.empty()) return done({resolve::Verdict::timeout, {}, {}, conf_.name});
  auto inquiry = std::make_shared<resolve::Inquiry>(clients_.size());
  for (const auto& client : clients_)
    client->ask(name, record, [inquiry, done, asked = client.get()](resolve::Reply reply) {
      if (inquiry->settled()) {
        ++asked->counts().outdated;
      } else if (inquiry->hear(std::move(reply))) {
        done(inquiry->reply());
      }
    });
}

void DnsSection::ask_host(const std::string& name, bool prefer_ipv4, std::function<void(const resolve::Host&)> done) {
  struct Both {
    resolve::Host host;
    int waiting = 2;
    std::function<void(const resolve::Host&)> done;
  };
  auto both = std::make_shared<Both>();
  both->done = std::move(done);
  const auto ask_one = [&](Record record, bool preferred) {
    ask(name, record, [both, preferred](const resolve::Reply& reply) {
      (preferred ? both->host.preferred : both->host.other) = reply;
      if (--both->waiting == 0) both->done(both->host);
    });
  };
  ask_one(Record::a, prefer_ipv4);
  ask_one(Record::aaaa, !prefer_ipv4);
}

std::vector<stats::Nameserver> DnsSection::counts() const {
  std::vector<stats::Nameserver> out;
  if (impala_) return impala_->counts();
  for (std::size_t i = 0; i < clients_.size(); ++i) out.push_back({conf_.name, ids_[i], clients_[i]->counts()});
  return out;
}

void DnsSection::note_update(const std::string& by) {
  if (impala_) return impala_->note_update(by);
  for (std::size_t i = 0; i < clients_.size(); ++i)
    if (by == conf_.name + '/' + ids_[i]) ++clients_[i]->counts().update;
}

std::vector<GroupConf> groups_of(const config::Config& config, const std::map<std::string, std::string>& renamed) {
  std::vector<GroupConf> out;
  for (const config::Backend& backend : config.backends)
    for (const config::Server& server : backend.servers) {
      const auto other = renamed.find(backend.name + '/' + server.name);
      const std::string& host = other == renamed.end() ? server.host : other->second;
      if (server.resolvers.empty() || IpAddress::parse(host)) continue;
      const GroupKey key{backend.name,        host, server.resolvers, server.prefer_ipv4, server.allow_dup_ip,
                         server.ignore_weight};
      auto group = std::find_if(out.begin(), out.end(), [&key](const GroupConf& one) { return one.key == key; });
      if (group == out.end()) group = out.insert(out.end(), {key, {}});
      group->servers.push_back(&server);
    }
  return out;
}

DnsGroup::DnsGroup(const GroupConf& conf, std::shared_ptr<DnsSection> section,
                   const std::map<std::string, resolve::Slot>& before, resolve::Now now)
    : key_(conf.key),
      section_(std::move(section)),
      ports_(ports_of(conf)),
      is_template_(conf.servers.front()->from_template),
      slots_(slots_conf(conf, section_->conf()), before, now),
      due_(now) {
  // What was known before need not be waited for.
  for (std::size_t i = 0; i < slots_.size(); ++i) answered_ |= slots_.slot(i).seat.has_value();
}

bool DnsGroup::serves(const GroupConf& conf, const DnsSection& section) const {
  return key_ == conf.key && section_->conf().asks_as(section.conf()) && ports_ == ports_of(conf) &&
         slots_.conf().names == slots_conf(conf, section.conf()).names;
}

void DnsGroup::step(resolve::Now now) {
  if (asking_ || now < due_) return;
  asking_ = true;
  const std::weak_ptr<DnsGroup> self = weak_from_this();
  if (section_->impala() != nullptr) {
    section_->impala()->ask([self](const resolve::Answer& answer) {
      if (const auto group = self.lock()) group->hear(answer);
    });
  } else if (is_srv()) {
    section_->ask(key_.host, Record::srv, [self](const resolve::Reply& reply) {
      if (const auto group = self.lock()) group->ask_targets(reply);
    });
  } else {
    section_->ask_host(key_.host, key_.prefer_ipv4, [self](const resolve::Host& host) {
      if (const auto group = self.lock()) group->hear(resolve::answer_of_addresses(host.preferred, host.other));
    });
  }
}

// Addresses that came beside the SRV records are not looked at: each target is asked for by itself.
void DnsGroup::ask_targets(const resolve::Reply& srv) {
  std::set<std::string> names;
  for (const resolve::SrvRecord& record : srv.records)
    if (names.size() < kMostTargets) names.insert(record.target);
  if (srv.verdict != resolve::Verdict::valid) return hear(resolve::answer_of_services(srv, {}));
  struct Round {
    resolve::Reply srv;
    std::map<std::string, resolve::Host> hosts;
    std::size_t waiting;
  };
  auto round = std::make_shared<Round>(Round{srv, {}, names.size()});
  for (const std::string& name : names)
    section_->ask_host(name, key_.prefer_ipv4, [self = weak_from_this(), round, name](const resolve::Host& host) {
      round->hosts[name] = host;
      if (--round->waiting != 0) return;
      if (const auto group = self.lock()) group->hear(resolve::answer_of_services(round->srv, round->hosts));
    });
}

void DnsGroup::hear(const resolve::Answer& answer) {
  const resolve::Now now = resolve::Clock::now();
  asking_ = false;
  answered_ = true;
  due_ = now + section_->conf().resolve;
  const std::vector<std::size_t> changed = slots_.hear(answer, now);
  if (!changed.empty()) section_->note_update(answer.by);
  if (on_answer) on_answer(*this, changed);
}

void DnsGroup::seed(const std::vector<IpAddress>& addresses, resolve::Now now) {
  if (addresses.empty() || is_srv()) return;
  for (std::size_t i = 0; i < slots_.size(); ++i)
    if (slots_.slot(i).seat) return;
  resolve::Answer answer{resolve::Verdict::valid, {}, "libc"};
  for (const IpAddress& address : addresses) answer.found.push_back({"", {address}});
  (void)slots_.hear(answer, now);
}

Placement DnsGroup::placement(std::size_t slot) const {
  const resolve::Slot& from = slots_.slot(slot);
  Placement out{key_.backend, slots_.conf().names[slot]};
  out.key = from.key;
  out.why = from.why;
  out.host = is_srv() ? from.key.substr(0, from.key.rfind(':')) : section_->impala() != nullptr ? from.key : key_.host;
  if (!from.key.empty() && !is_srv()) out.key += ':' + std::to_string(ports_[slot]);
  if (!from.seat) return out;
  out.address = from.seat->address;
  out.port = from.seat->port;
  out.weight = from.seat->weight;
  out.quiescing = from.seat->quiescing;
  return out;
}

}  // namespace kerbgate::keeper
