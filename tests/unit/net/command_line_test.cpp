#include "program/command_line.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace kerbgate::program {
namespace {

Result<CommandLine> parsed(std::vector<const char*> words) {
  words.insert(words.begin(), "proxy");
  return parse_command_line(int(words.size()), words.data());
}

TEST(CommandLine, TakesWhatAnInitScriptOfHaproxyGives) {
  const Result<CommandLine> line =
      parsed({"-Ws", "-f", "/etc/a.cfg", "-f", "/etc/b.d", "-p", "/run/p.pid", "-D", "-q", "-n", "500"});
  ASSERT_TRUE(line) << line.error().what;
  EXPECT_EQ(line->task, CommandLine::Task::run);
  EXPECT_EQ(line->sources.paths, (std::vector<std::string>{"/etc/a.cfg", "/etc/b.d"}));
  EXPECT_EQ(line->pidfile, "/run/p.pid");
  EXPECT_TRUE(line->daemon);
  EXPECT_TRUE(line->quiet);
  EXPECT_EQ(line->maxconn, 500u);
}

TEST(CommandLine, ReadsHaproxysLettersAfterOneDash) {
  const Result<CommandLine> line = parsed({"-db", "-f", "x"});
  ASSERT_TRUE(line);
  EXPECT_TRUE(line->foreground);
  EXPECT_EQ(parsed({"-vv"})->task, CommandLine::Task::build_info);
  EXPECT_EQ(parsed({"-v"})->task, CommandLine::Task::version);
  EXPECT_EQ(parsed({"-c", "-V", "-f", "x"})->task, CommandLine::Task::check);
}

TEST(CommandLine, WorksWithoutAFile) {
  const Result<CommandLine> line =
      parsed({"--fqdn", "lb.example.com", "--listen", "25003", "--listen", "21051,balance=source", "--server",
              "h1.example.com:21050", "--server", "h2.example.com:21050"});
  ASSERT_TRUE(line) << line.error().what;
  ASSERT_TRUE(line->sources.words);
  EXPECT_EQ(line->sources.words->fqdn, "lb.example.com");
  EXPECT_EQ(line->sources.words->listens.size(), 2u);
  EXPECT_EQ(line->sources.words->servers.size(), 2u);
}

TEST(CommandLine, SaysWhatIsMissingOrTooMuch) {
  const struct {
    const char* name;
    std::vector<const char*> words;
    const char* needle;
  } cases[] = {
      {"nothing to serve", {}, "no configuration"},
      {"a listener without servers", {"--listen", "25003"}, "--server"},
      {"file and words", {"-f", "x", "--fqdn", "lb.example.com"}, "one or the other"},
      {"unknown option", {"--fqnd", "lb.example.com"}, "--fqnd"},
      {"a value missing", {"-f"}, "-f"},
      {"not a number", {"-n", "many", "-f", "x"}, "many"},
  };
  for (const auto& c : cases) {
    const Result<CommandLine> line = parsed(c.words);
    ASSERT_FALSE(line) << c.name;
    EXPECT_NE(line.error().what.find(c.needle), std::string::npos) << c.name << ": " << line.error().what;
  }
}

}  // namespace
}  // namespace kerbgate::program
