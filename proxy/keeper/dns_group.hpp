#pragma once

#include <compare>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "keeper/ares_client.hpp"
#include "keeper/backends_client.hpp"
#include "keeper/placement.hpp"
#include "resolve/reply.hpp"

/// What a configuration wants looked up while the proxy runs, and the asking. Not thread-safe: Discovery's thread and
/// lock are around it.
namespace kerbgate::keeper {

/// A `resolvers` section at work.
class DnsSection {
 public:
  /// `conf` with the system's nameservers among its own. Nameservers that cannot be asked are left out, and `troubles`
  /// says why. `system` for the names of web pages.
  DnsSection(config::Resolvers conf, Resolver& system, std::vector<std::string>& troubles);

  using Done = std::function<void(const resolve::Reply&)>;
  /// All nameservers at once; `done` is called once, perhaps at once.
  void ask(const std::string& name, Record record, Done done);
  /// Both families.
  void ask_host(const std::string& name, bool prefer_ipv4, std::function<void(const resolve::Host&)> done);

  /// Null: it asks nameservers.
  [[nodiscard]] BackendsClient* impala() const noexcept { return impala_.get(); }

  [[nodiscard]] const config::Resolvers& conf() const noexcept { return conf_; }
  [[nodiscard]] const std::vector<std::unique_ptr<AresClient>>& clients() const noexcept { return clients_; }
  [[nodiscard]] std::vector<stats::Nameserver> counts() const;
  /// An answer of this nameserver has moved a server.
  void note_update(const std::string& by);

 private:
  config::Resolvers conf_;
  std::vector<std::string> ids_;
  std::vector<std::unique_ptr<AresClient>> clients_;
  std::unique_ptr<BackendsClient> impala_;
};

/// The servers of one backend that stand for one name.
struct GroupKey {
  std::string backend, host, section;
  bool prefer_ipv4 = false, shared = false, ignore_weight = false;
  friend auto operator<=>(const GroupKey&, const GroupKey&) = default;
};

struct GroupConf {
  GroupKey key;
  std::vector<const config::Server*> servers;
};

/// In the order of the configuration. `renamed`: other names than those written, by "backend/server".
std::vector<GroupConf> groups_of(const config::Config& config, const std::map<std::string, std::string>& renamed);

class DnsGroup : public std::enable_shared_from_this<DnsGroup> {
 public:
  /// `before`: who is in the slots, by name.
  DnsGroup(const GroupConf& conf, std::shared_ptr<DnsSection> section,
           const std::map<std::string, resolve::Slot>& before, resolve::Now now);

  /// Asks when it is time to; on_change() follows, then or later.
  void step(resolve::Now now);
  [[nodiscard]] resolve::Now due() const noexcept { return asking_ ? resolve::Now::max() : due_; }
  /// Addresses from elsewhere, while DNS has said nothing.
  void seed(const std::vector<IpAddress>& addresses, resolve::Now now);
  [[nodiscard]] bool answered() const noexcept { return answered_; }
  /// What the configuration calls it is the same, so are its slots and nameservers.
  [[nodiscard]] bool serves(const GroupConf& conf, const DnsSection& section) const;

  [[nodiscard]] const GroupKey& key() const noexcept { return key_; }
  [[nodiscard]] bool is_template() const noexcept { return is_template_; }
  [[nodiscard]] const resolve::Slots& slots() const noexcept { return slots_; }
  [[nodiscard]] Placement placement(std::size_t slot) const;

  /// Who is told, on whatever thread step() or the section's clients run.
  std::function<void(DnsGroup&, const std::vector<std::size_t>& changed)> on_answer;

 private:
  void hear(const resolve::Answer& answer);
  void ask_targets(const resolve::Reply& srv);
  [[nodiscard]] bool is_srv() const { return key_.host.starts_with('_'); }

  GroupKey key_;
  std::shared_ptr<DnsSection> section_;
  std::vector<std::uint16_t> ports_;
  bool is_template_;
  resolve::Slots slots_;
  resolve::Now due_{};
  bool asking_ = false, answered_ = false;
};

}  // namespace kerbgate::keeper
