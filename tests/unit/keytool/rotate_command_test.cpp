#include "unit/keytool/keytab_cli_fixture.hpp"

namespace {

using keytab_fixture::record;

const std::string kProxy = "impala/lb.example.com@EXAMPLE.COM";

class RotateCommand : public KeytabCli {
 protected:
  RotateCommand() { put("a.keytab", {record("a"), record("lb")}); }
};

TEST_F(RotateCommand, LineThatSaysTooLittleOrTooMuchIsUsage) {
  const struct {
    std::vector<std::string> line;
    const char* reason;
  } cases[] = {
      {{}, "rotate was given no stage|commit|purge|status"},
      {{"stag", "--principal", kProxy, "./a.keytab"}, "not 'stag'; did you mean 'stage'?"},
      {{"status", "./a.keytab"}, "--principal"},
      {{"status", "--principal", "a@b@c", "./a.keytab"}, "--principal: "},
      {{"status", "--principal", "a@", "./a.keytab"}, "the realm after @ is empty"},
      {{"status", "--principal", kProxy}, "which keytabs?"},
      {{"stage", "--principal", kProxy, "./a.keytab"}, "how is the KDC reached?"},
      {{"stage", "--principal", kProxy, "./a.keytab", "--local", "--ccache"}, "exclude each other"},
      {{"stage", "--principal", kProxy, "./a.keytab", "--kadmin-principal", "x"}, "needs --kadmin-keytab"},
      {{"stage", "--principal", kProxy, "./a.keytab", "--kadmin-keytab", "./a.keytab"}, "--kadmin-principal"},
      {{"stage", "--principal", kProxy, "./a.keytab", "--local", "--enctype", "aes9"}, "enctype 'aes9' is not known"},
      {{"purge", "--principal", kProxy, "./a.keytab", "--local", "--ticket-life", "1w"}, "--ticket-life: '1w'"},
      {{"commit", "--principal", kProxy, "./a.keytab", "--local", "--now"}, "commit takes no --now: that is for purge"},
      {{"stage", "--principal", kProxy, "./a.keytab", "--ticket-life", "1d"}, "stage takes no --ticket-life"},
      {{"purge", "--principal", kProxy, "./a.keytab", "--enctype", "aes256-cts"}, "purge takes no --enctype"},
      {{"stage", "--principal", kProxy, "./a.keytab", "--json"}, "stage takes no --json: that is for status"},
      {{"status", "--principal", kProxy, "./a.keytab", "--dry-run"}, "status takes no --dry-run"},
  };
  for (const auto& [line, reason] : cases) {
    auto words = line;
    words.insert(words.begin(), "rotate");
    const Ran ran = keytool(words);
    EXPECT_EQ(ran.status, 2) << reason << '\n' << ran.err;
    EXPECT_TRUE(ran.says(reason)) << ran.err;
    EXPECT_EQ(ran.out, "");
  }
}

TEST_F(RotateCommand, KeytabsAreReadBeforeTheKdcIsAsked) {
  EXPECT_TRUE(keytool({"rotate", "stage", "--local", "--principal", "impala/bl.example.com@EXAMPLE.COM", "./a.keytab"})
                  .says("did you mean '" + kProxy + "'?"));
  const Ran none = keytool({"rotate", "stage", "--local", "--principal", kProxy, "./none.keytab"});
  EXPECT_EQ(none.status, 3);
  EXPECT_TRUE(none.says("none.keytab: No such file"));
}

TEST_F(RotateCommand, NamesOfFoldersAreEscaped) {
  const Ran ran = keytool({"rotate", "stage", "--local", "--principal", kProxy, "--keytabs", "./no\033[31m"});
  EXPECT_EQ(ran.status, 3);
  EXPECT_TRUE(ran.says("no\\x1b[31m")) << ran.err;
}

}  // namespace
