#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "config/config.hpp"
#include "kerbgate/resolver.hpp"
#include "stats/coordinator_check.hpp"

/// Coordinators looked at as a client sees them: a login, the web page. Blocking, with deadlines, on threads of their
/// own beside the keeper.
namespace kerbgate::probe {

/// One place that is looked at, for all servers of all listeners that lead there.
struct Target {
  using Kind = stats::CoordinatorCheck::Kind;
  Kind kind = Kind::login;
  std::string host;
  std::uint16_t port = 0;
  bool tls = false;                             ///< the port speaks it
  std::string ca_file, crt_file;                ///< empty: the system's CAs; no certificate of this side
  config::Millis inter{30'000}, limit{10'000};  ///< between looks; for each step of one
  // of a login
  std::string service, fqdn;   ///< what the ticket is for ("impala/lb.example.com", realm or not); the clients' name
  std::string client, keytab;  ///< who logs in
  bool tls_passes = false;     ///< `tls` is false, and a client's own TLS would get there
  std::string preface;         ///< a PROXY header
  // of the web page
  std::string auth_file;
  bool counts = false;  ///< queries are wanted

  std::vector<IpAddress> addresses;                          ///< where the host is
  bool found = false;                                        ///< while the proxy runs: elsewhere it is another target
  std::vector<std::pair<std::string, std::string>> servers;  ///< backend and name of each that it stands for

  /// What makes two of them one.
  [[nodiscard]] std::string key() const;
};

/// Where a server is that is looked up while the proxy runs.
struct Whereabouts {
  std::string host;  ///< the name that led there
  IpAddress address;
  std::uint16_t port = 0;  ///< 0: the server line's
};
using Found = std::map<std::pair<std::string, std::string>, Whereabouts>;  ///< by backend and server

/// Every place that the configuration's checks look at, once. Servers that are looked up while the proxy runs are where
/// `found` says; those that are nowhere are not looked at. Pure; `addresses` of the others stay empty.
std::vector<Target> targets_of(const config::Config& config, const Found& found = {});

}  // namespace kerbgate::probe
