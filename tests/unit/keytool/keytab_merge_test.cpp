#include <gtest/gtest.h>

#include "kerbgate/keytab.hpp"
#include "unit/keytool/keytab_fixture.hpp"

namespace {

using namespace kerbgate::keytab;
using kerbgate::Secret;
using keytab_fixture::entry;

Entry stamped(Entry e, std::uint32_t timestamp) {
  e.timestamp = timestamp;
  return e;
}
Entry typed(Entry e, std::int32_t name_type) {
  e.principal.name_type = name_type;
  return e;
}

/// The inputs of one merge: lists of (host, kvno, key letter).
template <class... Lists>
std::vector<std::vector<Entry>> inputs(Lists... lists) {
  std::vector<std::vector<Entry>> out;
  (out.push_back(std::move(lists)), ...);
  return out;
}
template <class... Entries>
std::vector<Entry> list(Entries... entries) {
  std::vector<Entry> out;
  (out.push_back(std::move(entries)), ...);
  return out;
}

/// "a3k": host, kvno, first letter of the key.
std::vector<std::string> shown(const Merged& merged) {
  std::vector<std::string> out;
  for (const Entry& e : merged.entries) {
    out.push_back(e.principal.components[1].substr(0, 1) + std::to_string(e.kvno) +
                  static_cast<char>(e.key.bytes()[0]));
  }
  return out;
}
using Shown = std::vector<std::string>;

TEST(Merge, KeepsTheOrderOfFirstAppearance) {
  const auto in = inputs(list(entry("b"), entry("a")), list(entry("c"), entry("a"), entry("d")));
  const Merged merged = merge(in, {});
  EXPECT_EQ(shown(merged), (Shown{"b3k", "a3k", "c3k", "d3k"}));
  EXPECT_EQ(merged.origins, (std::vector<Origin>{{0, 0}, {0, 1}, {1, 0}, {1, 2}}));
  EXPECT_EQ(merged.duplicates, 1u);
}

TEST(Merge, KeepsEveryField) {
  Entry e = typed(stamped(entry("a", 70000), 0xffffffff), 3);
  e.enctype = -133;
  const auto in = inputs(list(e.copy()));
  const Merged merged = merge(in, {});
  ASSERT_EQ(merged.entries.size(), 1u);
  EXPECT_TRUE(same_key(merged.entries[0], e));
  EXPECT_EQ(merged.entries[0].timestamp, 0xffffffff);
}

TEST(Merge, OfTwoDuplicatesTheNewerTimestampStaysInThePlaceOfTheFirst) {
  const auto in = inputs(list(stamped(entry("a"), 100), entry("b")), list(stamped(entry("a"), 300)),
                         list(stamped(entry("a"), 200)));
  const Merged merged = merge(in, {});
  EXPECT_EQ(shown(merged), (Shown{"a3k", "b3k"}));
  EXPECT_EQ(merged.entries[0].timestamp, 300u);
  EXPECT_EQ(merged.duplicates, 2u);
  EXPECT_TRUE(merged.clashes.empty());
  ASSERT_EQ(merged.dropped.size(), 2u);
  EXPECT_EQ(merged.dropped[0].entry, (Origin{1, 0}));
  EXPECT_EQ(merged.dropped[0].why, Merged::Why::duplicate);
  EXPECT_EQ(merged.dropped[0].winner, (Origin{0, 0}));
}

TEST(Merge, DropsDuplicatesWithinOneInput) {
  const auto in = inputs(list(entry("a"), entry("a"), entry("a")));
  EXPECT_EQ(shown(merge(in, {})), Shown{"a3k"});
}

TEST(Merge, KeepsOneKeyUnderTwoNameTypes) {
  const auto in = inputs(list(typed(entry("a"), 1)), list(typed(entry("a"), 3), typed(entry("a"), 1)));
  const Merged merged = merge(in, {});
  ASSERT_EQ(merged.entries.size(), 2u);
  EXPECT_EQ(merged.entries[1].principal.name_type, 3);
  EXPECT_EQ(merged.duplicates, 1u);
}

TEST(Merge, KeepsSlotsThatDifferInOneThingApart) {
  Entry rc4 = entry("a");
  rc4.enctype = 23;
  Entry realm = entry("a");
  realm.principal.realm = "OTHER";
  Entry parts = entry("a");
  parts.principal.components = {"impala/a.example.com"};
  const auto in = inputs(list(entry("a"), entry("a", 4), rc4.copy(), realm.copy(), parts.copy()));
  EXPECT_EQ(merge(in, {}).entries.size(), 5u);
}

struct PreferCase {
  const char* name;
  Prefer prefer;
  Shown kept;
  bool refused;
};
void PrintTo(const PreferCase& c, std::ostream* out) { *out << c.name; }
class MergeConflict : public testing::TestWithParam<PreferCase> {};

TEST_P(MergeConflict, IsSettledAsToldAndAlwaysReported) {
  const auto in = inputs(list(entry("x"), entry("a", 3, 'k')), list(entry("y"), entry("a", 3, 'K')));
  const Merged merged = merge(in, {.prefer = GetParam().prefer});
  EXPECT_EQ(shown(merged), GetParam().kept);
  EXPECT_EQ(merged.refused, GetParam().refused);
  ASSERT_EQ(merged.clashes.size(), 1u);
  const Clash& clash = merged.clashes[0];
  EXPECT_EQ((Origin{clash.first_input, clash.first_entry}), (Origin{0, 1}));
  EXPECT_EQ((Origin{clash.second_input, clash.second_entry}), (Origin{1, 1}));
}

INSTANTIATE_TEST_SUITE_P(Cases, MergeConflict,
                         testing::Values(PreferCase{"fail", Prefer::fail, {}, true},
                                         PreferCase{"first", Prefer::first, {"x3k", "a3k", "y3k"}, false},
                                         PreferCase{"last", Prefer::last, {"x3k", "a3K", "y3k"}, false}),
                         [](const auto& row) { return row.param.name; });

TEST(Merge, LastReplacesTheKeyUnderEveryNameType) {
  const auto in = inputs(list(typed(entry("a"), 1), typed(entry("a"), 3)), list(entry("a", 3, 'K')));
  const Merged merged = merge(in, {.prefer = Prefer::last});
  EXPECT_EQ(shown(merged), Shown{"a3K"});
  EXPECT_EQ(merged.dropped.size(), 2u);
}

TEST(Merge, LastOfThreeKeysStays) {
  const auto in = inputs(list(entry("a", 3, '1')), list(entry("a", 3, '2')), list(entry("a", 3, '1')));
  const Merged merged = merge(in, {.prefer = Prefer::last});
  EXPECT_EQ(shown(merged), Shown{"a31"});
  EXPECT_EQ(merged.origins, (std::vector<Origin>{{2, 0}}));
  EXPECT_EQ(merged.clashes.size(), 2u);
}

TEST(Merge, NewestKvnoOnlyIsDecidedForEachPrincipalOverAllInputs) {
  const auto in = inputs(list(entry("a", 3), entry("b", 7), entry("a", 5)), list(entry("a", 4), entry("b", 6)));
  const Merged merged = merge(in, {.newest_kvno_only = true});
  EXPECT_EQ(shown(merged), (Shown{"b7k", "a5k"}));
  EXPECT_EQ(merged.older, 3u);
  EXPECT_EQ(merged.dropped.size(), 3u);
}

TEST(Merge, NewestKvnoOnlyKeepsEveryEnctypeOfIt) {
  Entry other = entry("a", 5);
  other.enctype = 20;
  const auto in = inputs(list(entry("a", 5), other.copy(), entry("a", 4)));
  EXPECT_EQ(merge(in, {.newest_kvno_only = true}).entries.size(), 2u);
}

TEST(Merge, ConflictOfAnOlderKvnoThatGoesAnywayIsNone) {
  const auto in = inputs(list(entry("a", 3, 'k'), entry("a", 4)), list(entry("a", 3, 'K')));
  const Merged merged = merge(in, {.newest_kvno_only = true});
  EXPECT_FALSE(merged.refused);
  EXPECT_EQ(shown(merged), Shown{"a4k"});
}

TEST(Merge, KvnoThatWrappedAtEightBitsIsTheNewest) {
  const auto wrapped = inputs(list(stamped(entry("a", 255), 100), stamped(entry("a", 1), 200)));
  EXPECT_EQ(shown(merge(wrapped, {.newest_kvno_only = true})), Shown{"a1k"});
  const auto grown = inputs(list(stamped(entry("a", 1), 100), stamped(entry("a", 255), 200)));
  EXPECT_EQ(shown(merge(grown, {.newest_kvno_only = true})), Shown{"a255k"});
}

TEST(Merge, OfNothingIsNothing) {
  EXPECT_TRUE(merge({}, {}).entries.empty());
  const auto in = inputs(list(), list());
  EXPECT_TRUE(merge(in, {}).entries.empty());
}

}  // namespace
