#include <gtest/gtest.h>

#include <filesystem>

#include "expect.hpp"
#include "support/cluster.hpp"

/// `keytool plan` between a real KDC's administrator and a coordinator.
namespace kerbgate::e2e {
namespace {

class Plan : public testing::Test {
 protected:
  Plan() {
    std::filesystem::create_directory(keys_);
    write_file(inventory_, "[coordinators]\nhost[1:2].example.test\n[executors]\nhost7.example.test\n");
  }

  Outcome plan(const std::vector<std::string>& more) {
    std::vector<std::string> line{KERBGATE_KEYTOOL, "plan",          "--inventory", inventory_,
                                  "--proxy",        Cluster::kProxy, "--keytabs",   keys_};
    line.insert(line.end(), more.begin(), more.end());
    return run(std::move(line), cluster_.environment());
  }

  /// The script as an administrator runs it: kadmin.local < script.
  std::string run_script() {
    const Outcome script = plan({"--kadmin-script"});
    EXPECT_EQ(script.status, 0) << script.err;
    EXPECT_TRUE(contains(script.err, "extract-keys"));
    write_file(script_, script.out);
    return run_ok({"/bin/sh", "-c", "PATH=$PATH:/usr/sbin kadmin.local < '" + script_ + "' 2>&1"},
                  cluster_.environment());
  }

  [[nodiscard]] std::string out(int n) const { return out_ + "/" + Cluster::host(n); }

  Cluster cluster_{KERBGATE_BIN, 1};
  const std::string inventory_ = cluster_.dir() / "inventory", keys_ = cluster_.dir() / "key tabs",
                    out_ = cluster_.dir() / "plan", script_ = cluster_.dir() / "script";
};

TEST_F(Plan, KadminsScriptChangesNoKeyAndItsKeytabsServeTickets) {
  // Tickets of before: host1 and the proxy are there already, host2 and host7 are not.
  const Environment ticket = cluster_.environment() + cluster_.realm().login("alice");
  run_ok({"kvno", "-q", Cluster::kProxyPrincipal}, ticket);
  const std::string first = run_script();
  EXPECT_TRUE(contains(first, "Principal \"impala/host2.example.test@EXAMPLE.TEST\" created."));
  EXPECT_TRUE(contains(first, "Entry for principal impala/host7.example.test@EXAMPLE.TEST with kvno 1"));
  const Outcome planned = plan({"--out", out_});
  ASSERT_EQ(planned.status, 0) << planned.err;
  EXPECT_TRUE(contains(planned.out, "3 hosts: 3 new"));

  const std::string second = run_script();
  EXPECT_FALSE(contains(second, "created.")) << second;
  const Outcome again = plan({"--out", out_});
  EXPECT_TRUE(contains(again.out, "3 hosts: 3 unchanged")) << again.out << again.err;

  std::filesystem::copy_file(out(1) + "/impala.keytab", cluster_.keytab(1),
                             std::filesystem::copy_options::overwrite_existing);
  cluster_.start(1);
  const Outcome asked = run(
      {KERBGATE_BIN + std::string("/shell"), "--connect", cluster_.address(1), "--sasl-host", Cluster::kProxy}, ticket);
  EXPECT_EQ(asked.status, 0) << asked.err;
  const std::string executor = run_ok({KERBGATE_KEYTOOL, "list", out(7) + "/impala.keytab"}, cluster_.environment());
  EXPECT_TRUE(contains(executor, "impala/host7.example.test@EXAMPLE.TEST"));
  EXPECT_FALSE(contains(executor, Cluster::kProxy));
}

TEST_F(Plan, ANewProxyKeyIsWhatChanges) {
  run_script();
  ASSERT_EQ(plan({"--out", out_}).status, 0);
  cluster_.realm().change_key(Cluster::kProxyPrincipal);
  run_script();
  const Outcome planned = plan({"--out", out_});
  EXPECT_EQ(planned.status, 0) << planned.err;
  EXPECT_TRUE(
      contains(planned.out, "host1.example.test: keytab changed: +impala/proxy.example.test@EXAMPLE.TEST kvno 2"));
  EXPECT_TRUE(contains(planned.out, "host7.example.test: unchanged"));
  EXPECT_TRUE(contains(planned.out, "3 hosts: 2 changed, 1 unchanged"));
}

}  // namespace
}  // namespace kerbgate::e2e
