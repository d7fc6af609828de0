#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "commands/completion_rows.hpp"
#include "commands/help.hpp"
#include "commands/rows.hpp"
#include "unit/keytool/support/fake_resolver.hpp"
#include "unit/shell_scripts.hpp"

namespace kerbgate::commands {
namespace {

using Words = std::vector<std::string>;

struct Ran {
  int status;
  std::string out, err;
};

Ran script_for(const std::string& shell) {
  std::istringstream in;
  std::ostringstream out, err;
  test::FakeResolver dns;
  Environment environment{in, out, err, dns};
  const Words arguments{"completion", shell};
  const Exit status = dispatch(arguments, all_commands(), environment);
  return {static_cast<int>(status), out.str(), err.str()};
}

class Completion : public test::ShellScripts {
 protected:
  /// What `shell` prints for `program` after the script for it has been written to the file $1.
  std::string shell(const std::string& name, const std::string& options, const std::string& program) {
    const Ran script = script_for(name);
    EXPECT_EQ(script.status, 0) << script.err;
    return shell_with(script.out, name, options, program);
  }
};

struct Case {
  const char* name;
  Words line;  ///< what is on it after the program; the last word is the one being written
  Words answer;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"command", {"fl"}, {"flags"}},
      {"operand of help", {"help", "com"}, {"completion"}},
      {"option", {"flags", "--ho"}, {"--host"}},
      {"format", {"flags", "--format", "flag"}, {"flags", "flagfile"}},
      {"role", {"flags", "--role", "c"}, {"coordinator", "catalogd"}},
      {"client", {"client", "--for", "im"}, {"impala-shell", "impyla"}},
      {"alternatives", {"merge", "a.keytab", "--prefer", "l"}, {"last"}},
      {"free text", {"flags", "--realm", ""}, {}},
      {"file of an option", {"flags", "--inventory", "a"}, {"a.keytab"}},
      {"file of a short option", {"merge", "-o", "a"}, {"a.keytab"}},
      {"file as operand", {"list", "--json", "a"}, {"a.keytab"}},
      {"words as operand", {"completion", "z"}, {"zsh"}},
  };
  return all;
}

Words sorted(Words words) {
  std::sort(words.begin(), words.end());
  return words;
}

Words lines(const std::string& text) {
  Words all;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) all.push_back(line);
  return all;
}

/// The lines of each case, which "case" separates.
std::vector<Words> by_case(const std::string& text) {
  std::vector<Words> all;
  for (std::string& line : lines(text)) {
    if (line == "case") {
      all.emplace_back();
    } else if (all.empty()) {
      all.push_back({"before the first case: " + line});
    } else {
      all.back().push_back(std::move(line));
    }
  }
  return all;
}

TEST_F(Completion, BashCompletesWhatTheTableHolds) {
  std::string program = "source ./script\n";
  for (const Case& one : cases()) {
    program += "COMP_WORDS=(kerbgate-keytool";
    for (const std::string& word : one.line) program += " '" + word + "'";
    program += "); COMP_CWORD=" + std::to_string(one.line.size()) +
               "; echo case; _kerbgate_keytool; ((${#COMPREPLY[@]})) && printf '%s\\n' \"${COMPREPLY[@]}\"\n";
  }
  const auto answers = by_case(shell("bash", "--norc", program + "true\n"));
  ASSERT_EQ(answers.size(), cases().size());
  for (std::size_t i = 0; i < answers.size(); ++i)
    EXPECT_EQ(sorted(answers[i]), sorted(cases()[i].answer)) << cases()[i].name;
}

TEST_F(Completion, BashRegistersTheInstalledNameAlone) {
  const std::string program =
      "set -u; source ./script\ncomplete -p\n"
      "COMP_WORDS=(kerbgate-keytool flags --format = he) COMP_CWORD=4; _kerbgate_keytool; echo \"${COMPREPLY[@]}\"\n"
      "COMP_WORDS=(kerbgate-keytool flags --format =) COMP_CWORD=3; _kerbgate_keytool; echo ${#COMPREPLY[@]}\n"
      "COMP_WORDS=(kerbgate-keytool flags --out '') COMP_CWORD=3; _kerbgate_keytool; echo \"${COMPREPLY[@]}\"\n";
  EXPECT_EQ(shell("bash", "--norc", program), "complete -F _kerbgate_keytool kerbgate-keytool\nhelm\n8\nfolder\n");
}

/// A command of steps, which its synopsis names, with files behind the step.
CompletedTable steps_table() {
  static const Command rotate{"Keytabs",
                              "rotate",
                              "two steps",
                              "stage|commit [KEYTAB...]",
                              "Does.",
                              "",
                              {"STEP", 1, Operands::kAny},
                              [] { return po::options_description(); },
                              nullptr};
  static const Command* const rows[] = {&rotate};
  return completed(rows);
}

TEST_F(Completion, BashOffersStepsAndThenFiles) {
  const std::string program =
      "source ./script\n"
      "COMP_WORDS=(kerbgate-keytool rotate c) COMP_CWORD=2; _kerbgate_keytool; echo \"${COMPREPLY[@]}\"\n"
      "COMP_WORDS=(kerbgate-keytool rotate commit a) COMP_CWORD=3; _kerbgate_keytool; echo \"${COMPREPLY[@]}\"\n";
  EXPECT_EQ(shell_with(bash_completion(steps_table()), "bash", "--norc", program), "commit\na.keytab\n");
}

TEST_F(Completion, FishOffersStepsAndThenFiles) {
  if (!installed("fish")) GTEST_SKIP() << "fish is not installed";
  const std::string program =
      "source ./script\ncomplete -C 'kerbgate-keytool rotate c'\ncomplete -C 'kerbgate-keytool rotate commit a'\n";
  EXPECT_EQ(shell_with(fish_completion(steps_table()), "fish", "-N", program), "commit\na.keytab\n");
}

TEST_F(Completion, ZshOffersStepsAndThenFiles) {
  const std::string script = zsh_completion(steps_table());
  EXPECT_NE(script.find("'1:STEP:(stage commit)'"), std::string::npos) << script;
  EXPECT_NE(script.find("'*:FILE:_files'"), std::string::npos) << script;
}

TEST_F(Completion, ZshReadsItsScript) {
  if (!installed("zsh")) GTEST_SKIP() << "zsh is not installed";
  EXPECT_EQ(shell("zsh", "-f", "zsh -f -n ./script && compdef() { print $2 $1 }; source ./script\n"),
            "kerbgate-keytool _kerbgate_keytool\n");
}

TEST_F(Completion, FishCompletesWhatTheTableHolds) {
  if (!installed("fish")) GTEST_SKIP() << "fish is not installed";
  std::string program = "source ./script\n";
  for (const Case& one : cases()) {
    std::string line = "kerbgate-keytool";
    for (const std::string& word : one.line) line += " " + word;
    program += "echo case; complete -C '" + line + "' | string replace -r '\\t.*' ''\n";
  }
  const auto answers = by_case(shell("fish", "-N", program + "true\n"));
  ASSERT_EQ(answers.size(), cases().size());
  for (std::size_t i = 0; i < answers.size(); ++i)
    EXPECT_EQ(sorted(answers[i]), sorted(cases()[i].answer)) << cases()[i].name;
}

TEST(CompletionRows, EveryOptionOfEveryCommandIsInEveryScript) {
  for (const auto name : completion::shell_names()) {
    const std::string script = script_for(std::string(name)).out;
    for (const Command* command : all_commands()) {
      EXPECT_NE(script.find(command->name), std::string::npos) << name << ": " << command->name;
      for (const std::string& spelling : spellings(command->options())) {
        const bool fish_long = name == "fish" && spelling.starts_with("--");
        const std::string written = fish_long        ? "-l " + spelling.substr(2)
                                    : name == "fish" ? "-s " + spelling.substr(1)
                                                     : spelling;
        EXPECT_NE(script.find(written), std::string::npos) << name << ": " << command->name << " " << spelling;
      }
    }
  }
}

TEST(CompletionRows, WhatAShellWouldReadIsQuoted) {
  completion::Option odd{{"--odd"}, "it's [50%] C:\\x: done", "A:B", {}, true};
  const CompletedTable table{{"make", "the user's $HOME", {odd}, "", {}, false}};
  EXPECT_NE(zsh_completion(table).find("'*--odd=[it'\\''s \\[50%\\] C\\:\\\\x\\: done]:A\\:B: '\n"), std::string::npos)
      << zsh_completion(table);
  EXPECT_NE(zsh_completion(table).find("    'make:the user'\\''s $HOME'\n"), std::string::npos);
  EXPECT_NE(fish_completion(table).find(" -l odd -x -d 'it\\'s [50%] C:\\\\x: done'\n"), std::string::npos)
      << fish_completion(table);
}

TEST(CompletionRows, AnUnknownShellIsRefused) {
  const Ran near = script_for("bsh"), far = script_for("powershell");
  EXPECT_EQ(near.status, 2);
  EXPECT_EQ(near.err, "keytool: unknown shell 'bsh'; did you mean 'bash'?\n");
  EXPECT_EQ(far.err, "keytool: unknown shell 'powershell': it is bash, zsh or fish\n");
}

}  // namespace
}  // namespace kerbgate::commands
