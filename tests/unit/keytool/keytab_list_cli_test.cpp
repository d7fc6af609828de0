#include <sys/wait.h>
#include <unistd.h>

#include <boost/json/parse.hpp>

#include "unit/keytool/keytab_cli_fixture.hpp"

namespace {

using keytab_fixture::File;
using keytab_fixture::Record;
using keytab_fixture::record;
namespace json = boost::json;

class ListCommand : public KeytabCli {};
class ReadCommand : public KeytabCli {};

TEST_F(ListCommand, PrintsOneRowAnEntry) {
  Record weak = record("b", 300);
  weak.enctype = 23;
  weak.key = std::string(16, 'k');
  weak.timestamp = 0xffffffff;
  put("k", {record("a"), weak});
  const Ran ran = keytool({"list", "./k"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.out,
            "slot  kvno  timestamp             principal                         enctype\n"
            "   1     3  2023-11-14T22:13:20Z  impala/a.example.com@EXAMPLE.COM  aes256-cts-hmac-sha1-96\n"
            "   2   300  2106-02-07T06:28:15Z  impala/b.example.com@EXAMPLE.COM  arcfour-hmac (weak)\n");
  EXPECT_EQ(ran.err, "");
}

TEST_F(ListCommand, PrintsNoControlCharacter) {
  Record hostile = record("a");
  hostile.components = {"\x1b[2J", "b\nc"};
  put("k", {hostile});
  EXPECT_TRUE(keytool({"list", "./k"}).prints("  \\x1b[2J/b\\nc@EXAMPLE.COM  "));
}

TEST_F(ListCommand, ShowsKeysOnlyWhenAsked) {
  put("k", {record("a")});
  const std::string key = "6b6b6b6b6b6b";
  for (const bool as_json : {false, true}) {
    std::vector<std::string> line{"list", "./k"};
    if (as_json) line.push_back("--json");
    EXPECT_FALSE(keytool(line).prints(key));
    line.push_back("--keys");
    EXPECT_TRUE(keytool(line).prints(key));
  }
}

TEST_F(ListCommand, HeadsEachOfSeveralFiles) {
  put("k", {record("a")});
  put("l", {record("b")});
  const Ran ran = keytool({"list", "./k", "./l"});
  EXPECT_TRUE(ran.out.starts_with(path("k") + ":\nslot"));
  EXPECT_TRUE(ran.prints("\n\n" + path("l") + ":\nslot"));
}

TEST_F(ListCommand, AsJsonHasEveryField) {
  put("k", {record("a", 300)});
  const auto value = json::parse(keytool({"list", "--json", "./k"}).out);
  const auto& file = value.at("files").at(0);
  EXPECT_EQ(file.at("file").as_string(), path("k"));
  EXPECT_EQ(file.at("format").as_string(), "0x0502");
  EXPECT_TRUE(file.at("damage").as_array().empty());
  EXPECT_EQ(file.at("entries").at(0), (json::value{{"slot", 1},
                                                   {"principal", "impala/a.example.com@EXAMPLE.COM"},
                                                   {"kvno", 300},
                                                   {"enctype", "aes256-cts-hmac-sha1-96"},
                                                   {"enctype_number", 18},
                                                   {"weak", false},
                                                   {"timestamp", "2023-11-14T22:13:20Z"},
                                                   {"name_type", 1},
                                                   {"offset", 2}}));
}

TEST_F(ListCommand, ListsWhatCanBeTrustedOfADamagedFileAndSaysTheRest) {
  Record bad = record("m");
  bad.realm = "";
  put("k", {record("a"), bad, record("z")});
  const Ran ran = keytool({"list", "./k"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_TRUE(ran.prints("impala/z.example.com"));
  EXPECT_TRUE(ran.says(path("k") + ": damaged at byte 93: record of 76 bytes: realm at byte 99 is empty; 1 entry "
                                   "unreadable\n"))
      << ran.err;
}

TEST_F(ListCommand, SaysWhatToDoAboutDamageOnceAFile) {
  Record bad = record("m");
  bad.realm = "";
  put("k", {record("a"), bad, bad});
  const std::string remedy = "keytool: " + path("k") + ": restore it from a good copy or export its keys again; " +
                             "keytool merge --salvage " + path("k") + " -o OUT keeps what can be trusted\n";
  const Ran listed = keytool({"list", "./k"});
  EXPECT_TRUE(listed.err.ends_with("unreadable\n" + remedy)) << listed.err;
  EXPECT_EQ(listed.err.find(remedy), listed.err.rfind(remedy));
  const Ran checked = keytool({"read", "./k"});
  EXPECT_TRUE(checked.prints(remedy.substr(9))) << checked.out;
  put("good", {record("a")});
  EXPECT_EQ(keytool({"list", "./good"}).err, "");
}

TEST_F(ListCommand, TakesTheSwitchesOfKlist) {
  put("k", {record("a")});
  const std::string plain = keytool({"list", "./k"}).out;
  EXPECT_EQ(keytool({"list", "-kte", "./k"}).out, plain);
  EXPECT_EQ(keytool({"list", "-k", "-t", "-e", "./k"}).out, plain);
  EXPECT_EQ(keytool({"list", "-kK", "./k"}).out, keytool({"list", "--keys", "./k"}).out);
}

TEST_F(ListCommand, AnOptionThatTookTheKeytabIsNamed) {
  put("k", {record("a")});
  EXPECT_TRUE(keytool({"list", "--kvno", "./k"})
                  .says("was given no KEYTAB; --kvno took '" + path("k") +
                        "' as its "
                        "value\n"));
  EXPECT_TRUE(keytool({"list", "--kvno=3"}).says("was given no KEYTAB\n"));
  EXPECT_TRUE(keytool({"list", "./k", "--kvno", "x"}).says("--kvno takes a number from 0 to 4294967295, not 'x'\n"));
}

TEST_F(ListCommand, OneFileThatCannotBeReadDoesNotHideTheOthers) {
  put("k", {record("a")});
  directory_.write("text", {'h', 'i'});
  const Ran missing = keytool({"list", "./none", "./k"});
  EXPECT_EQ(missing.status, 3);
  EXPECT_TRUE(missing.prints("impala/a.example.com"));
  EXPECT_TRUE(missing.says("keytool: read keytab " + path("none") + ": No such file or directory\n"));
  const Ran text = keytool({"list", "./text", "./k"});
  EXPECT_EQ(text.status, 1);
  EXPECT_TRUE(text.prints("impala/a.example.com"));
}

struct SelectionCase {
  const char* name;
  std::vector<std::string> options;
  Shown hosts;
};
void PrintTo(const SelectionCase& c, std::ostream* out) { *out << c.name; }
class ListSelection : public KeytabCli, public testing::WithParamInterface<SelectionCase> {};

TEST_P(ListSelection, ShowsTheEntriesAskedFor) {
  Record other_realm = record("a");
  other_realm.realm = "OTHER";
  Record rc4 = record("c", 5);
  rc4.enctype = 23;
  rc4.key = std::string(16, 'k');
  Record slash = record("d");
  slash.components = {"x/y", "d.example.com"};
  put("k", {record("a"), record("b", 4), other_realm, rc4, slash});
  std::vector<std::string> line{"list", "./k", "--json"};
  line.insert(line.end(), GetParam().options.begin(), GetParam().options.end());
  const auto value = json::parse(keytool(line).out);
  Shown slots;
  for (const auto& entry : value.at("files").at(0).at("entries").as_array()) {
    slots.push_back(std::to_string(entry.at("slot").as_int64()));
  }
  EXPECT_EQ(slots, GetParam().hosts);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, ListSelection,
    testing::Values(SelectionCase{"all", {}, {"1", "2", "3", "4", "5"}},
                    SelectionCase{"glob", {"--principal", "impala/*@EXAMPLE.COM"}, {"1", "2", "4"}},
                    SelectionCase{"literal", {"--principal", "impala/a.example.com@OTHER"}, {"3"}},
                    SelectionCase{"without_realm", {"--principal", "impala/a.example.com"}, {"1", "3"}},
                    SelectionCase{"escaped_as_printed", {"--principal", "x\\/y/d.example.com@EXAMPLE.COM"}, {"5"}},
                    SelectionCase{"either", {"--principal", "*/a.*", "--principal", "*/c.*"}, {"1", "3", "4"}},
                    SelectionCase{"enctype_alias", {"--enctype", "rc4-hmac"}, {"4"}},
                    SelectionCase{"kvnos", {"--kvno", "4", "--kvno", "5"}, {"2", "4"}},
                    SelectionCase{"both", {"--kvno", "3", "--principal", "*@OTHER"}, {"3"}},
                    SelectionCase{"none", {"--kvno", "77"}, {}}),
    [](const auto& row) { return row.param.name; });

TEST_F(ListCommand, SaysWhenNothingMatches) {
  put("k", {record("a")});
  const Ran ran = keytool({"list", "./k", "--kvno", "9"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_TRUE(ran.says(path("k") + ": no entry matches, of 1 entry"));
}

TEST_F(ListCommand, RefusesValuesThatAreNone) {
  put("k", {record("a")});
  EXPECT_EQ(keytool({"list", "./k", "--kvno", "-1"}).status, 2);
  EXPECT_EQ(keytool({"list", "./k", "--enctype", "aes512"}).status, 2);
  EXPECT_EQ(keytool({"list", "-", "-"}).status, 2);
  EXPECT_EQ(keytool({"list"}).status, 2);
}

TEST_F(ListCommand, ReadsStandardInput) {
  File file;
  file.add(record("a"));
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(write(ends[1], file.octets().data(), file.octets().size()), static_cast<ssize_t>(file.octets().size()));
  close(ends[1]);
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[0], STDIN_FILENO);
    const Ran ran = keytool({"list", "-"});
    _exit(ran.status == 0 && ran.prints("impala/a.example.com@EXAMPLE.COM") ? 0 : 1);
  }
  close(ends[0]);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(ReadCommand, SaysWhatASoundFileHolds) {
  Record second = record("a");
  second.enctype = 17;
  second.key = std::string(16, 'k');
  File file;
  file.add(record("a"));
  file.hole(12);
  file.add(second);
  directory_.write("k", file.octets());
  const Ran ran = keytool({"read", "./k"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.out, path("k") +
                         ": 2 entries, format 0x0502, 184 bytes, 1 hole\n"
                         "kvno  principal                         enctypes\n"
                         "   3  impala/a.example.com@EXAMPLE.COM  aes256-cts-hmac-sha1-96, aes128-cts-hmac-sha1-96\n" +
                         path("k") + ": sound\n");
}

TEST_F(ReadCommand, NamesConflictsAndDuplicatesByOffset) {
  put("k", {record("a", 3, 'k'), record("a", 3, 'K'), record("a", 3, 'k')});
  const Ran ran = keytool({"read", "./k"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_TRUE(
      ran.prints(": conflict at byte 93: impala/a.example.com@EXAMPLE.COM kvno 3 aes256-cts-hmac-sha1-96 has "
                 "another key at byte 2; libkrb5 uses the first\n"));
  EXPECT_TRUE(ran.prints(": note: the entry at byte 184 is that at byte 2 again; merge drops it\n"));
  EXPECT_TRUE(ran.prints(": 1 problem\n"));
}

TEST_F(ReadCommand, AKeytabWithoutAnEntryIsCalledEmpty) {
  put("k", {});
  const Ran ran = keytool({"read", "./k"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.out,
            path("k") + ": 0 entries, format 0x0502, 2 bytes\n" + path("k") + ": empty: a keytab without a key\n");
}

TEST_F(ReadCommand, DuplicatesAloneAreNoProblem) {
  put("k", {record("a"), record("a")});
  EXPECT_EQ(keytool({"read", "./k"}).status, 0);
}

TEST_F(ReadCommand, NamesEveryDamage) {
  Record bad = record("m");
  bad.components = {};
  Record doubtful = record("d");
  doubtful.key = "short";
  put("k", {record("a"), bad, doubtful});
  const Ran ran = keytool({"read", "./k"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_TRUE(ran.prints("damaged at byte 93: record of 64 bytes: component count at byte 97 is zero; 1 entry"));
  EXPECT_TRUE(ran.prints("doubtful entry at byte 161: key of 5 bytes, aes256-cts-hmac-sha1-96 has 32"));
  EXPECT_TRUE(ran.prints(": 2 problems\n"));
}

TEST_F(ReadCommand, AsJsonSaysTheSame) {
  Record bad = record("m");
  bad.realm = "";
  put("k", {record("a", 3, 'k'), record("a", 3, 'K'), bad});
  const Ran ran = keytool({"read", "--json", "./k", "./none"});
  EXPECT_EQ(ran.status, 3);
  const auto value = json::parse(ran.out);
  const auto& file = value.at("files").at(0);
  EXPECT_FALSE(file.at("sound").as_bool());
  EXPECT_EQ(file.at("entries").as_int64(), 2);
  EXPECT_EQ(file.at("damage").at(0).at("offset").as_int64(), 184);
  EXPECT_EQ(file.at("conflicts").at(0).at("offset").as_int64(), 93);
  EXPECT_EQ(file.at("conflicts").at(0).at("first_offset").as_int64(), 2);
  EXPECT_EQ(file.at("principals").at(0).at("principal").as_string(), "impala/a.example.com@EXAMPLE.COM");
  EXPECT_FALSE(value.at("files").at(1).at("sound").as_bool());
}

TEST_F(ReadCommand, WhatIsNoKeytabHasFailedTheCheck) {
  directory_.write("text", {'h', 'e', 'l', 'l', 'o'});
  directory_.write("empty", {});
  EXPECT_EQ(keytool({"read", "./text"}).status, 1);
  EXPECT_TRUE(keytool({"read", "./text"}).says(": not a keytab: first bytes 68 65, a keytab has 05 02\n"));
  EXPECT_EQ(keytool({"read", "./empty"}).status, 1);
  EXPECT_EQ(keytool({"read", "./none"}).status, 3);
}

}  // namespace
