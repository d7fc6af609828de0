#pragma once

#include <poll.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/resolvers.hpp"
#include "kerbgate/result.hpp"
#include "resolve/reply.hpp"
#include "stats/dns.hpp"

namespace kerbgate::keeper {

enum class Record : std::uint8_t { a, aaaa, srv };

/// Asks one nameserver, over UDP and, for what does not fit, over TCP; never blocks. The only place of c-ares, which
/// sees to ids, ports and whether an answer is the nameserver's. Not thread-safe.
class AresClient {
 public:
  /// `by`: "resolvers/nameserver".
  static Result<std::unique_ptr<AresClient>> make(const config::Nameserver& server, const config::Resolvers& section,
                                                  std::string by);
  ~AresClient();
  AresClient(const AresClient&) = delete;
  AresClient& operator=(const AresClient&) = delete;

  /// `done` is called once, from within ask() or process(); not at all when the client ends before.
  using Done = std::function<void(resolve::Reply)>;
  void ask(const std::string& name, Record record, Done done);

  void watch(std::vector<pollfd>& sockets) const;
  /// Until process() is due whatever happens; nothing: it is not.
  [[nodiscard]] std::optional<std::chrono::milliseconds> wait() const;
  /// `ready`: what poll() said of the sockets of watch(), others among them.
  void process(const std::vector<pollfd>& ready);

  /// What becomes of a reply after it has come is for the caller to count.
  [[nodiscard]] stats::NameserverCounts& counts() noexcept { return counts_; }

 private:
  struct Channel;
  struct Query;
  AresClient(std::string by, int retries);
  void send(std::unique_ptr<Query> query);
  void conclude(std::unique_ptr<Query> query, int status, const unsigned char* bytes, int size);

  std::string by_;
  int retries_;
  std::vector<pollfd> sockets_;
  stats::NameserverCounts counts_;
  bool ending_ = false;
  std::unique_ptr<Channel> channel_;
};

/// The nameservers of /etc/resolv.conf.
std::vector<config::Nameserver> system_nameservers();

}  // namespace kerbgate::keeper
