#include "kerbgate/nearest.hpp"

#include <gtest/gtest.h>

namespace kerbgate {
namespace {

constexpr std::string_view kWords[] = {"flags", "list", "merge", "write", "verify", "coordinators"};

TEST(Nearest, CountsSlipsAgainstTheWordsLength) {
  const std::pair<const char*, const char*> table[] = {
      {"flag", "flags"},  {"lsit", "list"},    {"MERGE", "merge"},
      {"wriet", "write"}, {"verfy", "verify"}, {"cordinator", "coordinators"},
      {"mrge", "merge"},
  };
  for (const auto& [typed, meant] : table) {
    const auto found = nearest(typed, kWords);
    ASSERT_TRUE(found) << typed;
    EXPECT_EQ(*found, meant);
  }
}

TEST(Nearest, SaysNothingWhenNothingIsNear) {
  for (const char* typed : {"", "x", "lt", "zzzz", "flagfiles", "executors"})
    EXPECT_FALSE(nearest(typed, kWords)) << typed;
  EXPECT_EQ(did_you_mean("zzzz", kWords), "");
  EXPECT_EQ(did_you_mean("flgas", kWords), "; did you mean 'flags'?");
}

TEST(Nearest, TheFirstOfTwoEquallyNearIsTaken) {
  constexpr std::string_view kTwo[] = {"bind", "find"};
  EXPECT_EQ(nearest("kind", kTwo), "bind");
}

}  // namespace
}  // namespace kerbgate
