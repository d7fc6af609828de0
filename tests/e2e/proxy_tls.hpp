#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "authority/authority.hpp"
#include "expect.hpp"
#include "proxy_config.hpp"
#include "support/cluster.hpp"
#include "support/proxy.hpp"

/// A cluster whose proxy, and perhaps whose coordinators, speak TLS.
namespace kerbgate::e2e {

using tests::Authority;

class ProxyTls : public testing::Test {
 protected:
  explicit ProxyTls(int coordinators = 2) : cluster_(KERBGATE_BIN, coordinators), count_(coordinators) {
    put("ca.pem", ca_.certificate());
    put("proxy.pem", ca_.issue(Cluster::kProxy));
  }

  std::string put(const std::string& name, const std::string& text) {
    const std::string path = cluster_.dir() / name;
    write_file(path, text);
    return path;
  }
  [[nodiscard]] std::string file(const std::string& name) const { return cluster_.dir() / name; }
  /// All coordinators speak TLS, by certificates with their own name and `more`.
  void secure_coordinators(const std::vector<std::string>& more = {}, const std::vector<std::string>& options = {}) {
    for (int n = 1; n <= count_; ++n) {
      std::vector<std::string> names{Cluster::host(n)};
      names.insert(names.end(), more.begin(), more.end());
      std::vector<std::string> words{
          "--certificate", put(Cluster::host(n) + ".pem", ca_.issue(Authority::Request{Cluster::host(n), names}))};
      words.insert(words.end(), options.begin(), options.end());
      cluster_.start(n, words);
    }
  }
  /// One of docs/tls.md's files, with the names, ports and paths of this cluster.
  std::string recipe(const std::string& heading) {
    std::ifstream in(KERBGATE_SOURCE "/docs/tls.md");
    std::string text, line;
    while (std::getline(in, line) && line != "## " + heading) continue;
    while (std::getline(in, line) && !line.starts_with("## "))
      if (line.starts_with("    ")) text += line.substr(4) + '\n';
    const auto replace = [&text](const std::string& from, const std::string& to) {
      EXPECT_NE(text.find(from), std::string::npos) << from;
      for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    };
    replace("log /dev/log local0", "log stdout format raw local0");
    replace("bind :21051", "bind " + cluster_.names().address(Cluster::kProxy) + ":@jdbc@");
    replace("fqdn proxy.example.com", "fqdn " + Cluster::kProxy);
    for (int n = 1; n <= count_; ++n) {
      replace("impala-" + std::to_string(n) + ".example.com:21050", cluster_.address(n));
      const std::string name = "verifyhost impala-" + std::to_string(n) + ".example.com";
      if (text.find(name) != std::string::npos) replace(name, "verifyhost " + Cluster::host(n));
    }
    if (text.find("/etc/kerbgate/") != std::string::npos) replace("/etc/kerbgate/", cluster_.dir() / "");
    return text;
  }
  Proxy start(const std::string& text) { return {KERBGATE_PROXY, cluster_.dir(), cluster_.environment(), text}; }
  std::string bind(const std::string& words) {
    return "listen jdbc\n  bind " + cluster_.names().address(Cluster::kProxy) + ":@jdbc@ " + words + "\n";
  }
  std::string tls_bind(const std::string& more = "") { return bind("ssl crt " + file("proxy.pem") + " " + more); }
  static std::string at(const Proxy& proxy) { return Cluster::kProxy + ":" + std::to_string(proxy.port("jdbc")); }
  Outcome query(const Proxy& proxy, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"--connect", at(proxy), "--ca", file("ca.pem")});
    return cluster_.shell(std::move(more));
  }
  void expect_row(const Outcome& outcome) {
    EXPECT_TRUE(outcome.out.starts_with("alice@EXAMPLE.TEST\tcoordinator-")) << outcome.out << outcome.err;
    EXPECT_EQ(outcome.status, 0);
  }

  std::shared_ptr<TlsSide> client(const std::string& certificate = "") {
    return TlsSide::client({certificate, file("ca.pem"), Cluster::kProxy, false});
  }
  Socket connect(const Proxy& proxy) {
    return Socket::connect(cluster_.names().address(Cluster::kProxy), proxy.port("jdbc"));
  }

  Authority ca_{"test CA"}, other_{"another CA"};
  Cluster cluster_;
  int count_;
};

}  // namespace kerbgate::e2e
