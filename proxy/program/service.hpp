#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "admin/runtime_socket.hpp"
#include "admin/site.hpp"
#include "keeper/channel.hpp"
#include "keeper/outfit.hpp"
#include "keeper/sources.hpp"
#include "net/listener.hpp"
#include "net/live.hpp"
#include "net/loop.hpp"
#include "net/prober.hpp"
#include "page/http_server.hpp"

namespace kerbgate::program {

/// Connected sockets of the log's UNIX targets, for loggers that cannot reach the paths. Loggers outlive reloads and
/// look here again when theirs leads nowhere any more: the keeper replaces them when a log daemon was started anew.
class LogSockets {
 public:
  void replace(std::map<std::string, net::Fd> sockets);
  [[nodiscard]] int copy(const std::string& path) const;  ///< a duplicate, -1 when there is none

 private:
  mutable std::mutex mutex_;
  std::map<std::string, net::Fd> sockets_;
};

/// The half of the proxy that serves: threads, listeners, checks. All that it needs from outside comes through the
/// channel; it opens no file, resolves no name and binds no port.
class Service final : private net::Watcher, private net::Timer {
 public:
  struct Limits {
    int threads = 1;
    std::uint32_t maxconn = 0;  ///< over the configuration's; 0: the configuration's; never above `derived_maxconn`
    std::uint32_t derived_maxconn = 0;
  };
  Service(keeper::Channel keeper, keeper::Sources sources, Limits limits);
  ~Service();

  /// Until told to end, or the keeper has gone. The exit status.
  int run();

 private:
  using Place = std::pair<std::shared_ptr<net::LiveBackend>, balance::ServerIndex>;
  using Loggers = std::map<std::string, std::shared_ptr<log::Logger>>;
  void on_event(int side, std::uint32_t events) override;
  void on_timer() override;
  void obey(keeper::Message message);
  void answer_when_all_turn();
  void put_in_force(keeper::Outfit outfit);
  void log_notices(const std::vector<keeper::Notice>& notices);
  std::shared_ptr<net::LiveBackend> make_backend(const config::Backend& conf, const keeper::Outfit& outfit);
  std::shared_ptr<const net::Directory> make_directory(const config::Config& config);
  std::shared_ptr<net::LiveFrontend> make_frontend(const config::Frontend& conf,
                                                   const std::shared_ptr<const net::Directory>& directory);
  std::shared_ptr<log::Logger> logger_for(const std::vector<config::LogTarget>& written,
                                          const std::string& own_tag = {});
  /// A place for a Context, made by the next make_contexts(). Without an identity it is one towards a server.
  std::shared_ptr<net::tls::Current> secured(const config::Tls& conf, const std::string& identity);
  bool make_contexts(const net::tls::Files& files);
  void take_certificates(const keeper::Outfit& outfit);
  /// Keytabs that are not in it keep their keys.
  void take_keytabs(const keeper::Outfit& outfit);
  std::shared_ptr<net::Keys> keys_of(const std::string& keytab);
  void place_server(const keeper::Placement& placement);
  void adopt_checks(const std::vector<keeper::LookedAt>& looks);
  void judge_anew(net::LiveBackend& backend, balance::ServerIndex index);
  void take_handles(std::vector<hs2::Handles::Known> handles);
  /// Tells the keeper what login late knows, if that has changed: soon, from a thread of its own, or at once.
  void say_handles(bool at_once);
  void take_checks(std::vector<stats::CoordinatorCheck> checks);
  void take_check(net::LiveBackend& backend, balance::ServerIndex index, const stats::CoordinatorCheck& check);
  void say_blind(const net::LiveBackend& backend, const stats::CoordinatorCheck& check);
  void announce_check(const net::LiveBackend& backend, balance::ServerIndex index, const stats::CoordinatorCheck& check,
                      const balance::ServerView& is);
  void replace_listeners(const config::Config& config, keeper::Outfit& outfit);
  void start_probers();
  void add_check_tls(net::LiveServer& live, const config::Server& server, const check::Script& script);
  void link_followers();
  void tell_site(const config::Config& config);
  void open_runtime_sockets(const config::Config& config, keeper::Outfit& outfit);
  void open_pages(const config::Config& config, keeper::Outfit& outfit);
  void stop_listeners();
  void drain();
  void stop();
  void end(int status);

  keeper::Channel keeper_;
  keeper::Sources sources_;
  Limits limits_;
  std::shared_ptr<net::Process> process_ = std::make_shared<net::Process>();
  std::vector<std::unique_ptr<net::Loop>> loops_;
  std::unique_ptr<admin::Site> site_;
  std::map<std::string, std::unique_ptr<admin::RuntimeSocket>> runtime_sockets_;  ///< by keeper::key_of()
  std::unique_ptr<page::HttpServer> pages_;                                       ///< null while there is none
  std::map<std::string, std::shared_ptr<net::tls::Current>> page_tls_;            ///< by bind line; null: in clear
  std::map<std::string, std::shared_ptr<admin::PageCounts>> page_counts_;
  net::Watch watch_{this, 0};
  std::string log_tag_;
  std::shared_ptr<LogSockets> log_sockets_ = std::make_shared<LogSockets>();
  std::map<std::string, std::vector<IpAddress>> log_hosts_;  ///< log targets by name, among other hosts
  Loggers loggers_;
  std::shared_ptr<log::Logger> own_log_;
  std::map<std::string, std::shared_ptr<net::LiveBackend>> backends_;
  std::map<std::string, std::shared_ptr<net::LiveFrontend>> frontends_;
  std::map<std::string, std::vector<std::pair<net::Loop*, std::shared_ptr<net::Listener>>>> listeners_;
  std::map<std::string, std::shared_ptr<net::Door>> doors_;  ///< by key, as listeners_
  std::vector<std::unique_ptr<net::Prober>> probers_;
  std::map<std::string, std::shared_ptr<rules::StickTable>> tables_;
  /// The servers that a target of the keeper's looks stands for, by its key.
  std::multimap<std::string, Place> looked_at_;
  /// By backend and check: why it cannot look, as last said.
  std::map<std::pair<std::string, stats::CoordinatorCheck::Kind>, std::string> blind_;
  net::Millis hard_stop_after_{0};  ///< 0: never
  net::Now hard_stop_ = net::Now::max();
  net::Now give_up_ = net::Now::max();  ///< sessions that were cut are waited for until then
  struct Secured {
    config::Tls conf;
    std::string identity;
    std::shared_ptr<net::tls::Current> current;
  };
  std::vector<Secured> secured_;                            ///< all that the configuration in force names
  std::map<std::string, std::shared_ptr<net::Keys>> keys_;  ///< by keytab, over reloads
  std::shared_ptr<const Krb5Conf> krb5_ = std::make_shared<Krb5Conf>();
  bool draining_ = false;
  int status_ = 0;
  bool keeps_handles_ = false;  ///< there is a state file
  /// How often they had changed when they were last said; never yet: even none is worth saying, over a damaged file.
  std::optional<std::uint64_t> handles_said_;
  std::thread handles_copier_;  ///< at most one at a time
};

}  // namespace kerbgate::program
