#include "rules/access.hpp"

#include <gtest/gtest.h>

namespace kerbgate::rules {
namespace {

TEST(Access, MatchesStarsAndQuestionMarks) {
  struct Case {
    const char *pattern, *text;
    bool fits;
  };
  for (const Case& one :
       {Case{"alice@X", "alice@X", true}, Case{"alice@X", "alice@XY", false}, Case{"alice@X", "Alice@X", false},
        Case{"*", "", true}, Case{"*", "a/b@C", true}, Case{"*@X", "a/b@X", true}, Case{"*@X", "a@X@Y", false},
        Case{"*/admin@*", "a/admin@R", true}, Case{"?@X", "ab@X", false}, Case{"a?c@X", "abc@X", true},
        Case{"a*b*c", "aXbXbc", true}, Case{"a*b*c", "aXbXbd", false}, Case{"[a]@X", "a@X", false},
        Case{"a\\@b@X", "a\\@b@X", true}, Case{"", "a", false}, Case{"**", "x", true}})
    EXPECT_EQ(matches(one.pattern, one.text), one.fits) << one.pattern << " on " << one.text;
}

TEST(Access, IsQuickWithALongNameAndManyStars) {
  EXPECT_FALSE(matches("*a*a*a*a*a*a*a*a*b", std::string(10 * 1024, 'a')));
}

TEST(Access, TheFirstLineThatFitsDecides) {
  const std::vector<Access> lines{{false, {"eve@X"}}, {true, {"*@X", "bob@Y"}}, {false, {"bob@Y"}}};
  EXPECT_TRUE(admits(lines, "alice@X"));
  EXPECT_FALSE(admits(lines, "eve@X"));
  EXPECT_TRUE(admits(lines, "bob@Y"));
  EXPECT_FALSE(admits(lines, "carol@Y"));
}

TEST(Access, WithoutAnAllowLineWhoIsNotDeniedComesIn) {
  EXPECT_TRUE(admits({}, "alice@X"));
  EXPECT_TRUE(admits({{false, {"eve@X"}}}, "alice@X"));
  EXPECT_FALSE(admits({{false, {"*"}}}, "alice@X"));
}

}  // namespace
}  // namespace kerbgate::rules
