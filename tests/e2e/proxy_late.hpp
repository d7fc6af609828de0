#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "expect.hpp"
#include "proxy_config.hpp"
#include "support/cluster.hpp"
#include "support/proxy.hpp"

/// A cluster behind a proxy that completes logins itself.
namespace kerbgate::e2e {

class ProxyLate : public testing::Test {
 protected:
  explicit ProxyLate(int coordinators = 3) : cluster_(KERBGATE_BIN, coordinators), count_(coordinators) {
    cluster_.realm().export_keytab({Cluster::kProxyPrincipal}, keytab());
  }

  std::string keytab() const { return cluster_.dir() / "proxy.keytab"; }
  std::string socket() const { return cluster_.dir() / "admin.sock"; }
  std::string section(const std::string& balance, const std::string& more = "") {
    std::string lines = "  kerberos login late\n" + more;
    for (int n = 1; n <= count_; ++n) lines += server("coordinator" + std::to_string(n), cluster_.address(n));
    return listen("shell", cluster_.names().address(Cluster::kProxy), balance, lines);
  }
  /// `preloaded`: a library and what it wants, beside those that the cluster preloads.
  void start(const std::string& balance, const std::string& more = "", Environment preloaded = {}) {
    Environment environment = cluster_.environment();
    if (const auto library = preloaded.find("LD_PRELOAD"); library != preloaded.end())
      library->second += ":" + environment["LD_PRELOAD"];
    proxy_ = std::make_unique<Proxy>(
        KERBGATE_PROXY, cluster_.dir(), environment + preloaded,
        kerberized("  kerberos keytab " + keytab() + "\n  stats socket " + socket() + " level admin\n" + global_) +
            section(balance, more));
  }
  std::string at() const { return Cluster::kProxy + ":" + std::to_string(proxy_->port("shell")); }
  Outcome shell(std::vector<std::string> options = {}) {
    options.insert(options.begin(), {"--connect", at()});
    return cluster_.shell(std::move(options));
  }
  /// Which coordinator answers a query; empty with a failed expectation when none does.
  std::string coordinator_of() {
    const Outcome outcome = shell();
    EXPECT_EQ(outcome.status, 0) << outcome.err << proxy_->process().all();
    const auto first = outcome.out.find('\t') + 1;
    return outcome.out.substr(first, outcome.out.find('\t', first) - first);
  }

  Cluster cluster_;
  int count_;
  std::string global_;  ///< more of its lines
  std::unique_ptr<Proxy> proxy_;
};

}  // namespace kerbgate::e2e
