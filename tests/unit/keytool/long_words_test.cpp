#include "unit/keytool/keytab_cli_fixture.hpp"

namespace {

using keytab_fixture::record;

class LongWords : public KeytabCli {};

/// A megabyte pasted where a name belongs must not fill the terminal: it is cut, the reason stays.
TEST_F(LongWords, AreCutInWhatIsSaid) {
  put("a.keytab", {record("a")});
  const std::string word(1'000'000, 'x');
  const std::string flagged = "impala/" + word + "@A@B";
  const std::vector<std::vector<std::string>> lines = {
      {word},
      {"list", "./a.keytab", "--" + word},
      {"flags", "--proxy", word, "--host", "h.example.com", "--realm", "R"},
      {"flags", "--proxy", "p.example.com", "--host", "h.example.com", "--realm", "R", "--role", word},
      {"flags", "--proxy", "p.example.com", "--host", "h.example.com", "--realm", "R", "--format", word},
      {"flags", "--proxy", "p.example.com", "--host", "h.example.com", "--realm", word + "!"},
      {"flags", "--proxy", "p.example.com", "--host", "h.example.com", "--realm", "R", "--keytab", word},
      {"client", "--proxy", word + ":x", "--for", "jdbc"},
      {"client", "--proxy", "p.example.com", "--for", word},
      {"completion", word},
      {"completion", "bash", word},
      {"verify", "./a.keytab", "--proxy", "p.example.com", "--realm", "R", "--host", word + "!"},
      {"merge", "./a.keytab", "-o", "./out", "--prefer", word},
      {"merge", "./a.keytab", "-o", "./out", "--mode", word},
      {"merge", "./a.keytab", "-o", "./out", "--owner", word},
      {"list", "./a.keytab", "--kvno", word},
      {"list", "./a.keytab", "--enctype", word},
      {"rotate", word, "--principal", "p@R", "./a.keytab"},
      {"rotate", "status", "--principal", flagged, "./a.keytab"},
      {"rotate", "purge", "--principal", "p@R", "./a.keytab", "--local", "--ticket-life", word},
  };
  for (const auto& line : lines) {
    const Ran ran = keytool(line);
    EXPECT_NE(ran.status, 0) << line[0];
    EXPECT_LT(ran.err.size(), 1000U) << line[0] << ' ' << line.back().substr(0, 20) << ": " << ran.err.substr(0, 200);
    EXPECT_TRUE(ran.says("xxx...")) << line[0] << ": " << ran.err.substr(0, 200);
  }
}

TEST_F(LongWords, OfAnInventoryAreCutToo) {
  const std::string name(100'000, 'x');
  for (const std::string& text : {"[coordinators]\n" + name + "!\n", "[coordinators]\nh[" + name + "]\n"}) {
    directory_.write("hosts", std::vector<std::uint8_t>(text.begin(), text.end()));
    const Ran ran = keytool({"flags", "--proxy", "p.example.com", "--realm", "R", "--inventory", "./hosts"});
    EXPECT_NE(ran.status, 0);
    EXPECT_LT(ran.err.size(), 1000U) << ran.err.substr(0, 200);
  }
}

}  // namespace
