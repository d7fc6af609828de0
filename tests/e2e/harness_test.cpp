#include <gtest/gtest.h>

#include <filesystem>

#include "expect.hpp"
#include "support/cluster.hpp"

/// The sandbox itself: what the other end-to-end tests take for granted.
namespace kerbgate::e2e {
namespace {

const std::string kRow = "alice@EXAMPLE.TEST\tcoordinator-1\tselect 1\n";

/// Straight to the coordinator, which takes the proxy's tickets alone.
std::vector<std::string> direct(const Cluster& cluster, int n) {
  return {"--connect", cluster.address(n), "--sasl-host", Cluster::kProxy};
}

TEST(Login, WorksWithKeysOfHostAndProxyInOneKeytab) {
  Cluster cluster(KERBGATE_BIN, 1);
  const Outcome outcome = cluster.shell(direct(cluster, 1));
  EXPECT_EQ(outcome.out, kRow) << outcome.err;
  EXPECT_EQ(outcome.status, 0);
  cluster.coordinator(1).wait_for_line("^login alice@EXAMPLE.TEST from 127\\.");
}

TEST(Login, WorksWithKeytabsMergedByKtutil) {
  Cluster cluster(KERBGATE_BIN, 1);
  const TempDir& dir = cluster.dir();
  cluster.realm().export_keytab({Cluster::principal(1)}, dir / "host");
  cluster.realm().export_keytab({Cluster::kProxyPrincipal}, dir / "proxy");
  Process ktutil({"ktutil"}, cluster.environment());
  for (const std::string& line : {"rkt " + dir / "host", "rkt " + dir / "proxy", "wkt " + dir / "merged"})
    ktutil.send_line(line);
  ktutil.close_input();
  ASSERT_EQ(ktutil.wait(), 0) << ktutil.all();
  std::filesystem::rename(dir / "merged", cluster.keytab(1));
  cluster.start(1);
  EXPECT_EQ(cluster.shell(direct(cluster, 1)).out, kRow);
}

TEST(Login, RepeatsOnConnectionsOfItsOwn) {
  Cluster cluster(KERBGATE_BIN, 1);
  auto options = direct(cluster, 1);
  options.insert(options.end(), {"--repeat", "3"});
  EXPECT_EQ(cluster.shell(options).out, kRow + kRow + kRow);
  for (int i = 0; i < 3; ++i) cluster.coordinator(1).wait_for_line("^login alice");
}

TEST(Login, TakesManyQueriesOnOneConnection) {
  Cluster cluster(KERBGATE_BIN, 1);
  const auto shell = cluster.open_shell(direct(cluster, 1));
  for (const std::string query : {"select 'a'", "select 'b'"}) {
    shell->send_line(query);
    shell->wait_for_line("^alice@EXAMPLE.TEST\tcoordinator-1\t" + query + "$");
  }
  shell->close_input();
  EXPECT_EQ(shell->wait(), 0) << shell->err();
}

/// What impalad logs, and what its client is left with, for each way a keytab can be wrong.
struct BadKeytab {
  const char* name;
  void (*spoil)(Cluster&);
  const char* reason;
};

class RejectedLogin : public testing::TestWithParam<BadKeytab> {};

TEST_P(RejectedLogin, ClosesInSilenceAndLogsTheReason) {
  Cluster cluster(KERBGATE_BIN, 1);
  GetParam().spoil(cluster);
  const Outcome outcome = cluster.shell(direct(cluster, 1));
  EXPECT_EQ(outcome.err, "TSocket read 0 bytes\n");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(contains(cluster.coordinator(1).wait_for_line("^failed from"), GetParam().reason));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, RejectedLogin,
    testing::Values(BadKeytab{"KeyChangedAtTheKdc", [](Cluster& c) { c.realm().change_key(Cluster::kProxyPrincipal); },
                              "kvno 2 not found in keytab; keytab is likely out of date"},
                    BadKeytab{"ProxyKeyNotMerged",
                              [](Cluster& c) {
                                std::filesystem::remove(c.keytab(1));
                                c.realm().export_keytab({Cluster::principal(1)}, c.keytab(1));
                              },
                              "No key table entry found matching impala/proxy.example.test@"},
                    BadKeytab{"KeytabGone", [](Cluster& c) { std::filesystem::remove(c.keytab(1)); }, "not found"}),
    [](const auto& tested) { return tested.param.name; });

TEST(Login, ForTheHostItselfIsRefusedByTheProxysName) {
  Cluster cluster(KERBGATE_BIN, 1);
  const Outcome outcome = cluster.shell({"--connect", cluster.address(1)});
  EXPECT_EQ(outcome.err, "TSocket read 0 bytes\n");
  EXPECT_TRUE(contains(cluster.coordinator(1).wait_for_line("^failed from"), "does not match server principal"));
}

TEST(Login, GetsTheReasonInABadFrameWhenAsked) {
  Cluster cluster(KERBGATE_BIN, 1);
  cluster.start(1, {"--bad-frame"});
  cluster.realm().change_key(Cluster::kProxyPrincipal);
  EXPECT_TRUE(contains(cluster.shell(direct(cluster, 1)).err, "Bad status: 3 (GSSAPI Error: "));
}

TEST(Login, UsesAMergedKeytabWithoutARestart) {
  Cluster cluster(KERBGATE_BIN, 1);
  cluster.realm().change_key(Cluster::kProxyPrincipal);
  ASSERT_EQ(cluster.shell(direct(cluster, 1)).status, 1);
  cluster.merge_keytab(1);
  EXPECT_EQ(cluster.shell(direct(cluster, 1)).out, kRow);
}

TEST(Login, FollowsTheReverseLookupWhenRdnsIsOn) {
  Cluster cluster(KERBGATE_BIN, 1);
  cluster.names().set_reverse(Cluster::kProxy, "node7.example.test");
  EXPECT_TRUE(contains(cluster.shell(direct(cluster, 1)).err, "impala/node7.example.test@EXAMPLE.TEST not found"));
}

TEST(Login, KeepsTheNameWhenRdnsIsOff) {
  Realm::Options options;
  options.rdns = false;
  Cluster cluster(KERBGATE_BIN, 1, options);
  cluster.names().set_reverse(Cluster::kProxy, "node7.example.test");
  EXPECT_EQ(cluster.shell(direct(cluster, 1)).out, kRow);
}

class UnusableHostKey : public testing::TestWithParam<BadKeytab> {};

TEST_P(UnusableHostKey, KeepsTheCoordinatorFromStarting) {
  Cluster cluster(KERBGATE_BIN, 1);
  GetParam().spoil(cluster);
  const Outcome outcome =
      run({std::string(KERBGATE_BIN) + "/coordinator", "--flagfile", cluster.flagfile(1)}, cluster.environment());
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(contains(outcome.err, GetParam().reason));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, UnusableHostKey,
    testing::Values(BadKeytab{"NotMerged",
                              [](Cluster& c) {
                                std::filesystem::remove(c.keytab(1));
                                c.realm().export_keytab({Cluster::kProxyPrincipal}, c.keytab(1));
                              },
                              "as impala/host1.example.test@EXAMPLE.TEST: GSSAPI Error: No credentials"},
                    BadKeytab{"Stale", [](Cluster& c) { c.realm().change_key(Cluster::principal(1)); },
                              "as impala/host1.example.test@EXAMPLE.TEST: GSSAPI Error: "}),
    [](const auto& tested) { return tested.param.name; });

struct HostileManner {
  const char* name;
  const char* option;
};

class Hostile : public testing::TestWithParam<HostileManner> {};

TEST_P(Hostile, EndsTheConnectionUnserved) {
  Cluster cluster(KERBGATE_BIN, 1);
  cluster.start(1, {GetParam().option});
  const Outcome outcome = cluster.shell(direct(cluster, 1));
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.out, "");
  cluster.coordinator(1).wait_for_line("^connection from 127\\.");
}

INSTANTIATE_TEST_SUITE_P(Manners, Hostile,
                         testing::Values(HostileManner{"Reset", "--accept-then-reset"},
                                         HostileManner{"Close", "--accept-then-close"}),
                         [](const auto& tested) { return tested.param.name; });

TEST(Hostile, SilenceLastsUntilTheClientGoes) {
  Cluster cluster(KERBGATE_BIN, 1);
  Process& coordinator = cluster.start(1, {"--silent"});
  {
    Socket client = Socket::connect(cluster.names().address(Cluster::host(1)), cluster.port(1));
    client.send("\1");
    coordinator.wait_for_line("^connection from");
  }
  EXPECT_TRUE(coordinator.running());
}

}  // namespace
}  // namespace kerbgate::e2e
