#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "e2e/expect.hpp"
#include "e2e/proxy_config.hpp"
#include "kerbgate/gss_login.hpp"
#include "support/cluster.hpp"
#include "support/proxy.hpp"
#include "support/sasl.hpp"

/// A proxy that opens tickets (`kerberos login verify`) before a cluster.
namespace kerbgate::e2e {

class Verifying : public testing::Test {
 protected:
  explicit Verifying(int coordinators = 1) : cluster_(KERBGATE_BIN, coordinators), count_(coordinators) {
    export_key();
  }

  [[nodiscard]] std::string keytab() const { return cluster_.dir() / "proxy.keytab"; }
  /// The proxy's present key beside those that its keytab has, as one act.
  void export_key() {
    const std::string fresh = keytab() + ".new";
    if (std::filesystem::exists(keytab())) std::filesystem::copy_file(keytab(), fresh);
    cluster_.realm().export_keytab({Cluster::kProxyPrincipal}, fresh);
    std::filesystem::rename(fresh, keytab());
  }

  [[nodiscard]] std::string section(const std::string& name, const std::string& lines,
                                    const std::string& balance = "roundrobin") {
    std::string servers;
    for (int n = 1; n <= count_; ++n) servers += server("coordinator" + std::to_string(n), cluster_.address(n));
    return listen(name, cluster_.names().address(Cluster::kProxy), balance, lines + servers);
  }
  [[nodiscard]] std::string global(const std::string& more = "") const {
    return kerberized("  kerberos keytab " + keytab() + "\n  stats socket " + socket() + " level admin\n" + more);
  }
  [[nodiscard]] std::string socket() const { return cluster_.dir() / "stats.sock"; }
  Proxy start(const std::string& lines, const std::string& balance = "roundrobin") {
    return start_text(global() + section("shell", "  kerberos login verify\n" + lines, balance));
  }
  Proxy start_text(const std::string& text) { return {KERBGATE_PROXY, cluster_.dir(), cluster_.environment(), text}; }

  static std::string at(const Proxy& proxy, const std::string& name = "shell") {
    return Cluster::kProxy + ":" + std::to_string(proxy.port(name));
  }
  Outcome query(const Proxy& proxy, const std::string& user = "alice", const std::vector<std::string>& more = {}) {
    std::vector<std::string> command{std::string(KERBGATE_BIN) + "/shell", "--connect", at(proxy)};
    command.insert(command.end(), more.begin(), more.end());
    return run(std::move(command), cluster_.environment() + cluster_.realm().login(user));
  }
  void expect_served(const Proxy& proxy, const std::string& user = "alice") {
    const Outcome outcome = query(proxy, user);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_TRUE(outcome.out.starts_with(user + "@EXAMPLE.TEST\t")) << outcome.out;
  }
  void expect_refused(const Proxy& proxy, const std::string& words, const std::string& user = "alice",
                      const std::vector<std::string>& more = {}) {
    const Outcome outcome = query(proxy, user, more);
    EXPECT_EQ(outcome.status, 1) << outcome.out;
    EXPECT_TRUE(contains(outcome.err, "Bad status: 4 (")) << outcome.err;
    EXPECT_TRUE(contains(outcome.err, words)) << outcome.err;
  }
  /// START and the token of one login of alice, as bytes.
  std::string login_bytes() {
    for (const auto& [name, value] : cluster_.realm().login("alice")) ::setenv(name.c_str(), value.c_str(), 1);
    auto login = GssLogin::make({{"impala", Cluster::kProxy}, "EXAMPLE.TEST"}, "");
    EXPECT_TRUE(login);
    const auto token = login->step({});
    EXPECT_TRUE(token);
    return sasl::encode(sasl::Status::start, "GSSAPI") +
           sasl::encode(sasl::Status::ok, {reinterpret_cast<const char*>(token->data()), token->size()});
  }
  Socket dial(const Proxy& proxy) {
    return Socket::connect(cluster_.names().address(Cluster::kProxy), proxy.port("shell"));
  }
  /// A frame's bytes, answered by the proxy.
  std::string answer_to(const Proxy& proxy, const std::string& bytes) {
    Socket client = dial(proxy);
    client.send(bytes);
    return client.read_all();
  }

  Cluster cluster_;
  int count_;
};

}  // namespace kerbgate::e2e
