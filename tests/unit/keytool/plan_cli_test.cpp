#include "text_file.hpp"
#include "unit/keytool/plan_fixture.hpp"
#include "unit/keytool/private_mounts.hpp"

/// `keytool plan`: what a host gets, and what is said about it.
namespace {

namespace fs = std::filesystem;
using Plan = PlanCli;

TEST_F(Plan, CoordinatorsAloneGetTheProxysKey) {
  const Ran ran = plan();
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(planned("c1"), "c3c l3l");
  EXPECT_EQ(planned("c2"), "c3c l3l");
  EXPECT_EQ(planned("e1"), "e3e");
  EXPECT_EQ(mode_of(path("out/c1.example.com/impala.keytab")), 0400u);
  EXPECT_EQ(mode_of(path("out/c1.example.com")), 0700u);
  EXPECT_TRUE(
      ran.prints("proxy lb.example.com: impala/lb.example.com@EXAMPLE.COM kvno 3 (aes256-cts-hmac-sha1-96) from " +
                 path("keys/proxy.keytab")));
  EXPECT_TRUE(ran.prints("c1.example.com: new, 2 entries from " + path("keys/c1.example.com.keytab"))) << ran.out;
  EXPECT_TRUE(ran.prints("3 hosts: 3 new; in "));
}

TEST_F(Plan, FlagfilesAreThoseOfFlagsOut) {
  ASSERT_EQ(plan().status, 0);
  const Ran flags = keytool({"flags", "--inventory", "./inventory", "--proxy", "lb.example.com", "--realm",
                             "EXAMPLE.COM", "--out", "./flags"});
  ASSERT_EQ(flags.status, 0) << flags.err;
  for (const char* host : {"c1", "c2", "e1"}) {
    const std::string file = "/" + std::string(host) + ".example.com/impalad_flags";
    EXPECT_EQ(kerbgate::read_text(path("out" + file)).value(), kerbgate::read_text(path("flags" + file)).value());
  }
}

TEST_F(Plan, TheSameIsNotWrittenAgain) {
  ASSERT_EQ(plan().status, 0);
  const auto before = state_of_out();
  ASSERT_EQ(before.size(), 6u);
  // The same keys exported again: only the timestamps are others.
  auto again = record("lb");
  again.timestamp += 1000;
  keys("proxy.keytab", {again});
  const Ran ran = plan();
  EXPECT_EQ(ran.status, 0);
  EXPECT_TRUE(ran.prints("3 hosts: 3 unchanged")) << ran.out;
  EXPECT_EQ(state_of_out(), before);
}

TEST_F(Plan, WhatChangedIsNamedAndNothingElseIsWritten) {
  ASSERT_EQ(plan().status, 0);
  auto before = state_of_out();
  keys("proxy.keytab", {record("lb"), record("lb", 4, 'n')});
  inventory("[coordinators]\nc1.example.com keytab=/srv/impala.keytab\nc2.example.com\n[executors]\ne1.example.com\n");
  const Ran ran = plan();
  EXPECT_EQ(ran.status, 0) << ran.err;
  const std::string keytab = "keytab changed: +impala/lb.example.com@EXAMPLE.COM kvno 4 (aes256-cts-hmac-sha1-96)";
  EXPECT_TRUE(ran.prints("c1.example.com: " + keytab + "; flags changed: impalad_flags\n")) << ran.out;
  EXPECT_TRUE(ran.prints("c2.example.com: " + keytab + "\n")) << ran.out;
  EXPECT_TRUE(ran.prints("e1.example.com: unchanged\n"));
  EXPECT_EQ(planned("c2"), "c3c l3l l4n");
  auto after = state_of_out();
  for (const char* kept :
       {"c2.example.com/impalad_flags", "e1.example.com/impala.keytab", "e1.example.com/impalad_flags"})
    EXPECT_EQ(after[kept], before[kept]) << kept;
  for (const char* fresh : {"c1.example.com/impala.keytab", "c1.example.com/impalad_flags"})
    EXPECT_NE(after[fresh], before[fresh]) << fresh;
}

TEST_F(Plan, AnotherKeyAndARemovedOneAreNamed) {
  keys("proxy.keytab", {record("lb", 2), record("lb")});
  ASSERT_EQ(plan().status, 0);
  keys("proxy.keytab", {record("lb", 3, 'x')});
  const Ran ran = plan();
  EXPECT_TRUE(ran.prints("~impala/lb.example.com@EXAMPLE.COM kvno 3 (")) << ran.out;
  EXPECT_TRUE(ran.prints("-impala/lb.example.com@EXAMPLE.COM kvno 2 (")) << ran.out;
}

TEST_F(Plan, AModeThatWasOpenedIsClosed) {
  ASSERT_EQ(plan().status, 0);
  fs::permissions(path("out/e1.example.com/impala.keytab"), fs::perms(0644));
  const Ran ran = plan();
  EXPECT_TRUE(ran.prints("e1.example.com: keytab changed: was of mode 0644, not 0400")) << ran.out;
  EXPECT_EQ(mode_of(path("out/e1.example.com/impala.keytab")), 0400u);
}

TEST_F(Plan, FindsAHostsKeysInEveryPlace) {
  inventory("c1.example.com\nc2.example.com\nc3.example.com\n");
  fs::remove(path("keys/c2.example.com.keytab"));
  keys("c2.example.com/impala.keytab", {record("c2")});
  auto http = record("c2", 1, 'h');
  http.components[0] = "HTTP";
  keys("c2.example.com/web.keytab", {http});
  keys("c2.example.com/notes.txt", {});
  keys("c3.keytab", {record("c3")});
  fs::rename(path("keys/proxy.keytab"), path("keys/lb.example.com.keytab"));
  const Ran ran = plan();
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(planned("c2"), "c3c c1h l3l");
  EXPECT_EQ(planned("c3"), "c3c l3l");
  EXPECT_TRUE(
      ran.prints("from " + path("keys/c2.example.com/impala.keytab") + ", " + path("keys/c2.example.com/web.keytab")));
}

TEST_F(Plan, AShortNameOfTwoHostsIsNoHosts) {
  inventory("c3.example.com\nc3.other.com\n");
  keys("c3.keytab", {record("c3")});
  const Ran ran = plan();
  EXPECT_EQ(ran.status, 1);
  EXPECT_TRUE(ran.says("c3.example.com: no keytab: looked for")) << ran.err;
  EXPECT_FALSE(ran.says("c3.keytab,")) << ran.err;
  EXPECT_FALSE(fs::exists(path("out/c3.example.com")));
}

TEST_F(Plan, TheProxysKeyInAnExecutorsFileIsLeftOutAndNamed) {
  keys("e1.example.com.keytab", {record("e1"), record("lb")});
  const Ran ran = plan();
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(planned("e1"), "e3e");
  EXPECT_TRUE(ran.prints("left out impala/lb.example.com@EXAMPLE.COM of")) << ran.out;
}

TEST_F(Plan, OfTheProxysFileOnlyTheProxysKeysAreGiven) {
  auto http = record("lb", 1, 'h');
  http.components[0] = "HTTP";
  keys("proxy.keytab", {record("lb"), http, record("c2")});
  const Ran ran = plan();
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(planned("c1"), "c3c l3l l1h");
  EXPECT_TRUE(ran.prints("left out impala/c2.example.com@EXAMPLE.COM of")) << ran.out;
}

/// What is wrong with c1's file, and what is said.
struct Fault {
  const char* name;
  void (*make)(const std::string& file);
  std::vector<std::string> says;
};

void write_records(const std::string& file, const std::vector<keytab_fixture::Record>& records) {
  keytab_fixture::File out;
  for (const auto& one : records) out.add(one);
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(out.octets().data()), static_cast<std::streamsize>(out.octets().size()));
}

class PlanFault : public PlanCli, public testing::WithParamInterface<Fault> {};

TEST_P(PlanFault, IsNamedKeepsTheOldPlanAndStopsNoOtherHost) {
  ASSERT_EQ(plan().status, 0);
  const auto before = state_of_out();
  const std::string file = path("keys/c1.example.com.keytab");
  fs::remove(file);
  GetParam().make(file);
  fs::remove_all(path("out/c2.example.com"));
  const Ran ran = plan();
  EXPECT_EQ(ran.status, 1);
  EXPECT_TRUE(ran.prints("c1.example.com: FAILED; what an earlier plan made stays, and is old\n")) << ran.out;
  EXPECT_TRUE(ran.prints("c2.example.com: new, 2 entries"));
  EXPECT_TRUE(ran.prints("e1.example.com: unchanged"));
  EXPECT_TRUE(ran.says("keytool: c1.example.com: "));
  for (const std::string& part : GetParam().says) EXPECT_TRUE(ran.says(part)) << part << " in " << ran.err;
  auto after = state_of_out();
  for (const char* kept : {"c1.example.com/impala.keytab", "c1.example.com/impalad_flags"})
    EXPECT_EQ(after[kept], before.at(kept));
}

INSTANTIATE_TEST_SUITE_P(
    Of, PlanFault,
    testing::Values(
        Fault{"Missing", [](const std::string&) {}, {"no keytab: looked for", "c1.keytab", "--kadmin-script"}},
        Fault{"Damaged",
              [](const std::string& file) {
                write_records(file, {keytab_fixture::record("c1")});
                fs::resize_file(file, fs::file_size(file) - 3);
              },
              {"c1.example.com.keytab: damaged at byte 2: ", "export it again"}},
        Fault{"Empty", [](const std::string& file) { std::ofstream{file}; }, {"not a keytab: the file is empty"}},
        Fault{"WithoutItsPrincipal",
              [](const std::string& file) { write_records(file, {keytab_fixture::record("alias")}); },
              {"no key of impala/c1.example.com@EXAMPLE.COM", "holds impala/alias.example.com@EXAMPLE.COM"}},
        Fault{"OfUpperCase",
              [](const std::string& file) { write_records(file, {keytab_fixture::record("C1")}); },
              {"holds impala/C1.example.com@EXAMPLE.COM; case counts"}},
        Fault{"OfAnotherRealm",
              [](const std::string& file) {
                auto record = keytab_fixture::record("c1");
                record.realm = "OTHER.COM";
                write_records(file, {record});
              },
              {"the realm is another one"}},
        Fault{"WithAnotherHostsKey",
              [](const std::string& file) {
                write_records(file, {keytab_fixture::record("c1"), keytab_fixture::record("c2")});
              },
              {"holds impala/c2.example.com@EXAMPLE.COM, another host's key"}},
        Fault{"InConflict",
              [](const std::string& file) {
                write_records(file, {keytab_fixture::record("c1", 3, 'a'), keytab_fixture::record("c1", 3, 'b')});
              },
              {"conflict: impala/c1.example.com@EXAMPLE.COM kvno 3", "hold different keys", "--prefer first"}}),
    [](const auto& one) { return std::string(one.param.name); });

TEST_F(Plan, APipeIsNotWaitedFor) {
  fs::remove(path("keys/c1.example.com.keytab"));
  ASSERT_EQ(mkfifo(path("keys/c1.example.com.keytab").c_str(), 0600), 0);
  const Ran ran = plan();
  EXPECT_EQ(ran.status, 3);
  EXPECT_TRUE(ran.says("a keytab is a regular file")) << ran.err;
  EXPECT_EQ(planned("c2"), "c3c l3l");
}

TEST_F(Plan, WithoutTheProxysKeyOnlyTheOtherDaemonsArePlanned) {
  fs::remove(path("keys/proxy.keytab"));
  const Ran ran = plan();
  EXPECT_EQ(ran.status, 1);
  EXPECT_TRUE(ran.says("proxy lb.example.com: no keytab: looked for")) << ran.err;
  EXPECT_TRUE(ran.says("c1.example.com: a coordinator needs the proxy's key")) << ran.err;
  EXPECT_EQ(planned("e1"), "e3e");
  EXPECT_FALSE(fs::exists(path("out/c1.example.com")));
}

TEST_F(Plan, ConflictsAreSettledAsAsked) {
  keys("c1.example.com.keytab", {record("c1", 3, 'a'), record("c1", 3, 'b')});
  ASSERT_EQ(plan({"--prefer", "last"}).status, 0);
  EXPECT_EQ(planned("c1"), "c3b l3l");
}

TEST_F(Plan, WhatIsNoLongerWantedIsNamedAndNotRemoved) {
  ASSERT_EQ(plan().status, 0);
  inventory("[statestored]\nc1.example.com\n[executors]\ne1.example.com\n");
  const Ran ran = plan();
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_TRUE(ran.prints("of an earlier plan, not removed: impalad_flags")) << ran.out;
  EXPECT_TRUE(ran.prints("out/c2.example.com: no longer in the inventory, not removed")) << ran.out;
  EXPECT_TRUE(fs::exists(path("out/c1.example.com/impalad_flags")));
  EXPECT_EQ(planned("c2"), "c3c l3l");
  EXPECT_EQ(planned("c1"), "c3c");
}

TEST_F(Plan, DryRunSaysTheSameAndWritesNothing) {
  const Ran dry = plan({"--dry-run"});
  EXPECT_EQ(dry.status, 0);
  EXPECT_TRUE(dry.prints("3 hosts: 3 new; nothing was written (--dry-run)")) << dry.out;
  EXPECT_FALSE(fs::exists(path("out")));
}

TEST_F(Plan, ALinkInOutIsNotFollowed) {
  ASSERT_EQ(plan().status, 0);
  put("elsewhere", {record("x1")});
  fs::remove(path("out/c1.example.com/impala.keytab"));
  fs::create_symlink(path("elsewhere"), path("out/c1.example.com/impala.keytab"));
  fs::rename(path("out/c2.example.com"), path("moved"));
  fs::create_directory_symlink(path("moved"), path("out/c2.example.com"));
  const Ran ran = plan();
  EXPECT_EQ(ran.status, 3);
  EXPECT_TRUE(ran.says("impala.keytab is a symbolic link where a plan writes a file")) << ran.err;
  EXPECT_TRUE(ran.says("c2.example.com is a symbolic link where a plan writes a directory")) << ran.err;
  EXPECT_EQ(entries("elsewhere"), std::vector<std::string>{"x3x"});
}

TEST_F(Plan, FoldersWithinEachOtherAreRefused) {
  for (const char* out : {"./keys", "./keys/plan", "./keys/../keys/x"}) {
    const Ran ran = keytool({"plan", "--inventory", "./inventory", "--proxy", "lb.example.com", "--keytabs", "./keys",
                             "--realm", "R", "--out", out});
    EXPECT_EQ(ran.status, 2);
    EXPECT_TRUE(ran.says("one lies in the other")) << ran.err;
  }
}

TEST_F(Plan, AnOutThatCannotBeMadeIsSaidOnce) {
  put("out", {});
  const Ran ran = plan();
  EXPECT_EQ(ran.status, 3);
  EXPECT_TRUE(ran.says("--out: ")) << ran.err;
  EXPECT_EQ(std::ranges::count(ran.err, '\n'), 1) << ran.err;
}

TEST_F(Plan, AFullDiskFailsTheHostsThatHadNoPlace) {
  keytab_fixture::Record wide = record("c2");
  std::vector<keytab_fixture::Record> many{wide};
  for (std::uint32_t i = 0; i < 2000; ++i) many.push_back(record("c2", 10 + i));
  keys("c2.example.com.keytab", many);
  fs::create_directory(path("out"));
  const int outcome = in_child([&] {
    if (!may_mount() || mount("tmpfs", path("out").c_str(), "tmpfs", 0, "size=64k") != 0) return 77;
    const Ran ran = plan({"--jobs", "1"});
    if (ran.status != 3 || !ran.says("c2.example.com: ") || !ran.says("No space left on device")) return 1;
    if (planned("c1") != "c3c l3l" || planned("e1") != "e3e") return 2;
    return fs::is_empty(path("out/c2.example.com")) ? 0 : 3;
  });
  if (outcome == 77) GTEST_SKIP() << "SKIPPED: mounting is not permitted here";
  EXPECT_EQ(outcome, 0);
}

TEST_F(Plan, JsonHoldsWhatTheTextSaysAndNoKey) {
  fs::remove(path("keys/c2.example.com.keytab"));
  const Ran ran = plan({"--json"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_TRUE(ran.prints("\"new\": 2")) << ran.out;
  EXPECT_TRUE(ran.prints("\"failed\": 1"));
  EXPECT_TRUE(ran.prints("\"change\": \"added\""));
  EXPECT_TRUE(ran.prints("\"error\": \"no keytab: looked for "));
  EXPECT_FALSE(ran.prints(std::string(32, 'c')));
  EXPECT_FALSE(ran.prints("6363636363"));
}

TEST_F(Plan, KadminScriptMakesAndExportsEveryPrincipal) {
  inventory("[coordinators]\nc1.example.com\n");
  const Ran ran = plan({"--kadmin-script"});
  EXPECT_EQ(ran.status, 0);
  const std::string keys = fs::canonical(path("keys"));
  EXPECT_EQ(ran.out,
            "addprinc -requires_preauth -randkey impala/lb.example.com@EXAMPLE.COM\n"
            "addprinc -requires_preauth -randkey impala/c1.example.com@EXAMPLE.COM\n"
            "ktadd -norandkey -k " +
                keys +
                "/lb.example.com.keytab impala/lb.example.com@EXAMPLE.COM\n"
                "ktadd -norandkey -k " +
                keys + "/c1.example.com.keytab impala/c1.example.com@EXAMPLE.COM\n");
  EXPECT_FALSE(fs::exists(path("out")));
}

TEST_F(Plan, WrongLinesAreRefused) {
  EXPECT_TRUE(plan({"--jobs", "0"}).says("--jobs: write a number from 1 to 256"));
  EXPECT_TRUE(plan({"--keytab", "relative"}).says("is not absolute"));
  EXPECT_TRUE(plan({"--owner", "no-such-user-here"}).says("there is no user"));
  EXPECT_TRUE(plan({"--service", "a b"}).says("service 'a b': it may hold"));
  EXPECT_EQ(plan({"--mode", "9"}).status, 2);
  EXPECT_FALSE(fs::exists(path("out")));
}

}  // namespace
