#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "keeper/channel.hpp"
#include "keeper/discovery.hpp"
#include "keeper/keytabs.hpp"
#include "keeper/lasting.hpp"
#include "keeper/log_sockets.hpp"
#include "keeper/lookup.hpp"
#include "keeper/outfit.hpp"
#include "keeper/ports.hpp"
#include "keeper/sources.hpp"
#include "keeper/state_file.hpp"
#include "keeper/systemd.hpp"
#include "keeper/tls_files.hpp"
#include "kerbgate/resolver.hpp"
#include "probe/probes.hpp"

namespace kerbgate::keeper {

/// The half of the proxy that keeps its rights: reads files, resolves names, binds ports, answers signals. It runs in a
/// process of its own when the worker drops privileges, else on a thread beside it; the worker cannot tell.
class Keeper {
 public:
  Keeper(Sources sources, config::Config config, std::vector<config::SourceText> texts, Resolver& resolver,
         int sockets_per_bind, bool quiet);

  /// Who started the proxy, to be told what state it is in, and what the command line has settled. Before first().
  void attach(ServiceManager manager, const Settled& settled);

  /// The first outfit, from the configuration it was made with. Errors: a port that cannot be bound, a name that a
  /// strict check refuses. Says its warnings on stderr.
  Result<Outfit> first();
  /// Tells the service manager that the proxy serves.
  void tell_ready() const;

  /// Serves the worker until it ends: signals, reloads, the name check's interval. `signals` is a signalfd for SIGHUP,
  /// SIGUSR1, SIGUSR2, SIGTERM, SIGINT and SIGCHLD. Returns when the worker has hung up.
  void serve(Channel& worker, int signals);
  /// Whether all its threads have ended: else the process must leave without its destructors (probe::Probes::stop).
  [[nodiscard]] bool all_ended() const noexcept { return all_ended_; }
  /// What outlives the process in the file system is taken away; the destructor does it too.
  void leave();

  static constexpr std::chrono::milliseconds kLookups{3000};
  /// How often TLS files, keytabs and the log's sockets are looked at.
  static constexpr std::chrono::milliseconds kFiles{1000};
  /// How often the worker is asked what it knows of sessions, for the state file: as much is lost with a killed proxy.
  static constexpr std::chrono::seconds kSave{60};
  /// While it drains another proxy may have taken its place already, and be asked about sessions that begin here.
  static constexpr std::chrono::seconds kSaveDraining{1};
  /// How often in the watchdog's time the worker is asked whether it is alive.
  static constexpr int kPings = 3;
  /// The longest that a reload may keep the keeper from asking: two times names are waited for.
  static constexpr std::chrono::milliseconds kBusy{2 * kLookups};
  /// A worker that has taken nothing for so long is said to be stuck, and gets no more until it does.
  static constexpr std::chrono::milliseconds kStuck{5000};

 private:
  void remember_silent(Resolved& resolved) const;
  Result<Outfit> fit_out(const config::Config& config, const std::vector<config::SourceText>& texts);
  [[nodiscard]] bool watches_names() const;
  void reload(Channel& worker);
  void check_again(Channel& worker);
  void check_certificates(Channel& worker);
  void check_keytabs(Channel& worker);
  [[nodiscard]] bool keeps_state() const { return !config_.global.state_file.empty(); }
  [[nodiscard]] std::chrono::steady_clock::time_point next_save() const;
  void check_state_file(Channel& worker);
  void ask_for_handles(Channel& worker);
  void keep_handles(Channel& worker, const Message& said);
  [[nodiscard]] bool watches_files() const { return !tls_stamps_.empty() || !keytab_stamps_.empty() || keeps_state(); }
  void check_log_sockets(Channel& worker);
  void pass_on_servers(Channel& worker);
  void rename(const std::string& order);
  void look_at_coordinators();
  void pass_on_checks(Channel& worker);
  void watch_worker(const Channel& worker);
  [[nodiscard]] std::int64_t time_to_wait(const Channel& worker) const;
  bool obey_signal(Channel& worker, int signals);
  void say(log::Priority priority, const std::string& text) const;
  [[nodiscard]] std::string serving() const;
  void check_worker(Channel& worker);
  bool hear(Channel& worker);
  void tell_worker(Channel& worker, std::vector<Notice> notices, stats::NameStates names = {});

  Sources sources_;
  config::Config config_;
  std::vector<config::SourceText> texts_;
  Resolver& resolver_;
  Ports ports_;
  bool quiet_;
  std::vector<Notice> last_findings_;
  std::map<std::string, std::vector<IpAddress>> known_hosts_;  ///< as of the last outfit
  std::vector<FileStamp> tls_stamps_, keytab_stamps_;          ///< of the files as last read
  std::set<std::string> known_keytabs_;                        ///< whose keys the worker has been sent
  StateFile state_file_;
  std::chrono::steady_clock::time_point last_save_;               ///< the worker was last asked for handles then
  std::vector<LogStamp> log_stamps_;                              ///< of the log's sockets as last connected
  std::optional<probe::Probes> probes_;                           ///< while it serves
  Discovery discovery_;                                           ///< servers that are looked up while it serves
  probe::Found found_;                                            ///< of those, where the worker was told they are
  std::chrono::steady_clock::time_point last_check_, last_look_;  ///< of names; of files
  bool draining_ = false, stuck_ = false, all_ended_ = true;
  ServiceManager manager_;
  Settled settled_;
  const config::Global started_;  ///< as of the start
  std::chrono::steady_clock::time_point last_ping_{};
  bool ping_answered_ = true;
};

}  // namespace kerbgate::keeper
