#include "commands/help.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "commands/parse.hpp"
#include "commands/rows.hpp"

namespace kerbgate::commands {
namespace {

using Words = std::vector<std::string>;

/// A line that ends in a backslash goes on in the next.
std::string joined(std::string_view examples) {
  std::string all(examples);
  for (std::size_t at = all.find("\\\n"); at != std::string::npos; at = all.find("\\\n", at)) all.replace(at, 2, " ");
  return all;
}

Words lines_of(std::string_view text) {
  Words all;
  std::istringstream in{std::string(text)};
  for (std::string line; std::getline(in, line);) all.push_back(line);
  return all;
}

/// The words of a shell's line up to what ends a command there. Quotes are taken off.
Words words_of(std::string_view line) {
  constexpr std::string_view kEnd = "|<>&;)#";
  Words words;
  std::string word;
  char quote = 0;
  const auto end_word = [&] {
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  for (const char c : line) {
    if (quote == 0 && kEnd.find(c) != std::string_view::npos) break;
    if (quote == 0 && c == ' ') {
      end_word();
    } else if (c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else {
      word += c;
    }
  }
  end_word();
  return words;
}

/// keytool's own line in an example, whatever stands before it.
Words keytool_words(const std::string& example) {
  for (const std::string name : {"keytool ", "kerbgate-keytool "}) {
    for (std::size_t at = example.find(name); at != std::string::npos; at = example.find(name, at + 1)) {
      const bool begins = at == 0 || std::string_view(" (").find(example[at - 1]) != std::string_view::npos;
      if (begins) return words_of(std::string_view(example).substr(at + name.size()));
    }
  }
  return {};
}

class CommandHelp : public testing::TestWithParam<const Command*> {};

TEST_P(CommandHelp, EveryExampleIsALineThatTheCommandTakes) {
  const Command& command = *GetParam();
  ASSERT_FALSE(command.examples.empty());
  bool own = false;
  for (const std::string& example : lines_of(joined(command.examples))) {
    SCOPED_TRACE(example);
    const Words words = keytool_words(example);
    if (words.empty()) continue;  // a line that prepares or follows up
    const auto all = all_commands();
    const auto row = std::find_if(all.begin(), all.end(), [&](const Command* c) { return c->name == words[0]; });
    ASSERT_NE(row, all.end());
    own = own || *row == &command;
    const auto values = parse_line(**row, std::span(words).subspan(1));
    EXPECT_TRUE(values) << values.error().what;
  }
  EXPECT_TRUE(own) << "no example of the command itself";
}

TEST_P(CommandHelp, FitsATerminalOf80Columns) {
  std::ostringstream out;
  print_command_help(out, *GetParam());
  for (const std::string& line : lines_of(out.str())) {
    if (line == "examples:") break;  // command lines are not broken
    if (line.starts_with("usage: ")) continue;
    EXPECT_LE(line.size(), 80u) << line;
    EXPECT_FALSE(line.ends_with(' ')) << line;
  }
}

TEST_P(CommandHelp, SaysWhatItDoesBeforeHow) {
  const Command& command = *GetParam();
  EXPECT_FALSE(command.description.empty());
  EXPECT_FALSE(command.description.ends_with('\n'));
  EXPECT_FALSE(command.summary.empty());
  EXPECT_NE(command.summary.back(), '.');
}

INSTANTIATE_TEST_SUITE_P(Each, CommandHelp, testing::ValuesIn(all_commands().begin(), all_commands().end()),
                         [](const auto& row) { return std::string(row.param->name); });

TEST(CommandHelpText, FillsParagraphsAndColumns) {
  const auto no_options = [] { return po::options_description(); };
  const std::string word(39, 'x');
  const std::string text = "one\ntwo\n\n" + word + " " + word + "\nmore\n  alone\n  alone\nstep   " + word + ' ' +
                           word + "\n       " + word + "\nend";
  const Command command{"Group", "name", "summary", "", text, "", {}, no_options, nullptr};
  std::ostringstream out;
  print_command_help(out, command);
  EXPECT_NE(out.str().find("\n\none two\n\n" + word + " " + word + "\nmore\n  alone alone\nstep   " + word +
                           "\n       " + word + "\n       " + word + "\nend\n\noptions:\n"),
            std::string::npos)
      << out.str();
}

TEST(CommandHelpText, TheListOfCommandsFitsATerminalOf80Columns) {
  std::ostringstream out;
  print_help(out, all_commands());
  for (const std::string& line : lines_of(out.str())) EXPECT_LE(line.size(), 80u) << line;
}

}  // namespace
}  // namespace kerbgate::commands
