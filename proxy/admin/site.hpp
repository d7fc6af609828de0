#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "admin/snapshot.hpp"
#include "net/listener.hpp"
#include "net/live.hpp"
#include "net/loop.hpp"

namespace kerbgate::admin {

/// A listener on its loop.
struct Opened {
  net::Loop* loop = nullptr;
  std::shared_ptr<net::Listener> listener;
  std::shared_ptr<net::LiveFrontend> frontend;
};

/// What is counted of a stats page's clients; any thread.
struct PageCounts {
  stats::Front front;
  std::atomic<std::uint32_t> current{0};
  void begin(stats::Now now) {
    stats::add(front.connections);
    front.rate.add(now);
    front.most.see(++current);
  }
  void end() { --current; }
};

/// A stats page, as a section among the others.
struct PageSection {
  std::string name, description;
  std::uint32_t number = 0, limit = 0;
  std::shared_ptr<PageCounts> counts;  ///< over reloads
};

/// One configuration at work, in the order of its text.
struct Generation {
  std::vector<std::shared_ptr<net::LiveFrontend>> frontends;
  std::vector<std::shared_ptr<net::LiveBackend>> backends;
  std::vector<std::shared_ptr<net::Door>> doors;
  std::vector<Opened> listeners;
  std::vector<config::RuntimeSocket> runtime_sockets;
  std::vector<PageSection> pages;
  std::string node, description;
};

/// What administration looks at and acts on: the configuration in force, the loops' sessions, the counters. Its own
/// calls belong to the home loop's thread, where the runtime socket and the stats page live too.
class Site final : private net::Timer {
 public:
  /// `loops`: all; the first is home.
  Site(std::vector<net::Loop*> loops, std::shared_ptr<net::Process> process);
  ~Site();
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  void adopt(Generation generation);
  void know_names(stats::NameStates names) { names_ = std::move(names); }
  [[nodiscard]] const stats::NameStates& names() const noexcept { return names_; }
  void know_nameservers(std::vector<stats::Nameserver> nameservers) { nameservers_ = std::move(nameservers); }
  [[nodiscard]] const std::vector<stats::Nameserver>& nameservers() const noexcept { return nameservers_; }
  /// Who has a server looked up by another name: backend, server, name.
  using Rename = std::function<void(const std::string&, const std::string&, const std::string&)>;
  void rename_by(Rename rename) { rename_ = std::move(rename); }
  void rename(const std::string& backend, const std::string& server, const std::string& name) const {
    if (rename_) rename_(backend, server, name);
  }
  void stopping() { stopping_ = true; }
  [[nodiscard]] const Generation& generation() const noexcept { return generation_; }
  [[nodiscard]] net::Loop& home() noexcept { return *loops_.front(); }
  [[nodiscard]] net::Process& process() noexcept { return *process_; }
  [[nodiscard]] std::size_t threads() const noexcept { return loops_.size(); }

  /// As of the counters now: the bytes of running sessions are those of the last account(), at most ten seconds old.
  [[nodiscard]] Snapshot snapshot() const;
  /// Every loop adds up its running sessions; then `done` gets the snapshot, on the home loop. Traffic does not wait.
  void look(std::function<void(Snapshot)> done);

  /// Runs `visit` for each session on its own loop's thread, then `done` on the home loop.
  using Visit = std::function<void(net::Loop&, net::Listed&)>;
  void each_session(Visit visit, std::function<void()> done);

  static constexpr net::Millis kSampling{10'000};

 private:
  void on_timer() override;
  void sample();

  std::vector<net::Loop*> loops_;
  std::shared_ptr<net::Process> process_;
  Generation generation_;
  stats::NameStates names_;
  std::vector<stats::Nameserver> nameservers_;
  Rename rename_;
  std::chrono::system_clock::time_point started_ = std::chrono::system_clock::now();
  stats::Now started_at_ = std::chrono::steady_clock::now();
  std::uint64_t reloads_ = 0, samples_ = 0;
  bool stopping_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace kerbgate::admin
