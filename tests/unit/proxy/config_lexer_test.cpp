#include "config/lexer.hpp"

#include <gtest/gtest.h>

namespace kerbgate::config {
namespace {

const Environment kEnvironment = [](const std::string& name) -> std::optional<std::string> {
  if (name == "FOO") return "bar";
  if (name == "EMPTY") return "";
  if (name == "TWO") return "a b";
  return std::nullopt;
};

std::vector<std::string> texts(const LexedLine& line) {
  std::vector<std::string> out;
  for (const Word& word : line.words) out.push_back(word.text);
  return out;
}

struct WordsCase {
  const char* name;
  std::string line;
  std::vector<std::string> words;
};

class LexerWords : public testing::TestWithParam<WordsCase> {};

TEST_P(LexerWords, AreThoseOfHaproxy) { EXPECT_EQ(texts(lex(GetParam().line, kEnvironment)), GetParam().words); }

// What HAProxy 2.6 makes of each was seen in its "unknown keyword" messages, but for the empty word and the NUL.
INSTANTIATE_TEST_SUITE_P(
    All, LexerWords,
    testing::Values(
        WordsCase{"blank", " \t ", {}}, WordsCase{"empty", "", {}}, WordsCase{"comment", "  # bind :80", {}},
        WordsCase{"words", "  bind\t:80  ssl ", {"bind", ":80", "ssl"}},
        WordsCase{"carriageReturn", "mode tcp\r", {"mode", "tcp"}},
        WordsCase{"commentAfterBlank", "mode tcp # why", {"mode", "tcp"}},
        WordsCase{"commentInsideWord", "maxconn 1#2", {"maxconn", "1"}},
        WordsCase{"escapedHash", "X\\#b c#d", {"X#b", "c"}}, WordsCase{"quotedHash", "X\"#b\" c", {"X#b", "c"}},
        WordsCase{"escapedBlank", "a\\ b", {"a b"}}, WordsCase{"escapedBackslash", "a\\\\b", {"a\\b"}},
        WordsCase{"escapedQuotes", "X\\'a\\\"b", {"X'a\"b"}}, WordsCase{"control", "a\\n\\r\\tb", {"a\n\r\tb"}},
        WordsCase{"hexadecimal", "X\\x41\\x7e", {"XA~"}}, WordsCase{"unknownEscapeStays", "X\\1\\q", {"X\\1\\q"}},
        WordsCase{"backslashAtTheEndStays", "X\\", {"X\\"}}, WordsCase{"quotesInsideWord", "X\"a b\"c", {"Xa bc"}},
        WordsCase{"doubleQuoteEscapes", "X\"a\\\"b\\'c\\ d\\#\\n\"", {"Xa\"b'c d#\n"}},
        WordsCase{"singleQuotesAreLiteral", "X'a\\x41 $FOO #\"'", {"Xa\\x41 $FOO #\""}},
        WordsCase{"emptyQuotesInsideWord", "X\"\"", {"X"}}, WordsCase{"variable", "X\"$FOO.x\"", {"Xbar.x"}},
        WordsCase{"bracedVariable", "X\"${FOO}x\"", {"Xbarx"}},
        WordsCase{"variableIsOneWord", "X \"${TWO}\"", {"X", "a b"}},
        WordsCase{"fallback", "X\"${NOPE-def}\"", {"Xdef"}}, WordsCase{"fallbackUnused", "X\"${FOO-def}\"", {"Xbar"}},
        WordsCase{"emptyFallback", "X\"${NOPE-}\"", {"X"}}, WordsCase{"escapedDollar", "X\"\\$FOO\"", {"X$FOO"}},
        WordsCase{"unquotedDollarIsLiteral", "X$FOO ${FOO}", {"X$FOO", "${FOO}"}},
        WordsCase{"unquotedEscapedDollarStays", "X\\$a", {"X\\$a"}},
        WordsCase{"emptyWordEndsTheLine", "a \"\" b", {"a"}}, WordsCase{"highBytes", "a \xff\xfe", {"a", "\xff\xfe"}},
        WordsCase{"noBreakSpaceDivides", "mode\xc2\xa0tcp", {"mode", "tcp"}}),
    [](const auto& test) { return test.param.name; });

struct ProblemCase {
  const char* name;
  std::string line;
  int column;
  Level level;
  const char* part;
};

class LexerProblem : public testing::TestWithParam<ProblemCase> {};

TEST_P(LexerProblem, NamesItsColumn) {
  const LexedLine line = lex(GetParam().line, kEnvironment);
  ASSERT_EQ(line.problems.size(), 1u);
  EXPECT_EQ(line.problems[0].level, GetParam().level);
  EXPECT_EQ(line.problems[0].column, GetParam().column);
  EXPECT_NE(line.problems[0].message.find(GetParam().part), std::string::npos) << line.problems[0].message;
  EXPECT_TRUE(line.words.empty() || GetParam().level != Level::alert);
}

INSTANTIATE_TEST_SUITE_P(
    All, LexerProblem,
    testing::Values(ProblemCase{"doubleQuote", " description \"a b", 14, Level::alert, "unmatched double quote"},
                    ProblemCase{"singleQuote", "X'", 2, Level::alert, "unmatched single quote"},
                    ProblemCase{"escapedQuoteDoesNotClose", "X\"a\\\"", 2, Level::alert, "unmatched double quote"},
                    ProblemCase{"brace", "X\"${FOO\"", 3, Level::alert, "unmatched brace"},
                    ProblemCase{"braceGarbage", "X\"${FOO:-x}\"", 3, Level::alert, "unmatched brace"},
                    ProblemCase{"list", "X \"${FOO[*]}\"", 4, Level::alert, "'${NAME[*]}' is not supported"},
                    ProblemCase{"noName", "X\"$\"", 3, Level::alert, "needs a variable's name"},
                    ProblemCase{"digitFirst", "X\"$1A\"", 3, Level::alert, "needs a variable's name"},
                    ProblemCase{"hexadecimalCut", "X\\x4", 2, Level::alert, "two hexadecimal digits"},
                    ProblemCase{"hexadecimalWrong", "X\\xzz", 2, Level::alert, "two hexadecimal digits"},
                    ProblemCase{"hexadecimalNul", "X\\x00", 2, Level::alert, "NUL"},
                    ProblemCase{"nul", std::string("ab\0c", 4), 3, Level::alert, "NUL"},
                    ProblemCase{"nulInQuotes", std::string("'a\0'", 4), 3, Level::alert, "NUL"},
                    ProblemCase{"unset", "bind \"$NOPE:80\"", 7, Level::warning, "'NOPE' is not set"},
                    ProblemCase{"hashInWord", "maxconn 1#2", 10, Level::warning, "begins a comment"},
                    ProblemCase{"emptyWord", "a \"$EMPTY\" b", 3, Level::warning, "empty word"},
                    ProblemCase{"noBreakSpace",
                                "a\xc2\xa0"
                                "b\xc2\xa0",
                                2, Level::warning, "no-break space"}),
    [](const auto& test) { return test.param.name; });

TEST(Lexer, GivesTheColumnWhereAWordBegins) {
  const LexedLine line = lex("\tbind  \":80\" x", kEnvironment);
  ASSERT_EQ(line.words.size(), 3u);
  EXPECT_EQ(line.words[0].column, 2);
  EXPECT_EQ(line.words[1].column, 8);
  EXPECT_EQ(line.words[2].column, 14);
}

TEST(Lexer, ReadsALineOf64KiB) {
  std::string text = "acl a src";
  while (text.size() < 65536) text += " 10.0.0.1";
  EXPECT_EQ(lex(text, kEnvironment).words.size(), 3 + (text.size() - 9) / std::string(" 10.0.0.1").size());
}

}  // namespace
}  // namespace kerbgate::config
