#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "config/config.hpp"
#include "keeper/dns_group.hpp"
#include "keeper/outfit.hpp"
#include "keeper/placement.hpp"

namespace kerbgate::keeper {

/// Looks servers up while the proxy runs, on a thread of its own that waits for nobody. What a configuration wants
/// looked up is prepared beside what the one before wants; keep_only() ends the latter. Usable from one thread, and
/// from none before a fork: the thread begins with the first name.
class Discovery {
 public:
  /// `system`: for names that are the system's to know. It must live as long as the process.
  explicit Discovery(Resolver& system);
  ~Discovery();
  Discovery(const Discovery&) = delete;
  Discovery& operator=(const Discovery&) = delete;

  /// Begins to ask for what `config` wants and is not asked for yet. Slots that keep their names keep who is in them.
  void prepare(const config::Config& config);
  /// Until every name has had an answer, good or bad, the time has come, or the program was told to stop.
  void wait_for_answers(resolve::Now until);
  /// For names that DNS has said nothing of: what the system says, else `init-addr`.
  void seed(const config::Config& config, const std::map<std::string, std::vector<IpAddress>>& addresses);
  void keep_only(const config::Config& config);
  /// Other names than those written, by "backend/server".
  using Names = std::map<std::string, std::string>;
  Names replace_names(Names names);
  /// Another name for a server.
  void rename(const config::Config& config, const std::string& backend, const std::string& server,
              const std::string& host);

  /// All servers of `config` that are looked up, in its order.
  [[nodiscard]] std::vector<Placement> placements(const config::Config& config) const;

  struct News {
    std::vector<Placement> placements;  ///< of what has changed
    std::vector<stats::Nameserver> nameservers;
    std::vector<Notice> notices;
  };
  /// Readable while take() has something.
  [[nodiscard]] int fd() const noexcept { return news_.get(); }
  News take();
  /// Nothing that blocks is under way on a thread of its own, or it ends within a moment. Where not, the process must
  /// leave without its destructors.
  static bool all_ended();

 private:
  void run();
  void wake() const;
  [[nodiscard]] std::shared_ptr<DnsSection> section_for(const config::Config& config, const std::string& name);
  [[nodiscard]] DnsGroup* group_of(const std::string& backend, const std::string& server) const;
  [[nodiscard]] std::optional<Placement> placement_of(const std::string& backend, const std::string& server) const;
  void heard(DnsGroup& group, const std::vector<std::size_t>& changed);
  void poll_once(std::unique_lock<std::mutex>& lock);
  void count();

  Resolver& system_;
  net::Fd wake_, news_;
  mutable std::mutex mutex_;
  std::condition_variable answered_;
  std::vector<std::shared_ptr<DnsSection>> sections_;
  std::vector<std::shared_ptr<DnsGroup>> groups_;  ///< the newest last
  Names renamed_;
  std::map<std::pair<std::string, std::string>, Placement> changed_;
  std::map<const DnsGroup*, std::size_t> left_over_;
  std::vector<stats::Nameserver> counted_;
  resolve::Now counted_at_{};
  std::vector<Notice> notices_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace kerbgate::keeper
