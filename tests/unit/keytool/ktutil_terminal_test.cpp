#include <gtest/gtest.h>

#include "kerbgate/keytab.hpp"
#include "krb5/string_to_key.hpp"
#include "unit/keytool/support/terminal.hpp"

/// `keytool ktutil` on a terminal of its own.
namespace {

constexpr const char* kPrompt = "ktutil:  ";

TEST(KtutilTerminal, APasswordIsNotShown) {
  const TemporaryDirectory work;
  Terminal terminal(work, {"ktutil"});
  ASSERT_TRUE(terminal.shows(kPrompt)) << terminal.seen();
  terminal.type("addent -password -p a@R -k 1 -e aes256-cts\r");
  ASSERT_TRUE(terminal.shows("Password for a@R: ")) << terminal.seen();
  EXPECT_FALSE(terminal.echoes());
  terminal.type("swordfisj\177h\r");
  ASSERT_TRUE(terminal.shows(kPrompt)) << terminal.seen();
  terminal.type("wkt new\r");
  ASSERT_TRUE(terminal.shows(kPrompt)) << terminal.seen();
  terminal.type("quit\r");
  EXPECT_EQ(terminal.wait(), 0) << terminal.seen();
  EXPECT_EQ(terminal.seen().find("fis"), std::string::npos) << terminal.seen();
  const auto scan = kerbgate::keytab::scan(octets_of(work.file("new")));
  ASSERT_TRUE(scan);
  ASSERT_EQ(scan->entries.size(), 1u);
  kerbgate::PasswordKeyRequest request;
  request.principal = {{"a"}, "R", 1};
  request.enctype = 18;
  const std::string password = "swordfish";
  const auto* octets = reinterpret_cast<const std::uint8_t*>(password.data());
  const auto made = kerbgate::string_to_key(request, kerbgate::Secret({octets, password.size()}));
  ASSERT_TRUE(made);
  EXPECT_TRUE(scan->entries[0].key == made->key);
}

TEST(KtutilTerminal, AnInterruptedQuestionAddsNothingAndTheTerminalEchoesAgain) {
  const TemporaryDirectory work;
  Terminal terminal(work, {"ktutil"});
  ASSERT_TRUE(terminal.shows(kPrompt)) << terminal.seen();
  terminal.type("addent -password -p a@R -k 1 -e aes256-cts\r");
  ASSERT_TRUE(terminal.shows("Password for a@R: ")) << terminal.seen();
  terminal.type("swo\003");
  EXPECT_TRUE(terminal.shows("addent: Cannot read password while adding new entry")) << terminal.seen();
  ASSERT_TRUE(terminal.shows(kPrompt)) << terminal.seen();
  terminal.type("q\r");
  EXPECT_EQ(terminal.wait(), 1);
}

TEST(KtutilTerminal, TabCompletesARequest) {
  const TemporaryDirectory work;
  Terminal terminal(work, {"ktutil"});
  ASSERT_TRUE(terminal.shows(kPrompt)) << terminal.seen();
  terminal.type("list_r\t\r");
  EXPECT_TRUE(terminal.shows("Available ktutil requests:")) << terminal.seen();
  terminal.type("q\r");
  EXPECT_EQ(terminal.wait(), 0);
}

TEST(KtutilTerminal, HistoryBringsTheLastRequestBack) {
  const TemporaryDirectory work;
  Terminal terminal(work, {"ktutil"});
  ASSERT_TRUE(terminal.shows(kPrompt)) << terminal.seen();
  terminal.type("l -t\r");
  ASSERT_TRUE(terminal.shows("slot KVNO Timestamp")) << terminal.seen();
  ASSERT_TRUE(terminal.shows(kPrompt)) << terminal.seen();
  terminal.type("\020\r");  // Ctrl-P
  EXPECT_TRUE(terminal.shows("slot KVNO Timestamp")) << terminal.seen();
  terminal.type("q\r");
  EXPECT_EQ(terminal.wait(), 0);
}

}  // namespace
