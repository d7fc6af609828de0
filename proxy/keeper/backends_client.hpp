#pragma once

#include <poll.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/resolvers.hpp"
#include "keeper/outfit.hpp"
#include "kerbgate/resolver.hpp"
#include "resolve/slots.hpp"
#include "stats/dns.hpp"

namespace kerbgate::keeper {

/// Asks coordinators' web pages which coordinators there are: one page after the other until one knows, the one that
/// knew last time first. Never blocks: a question has a thread of its own. Not thread-safe.
class BackendsClient {
 public:
  /// `resolver` must live as long as the process.
  BackendsClient(const config::Resolvers& section, Resolver& resolver);

  /// `done` is called once, from within process(); not at all when the client ends before. Whoever asks while a
  /// question is under way has its answer.
  using Done = std::function<void(const resolve::Answer&)>;
  void ask(Done done);

  void watch(std::vector<pollfd>& sockets) const;
  void process();

  [[nodiscard]] std::vector<stats::Nameserver> counts() const;
  /// An answer by this page has moved a server.
  void note_update(const std::string& by);
  /// What is to be told since the last call: lists that cannot be had, and that can be had again.
  std::vector<Notice> take_notices();

  /// A question is under way, of whatever client, those that have ended among them.
  static bool any_asking() noexcept;

 private:
  struct Outcome;
  struct Shared;
  void take(const Outcome& outcome);

  std::string name_;
  std::vector<config::BackendsPage> pages_;
  std::chrono::milliseconds limit_;
  Resolver& resolver_;
  std::shared_ptr<Shared> shared_;
  std::vector<Done> waiting_;
  std::vector<stats::Nameserver> counts_;
  std::size_t first_ = 0;  ///< whom to ask first
  std::string trouble_;    ///< as last told
  std::vector<Notice> notices_;
};

}  // namespace kerbgate::keeper
