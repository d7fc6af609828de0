#pragma once

#include <string>

#include "support/cluster.hpp"

/// Texts of configurations, as an operator would write them.
namespace kerbgate::e2e {

/// One thread, so that what is accepted first is dealt with first.
inline std::string globals(const std::string& more = "") {
  return "global\n  log stdout format raw local0\n  nbthread 1\n" + more +
         "defaults\n  mode tcp\n  log global\n  option tcplog\n  option redispatch\n  retries 3\n"
         "  timeout connect 5s\n  timeout client 60s\n  timeout server 60s\n";
}

/// What makes the proxy the cluster's: its name, its principal, and a check of both at the start.
inline std::string kerberized(const std::string& more = "") {
  return globals("  kerberos fqdn " + Cluster::kProxy + "\n  kerberos service impala\n" + more);
}

/// A `listen` section on the port @NAME@ of `address`.
inline std::string listen(const std::string& name, const std::string& address, const std::string& balance,
                          const std::string& servers) {
  return "listen " + name + "\n  bind " + address + ":@" + name + "@\n  balance " + balance + "\n" + servers;
}

inline std::string server(const std::string& name, const std::string& address) {
  return "  server " + name + " " + address + "\n";
}

}  // namespace kerbgate::e2e
