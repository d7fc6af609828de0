#include "coordinator/flagfile.hpp"

#include <gtest/gtest.h>

/// The rules by which a real impalad reads what `keytool flags` writes.
namespace kerbgate::e2e {
namespace {

using Flags = std::map<std::string, std::string>;

struct Case {
  const char* name;
  const char* text;
  Flags flags;
};

class Flagfile : public testing::TestWithParam<Case> {};

TEST_P(Flagfile, IsReadAsGflagsDoes) { EXPECT_EQ(read_flagfile(GetParam().text, "impalad"), GetParam().flags); }

INSTANTIATE_TEST_SUITE_P(
    Rules, Flagfile,
    testing::Values(Case{"OneOrTwoDashes", "-a=1\n--b=2\n", {{"a", "1"}, {"b", "2"}}},
                    Case{"LeadingBlanksCommentsAndEmptyLines", "\n  # c\n \t-a=1\n\n", {{"a", "1"}}},
                    Case{"NothingIsTrimmedOrUnquoted", "-a=\"1\" \n", {{"a", "\"1\" "}}},
                    Case{"WithoutEqualsIgnored", "-a 1\n-b=2\n", {{"b", "2"}}},
                    Case{"LastOneWins", "-a=1\n-a=2\n", {{"a", "2"}}}, Case{"NoNewlineAtTheEnd", "-a=1", {{"a", "1"}}},
                    Case{"OtherProgramsLinesAreSkipped", "catalogd\n-a=1\nimpala*\n-b=2\n", {{"b", "2"}}},
                    Case{"ProgramNamesOverSeveralLines", "catalogd\nimpalad\n-a=1\n", {{"a", "1"}}},
                    Case{"ACarriageReturnAheadSwallowsLines", "-a=1\n-b=2\r\n-c=3\n", {{"a", "1\n-b=2"}, {"c", "3"}}}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace kerbgate::e2e
