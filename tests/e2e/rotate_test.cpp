#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "rotation.hpp"

/// A key that three coordinators share is changed while clients log in.
namespace kerbgate::e2e {
namespace {

constexpr std::uint32_t kDay = 24 * 3600;

TEST_F(Rotation, TicketsOfEveryStepAreValidOnEveryHost) {
  const Environment before = ticket("before");
  must(rotate("stage"));
  EXPECT_EQ(accepted(before), "123") << "staged, not pushed";
  push();
  const Environment between = ticket("between");
  EXPECT_EQ(accepted(before), "123");
  EXPECT_EQ(accepted(between), "123");

  must(rotate("commit"));
  const Environment after = ticket("after");
  EXPECT_EQ(accepted(before), "123");
  EXPECT_EQ(accepted(between), "123");
  EXPECT_EQ(accepted(after), "123");

  cluster_.realm().age_key(Cluster::kProxyPrincipal, kDay + 600);
  must(rotate("purge"));
  push();
  EXPECT_EQ(accepted(after), "123");
  EXPECT_EQ(accepted(ticket("at last")), "123");
  EXPECT_EQ(accepted(between), "") << "the old key is gone";
}

TEST_F(Rotation, WorksTwiceInARow) {
  for (const std::string kvno : {"2", "3"}) {
    must(rotate("stage"));
    push();
    must(rotate("commit"));
    must(rotate("purge", {"--now"}));
    push();
    EXPECT_EQ(kvnos(1), kvno);
    EXPECT_EQ(accepted(ticket(kvno)), "123");
  }
}

TEST_F(Rotation, EveryStepSaidAgainChangesNothing) {
  must(rotate("stage"));
  const std::string staged = read_file(keytab(2));
  must(rotate("stage"));
  EXPECT_EQ(read_file(keytab(2)), staged);
  must(rotate("commit"));
  const Outcome again = rotate("commit");
  EXPECT_EQ(again.status, 0);
  EXPECT_TRUE(contains(again.out, "the KDC is at kvno 2 already"));
  must(rotate("purge", {"--now"}));
  const Outcome purged = rotate("purge");
  EXPECT_EQ(purged.status, 0);
  EXPECT_TRUE(contains(purged.out, "nothing to do"));
}

TEST_F(Rotation, StageGoesOnWithTheKeyOfABrokenOne) {
  must(run(line({"stage", keytab(1), "--kadmin-keytab", admin("full")}), cluster_.environment()));
  EXPECT_EQ(kvnos(1) + ", " + kvnos(2), "1 2, 1");
  EXPECT_TRUE(contains(status().out, "state: staging"));
  must(rotate("stage"));
  push();
  must(rotate("commit"));
  EXPECT_EQ(accepted(ticket("after")), "123") << "one key everywhere";
}

TEST_F(Rotation, SignalStopsBetweenTwoKeytabsAndStageGoesOn) {
  // A reader's lock lets the keytabs be read and keeps the second from being replaced.
  const int reader = open(keytab(2).c_str(), O_RDONLY | O_CLOEXEC);
  struct flock lock {};
  lock.l_type = F_RDLCK;
  lock.l_whence = SEEK_SET;
  ASSERT_EQ(fcntl(reader, F_OFD_SETLK, &lock), 0);
  Process stage(line({"stage", "--keytabs", out_, "--kadmin-keytab", admin("full")}), cluster_.environment());
  stage.wait_for_line("^host1.*: kvno 2 added");
  stage.signal(SIGINT);
  close(reader);
  EXPECT_EQ(stage.wait(), 128 + SIGINT) << stage.all();
  EXPECT_TRUE(contains(stage.err(), "stopped by a signal"));
  EXPECT_TRUE(contains(stage.err(), "host3.example.test"));
  EXPECT_EQ(kvnos(1) + ", " + kvnos(3), "1 2, 1");
  must(rotate("stage"));
  push();
  must(rotate("commit"));
  EXPECT_EQ(accepted(ticket("after")), "123");
}

TEST_F(Rotation, KeytabThatCannotBeWrittenIsNamedAndTheOthersAreDone) {
  const std::string folder = out_ + "/" + Cluster::host(2);
  ASSERT_EQ(chmod(folder.c_str(), 0555), 0);
  auto words = line({"stage", "--keytabs", out_, "--kadmin-keytab", admin("full")});
  // root writes everywhere, unless it is without the right to.
  if (geteuid() == 0) words.insert(words.begin(), {"setpriv", "--bounding-set", "-all", "--"});
  const Outcome outcome = run(words, cluster_.environment());
  EXPECT_EQ(outcome.status, 3);
  EXPECT_TRUE(contains(outcome.out, "host1.example.test: kvno 2 added"));
  EXPECT_TRUE(contains(outcome.out, "host3.example.test: kvno 2 added"));
  EXPECT_TRUE(contains(outcome.err, "1 keytab of 3 still without kvno 2: host2.example.test"));
  chmod(folder.c_str(), 0755);
  const Outcome commit = rotate("commit");
  EXPECT_EQ(commit.status, 1);
  EXPECT_TRUE(contains(commit.err, "host2.example.test: no kvno 2"));
  must(rotate("stage"));
  must(rotate("commit"));
}

TEST_F(Rotation, OwnerAndModeOfAKeytabStay) {
  ASSERT_EQ(chmod(keytab(1).c_str(), 0440), 0);
  if (geteuid() == 0) {
    ASSERT_EQ(chown(keytab(1).c_str(), 65534, 65534), 0);
  }
  struct stat before {
  }, after{};
  stat(keytab(1).c_str(), &before);
  must(rotate("stage"));
  stat(keytab(1).c_str(), &after);
  EXPECT_NE(before.st_ino, after.st_ino);
  EXPECT_EQ(before.st_mode, after.st_mode);
  EXPECT_EQ(before.st_uid, after.st_uid);
  EXPECT_EQ(before.st_gid, after.st_gid);
}

TEST_F(Rotation, DryRunChangesNothing) {
  const auto all = [&] { return read_file(keytab(1)) + read_file(keytab(2)) + read_file(keytab(3)); };
  std::string files = all();
  EXPECT_TRUE(contains(rotate("stage", {"--dry-run"}).out, keytab(2) + ": kvno 2 would be added"));
  EXPECT_EQ(all(), files);
  must(rotate("stage"));
  files = all();
  EXPECT_TRUE(contains(rotate("commit", {"--dry-run"}).out, "would go from kvno 1 to kvno 2"));
  EXPECT_TRUE(contains(status().out, "KDC: kvno 1;"));
  must(rotate("commit"));
  EXPECT_TRUE(contains(rotate("purge", {"--now", "--dry-run"}).out, keytab(2) + ": keys older than kvno 2 would be"));
  EXPECT_EQ(all(), files);
}

TEST_F(Rotation, GoesWithoutKadmindOnTheKdcsHost) {
  cluster_.realm().stop_kadmind();
  for (const std::string step : {"stage", "commit", "purge"}) {
    std::vector<std::string> words = now_at_purge(step);
    words.insert(words.begin(), {step, "--keytabs", out_, "--local"});
    must(run(line(std::move(words)), cluster_.environment()));
    push();
    EXPECT_EQ(accepted(ticket(step)), "123") << step;
  }
  EXPECT_EQ(kvnos(1), "2");
}

TEST_F(Rotation, TakesATicketForKadmind) {
  const Environment cache =
      cluster_.environment() + Environment{{"KRB5CCNAME", "FILE:" + (cluster_.dir() / "admin.ccache")}};
  const Outcome none = run(line({"stage", "--keytabs", out_, "--ccache"}), cache);
  EXPECT_EQ(none.status, 3);
  EXPECT_TRUE(contains(none.err, "kinit -S kadmin/admin"));
  run_ok({"kinit", "-k", "-t", admin("full"), "-S", "kadmin/admin", "full/admin"}, cache);
  must(run(line({"stage", "--keytabs", out_, "--ccache"}), cache));
  must(run(line({"commit", "--keytabs", out_, "--ccache"}), cache));
}

TEST_F(Rotation, TicketsOfAnotherRealmAreNamedAndTheKeysRealmAskedFor) {
  const TempDir elsewhere;
  Realm other(elsewhere, {.name = "OTHER.TEST"});
  other.add_user("root");
  const Environment cache = cluster_.environment() + Environment{{"KRB5CCNAME", other.login("root").at("KRB5CCNAME")}};
  const Outcome stage = run(line({"stage", "--keytabs", out_, "--ccache"}), cache);
  EXPECT_EQ(stage.status, 3);
  EXPECT_TRUE(contains(stage.err, "with the credential cache of root@OTHER.TEST: "));
  EXPECT_TRUE(contains(stage.err,
                       "those are tickets of realm OTHER.TEST, and the key is in EXAMPLE.TEST: "
                       "kinit -S kadmin/admin@EXAMPLE.TEST ADMIN@EXAMPLE.TEST"));
}

TEST_F(Rotation, EnctypeChoosesTheNewKeys) {
  must(rotate("stage", {"--enctype", "aes256-cts"}));
  must(rotate("commit"));
  push();
  EXPECT_EQ(accepted(ticket("after")), "123");
  EXPECT_EQ(keytool({"list", keytab(1), "--kvno", "2", "--enctype", "aes128-cts"}).out.find("proxy"),
            std::string::npos);
}

TEST_F(Rotation, StatusFollowsWithoutAnAdministrator) {
  EXPECT_TRUE(contains(status().out, "state: steady"));
  must(rotate("stage"));
  EXPECT_TRUE(contains(status().out, "state: staged"));
  must(rotate("commit"));
  const Outcome committed = status();
  EXPECT_TRUE(contains(committed.out, "state: committed"));
  EXPECT_TRUE(contains(committed.out, "a fresh ticket has kvno 2 and opens with the keytabs' key"));
  EXPECT_TRUE(contains(committed.err, "not seen: older keys at the KDC"));
  EXPECT_TRUE(contains(status({"--json", "--kadmin-keytab", admin("viewer")}).out, "\"state\": \"committed\""));
  must(rotate("purge", {"--now"}));
  EXPECT_TRUE(contains(status().out, "state: steady"));
}

TEST_F(Rotation, NoKeyIsEverPrinted) {
  std::string said;
  for (const std::string step : {"stage", "commit", "purge"}) {
    const Outcome outcome = rotate(step, now_at_purge(step));
    must(outcome);
    said += outcome.out + outcome.err;
  }
  said += status({"--json"}).out + status().out;
  const std::string listed = keytool({"list", "--keys", "--json", keytab(1)}).out, member = "\"key\": \"";
  std::size_t keys = 0;
  for (std::size_t at = listed.find(member); at != std::string::npos; at = listed.find(member, at + 1), ++keys)
    EXPECT_EQ(said.find(listed.substr(at + member.size(), 16)), std::string::npos);
  EXPECT_EQ(keys, 4U);
}

}  // namespace
}  // namespace kerbgate::e2e
