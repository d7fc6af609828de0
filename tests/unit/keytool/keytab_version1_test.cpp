#include <gtest/gtest.h>

#include <cstdio>

#include "unit/keytool/keytab_fixture.hpp"
#include "unit/keytool/support/library_promise.hpp"
#include "unit/keytool/temporary_directory.hpp"

/// Format 0x0501 as libkrb5 writes it: each length is 4 too large, for a name type that the format has not.
namespace {

using namespace kerbgate::keytab;
using keytab_fixture::File;
using keytab_fixture::record;

/// The last record of such a file claims 4 bytes that were never written.
std::vector<std::uint8_t> written_by_libkrb5(std::int64_t too_large = 4) {
  File file(1, std::endian::native);
  auto first = record("a");
  first.extra = {0, 0, 0, 0};
  file.add(first);
  auto last = record("b");
  last.add_to_length = too_large;
  file.add(last);
  return file.octets();
}

TEST(KeytabVersion1, ALastRecordThatClaimsFourBytesMoreIsWhole) {
  const auto scanned = scan(written_by_libkrb5());
  ASSERT_TRUE(scanned);
  EXPECT_TRUE(scanned->sound()) << scanned->damage.front().reason;
  ASSERT_EQ(scanned->entries.size(), 2u);
  EXPECT_EQ(scanned->entries[1].principal.components[1], "b.example.com");
  EXPECT_EQ(kerbgate::test::broken_promise(written_by_libkrb5()), "");
}

TEST(KeytabVersion1, AnyOtherLengthThatRunsPastTheEndIsDamage) {
  for (const std::int64_t too_large : {1, 2, 3, 5, 8, 100}) {
    EXPECT_FALSE(scan(written_by_libkrb5(too_large))->sound()) << too_large;
  }
  auto cut = written_by_libkrb5();
  for (int i = 0; i < 12; ++i) {
    cut.pop_back();
    EXPECT_FALSE(scan(cut)->sound()) << i;
  }
}

TEST(KeytabVersion1, TheSameInFormat2IsDamage) {
  File file;
  auto only = record("a");
  only.add_to_length = 4;
  file.add(only);
  EXPECT_FALSE(scan(file.octets())->sound());
}

TEST(KeytabVersion1, WhatMitsKtutilAppendsIsRead) {
  if (std::system("command -v ktutil > /dev/null") != 0) GTEST_SKIP() << "SKIPPED: ktutil (krb5-user) is not installed";
  const TemporaryDirectory work;
  const std::string old = work.write("old", {5, 1});
  for (const char* host : {"a", "b"}) {
    File file;
    file.add(record(host));
    file.add(record(std::string(host) + "2"));
    work.write("new", file.octets());
    const std::string script = "printf 'rkt " + work.file("new") + "\\nwkt " + old + "\\nq\\n' | ktutil > /dev/null";
    ASSERT_EQ(std::system(script.c_str()), 0);
    const auto seen = read(old);
    ASSERT_TRUE(seen) << seen.error().what;
    EXPECT_EQ(seen->version, 1);
    EXPECT_TRUE(seen->sound()) << seen->damage.front().reason;
  }
  const auto seen = read(old);
  ASSERT_EQ(seen->entries.size(), 4u);
  EXPECT_EQ(seen->entries.back().principal.components[1], "b2.example.com");
  EXPECT_EQ(kerbgate::test::broken_promise(octets_of(old)), "");
}

}  // namespace
