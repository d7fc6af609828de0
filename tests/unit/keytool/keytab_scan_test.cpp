#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "kerbgate/keytab.hpp"
#include "unit/keytool/keytab_fixture.hpp"

namespace {

using kerbgate::Errc;
using kerbgate::keytab::Damage;
using kerbgate::keytab::Entry;
using kerbgate::keytab::Scan;
using kerbgate::keytab::scan;
using keytab_fixture::File;
using keytab_fixture::Octets;
using keytab_fixture::Record;
using keytab_fixture::record;

constexpr std::uint32_t kIntMin = 0x80000000, kIntMax = 0x7fffffff;

std::vector<std::string> hosts(const Scan& scanned) {
  std::vector<std::string> out;
  for (const Entry& entry : scanned.entries) out.push_back(entry.principal.components.back().substr(0, 1));
  return out;
}

std::size_t lost(const Scan& scanned) {
  std::size_t sum = 0;
  for (const Damage& damage : scanned.damage) sum += damage.entries_lost;
  return sum;
}

TEST(Scan, ReadsEveryFieldOfARecord) {
  Record r;
  r.components = {"impala", std::string("l\0b", 3), "\xff"};
  r.realm = "R";
  r.name_type = -3;
  r.timestamp = 0xfffffff0;
  r.kvno8 = 44;
  r.kvno32 = 300;
  r.enctype = -133;
  r.key = "abc";
  File file;
  file.hole(10);
  const std::size_t at = file.add(r);
  const auto scanned = scan(file.octets());
  ASSERT_TRUE(scanned);
  ASSERT_TRUE(scanned->sound()) << scanned->damage[0].reason;
  EXPECT_EQ(scanned->version, 2);
  EXPECT_EQ(scanned->holes, 1u);
  EXPECT_EQ(scanned->size, file.octets().size());
  ASSERT_EQ(scanned->entries.size(), 1u);
  const Entry& entry = scanned->entries[0];
  EXPECT_EQ(entry.principal.components, r.components);
  EXPECT_EQ(entry.principal.realm, "R");
  EXPECT_EQ(entry.principal.name_type, -3);
  EXPECT_EQ(entry.timestamp, 0xfffffff0);
  EXPECT_EQ(entry.kvno, 300u);
  EXPECT_EQ(entry.enctype, -133);
  EXPECT_EQ(entry.key, kerbgate::Secret(Octets{'a', 'b', 'c'}));
  EXPECT_EQ(entry.offset, at);
}

struct KvnoCase {
  const char* name;
  std::uint32_t eight;
  bool wide;
  std::uint32_t thirty_two;
  Octets extra;
  std::uint32_t read;
};
void PrintTo(const KvnoCase& c, std::ostream* out) { *out << c.name; }
class ScanKvno : public testing::TestWithParam<KvnoCase> {};

TEST_P(ScanKvno, TakesTheWideNumberUnlessItIsAbsentOrZero) {
  Record r;
  r.kvno8 = GetParam().eight;
  r.wide_kvno = GetParam().wide;
  r.kvno32 = GetParam().thirty_two;
  r.extra = GetParam().extra;
  File file;
  file.add(r);
  file.add(record("after"));
  const auto scanned = scan(file.octets());
  ASSERT_TRUE(scanned);
  ASSERT_TRUE(scanned->sound()) << scanned->damage[0].reason;
  ASSERT_EQ(scanned->entries.size(), 2u);
  EXPECT_EQ(scanned->entries[0].kvno, GetParam().read);
}

INSTANTIATE_TEST_SUITE_P(Cases, ScanKvno,
                         testing::Values(KvnoCase{"absent", 7, false, 0, {}, 7}, KvnoCase{"zero", 7, true, 0, {}, 7},
                                         KvnoCase{"wide", 44, true, 300, {}, 300},
                                         KvnoCase{"largest", 255, true, 0xffffffff, {}, 0xffffffff},
                                         KvnoCase{"heimdal_flags", 7, true, 7, {0, 0, 0, 1}, 7},
                                         KvnoCase{"zeros_of_a_hole", 7, true, 7, Octets(37, 0), 7},
                                         KvnoCase{"flags_then_zeros", 7, true, 7, {0, 0, 0, 1, 0, 0, 0, 0, 0}, 7},
                                         KvnoCase{"three_zeros_without_wide", 7, false, 0, {0, 0, 0}, 7}),
                         [](const auto& row) { return row.param.name; });

TEST(Scan, NamesEveryCutThatIsNotBetweenTwoRecords) {
  File file;
  std::vector<std::size_t> ends{2};
  for (const char* name : {"a", "b", "c"}) {
    file.add(record(name));
    ends.push_back(file.octets().size());
  }
  for (std::size_t size = 2; size < file.octets().size(); ++size) {
    SCOPED_TRACE(size);
    const auto scanned = scan(file.first(size));
    ASSERT_TRUE(scanned);
    std::size_t whole = 0;
    while (ends[whole + 1] <= size) ++whole;
    ASSERT_EQ(scanned->entries.size(), whole);
    if (size == ends[whole]) {
      ASSERT_TRUE(scanned->sound());
      continue;
    }
    ASSERT_EQ(scanned->damage.size(), 1u);
    ASSERT_EQ(scanned->damage[0].offset, ends[whole]);
    ASSERT_EQ(scanned->damage[0].entries_lost, 1u);
    ASSERT_TRUE(scanned->damage[0].fatal);
    ASSERT_EQ(scanned->damage[0].reason.find("told apart"), std::string::npos) << scanned->damage[0].reason;
  }
}

TEST(Scan, SaysWhenNothingAfterABadRecordCanBeFound) {
  Record r = record("a");
  r.realm = "";
  r.length = 1000;
  File file;
  file.add(record("b"));
  const std::size_t at = file.add(r);
  file.raw(Octets(300, 0xee));
  const auto scanned = scan(file.octets());
  ASSERT_TRUE(scanned);
  ASSERT_EQ(scanned->damage.size(), 1u);
  EXPECT_EQ(scanned->damage[0].offset, at);
  EXPECT_EQ(scanned->damage[0].entries_lost, 1u);
  EXPECT_EQ(scanned->damage[0].reason, "record needs 1000 bytes, 376 left; what follows cannot be told apart");
  EXPECT_EQ(hosts(*scanned), std::vector<std::string>{"b"});
}

TEST(Scan, CutInsideTheKeyOfARecordWithoutWideKvnoIsDamage) {
  // libkrb5 returns such an entry with the key's last bytes uninitialised.
  Record r;
  r.wide_kvno = false;
  File file;
  const std::size_t at = file.add(r);
  for (const std::size_t cut : {1, 2, 3}) {
    const auto scanned = scan(file.first(file.octets().size() - cut));
    ASSERT_TRUE(scanned);
    EXPECT_TRUE(scanned->entries.empty());
    ASSERT_EQ(scanned->damage.size(), 1u);
    EXPECT_EQ(scanned->damage[0].offset, at);
  }
}

/// Three records; the middle of the file is what the case makes it.
struct DamageCase {
  const char* name;
  std::function<std::size_t(File&)> middle;  ///< returns the offset that must be named
  std::vector<std::string> kept;
  std::size_t lost;
  const char* reason;  ///< a part of it
};
void PrintTo(const DamageCase& c, std::ostream* out) { *out << c.name; }
class ScanDamage : public testing::TestWithParam<DamageCase> {};

TEST_P(ScanDamage, IsNamedByOffsetAndTheRestIsKept) {
  File file;
  file.add(record("a"));
  const std::size_t at = GetParam().middle(file);
  file.add(record("y"));
  file.add(record("z"));
  const auto scanned = scan(file.octets());
  ASSERT_TRUE(scanned);
  ASSERT_FALSE(scanned->damage.empty());
  EXPECT_EQ(scanned->damage[0].offset, at);
  EXPECT_TRUE(scanned->damage[0].fatal);
  EXPECT_NE(scanned->damage[0].reason.find(GetParam().reason), std::string::npos) << scanned->damage[0].reason;
  EXPECT_EQ(hosts(*scanned), GetParam().kept);
  EXPECT_EQ(lost(*scanned), GetParam().lost);
}

auto bad(void (*change)(Record&)) {
  return [change](File& file) {
    Record r = record("m");
    change(r);
    return file.add(r);
  };
}

const std::vector<std::string> kOthers{"a", "y", "z"};

INSTANTIATE_TEST_SUITE_P(
    Cases, ScanDamage,
    testing::Values(
        DamageCase{"length_too_small", bad([](Record& r) { r.add_to_length = -40; }), kOthers, 1,
                   "enctype at byte 144 (2 bytes) runs past the record's end at byte 144"},
        DamageCase{"length_one_short_of_the_key", bad([](Record& r) {
                     r.wide_kvno = false;
                     r.add_to_length = -1;
                   }),
                   kOthers, 1, "(32 bytes) runs past the record's end"},
        DamageCase{"length_of_one", bad([](Record& r) { r.length = 1; }), kOthers, 1, "runs past"},
        DamageCase{"length_two_short_of_the_kvno", bad([](Record& r) { r.add_to_length = -2; }), kOthers, 1,
                   "a 32-bit kvno has 4"},
        DamageCase{"length_swallows_the_next_record",
                   bad([](Record& r) { r.add_to_length = 91; }),
                   {"a", "y", "z"},
                   1,
                   "neither a kvno nor zeros"},
        DamageCase{"length_a_little_too_large", bad([](Record& r) { r.add_to_length = 13; }), kOthers, 1,
                   "neither a kvno nor zeros"},
        DamageCase{"length_past_the_end", bad([](Record& r) { r.add_to_length = 100000; }), kOthers, 1,
                   "record needs 10"},
        DamageCase{"length_int_min", bad([](Record& r) { r.length = kIntMin; }), kOthers, 1,
                   "hole of 2147483648 bytes"},
        DamageCase{"length_int_max", bad([](Record& r) { r.length = kIntMax; }), kOthers, 1,
                   "record needs 2147483647 bytes"},
        DamageCase{"length_zeroed", bad([](Record& r) { r.length = 0; }), kOthers, 1, "record length 0"},
        DamageCase{"zero_length_between_records", [](File& file) { return file.length(0); }, kOthers, 0,
                   "record length 0: libkrb5 stops here"},
        DamageCase{"bare_int_min", [](File& file) { return file.length(kIntMin); }, kOthers, 0, "hole of 2147483648"},
        DamageCase{"bare_int_max", [](File& file) { return file.length(kIntMax); }, kOthers, 0, "record needs"},
        DamageCase{"hole_past_the_end", [](File& file) { return file.length(0xff000000); }, kOthers, 0,
                   "hole of 16777216 bytes"},
        DamageCase{"empty_realm", bad([](Record& r) { r.realm = ""; }), kOthers, 1, "is empty"},
        DamageCase{"empty_component", bad([](Record& r) {
                     r.components = {"impala", ""};
                   }),
                   kOthers, 1, "component at byte"},
        DamageCase{"empty_key", bad([](Record& r) { r.key = ""; }), kOthers, 1, "key at byte"},
        DamageCase{"no_components", bad([](Record& r) { r.components = {}; }), kOthers, 1,
                   "component count at byte 97 is zero"},
        DamageCase{"component_count_65535", bad([](Record& r) { r.components_claimed = 65535; }), kOthers, 1,
                   "component count at byte 97 is 65535, above 32767"},
        DamageCase{"one_component_too_many", bad([](Record& r) { r.components_claimed = 3; }), kOthers, 1, "empty"},
        DamageCase{"one_component_too_few", bad([](Record& r) { r.components_claimed = 1; }), kOthers, 1, "runs past"},
        DamageCase{"realm_runs_past", bad([](Record& r) { r.realm_claimed = 500; }), kOthers, 1,
                   "realm at byte 99 (500 bytes) runs past"},
        DamageCase{"realm_of_32768", bad([](Record& r) { r.realm_claimed = 32768; }), kOthers, 1, "above 32767"},
        DamageCase{"component_runs_past", bad([](Record& r) { r.first_component_claimed = 400; }), kOthers, 1,
                   "component at byte"},
        DamageCase{"key_runs_past", bad([](Record& r) { r.key_claimed = 400; }), kOthers, 1, "key at byte"}),
    [](const auto& row) { return row.param.name; });

TEST(Scan, HoleThatIsRecordedPastTheEndLosesNothing) {
  File file;
  file.add(record("a"));
  const std::size_t at = file.length(static_cast<std::uint32_t>(-100));
  file.raw(Octets(40, 0));
  const auto scanned = scan(file.octets());
  ASSERT_TRUE(scanned);
  ASSERT_EQ(scanned->damage.size(), 1u);
  EXPECT_EQ(scanned->damage[0].offset, at);
  EXPECT_EQ(scanned->damage[0].reason, "hole of 100 bytes, 40 left");
  EXPECT_EQ(lost(*scanned), 0u);
}

TEST(Scan, GarbageTailIsDamageThatLosesNothing) {
  File file;
  file.add(record("a"));
  const std::size_t at = file.octets().size();
  file.raw({'x', '\n'});
  const auto scanned = scan(file.octets());
  ASSERT_TRUE(scanned);
  ASSERT_EQ(scanned->damage.size(), 1u);
  EXPECT_EQ(scanned->damage[0].offset, at);
  EXPECT_EQ(scanned->damage[0].reason, "2 bytes left, too few for a record's length: not part of a keytab");
  EXPECT_EQ(scanned->damage[0].entries_lost, 0u);
  EXPECT_EQ(hosts(*scanned), std::vector<std::string>{"a"});
}

TEST(Scan, TwoBadRecordsAreTwoDamages) {
  File file;
  Record r = record("m");
  r.realm = "";
  const std::size_t first = file.add(r);
  file.add(record("a"));
  const std::size_t second = file.add(r);
  const auto scanned = scan(file.octets());
  ASSERT_TRUE(scanned);
  ASSERT_EQ(scanned->damage.size(), 2u);
  EXPECT_EQ(scanned->damage[0].offset, first);
  EXPECT_EQ(scanned->damage[1].offset, second);
  EXPECT_EQ(hosts(*scanned), std::vector<std::string>{"a"});
}

TEST(Scan, TwoKvnosThatDisagreeAreADoubtAndTheEntryIsKept) {
  File file;
  Record r = record("a");
  r.kvno8 = 5;
  r.kvno32 = 4294967294;
  const std::size_t at = file.add(r);
  const auto scanned = scan(file.octets());
  ASSERT_TRUE(scanned);
  ASSERT_EQ(scanned->damage.size(), 1u);
  EXPECT_EQ(scanned->damage[0].offset, at);
  EXPECT_FALSE(scanned->damage[0].fatal);
  EXPECT_NE(scanned->damage[0].reason.find("8-bit kvno 5 and 32-bit kvno 4294967294"), std::string::npos);
  EXPECT_EQ(scanned->entries.size(), 1u);
}

TEST(Scan, KeyLengthWrongForItsEnctypeIsADoubtAndTheEntryIsKept) {
  File file;
  Record r = record("a");
  r.key = std::string(31, 'k');
  const std::size_t at = file.add(r);
  const auto scanned = scan(file.octets());
  ASSERT_TRUE(scanned);
  ASSERT_EQ(scanned->damage.size(), 1u);
  EXPECT_EQ(scanned->damage[0].offset, at);
  EXPECT_FALSE(scanned->damage[0].fatal);
  EXPECT_EQ(scanned->damage[0].entries_lost, 0u);
  EXPECT_EQ(scanned->damage[0].reason,
            "key of 31 bytes, aes256-cts-hmac-sha1-96 has 32 (impala/a.example.com@EXAMPLE.COM)");
  EXPECT_EQ(scanned->entries.size(), 1u);
}

TEST(Scan, UnknownEnctypeMayHaveAnyKeyLength) {
  File file;
  Record r;
  r.enctype = 9999;
  r.key = "x";
  file.add(r);
  EXPECT_TRUE(scan(file.octets())->sound());
}

constexpr std::endian kForeign = std::endian::native == std::endian::little ? std::endian::big : std::endian::little;

TEST(ScanVersion1, IsReadInThisMachinesByteOrder) {
  File file(1, std::endian::native);
  file.add(record("a"));
  file.hole(9);
  file.add(record("b", 300));
  const auto scanned = scan(file.octets());
  ASSERT_TRUE(scanned);
  ASSERT_TRUE(scanned->sound()) << scanned->damage[0].reason;
  EXPECT_EQ(scanned->version, 1);
  EXPECT_EQ(scanned->holes, 1u);
  EXPECT_EQ(hosts(*scanned), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(scanned->entries[1].kvno, 300u);
  EXPECT_EQ(scanned->entries[0].principal.components.size(), 2u);
}

TEST(ScanVersion1, OfTheOtherByteOrderIsNamedAndNotEmpty) {
  for (const int records : {1, 2, 40}) {
    File file(1, kForeign);
    for (int i = 0; i < records; ++i) file.add(record("a"));
    const auto scanned = scan(file.octets());
    ASSERT_TRUE(scanned);
    ASSERT_EQ(scanned->damage.size(), 1u);
    EXPECT_EQ(scanned->damage[0].offset, 2u);
    EXPECT_TRUE(scanned->damage[0].fatal);
    EXPECT_NE(scanned->damage[0].reason.find("-endian machine"), std::string::npos);
    EXPECT_EQ(scanned->entries.size(), static_cast<std::size_t>(records));
  }
}

TEST(ScanVersion1, WithOnlyTheRealmIsDamage) {
  File file(1, std::endian::native);
  Record r = record("a");
  r.components = {};
  file.add(r);
  const auto scanned = scan(file.octets());
  ASSERT_TRUE(scanned);
  ASSERT_EQ(scanned->damage.size(), 1u);
  EXPECT_EQ(scanned->damage[0].entries_lost, 1u);
}

struct NotAKeytab {
  const char* name;
  Octets octets;
  const char* what;
};
void PrintTo(const NotAKeytab& c, std::ostream* out) { *out << c.name; }
class ScanRefuses : public testing::TestWithParam<NotAKeytab> {};

TEST_P(ScanRefuses, WhatIsNoKeytab) {
  const auto scanned = scan(GetParam().octets);
  ASSERT_FALSE(scanned);
  EXPECT_TRUE(scanned.error().is(Errc::not_a_keytab));
  EXPECT_EQ(scanned.error().what, GetParam().what);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, ScanRefuses,
    testing::Values(
        NotAKeytab{"empty", {}, "not a keytab: the file is empty"},
        NotAKeytab{"one_byte", {5}, "not a keytab: one byte, 05"},
        NotAKeytab{"text", {'h', 'e', 'l', 'l', 'o'}, "not a keytab: first bytes 68 65, a keytab has 05 02"},
        NotAKeytab{"version_3", {5, 3}, "not a keytab of a known format: first bytes 05 03, a keytab has 05 02"},
        NotAKeytab{"ccache", {5, 4, 0, 12}, "not a keytab of a known format: first bytes 05 04, a keytab has 05 02"}),
    [](const auto& row) { return row.param.name; });

TEST(Scan, HeaderAloneIsASoundKeytabWithoutEntries) {
  const auto scanned = scan(Octets{5, 2});
  ASSERT_TRUE(scanned);
  EXPECT_TRUE(scanned->sound());
  EXPECT_TRUE(scanned->entries.empty());
}

}  // namespace
