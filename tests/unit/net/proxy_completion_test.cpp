#include "program/command_line.hpp"
#include "unit/shell_scripts.hpp"

namespace kerbgate::program {
namespace {

class ProxyCompletion : public test::ShellScripts {
 protected:
  std::string answers(const std::string& shell, const std::string& options, const std::string& program) {
    return shell_with(completion_script(shell), shell, options, program);
  }
};

TEST_F(ProxyCompletion, BashCompletesOptionsFilesAndFolders) {
  const std::string ask = "; _kerbgate_proxy; echo \"${COMPREPLY[@]}\"\n";
  EXPECT_EQ(answers("bash", "--norc",
                    "set -u; source ./script\ncomplete -p\n"
                    "COMP_WORDS=(kerbgate-proxy --exp) COMP_CWORD=1" +
                        ask + "COMP_WORDS=(kerbgate-proxy -d) COMP_CWORD=1" + ask +
                        "COMP_WORDS=(kerbgate-proxy -c -f a) COMP_CWORD=3" + ask +
                        "COMP_WORDS=(kerbgate-proxy -C '') COMP_CWORD=2" + ask +
                        "COMP_WORDS=(kerbgate-proxy --completion z) COMP_CWORD=2" + ask +
                        "COMP_WORDS=(kerbgate-proxy --keytab = a) COMP_CWORD=3" + ask),
            "complete -F _kerbgate_proxy kerbgate-proxy\n--explain\n-db -d\na.keytab\nfolder\nzsh\na.keytab\n");
}

TEST_F(ProxyCompletion, FishCompletesTheSame) {
  if (!installed("fish")) GTEST_SKIP() << "fish is not installed";
  const std::string cut = " | string replace -r '\\t.*' ''\n";
  EXPECT_EQ(
      answers("fish", "-N",
              "source ./script\ncomplete -C 'kerbgate-proxy --exp'" + cut + "complete -C 'kerbgate-proxy -c -f a'" +
                  cut + "complete -C 'kerbgate-proxy --completion z'" + cut),
      "--explain\na.keytab\nzsh\n");
}

TEST_F(ProxyCompletion, ZshReadsItsScript) {
  if (!installed("zsh")) GTEST_SKIP() << "zsh is not installed";
  EXPECT_EQ(answers("zsh", "-f", "zsh -f -n ./script && compdef() { print $2 $1 }; source ./script\n"),
            "kerbgate-proxy _kerbgate_proxy\n");
  EXPECT_NE(completion_script("zsh").find("'(--foreground -db)-db[stay in the foreground, whatever the file says]'"),
            std::string::npos)
      << completion_script("zsh");
}

TEST(ProxyCommandLine, CompletionIsForTheShellsThatThereAre) {
  const char* const right[] = {"proxy", "--completion", "fish"};
  EXPECT_EQ(parse_command_line(3, right)->task, CommandLine::Task::completion);
  const char* const wrong[] = {"proxy", "--completion", "powershell"};
  const auto refused = parse_command_line(3, wrong);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what, "unknown shell 'powershell': --completion is for bash, zsh or fish");
}

}  // namespace
}  // namespace kerbgate::program
