#include <gtest/gtest.h>

#include <random>

#include "kerbgate/keytab.hpp"
#include "unit/keytool/keytab_fixture.hpp"

namespace {

using namespace kerbgate::keytab;
using kerbgate::Errc;
using keytab_fixture::entry;
using keytab_fixture::File;
using keytab_fixture::Octets;

Octets octets(const kerbgate::Secret& secret) { return {secret.bytes().begin(), secret.bytes().end()}; }

TEST(Encode, WritesTheRecordsThatTheFormatDescribes) {
  File file;
  file.add(keytab_fixture::record("a", 3));
  keytab_fixture::Record wide = keytab_fixture::record("b", 300);
  wide.name_type = -2;
  wide.timestamp = 0xfffffffe;
  wide.enctype = -133;
  wide.key = "abc";
  file.add(wide);
  std::vector<Entry> entries;
  entries.push_back(entry("a", 3));
  entries.push_back(entry("b", 300));
  entries[1].principal.name_type = -2;
  entries[1].timestamp = 0xfffffffe;
  entries[1].enctype = -133;
  entries[1].key = kerbgate::Secret(Octets{'a', 'b', 'c'});
  const auto bytes = encode(entries);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(octets(*bytes), file.octets());
}

TEST(Encode, OfNothingIsTheHeader) { EXPECT_EQ(octets(*encode({})), (Octets{5, 2})); }

TEST(Encode, WhatItWritesIsReadEqually) {
  std::mt19937 random(7);
  const auto number = [&random](std::uint32_t most) {
    return std::uniform_int_distribution<std::uint32_t>(0, most)(random);
  };
  const auto text = [&](std::size_t least) {
    std::string out(least + number(40), ' ');
    for (char& c : out) c = static_cast<char>(number(255));
    return out;
  };
  std::vector<Entry> entries;
  for (int i = 0; i < 500; ++i) {
    Entry& e = entries.emplace_back();
    for (std::uint32_t part = number(3) + 1; part > 0; --part) e.principal.components.push_back(text(1));
    e.principal.realm = text(1);
    e.principal.name_type = static_cast<std::int32_t>(number(UINT32_MAX));
    e.timestamp = number(UINT32_MAX);
    e.kvno = number(1) == 0 ? number(255) : number(UINT32_MAX);
    e.enctype = static_cast<std::int32_t>(number(UINT16_MAX)) - 32768;
    const std::string key = text(1);
    e.key = kerbgate::Secret(Octets(key.begin(), key.end()));
  }
  const auto bytes = encode(entries);
  ASSERT_TRUE(bytes);
  const auto scanned = scan(bytes->bytes());
  ASSERT_TRUE(scanned);
  ASSERT_EQ(scanned->entries.size(), entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    ASSERT_TRUE(same_key(scanned->entries[i], entries[i])) << i;
    ASSERT_EQ(scanned->entries[i].timestamp, entries[i].timestamp) << i;
  }
}

struct RefusedCase {
  const char* name;
  void (*change)(Entry&);
  const char* what;
};
void PrintTo(const RefusedCase& c, std::ostream* out) { *out << c.name; }
class EncodeRefuses : public testing::TestWithParam<RefusedCase> {};

TEST_P(EncodeRefuses, WhatCannotBeReadBack) {
  std::vector<Entry> entries;
  entries.push_back(entry("a"));
  GetParam().change(entries[0]);
  const auto bytes = encode(entries);
  ASSERT_FALSE(bytes);
  EXPECT_TRUE(bytes.error().is(Errc::unrepresentable));
  EXPECT_NE(bytes.error().what.find(GetParam().what), std::string::npos) << bytes.error().what;
}

INSTANTIATE_TEST_SUITE_P(
    Cases, EncodeRefuses,
    testing::Values(RefusedCase{"no_components", [](Entry& e) { e.principal.components.clear(); }, "0 components"},
                    RefusedCase{"too_many_components", [](Entry& e) { e.principal.components.resize(32768, "x"); },
                                "32768 components"},
                    RefusedCase{"empty_component", [](Entry& e) { e.principal.components[0] = ""; },
                                "a component of 0 octets"},
                    RefusedCase{"long_component", [](Entry& e) { e.principal.components[0] = std::string(32768, 'x'); },
                                "a component of 32768 octets"},
                    RefusedCase{"empty_realm", [](Entry& e) { e.principal.realm = ""; }, "a realm of 0 octets"},
                    RefusedCase{"long_realm", [](Entry& e) { e.principal.realm = std::string(32768, 'x'); },
                                "a realm of 32768 octets"},
                    RefusedCase{"empty_key", [](Entry& e) { e.key = {}; }, "a key of 0 octets"},
                    RefusedCase{"long_key", [](Entry& e) { e.key = kerbgate::Secret(std::size_t{32768}); },
                                "a key of 32768 octets"},
                    RefusedCase{"enctype_of_17_bits", [](Entry& e) { e.enctype = 32768; }, "enctype 32768"},
                    RefusedCase{"negative_enctype_of_17_bits", [](Entry& e) { e.enctype = -32769; }, "enctype -32769"}),
    [](const auto& row) { return row.param.name; });

TEST(Encode, TakesTheLongestFields) {
  std::vector<Entry> entries;
  entries.push_back(entry("a"));
  entries[0].principal.components = {std::string(32767, 'x')};
  entries[0].principal.realm = std::string(32767, 'R');
  entries[0].enctype = 9999;
  entries[0].key = kerbgate::Secret(std::size_t{32767});
  const auto bytes = encode(entries);
  ASSERT_TRUE(bytes);
  const auto scanned = scan(bytes->bytes());
  ASSERT_TRUE(scanned && scanned->sound());
  EXPECT_TRUE(same_key(scanned->entries.at(0), entries[0]));
}

struct EnctypeCase {
  std::int32_t number;
  const char* name;
  std::size_t key;
  bool weak;
};
class Enctype : public testing::TestWithParam<EnctypeCase> {};

TEST_P(Enctype, HasNameLengthAndStrength) {
  const EnctypeCase& c = GetParam();
  EXPECT_EQ(enctype_name(c.number), c.name);
  EXPECT_EQ(enctype_key_length(c.number), c.key);
  EXPECT_EQ(enctype_is_weak(c.number), c.weak);
  EXPECT_EQ(*parse_enctype(c.name), c.number);
  EXPECT_EQ(*parse_enctype(std::to_string(c.number)), c.number);
}

INSTANTIATE_TEST_SUITE_P(Known, Enctype,
                         testing::Values(EnctypeCase{1, "des-cbc-crc", 8, true}, EnctypeCase{3, "des-cbc-md5", 8, true},
                                         EnctypeCase{16, "des3-cbc-sha1", 24, true},
                                         EnctypeCase{17, "aes128-cts-hmac-sha1-96", 16, false},
                                         EnctypeCase{18, "aes256-cts-hmac-sha1-96", 32, false},
                                         EnctypeCase{19, "aes128-cts-hmac-sha256-128", 16, false},
                                         EnctypeCase{20, "aes256-cts-hmac-sha384-192", 32, false},
                                         EnctypeCase{23, "arcfour-hmac", 16, true},
                                         EnctypeCase{26, "camellia256-cts-cmac", 32, false},
                                         EnctypeCase{9999, "9999", 0, false}, EnctypeCase{-133, "-133", 0, false}),
                         [](const auto& row) { return "number_" + std::to_string(row.index); });

TEST(ParseEnctype, TakesAliasesAndRefusesTheRestWithTheKnownNames) {
  EXPECT_EQ(*parse_enctype("aes256-cts"), 18);
  EXPECT_EQ(*parse_enctype("rc4-hmac"), 23);
  for (const char* text : {"", "aes512", "18x", "70000", " 18"}) {
    const auto parsed = parse_enctype(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_TRUE(parsed.error().is(Errc::invalid));
    EXPECT_NE(parsed.error().what.find("aes256-cts-hmac-sha1-96"), std::string::npos);
  }
}

}  // namespace
