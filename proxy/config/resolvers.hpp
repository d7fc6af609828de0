#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "config/source.hpp"

namespace kerbgate::config {

struct Nameserver {
  std::string id, address;  ///< numeric
  std::uint16_t port = 53;
  bool tcp = false;  ///< `tcp@`: never by UDP
  friend bool operator==(const Nameserver&, const Nameserver&) = default;
};

/// A coordinator's web page, which lists the cluster.
struct BackendsPage {
  std::string id, host, path;  ///< path with its query
  std::uint16_t port = 0;
  bool tls = false;
  std::string auth_file, ca_file;  ///< user:password; who signed its certificate. Empty: none, the system's
  friend bool operator==(const BackendsPage&, const BackendsPage&) = default;
};

/// A `resolvers` section: who is asked for servers' addresses while the proxy runs, how often, and how long an answer
/// is believed that is contradicted by failures.
struct Resolvers {
  Position at;
  std::string name;
  std::vector<Nameserver> nameservers;
  bool system = false;               ///< parse-resolv-conf: the system's nameservers too
  std::vector<BackendsPage> impala;  ///< in place of nameservers: who is asked which coordinators there are
  int retries = 3;                   ///< queries until a nameserver counts as silent
  std::chrono::milliseconds resolve{1000}, retry{1000};
  std::chrono::milliseconds nx{30'000}, timeout{30'000}, refused{30'000}, other{30'000}, obsolete{0};
  int payload = 512;  ///< largest UDP answer that is announced; above 512 by EDNS

  std::set<std::string, std::less<>> said;  ///< "hold nx", "timeout resolve", ...: of the times, those written

  /// Of the times that are not written, those of a section that asks Impala: a web page that fails says nothing of
  /// coordinators, and one that is missing from a list may be back in the next.
  void fill_in_for_impala();
  /// All but where it stands.
  [[nodiscard]] bool asks_as(const Resolvers& o) const {
    return name == o.name && nameservers == o.nameservers && system == o.system && impala == o.impala &&
           retries == o.retries && resolve == o.resolve && retry == o.retry && nx == o.nx && timeout == o.timeout &&
           refused == o.refused && other == o.other && obsolete == o.obsolete && payload == o.payload;
  }
};

}  // namespace kerbgate::config
