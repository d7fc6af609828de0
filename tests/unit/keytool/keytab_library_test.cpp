#include <gtest/gtest.h>
#include <krb5.h>

#include <algorithm>

#include "kerbgate/keytab.hpp"
#include "unit/keytool/keytab_fixture.hpp"
#include "unit/keytool/temporary_directory.hpp"

/// Files and locks that libkrb5 itself made.
namespace {

using namespace kerbgate::keytab;
using keytab_fixture::entry;
using keytab_fixture::Octets;

class LibraryKeytab : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(krb5_init_context(&context_), 0);
    ASSERT_EQ(krb5_kt_resolve(context_, ("FILE:" + path_).c_str(), &keytab_), 0);
  }
  void TearDown() override {
    krb5_kt_close(context_, keytab_);
    krb5_free_context(context_);
  }

  void add(const Entry& ours) {
    krb5_keytab_entry theirs{};
    ASSERT_EQ(krb5_parse_name(context_, ours.principal.str().c_str(), &theirs.principal), 0);
    theirs.principal->type = ours.principal.name_type;
    theirs.vno = ours.kvno;
    Octets key(ours.key.bytes().begin(), ours.key.bytes().end());
    theirs.key.enctype = ours.enctype;
    theirs.key.length = static_cast<unsigned>(key.size());
    theirs.key.contents = key.data();
    EXPECT_EQ(krb5_kt_add_entry(context_, keytab_, &theirs), 0);
    krb5_free_principal(context_, theirs.principal);
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_.file("library.keytab");
  krb5_context context_ = nullptr;
  krb5_keytab keytab_ = nullptr;
};

TEST_F(LibraryKeytab, IsEncodedByteForByteAsLibkrb5WroteIt) {
  std::vector<Entry> entries;
  for (int i = 0; i < 30; ++i) {
    Entry& e = entries.emplace_back(entry("h" + std::to_string(i), i % 2 == 0 ? 3 : 70000 + static_cast<unsigned>(i)));
    e.principal.components.push_back(std::string("o/d@d\0", 6));
    e.principal.name_type = i % 4;
    e.enctype = i % 3 == 0 ? -133 : 18;
    add(e);
  }
  const auto scanned = read(path_);
  ASSERT_TRUE(scanned) << scanned.error().what;
  ASSERT_TRUE(scanned->sound()) << scanned->damage[0].reason;
  ASSERT_TRUE(std::ranges::equal(scanned->entries, entries, same_key));
  const auto bytes = encode(scanned->entries);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(Octets(bytes->bytes().begin(), bytes->bytes().end()), octets_of(path_));
}

TEST_F(LibraryKeytab, HoleThatLibkrb5ReusedIsSound) {
  add(entry("a-long-name"));
  add(entry("b"));
  krb5_keytab_entry first{};
  ASSERT_EQ(krb5_parse_name(context_, entry("a-long-name").principal.str().c_str(), &first.principal), 0);
  first.vno = 3;
  first.key.enctype = 18;
  ASSERT_EQ(krb5_kt_remove_entry(context_, keytab_, &first), 0);
  krb5_free_principal(context_, first.principal);
  EXPECT_EQ(read(path_)->holes, 1u);
  add(entry("c"));
  const auto scanned = read(path_);
  ASSERT_TRUE(scanned && scanned->sound());
  ASSERT_EQ(scanned->entries.size(), 2u);
  EXPECT_EQ(scanned->holes, 0u);
  EXPECT_TRUE(same_key(scanned->entries[0], entry("c")));
}

TEST_F(LibraryKeytab, IsNotReplacedWhileLibkrb5HasItLocked) {
  add(entry("a"));
  const Octets before = octets_of(path_);
  std::vector<Entry> other;
  other.push_back(entry("other"));
  WriteOptions options;
  options.lock_wait = std::chrono::milliseconds(0);
  krb5_kt_cursor cursor;
  ASSERT_EQ(krb5_kt_start_seq_get(context_, keytab_, &cursor), 0);
  EXPECT_FALSE(write_file(path_, other, options));
  EXPECT_EQ(octets_of(path_), before);
  ASSERT_EQ(krb5_kt_end_seq_get(context_, keytab_, &cursor), 0);
  EXPECT_TRUE(write_file(path_, other, options));
}

}  // namespace
