#include "rotation.hpp"

/// What `keytool rotate` does not do, and says why.
namespace kerbgate::e2e {
namespace {

TEST_F(Rotation, CommitWaitsForEveryHost) {
  const std::string before = read_file(keytab(2));
  must(rotate("stage"));
  write_file(keytab(2), before);
  const Outcome commit = rotate("commit");
  EXPECT_EQ(commit.status, 1);
  EXPECT_TRUE(contains(commit.err, "host2.example.test: no kvno 2; with the KDC at it every login there would fail"));
  EXPECT_TRUE(contains(status().out, "KDC: kvno 1;"));
}

TEST_F(Rotation, DifferentStagedKeysAreNeitherCommittedNorCompleted) {
  const std::string before = read_file(keytab(2));
  must(rotate("stage"));
  const std::string staged = read_file(keytab(2));
  write_file(keytab(2), before);
  must(run(line({"stage", keytab(2), "--kadmin-keytab", admin("full")}), cluster_.environment()));
  for (const std::string step : {"commit", "stage"}) {
    const Outcome outcome = rotate(step);
    EXPECT_EQ(outcome.status, 1);
    EXPECT_TRUE(
        contains(outcome.err, "host2.example.test has another aes256-cts-hmac-sha1-96 key than host1.example.test"));
  }
  const Outcome seen = status();
  EXPECT_EQ(seen.status, 1);
  EXPECT_TRUE(contains(seen.out, "state: broken"));
}

TEST_F(Rotation, CommitSeesThatTheKdcsKeyIsNotTheStagedOne) {
  must(rotate("stage"));
  cluster_.realm().change_key(Cluster::kProxyPrincipal);
  const Outcome same_kvno = rotate("commit");
  EXPECT_EQ(same_kvno.status, 1) << same_kvno.out;
  EXPECT_TRUE(contains(same_kvno.err, "the KDC's kvno 2 is not the keytabs' key"));
  EXPECT_EQ(rotate("purge", {"--now"}).status, 1);
  EXPECT_EQ(kvnos(1), "1 2") << "nothing is purged then";
  EXPECT_TRUE(contains(status().out, "state: broken"));
  cluster_.realm().change_key(Cluster::kProxyPrincipal);
  const Outcome moved_on = rotate("commit");
  EXPECT_EQ(moved_on.status, 1);
  EXPECT_TRUE(contains(moved_on.err, "the KDC is at kvno 3, which is not in host1.example.test"));
}

TEST_F(Rotation, CommitWithNothingStagedSaysSo) {
  const Outcome commit = rotate("commit");
  EXPECT_EQ(commit.status, 1);
  EXPECT_TRUE(contains(commit.err, "nothing is staged"));
}

TEST_F(Rotation, PurgeWaitsForTheTicketsOfTheOldKey) {
  must(rotate("stage"));
  const Outcome staged = rotate("purge", {"--now"});
  EXPECT_EQ(staged.status, 1);
  EXPECT_TRUE(contains(staged.err, "kvno 2 is staged and the KDC is at kvno 1"));
  must(rotate("commit"));
  const Outcome early = rotate("purge");
  EXPECT_EQ(early.status, 1);
  EXPECT_TRUE(contains(early.err, "may live for another 24 h 5 min"));
  EXPECT_TRUE(contains(rotate("purge", {"--ticket-life", "7d"}).err, "longest life 7 d"));
  EXPECT_EQ(kvnos(1), "1 2");
  cluster_.realm().age_key(Cluster::kProxyPrincipal, 24 * 3600 + 400);
  EXPECT_EQ(rotate("purge", {"--ticket-life", "7d"}).status, 1);
  EXPECT_EQ(rotate("purge").status, 0);
}

TEST_F(Rotation, StageWaitsForThePurge) {
  must(rotate("stage"));
  must(rotate("commit"));
  const Outcome again = rotate("stage");
  EXPECT_EQ(again.status, 1);
  EXPECT_TRUE(contains(again.err, "the rotation to kvno 2 is not finished"));
}

TEST_F(Rotation, PrincipalThatAlsoLogsInIsNotStaged) {
  const Outcome own = run({KERBGATE_KEYTOOL, "rotate", "stage", "--principal", Cluster::principal(1), "--keytabs", out_,
                           "--kadmin-keytab", admin("full")},
                          cluster_.environment());
  EXPECT_EQ(own.status, 1);
  EXPECT_TRUE(contains(own.err, "it is host1.example.test's own principal"));
  EXPECT_TRUE(contains(own.err, "cpw -randkey -keepold"));
  write_file(out_ + "/" + Cluster::host(3) + "/impalad_flags",
             "-principal=" + Cluster::kProxyPrincipal + "@" + cluster_.realm().name() + "\n");
  const Outcome alone = rotate("stage");
  EXPECT_EQ(alone.status, 1);
  EXPECT_TRUE(contains(alone.err, "host3.example.test/impalad_flags names it as principal without a be_principal"));
  EXPECT_EQ(kvnos(1), "1");
}

struct Right {
  const char* admin;
  const char* step;
  const char* letter;
};
class LackingRight : public Rotation, public testing::WithParamInterface<Right> {};

TEST_P(LackingRight, IsNamedByItsLetter) {
  const std::string step = GetParam().step;
  if (step != "stage") must(rotate("stage"));
  if (step == "purge") {
    must(rotate("commit"));
    // MIT's setkey forgets the old key, cpw does not.
    cluster_.realm().kadmin({"cpw", "-randkey", "-keepold", Cluster::kProxyPrincipal});
    for (int n = 1; n <= kHosts; ++n) cluster_.realm().export_keytab({Cluster::kProxyPrincipal}, keytab(n));
  }
  const std::string before = read_file(keytab(1));
  const Outcome outcome = rotate(step, now_at_purge(step), GetParam().admin);
  EXPECT_EQ(outcome.status, 3) << outcome.out;
  EXPECT_TRUE(contains(outcome.err, "must give this administrator the letter " + std::string(GetParam().letter) +
                                        " for impala/proxy.example.test@EXAMPLE.TEST"));
  EXPECT_EQ(read_file(keytab(1)), before);
}

INSTANTIATE_TEST_SUITE_P(Letters, LackingRight,
                         testing::Values(Right{"nobody", "stage", "i"}, Right{"viewer", "commit", "s"},
                                         Right{"setter", "purge", "m"}),
                         [](const auto& tested) { return tested.param.step; });

TEST_F(Rotation, PurgeDropsTheOldKeyAtTheKdcToo) {
  cluster_.realm().kadmin({"cpw", "-randkey", "-keepold", Cluster::kProxyPrincipal});
  for (int n = 1; n <= kHosts; ++n) cluster_.realm().export_keytab({Cluster::kProxyPrincipal}, keytab(n));
  EXPECT_TRUE(contains(status({"--kadmin-keytab", admin("viewer")}).out, "KDC: kvno 2 (holds 1 2)"));
  EXPECT_TRUE(contains(rotate("purge", {"--now"}).out, "the KDC: keys older than kvno 2 dropped"));
  EXPECT_TRUE(contains(status({"--kadmin-keytab", admin("viewer"), "--json"}).out, "\"state\": \"steady\""));
}

TEST_F(Rotation, KadmindThatIsDownIsSaid) {
  cluster_.realm().stop_kadmind();
  const Outcome outcome = rotate("stage");
  EXPECT_EQ(outcome.status, 3);
  EXPECT_TRUE(contains(outcome.err, "see that kadmind runs"));
  EXPECT_TRUE(contains(outcome.err, "admin_server"));
  EXPECT_TRUE(contains(outcome.err, "Active Directory"));
}

TEST_F(Rotation, StatusSaysWhatItCannotSee) {
  const Outcome outcome =
      run(line({"status", "--keytabs", out_, "--kadmin-keytab", admin("full")}),
          cluster_.environment() + Environment{{"KRB5_CONFIG", "/dev/null"}, {"KRB5_KDC_PROFILE", "/dev/null"}});
  EXPECT_EQ(outcome.status, 3) << "no default realm for a principal without one";
  const Outcome whole =
      run({KERBGATE_KEYTOOL, "rotate", "status", "--principal", Cluster::kProxyPrincipal + "@EXAMPLE.TEST", "--keytabs",
           out_, "--kadmin-keytab", admin("full")},
          cluster_.environment() + Environment{{"KRB5_CONFIG", "/dev/null"}});
  EXPECT_EQ(whole.status, 3);
  EXPECT_TRUE(contains(whole.out, "KDC: not seen"));
  EXPECT_TRUE(contains(whole.out, "state: unknown"));
  EXPECT_TRUE(contains(whole.err, "not seen: the KDC's record: log in at kadmind as full/admin@EXAMPLE.TEST"));
  EXPECT_TRUE(contains(whole.err, "not seen: a ticket of the KDC: log in as "));
}

TEST_F(Rotation, StaleKeytabOfTheAdministratorIsSaid) {
  cluster_.realm().change_key("full/admin");
  const Outcome outcome = rotate("stage");
  EXPECT_EQ(outcome.status, 3);
  EXPECT_TRUE(contains(outcome.err, "full.keytab is not the KDC's present one: export it anew"));
}

TEST_F(Rotation, PrincipalsThatAreNotThereAreSaid) {
  const Outcome misspelt = run({KERBGATE_KEYTOOL, "rotate", "stage", "--principal", "impala/poxy.example.test",
                                "--keytabs", out_, "--kadmin-keytab", admin("full")},
                               cluster_.environment());
  EXPECT_EQ(misspelt.status, 3);
  EXPECT_TRUE(contains(misspelt.err, "did you mean 'impala/proxy.example.test@EXAMPLE.TEST'?"));
  cluster_.realm().kadmin({"delprinc", "-force", Cluster::kProxyPrincipal});
  const Outcome deleted = rotate("stage");
  EXPECT_EQ(deleted.status, 3);
  EXPECT_TRUE(contains(deleted.err, "Principal does not exist"));
}

TEST_F(Rotation, LockedKeysNeedTheKdcsHost) {
  cluster_.realm().kadmin({"modprinc", "+lockdown_keys", Cluster::kProxyPrincipal});
  must(rotate("stage"));
  const Outcome commit = rotate("commit");
  EXPECT_EQ(commit.status, 3);
  EXPECT_TRUE(contains(commit.err, "lockdown_keys"));
  EXPECT_EQ(run(line({"commit", "--keytabs", out_, "--local"}), cluster_.environment()).status, 0);
}

TEST_F(Rotation, FoldersAndFilesThatDoNotFitAreSaid) {
  const std::string empty = cluster_.dir() / "empty";
  std::filesystem::create_directory(empty);
  const auto stage = [&](const std::string& folder) {
    return run(line({"stage", "--keytabs", folder, "--kadmin-keytab", admin("full")}), cluster_.environment());
  };
  EXPECT_TRUE(contains(stage(empty).err, "no DIR/HOST/*.keytab and no DIR/*.keytab there"));
  EXPECT_EQ(stage(empty + "/none").status, 3);
  std::filesystem::resize_file(keytab(2), std::filesystem::file_size(keytab(2)) - 5);
  const Outcome damaged = rotate("stage");
  EXPECT_EQ(damaged.status, 1);
  EXPECT_TRUE(contains(damaged.err, keytab(2) + ": damaged at byte "));
  EXPECT_EQ(kvnos(1), "1");
}

}  // namespace
}  // namespace kerbgate::e2e
