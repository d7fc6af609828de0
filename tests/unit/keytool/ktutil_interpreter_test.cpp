#include "ktutil/interpreter.hpp"

#include <gtest/gtest.h>

#include "ktutil/addent.hpp"
#include "ktutil/list.hpp"
#include "ktutil/words.hpp"
#include "unit/keytool/keytab_fixture.hpp"

namespace kerbgate::ktutil {
namespace {

/// A world in memory that notes what it was asked.
class FakeWorld : public Outside {
 public:
  Result<keytab::Scan> read(const std::string& path) override {
    const auto found = files.find(path);
    if (found == files.end()) return Error(Errc::not_found, "read keytab " + path + ": no such file");
    return keytab::scan(found->second);
  }
  Result<keytab::Scan> read_target(const std::string& path) override {
    ++target_reads;
    return files.contains(path) ? read(path) : keytab::Scan{};
  }
  Result<void> write(const std::string& path, std::span<const keytab::Entry> entries, const keytab::Scan&) override {
    if (changes_meanwhile > 0) {
      --changes_meanwhile;
      return Error(Errc::conflict, "another program has changed it");
    }
    const auto bytes = keytab::encode(entries);
    if (!bytes) return bytes.error();
    files[path] = {bytes->bytes().begin(), bytes->bytes().end()};
    return {};
  }
  Result<std::string> default_realm() override {
    if (realm.empty()) return Error(Errc::krb5, "Configuration file does not specify default realm");
    return realm;
  }
  Result<PasswordKey> password_key(const PasswordKeyRequest& request, const Secret& password) override {
    asked_kdc = request.ask_kdc;
    salt = request.salt;
    PasswordKey out;
    out.enctype = request.enctype == 0 ? 20 : request.enctype;
    out.key = password.copy();
    return out;
  }
  std::optional<Secret> ask(const std::string& prompt) override {
    prompts.push_back(prompt);
    if (answer.empty()) return std::nullopt;
    return Secret({reinterpret_cast<const std::uint8_t*>(answer.data()), answer.size()});
  }
  std::uint32_t now() override { return 1700000000; }

  std::map<std::string, keytab_fixture::Octets> files;
  std::string realm = "EXAMPLE.COM", answer;
  std::vector<std::string> prompts;
  std::optional<std::string> salt;
  bool asked_kdc = false;
  int changes_meanwhile = 0, target_reads = 0;
};

keytab_fixture::Octets file_of(const std::vector<keytab_fixture::Record>& records) {
  keytab_fixture::File file;
  for (const auto& record : records) file.add(record);
  return file.octets();
}

class Ktutil : public testing::Test {
 protected:
  Ktutil() { world_.files["a"] = file_of({keytab_fixture::record("a")}); }
  FakeWorld world_;
  Interpreter interpreter_{world_};
};

TEST(KtutilWords, QuotesKeepBlanksAndMayStandWithinAWord) {
  const struct {
    const char* name;
    const char* line;
    std::optional<std::vector<std::string>> words;
  } table[] = {
      {"nothing", " \t ", std::vector<std::string>{}},
      {"blanks and tabs", " rkt\t a ", {{"rkt", "a"}}},
      {"blank inside quotes", "rkt \"a b\"", {{"rkt", "a b"}}},
      {"quotes within a word", "a\"b c\"d", {{"ab cd"}}},
      {"two quotes inside are one", "\"a\"\"b\"", {{"a\"b"}}},
      {"empty word", "\"\" x", {{"", "x"}}},
      {"not closed", "rkt \"a", std::nullopt},
      {"a quote inside, not closed", "rkt \"a\"\"", std::nullopt},
  };
  for (const auto& row : table) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(words_of(row.line), row.words);
  }
}

TEST(KtutilWords, NumbersAreReadAsAtoiReadsThem) {
  const struct {
    const char* text;
    std::uint32_t number;
    bool plain;
  } table[] = {{"3", 3, true},
               {"4294967295", 4294967295u, true},
               {"-1", 4294967295u, false},
               {"3x", 3, false},
               {"x3", 0, false},
               {"", 0, false},
               {"0", 0, true},
               {"4294967296", 0, false},
               {"99999999999999999999", 4294967295u, false}};
  for (const auto& row : table) {
    SCOPED_TRACE(row.text);
    EXPECT_EQ(static_cast<std::uint32_t>(leading_number(row.text)), row.number);
    EXPECT_EQ(is_plain_number(row.text), row.plain);
  }
}

TEST_F(Ktutil, ARequestThatFailsLeavesTheListAsItWas) {
  world_.files["cut"] = file_of({keytab_fixture::record("b"), keytab_fixture::record("c")});
  world_.files["cut"].resize(world_.files["cut"].size() - 1);
  ASSERT_FALSE(interpreter_.run("rkt a").failed);
  for (const char* line : {"rkt cut", "rkt none", "delent 2", "clear now", "addent -key -p x -k 1 -e rc4-hmac"}) {
    SCOPED_TRACE(line);
    EXPECT_TRUE(interpreter_.run(line).failed);
    EXPECT_EQ(interpreter_.entries().size(), 1u);
  }
}

TEST_F(Ktutil, DamageNamesTheOffsetAndTheRemedy) {
  world_.files["cut"] = file_of({keytab_fixture::record("b")});
  world_.files["cut"].pop_back();
  const Reply reply = interpreter_.run("rkt cut");
  ASSERT_EQ(reply.said.size(), 1u);
  EXPECT_TRUE(reply.said[0].starts_with("rkt: Bad format in keytab while reading keytab \"cut\": damaged at byte 2: "));
  EXPECT_TRUE(reply.said[0].ends_with("; 1 entry unreadable; keytool merge --salvage takes what is left"));
}

TEST_F(Ktutil, AFileThatChangedMeanwhileIsReadAgain) {
  interpreter_.run("rkt a");
  world_.changes_meanwhile = 1;
  EXPECT_FALSE(interpreter_.run("wkt out").failed);
  EXPECT_EQ(world_.target_reads, 2);
  world_.changes_meanwhile = 1000;
  EXPECT_TRUE(interpreter_.run("wkt out").failed);
}

TEST_F(Ktutil, AddentAsksForThePasswordAndGivesTheSalt) {
  world_.answer = "secret";
  EXPECT_FALSE(interpreter_.run("addent -password -p impala/lb -k 3 -e aes256-cts -s pepper").failed);
  EXPECT_EQ(world_.prompts, std::vector<std::string>{"Password for impala/lb@EXAMPLE.COM: "});
  EXPECT_EQ(world_.salt, "pepper");
  EXPECT_FALSE(world_.asked_kdc);
  ASSERT_EQ(interpreter_.entries().size(), 1u);
  EXPECT_EQ(interpreter_.entries()[0].kvno, 3u);
  EXPECT_EQ(interpreter_.entries()[0].enctype, 18);
  EXPECT_EQ(interpreter_.entries()[0].timestamp, 1700000000u);
}

TEST_F(Ktutil, AddentTakesTheKdcsEnctypeAndSaltWhenAsked) {
  world_.answer = "secret";
  EXPECT_FALSE(interpreter_.run("addent -password -p impala/lb -k 3 -f").failed);
  EXPECT_TRUE(world_.asked_kdc);
  EXPECT_EQ(world_.salt, std::nullopt);
  EXPECT_EQ(interpreter_.entries()[0].enctype, 20);
}

TEST_F(Ktutil, NoQuestionIsAskedForALineThatIsWrong) {
  for (const char* line : {"addent -password -p a -k 1 -e bogus", "addent -key -p a -k 1 -e 18", "addent -key -p a -k",
                           "addent -key -p a@b@c -k 1 -e rc4-hmac", "addent -key -p a -k 1 -f"}) {
    SCOPED_TRACE(line);
    EXPECT_TRUE(interpreter_.run(line).failed);
    EXPECT_TRUE(world_.prompts.empty());
  }
}

TEST_F(Ktutil, ADefaultRealmIsNeededOnlyWithoutOneInTheName) {
  world_.realm.clear();
  world_.answer = "00112233445566778899aabbccddeeff";
  const Reply without = interpreter_.run("addent -key -p a -k 1 -e rc4-hmac");
  EXPECT_EQ(without.said, std::vector<std::string>{
                              "addent: Configuration file does not specify default realm while adding new entry"});
  EXPECT_FALSE(interpreter_.run("addent -key -p a@R -k 1 -e rc4-hmac").failed);
}

TEST_F(Ktutil, WhatWasTypedIsEscapedInErrors) {
  EXPECT_EQ(interpreter_.run("\033[2J").said[0],
            "ktutil: Unknown request \"\\x1b[2J\".  Type \"?\" for a request list.");
}

TEST_F(Ktutil, EveryNameOfARequestIsKnown) {
  for (const Request& request : requests()) {
    for (const std::string_view name : request.names) {
      const Reply reply = interpreter_.run(std::string(name));
      for (const std::string& said : reply.said) EXPECT_EQ(said.find("Unknown request"), std::string::npos) << name;
    }
  }
}

TEST(KtutilList, AppendedKeepsConflictsInOrderAndTheNewestTimestampOfDuplicates) {
  std::vector<keytab::Entry> there, list;
  there.push_back(keytab_fixture::entry("a", 3, 'k'));
  there.push_back(keytab_fixture::entry("a", 3, 'x'));
  list.push_back(keytab_fixture::entry("a", 3, 'x'));
  list.back().timestamp += 5;
  list.push_back(keytab_fixture::entry("a", 4, 'k'));
  const auto all = appended(std::move(there), list);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].key.bytes()[0], 'k');
  EXPECT_EQ(all[1].key.bytes()[0], 'x');
  EXPECT_EQ(all[1].timestamp, 1700000005u);
  EXPECT_EQ(all[2].kvno, 4u);
}

TEST(KtutilList, UnknownEnctypesAreShownByNumber) {
  std::vector<keytab::Entry> list;
  list.push_back(keytab_fixture::entry("a"));
  list[0].enctype = 9999;
  EXPECT_NE(listing(list, {false, false, true}).find(" (etype 9999) \n"), std::string::npos);
}

}  // namespace
}  // namespace kerbgate::ktutil
