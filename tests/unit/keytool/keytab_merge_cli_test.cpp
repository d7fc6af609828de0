#include <sys/stat.h>

#include <boost/json/parse.hpp>

#include "unit/keytool/keytab_cli_fixture.hpp"

namespace {

using keytab_fixture::File;
using keytab_fixture::Octets;
using keytab_fixture::Record;
using keytab_fixture::record;
namespace json = boost::json;

class MergeCommand : public KeytabCli {
 protected:
  [[nodiscard]] bool written() const { return std::filesystem::exists(path("out")); }
};
class WriteCommand : public MergeCommand {};

TEST_F(MergeCommand, SaysWhereEveryEntryWent) {
  put("k", {record("a"), record("b")});
  put("l", {record("b"), record("c")});
  const Ran ran = keytool({"merge", "./k", "./l", "-o", "./out"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(entries("out"), (Shown{"a3k", "b3k", "c3k"}));
  EXPECT_EQ(mode_of(path("out")), 0600u);
  EXPECT_EQ(ran.out, path("out") + ": 3 entries written\n  " + path("k") + ": 2 entries, 2 kept\n  " + path("l") +
                         ": 2 entries, 1 kept, 1 dropped as duplicate\n"
                         "  dropped impala/b.example.com@EXAMPLE.COM kvno 3 aes256-cts-hmac-sha1-96 (" +
                         path("l") + " byte 2): the same as " + path("k") + " byte 93\n");
  EXPECT_EQ(ran.err, "");
}

TEST_F(MergeCommand, KeepsEveryFieldToTheByte) {
  Record odd = record("a", 70000);
  odd.kvno8 = 70000 & 0xff;
  odd.name_type = 3;
  odd.timestamp = 0xfffffff0;
  put("k", {odd});
  EXPECT_EQ(keytool({"merge", "./k", "-o", "./out"}).status, 0);
  EXPECT_EQ(octets_of(path("out")), octets_of(path("k")));
}

TEST_F(MergeCommand, RefusesAConflictAndSaysHowToSettleIt) {
  put("k", {record("x"), record("a", 3, 'k')});
  put("l", {record("a", 3, 'K')});
  const Ran ran = keytool({"merge", "./k", "./l", "-o", "./out"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_FALSE(written());
  EXPECT_TRUE(ran.says("conflict: impala/a.example.com@EXAMPLE.COM kvno 3 aes256-cts-hmac-sha1-96: " + path("k") +
                       " byte 93 and " + path("l") +
                       " byte 2 hold different keys; say with --prefer first or --prefer last which stays\n"))
      << ran.err;
}

TEST_F(MergeCommand, PrefersAsTold) {
  put("k", {record("a", 3, 'k')});
  put("l", {record("a", 3, 'K')});
  const Ran first = keytool({"merge", "./k", "./l", "-o", "./out", "--prefer", "first"});
  EXPECT_EQ(first.status, 0);
  EXPECT_EQ(entries("out"), Shown{"a3k"});
  EXPECT_TRUE(first.prints("(" + path("l") + " byte 2): another key stays, " + path("k") + " byte 2\n"));
  EXPECT_EQ(keytool({"merge", "./k", "./l", "-o", "./out", "--prefer", "last"}).status, 0);
  EXPECT_EQ(entries("out"), Shown{"a3K"});
}

TEST_F(MergeCommand, KeepsOnlyTheNewestKvnoWhenAsked) {
  put("k", {record("a", 3), record("b", 1)});
  put("l", {record("a", 4)});
  const Ran ran = keytool({"merge", "./k", "./l", "-o", "./out", "--newest-kvno-only"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(entries("out"), (Shown{"b1k", "a4k"}));
  EXPECT_TRUE(ran.prints("1 dropped as older kvno"));
  EXPECT_TRUE(ran.prints("not the newest kvno"));
}

TEST_F(MergeCommand, OutputMayBeAnInput) {
  put("out", {record("a")});
  put("k", {record("b")});
  ASSERT_EQ(chmod(path("out").c_str(), 0640), 0);
  EXPECT_EQ(keytool({"merge", "./out", "./k", "-o", "./out"}).status, 0);
  EXPECT_EQ(entries("out"), (Shown{"a3k", "b3k"}));
  EXPECT_EQ(mode_of(path("out")), 0640u);
}

TEST_F(MergeCommand, MergingAgainChangesNothing) {
  put("k", {record("a"), record("b", 2)});
  ASSERT_EQ(keytool({"merge", "./k", "-o", "./out"}).status, 0);
  const Octets once = octets_of(path("out"));
  ASSERT_EQ(keytool({"merge", "./out", "./k", "-o", "./out"}).status, 0);
  EXPECT_EQ(octets_of(path("out")), once);
}

TEST_F(MergeCommand, MergesNothingFromADamagedFile) {
  Record bad = record("m");
  bad.realm = "";
  put("k", {record("a")});
  put("l", {record("b"), bad, record("c")});
  const Ran ran = keytool({"merge", "./k", "./l", "-o", "./out"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_FALSE(written());
  EXPECT_TRUE(ran.says(path("l") + ": damaged at byte 93"));
  EXPECT_TRUE(ran.says("--salvage keeps the entries that can be trusted"));
}

TEST_F(MergeCommand, SalvageKeepsTheRestAndSaysWhatIsLost) {
  Record bad = record("m");
  bad.realm = "";
  Record doubtful = record("d");
  doubtful.key = "short";
  put("l", {record("b"), bad, doubtful, record("c")});
  const Ran ran = keytool({"merge", "./l", "-o", "./out", "--salvage"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(entries("out"), (Shown{"b3k", "c3k"}));
  EXPECT_TRUE(ran.says("damaged at byte 93"));
  EXPECT_TRUE(ran.says("doubtful entry at byte 173"));
  EXPECT_TRUE(ran.says("; left out\n"));
  EXPECT_TRUE(ran.prints(": 3 entries, 2 kept, 1 left out as doubtful, 1 unreadable\n"));
}

TEST_F(MergeCommand, AnOptionThatHasToBeThereIsNotBlamedForAMissingOperand) {
  EXPECT_TRUE(keytool({"merge", "-o", "./out"}).says("merge was given no KEYTAB\n"));
  EXPECT_TRUE(keytool({"merge", "--output", "./out"}).says("merge was given no KEYTAB\n"));
  EXPECT_TRUE(keytool({"merge", "-o", "./out", "--prefer", "./k"}).says("; --prefer took '" + path("k") + "'"));
}

TEST_F(MergeCommand, AModeThatLetsNobodyReadIsRefused) {
  put("k", {record("a")});
  for (const char* mode : {"0", "0000", "0333"}) {
    const Ran ran = keytool({"merge", "./k", "-o", "./out", "--mode", mode});
    EXPECT_EQ(ran.status, 2) << mode;
    EXPECT_TRUE(ran.says("lets nobody read the keytab")) << ran.err;
    EXPECT_FALSE(written());
  }
}

TEST_F(MergeCommand, AFullDiskBehindStandardOutputIsOneLine) {
  class Full : public std::stringbuf {
    int sync() override {
      errno = ENOSPC;
      return -1;
    }
  } full;
  put("k", {record("a")});
  std::istringstream in;
  std::ostream out(&full);
  std::ostringstream err;
  kerbgate::test::FakeResolver resolver;
  kerbgate::commands::Environment environment{in, out, err, resolver};
  const std::vector<std::string> arguments{"merge", path("k"), "-o", "-"};
  EXPECT_EQ(static_cast<int>(dispatch(arguments, kerbgate::commands::all_commands(), environment)), 3);
  EXPECT_EQ(err.str(), "keytool: write standard output: No space left on device; the answer is not complete\n");
}

TEST_F(MergeCommand, DoubtfulKeyLengthAloneRefuses) {
  Record doubtful = record("d");
  doubtful.key = "short";
  put("k", {record("a"), doubtful});
  EXPECT_EQ(keytool({"merge", "./k", "-o", "./out"}).status, 1);
  EXPECT_FALSE(written());
}

constexpr std::endian kForeign = std::endian::native == std::endian::little ? std::endian::big : std::endian::little;

TEST_F(MergeCommand, ForeignByteOrderIsRefusedAndSalvaged) {
  File file(1, kForeign);
  file.add(record("a"));
  directory_.write("k", file.octets());
  EXPECT_EQ(keytool({"merge", "./k", "-o", "./out"}).status, 1);
  EXPECT_FALSE(written());
  EXPECT_EQ(keytool({"merge", "./k", "-o", "./out", "--salvage"}).status, 0);
  EXPECT_EQ(entries("out"), Shown{"a3k"});
}

TEST_F(MergeCommand, InputThatCannotBeReadStopsEverything) {
  put("k", {record("a")});
  put("out", {record("old")});
  const Ran ran = keytool({"merge", "./k", "./none", "-o", "./out", "--salvage"});
  EXPECT_EQ(ran.status, 3);
  EXPECT_EQ(entries("out"), Shown{"o3k"});
}

TEST_F(MergeCommand, NothingToWriteIsAnError) {
  directory_.write("k", {5, 2});
  const Ran ran = keytool({"merge", "./k", "-o", "./out"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_TRUE(ran.says("the keytabs hold no entry"));
  EXPECT_FALSE(written());
}

TEST_F(MergeCommand, WritesToStandardOutputAndReportsBesideIt) {
  put("k", {record("a")});
  const Ran ran = keytool({"merge", "./k", "-o", "-"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(Octets(ran.out.begin(), ran.out.end()), octets_of(path("k")));
  EXPECT_TRUE(ran.says("standard output: 1 entry written"));
}

TEST_F(MergeCommand, WritesNoKeyToATerminal) {
  put("k", {record("a")});
  const Ran ran = keytool({"merge", "./k", "-o", "-"}, true);
  EXPECT_EQ(ran.status, 2);
  EXPECT_EQ(ran.out, "");
}

TEST_F(MergeCommand, SetsTheMode) {
  put("k", {record("a")});
  EXPECT_EQ(keytool({"merge", "./k", "-o", "./out", "--mode", "0400"}).status, 0);
  EXPECT_EQ(mode_of(path("out")), 0400u);
}

TEST_F(MergeCommand, WarnsOfWeakEnctypesAndOfAModeForEverybody) {
  Record rc4 = record("a");
  rc4.enctype = 23;
  rc4.key = std::string(16, 'k');
  put("k", {rc4});
  const Ran ran = keytool({"merge", "./k", "-o", "./out", "--mode", "0644"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_TRUE(ran.says("warning: 1 entry of weak enctypes: arcfour-hmac"));
  EXPECT_TRUE(ran.says("can be read by every user of this host"));
}

TEST_F(MergeCommand, JsonHasTheWholeAccount) {
  Record bad = record("m");
  bad.realm = "";
  put("k", {record("a", 3, 'k'), record("b")});
  put("l", {record("a", 3, 'K'), record("b"), bad});
  const Ran ran = keytool({"merge", "./k", "./l", "-o", "./out", "--prefer", "first", "--salvage", "--json"});
  EXPECT_EQ(ran.status, 0);
  const auto report = json::parse(ran.out);
  EXPECT_TRUE(report.at("written").as_bool());
  EXPECT_EQ(report.at("entries").as_int64(), 2);
  const auto& second = report.at("inputs").at(1);
  EXPECT_EQ(second.at("entries").as_int64(), 2);
  EXPECT_EQ(second.at("kept").as_int64(), 0);
  EXPECT_EQ(second.at("duplicates").as_int64(), 1);
  EXPECT_EQ(second.at("conflicts").as_int64(), 1);
  EXPECT_EQ(second.at("unreadable").as_int64(), 1);
  EXPECT_EQ(report.at("conflicts").at(0).at("second").at("file").as_string(), path("l"));
  EXPECT_EQ(report.at("dropped").as_array().size(), 2u);
  EXPECT_EQ(report.at("dropped").at(1).at("reason").as_string(), "duplicate");
  EXPECT_EQ(ran.out.find("6b6b6b"), std::string::npos);
}

TEST_F(MergeCommand, JsonOfARefusalSaysThatNothingWasWritten) {
  put("k", {record("a", 3, 'k')});
  put("l", {record("a", 3, 'K')});
  const Ran ran = keytool({"merge", "./k", "./l", "-o", "./out", "--json"});
  EXPECT_EQ(ran.status, 1);
  const auto report = json::parse(ran.out);
  EXPECT_FALSE(report.at("written").as_bool());
  EXPECT_EQ(report.at("conflicts").as_array().size(), 1u);
}

struct UsageCase {
  const char* name;
  std::vector<std::string> line;
  const char* said;
};
void PrintTo(const UsageCase& c, std::ostream* out) { *out << c.name; }
class CombineUsage : public MergeCommand, public testing::WithParamInterface<UsageCase> {};

TEST_P(CombineUsage, IsStatusTwoAndWritesNothing) {
  put("k", {record("a")});
  const Ran ran = keytool(GetParam().line);
  EXPECT_EQ(ran.status, 2);
  EXPECT_TRUE(ran.says(GetParam().said)) << ran.err;
  EXPECT_FALSE(written());
}

INSTANTIATE_TEST_SUITE_P(
    Cases, CombineUsage,
    testing::Values(UsageCase{"no_input", {"merge", "-o", "./out"}, "merge was given no KEYTAB"},
                    UsageCase{"no_output", {"merge", "./k"}, "output is missing"},
                    UsageCase{
                        "bad_prefer", {"merge", "./k", "-o", "./out", "--prefer", "newest"}, "first, last or fail"},
                    UsageCase{"bad_mode", {"merge", "./k", "-o", "./out", "--mode", "0999"}, "octal number"},
                    UsageCase{"empty_mode", {"merge", "./k", "-o", "./out", "--mode", ""}, "octal number"},
                    UsageCase{"long_mode", {"merge", "./k", "-o", "./out", "--mode", "1777"}, "octal number"},
                    UsageCase{"bad_owner", {"merge", "./k", "-o", "./out", "--owner", ":"}, "USER:GROUP"},
                    UsageCase{"mode_of_a_pipe", {"merge", "./k", "-o", "-", "--mode", "0400"}, "need a file"},
                    UsageCase{"input_twice", {"merge", "-", "-", "-o", "./out"}, "more than once"},
                    UsageCase{"remove_of_nothing", {"write", "./k", "-o", "./out", "--remove"}, "--remove needs"},
                    UsageCase{"bad_enctype", {"write", "./k", "-o", "./out", "--enctype", "x"}, "is not known"}),
    [](const auto& row) { return row.param.name; });

TEST_F(MergeCommand, UnknownOwnerIsStatusThree) {
  put("k", {record("a")});
  EXPECT_EQ(keytool({"merge", "./k", "-o", "./out", "--owner", "no-such-user"}).status, 3);
  EXPECT_FALSE(written());
}

TEST_F(WriteCommand, WritesTheEntriesThatMatch) {
  put("k", {record("a"), record("b"), record("a", 4)});
  const Ran ran = keytool({"write", "./k", "-o", "./out", "--principal", "impala/a.*"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(entries("out"), (Shown{"a3k", "a4k"}));
  EXPECT_TRUE(ran.prints(": 3 entries, 2 kept, 1 not selected\n"));
}

TEST_F(WriteCommand, RemoveWritesTheOthers) {
  put("k", {record("a"), record("b"), record("a", 4)});
  EXPECT_EQ(keytool({"write", "./k", "-o", "./k", "--remove", "--principal", "impala/a.*", "--kvno", "3"}).status, 0);
  EXPECT_EQ(entries("k"), (Shown{"b3k", "a4k"}));
}

TEST_F(WriteCommand, NothingLeftIsAnErrorAndTheTargetStays) {
  put("k", {record("a")});
  put("out", {record("old")});
  const Ran ran = keytool({"write", "./k", "-o", "./out", "--kvno", "9"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_TRUE(ran.says("no entry is left by these options"));
  EXPECT_EQ(entries("out"), Shown{"o3k"});
}

TEST_F(WriteCommand, ConflictThatIsNotSelectedIsNone) {
  put("k", {record("a", 3, 'k'), record("b")});
  put("l", {record("a", 3, 'K')});
  EXPECT_EQ(keytool({"write", "./k", "./l", "-o", "./out", "--principal", "*/b.*"}).status, 0);
  EXPECT_EQ(entries("out"), Shown{"b3k"});
}

TEST_F(WriteCommand, WithoutASelectionWritesVersion1Anew) {
  File file(1, std::endian::native);
  file.add(record("a"));
  directory_.write("k", file.octets());
  EXPECT_EQ(keytool({"write", "./k", "-o", "./out"}).status, 0);
  File anew;
  anew.add(record("a"));
  EXPECT_EQ(octets_of(path("out")), anew.octets());
}

}  // namespace
