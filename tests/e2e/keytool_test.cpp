#include <gtest/gtest.h>

#include <filesystem>

#include "expect.hpp"
#include "support/cluster.hpp"

/// What keytool writes, in the hands of those it is for: a coordinator and its clients.
namespace kerbgate::e2e {
namespace {

class Keytool : public testing::Test {
 protected:
  Keytool() : cluster_(KERBGATE_BIN, 1) {
    cluster_.realm().export_keytab({Cluster::principal(1)}, host_);
    cluster_.realm().export_keytab({Cluster::kProxyPrincipal}, proxy_);
  }
  Outcome keytool(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), KERBGATE_KEYTOOL);
    return run(std::move(arguments), cluster_.environment());
  }
  Outcome query() { return cluster_.shell({"--connect", cluster_.address(1), "--sasl-host", Cluster::kProxy}); }

  Cluster cluster_;
  const std::string host_ = cluster_.dir() / "host.keytab", proxy_ = cluster_.dir() / "proxy.keytab";
};

TEST_F(Keytool, MergedKeytabAndFlagfileLetACoordinatorTakeTheProxysClients) {
  const Outcome merged = keytool({"merge", host_, proxy_, "-o", cluster_.keytab(1)});
  ASSERT_EQ(merged.status, 0) << merged.err;
  const Outcome flags =
      keytool({"flags", "--proxy", Cluster::kProxy, "--host", Cluster::host(1), "--realm", cluster_.realm().name(),
               "--keytab", cluster_.keytab(1), "--role", "coordinator", "--format", "flagfile"});
  ASSERT_EQ(flags.status, 0) << flags.err;
  write_file(cluster_.flagfile(1), flags.out);
  cluster_.start(1);
  EXPECT_EQ(query().out, "alice@EXAMPLE.TEST\tcoordinator-1\tselect 1\n");
}

TEST_F(Keytool, MergeInPlaceServesTicketsOfBothKeyVersions) {
  const Environment old_ticket = cluster_.environment() + cluster_.realm().login("alice");
  run_ok({"kvno", "-q", Cluster::kProxyPrincipal}, old_ticket);
  cluster_.realm().change_key(Cluster::kProxyPrincipal);
  std::filesystem::remove(proxy_);
  cluster_.realm().export_keytab({Cluster::kProxyPrincipal}, proxy_);
  const Outcome merged = keytool({"merge", cluster_.keytab(1), proxy_, "-o", cluster_.keytab(1)});
  ASSERT_EQ(merged.status, 0) << merged.err;
  const std::vector<std::string> ask{KERBGATE_BIN + std::string("/shell"), "--connect", cluster_.address(1),
                                     "--sasl-host", Cluster::kProxy};
  EXPECT_EQ(run(ask, old_ticket).status, 0);
  EXPECT_EQ(query().status, 0);
}

TEST_F(Keytool, DamagedInputLeavesTheCoordinatorServing) {
  std::filesystem::resize_file(proxy_, std::filesystem::file_size(proxy_) - 5);
  const Outcome merged = keytool({"merge", host_, proxy_, "-o", cluster_.keytab(1)});
  EXPECT_EQ(merged.status, 1);
  EXPECT_TRUE(contains(merged.err, proxy_));
  EXPECT_EQ(query().status, 0);
}

}  // namespace
}  // namespace kerbgate::e2e
