#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <thread>

#include "keytab/agreement.hpp"
#include "keytab/file.hpp"
#include "unit/keytool/keytab_fixture.hpp"
#include "unit/keytool/temporary_directory.hpp"

namespace {

using namespace kerbgate::keytab;
using kerbgate::Errc;
using kerbgate::Error;
using keytab_fixture::File;
using keytab_fixture::Octets;
using keytab_fixture::Record;
using keytab_fixture::record;

/// Runs `body` in a child without privileges; true when it returned true.
bool as_nobody(const std::function<bool()>& body) {
  const pid_t child = fork();
  if (child == 0) {
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) _exit(2);
    _exit(body() ? 0 : 1);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

class Read : public testing::Test {
 protected:
  TemporaryDirectory directory_;
};

TEST_F(Read, AgreesWithLibkrb5OnEverythingSound) {
  File file;
  Record odd = record("a", 70000);
  odd.name_type = -5;
  odd.timestamp = 0xfffffff0;
  odd.components = {std::string("\0x", 2), "\xff/@"};
  odd.enctype = -133;
  odd.extra = {0, 0, 0, 1};
  file.add(odd);
  file.hole(30);
  Record narrow = record("b", 200);
  narrow.wide_kvno = false;
  file.add(narrow);
  Record zero = record("c");
  zero.kvno32 = 0;
  zero.extra = Octets(21, 0);
  file.add(zero);
  const auto read_it = read(directory_.write("k", file.octets()));
  ASSERT_TRUE(read_it) << read_it.error().what;
  EXPECT_TRUE(read_it->sound()) << read_it->damage[0].reason;
  EXPECT_EQ(read_it->entries.size(), 3u);
}

TEST_F(Read, AgreesWithLibkrb5OnVersion1) {
  File file(1, std::endian::native);
  file.add(record("a", 300));
  file.add(record("b"));
  const auto read_it = read(directory_.write("k", file.octets()));
  ASSERT_TRUE(read_it) << read_it.error().what;
  EXPECT_TRUE(read_it->sound()) << read_it->damage[0].reason;
  EXPECT_EQ(read_it->entries.size(), 2u);
}

TEST_F(Read, AgreesWithLibkrb5BeforeTheFirstDamage) {
  File file;
  file.add(record("a"));
  Record bad = record("m");
  bad.realm = "";
  const std::size_t at = file.add(bad);
  file.add(record("z"));
  const auto read_it = read(directory_.write("k", file.octets()));
  ASSERT_TRUE(read_it);
  ASSERT_EQ(read_it->damage.size(), 1u);
  EXPECT_EQ(read_it->damage[0].offset, at);
  EXPECT_EQ(read_it->entries.size(), 2u);
}

TEST_F(Read, TakesThePrefixesOfAFile) {
  File file;
  file.add(record("a"));
  const std::string path = directory_.write("k", file.octets());
  for (const char* prefix : {"", "FILE:", "WRFILE:"}) {
    const auto read_it = read(prefix + path);
    ASSERT_TRUE(read_it) << prefix;
    EXPECT_EQ(read_it->entries.size(), 1u);
  }
}

TEST_F(Read, RefusesOtherTypesAndNamesTheKnownOnes) {
  for (const char* name : {"MEMORY:x", "KEYRING:x", "BOGUS:x", "ANY:FILE:/a", "DIR:/etc/x"}) {
    const auto read_it = read(name);
    ASSERT_FALSE(read_it) << name;
    EXPECT_TRUE(read_it.error().is(Errc::unsupported)) << name;
    EXPECT_NE(read_it.error().what.find("FILE: and WRFILE:"), std::string::npos);
  }
}

TEST_F(Read, NamesWhatIsMissing) {
  const auto read_it = read(directory_.file("nope"));
  ASSERT_FALSE(read_it);
  EXPECT_TRUE(read_it.error().is(Errc::not_found));
  EXPECT_EQ(read_it.error().what, "read keytab " + directory_.file("nope") + ": No such file or directory");
}

TEST_F(Read, RefusesADirectory) {
  const auto read_it = read(directory_.path());
  ASSERT_FALSE(read_it);
  EXPECT_EQ(read_it.error().what, "read keytab " + directory_.path() + ": is a directory, a keytab is a file");
}

TEST_F(Read, NamesTheFileThatIsNoKeytab) {
  const std::string path = directory_.write("k", {'h', 'e', 'l', 'l', 'o'});
  const auto read_it = read(path);
  ASSERT_FALSE(read_it);
  EXPECT_TRUE(read_it.error().is(Errc::not_a_keytab));
  EXPECT_EQ(read_it.error().what, path + ": not a keytab: first bytes 68 65, a keytab has 05 02");
}

TEST_F(Read, DoesNotReadADeviceToItsEnd) {
  const auto read_it = read("/dev/zero");
  ASSERT_FALSE(read_it);
  EXPECT_TRUE(read_it.error().is(Errc::not_a_keytab));
  EXPECT_FALSE(read("/dev/null"));
}

TEST_F(Read, RegularFilesAloneWhereAPipeMustNotBeWaitedFor) {
  const std::string pipe = directory_.file("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  for (const std::string& path : {pipe, std::string("/dev/zero")}) {
    const auto refused = read_regular(path);
    ASSERT_FALSE(refused) << path;
    EXPECT_EQ(refused.error().what, path + ": a keytab is a regular file, this is not");
  }
  EXPECT_TRUE(read_regular(directory_.file("none")).error().is(Errc::not_found));
}

TEST_F(Read, SaysWhoOwnsWhatMayNotBeRead) {
  File file;
  file.add(record("a"));
  const std::string path = directory_.write("k", file.octets());
  ASSERT_EQ(chmod(path.c_str(), 0), 0);
  ASSERT_EQ(chmod(directory_.path().c_str(), 0755), 0);
  const uid_t owner = geteuid();
  EXPECT_TRUE(as_nobody([&] {
    const auto read_it = read(path);
    const auto has = [&](const std::string& part) { return read_it.error().what.find(part) != std::string::npos; };
    return !read_it && read_it.error().is(Errc::permission) && has("(uid " + std::to_string(owner) + "), mode 0000") &&
           has("this is uid " + std::to_string(geteuid()));
  }));
}

TEST_F(Read, TakesAPipe) {
  File file;
  for (int i = 0; i < 3000; ++i) file.add(record("a" + std::to_string(i)));
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  std::thread writer([&] {
    EXPECT_TRUE(write_all(ends[1], file.octets(), "feed"));
    close(ends[1]);
  });
  const auto read_it = read("/dev/fd/" + std::to_string(ends[0]));
  writer.join();
  close(ends[0]);
  ASSERT_TRUE(read_it) << read_it.error().what;
  EXPECT_TRUE(read_it->sound());
  EXPECT_EQ(read_it->entries.size(), 3000u);
}

TEST_F(Read, WorksWithABrokenKrb5Conf) {
  File file;
  file.add(record("a"));
  const std::string path = directory_.write("k", file.octets());
  const std::string conf = directory_.write("krb5.conf", {'[', 'x'});
  const pid_t child = fork();
  if (child == 0) {
    setenv("KRB5_CONFIG", conf.c_str(), 1);
    _exit(read(path) ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

LibraryEntry seen_by_library(const Entry& entry) {
  LibraryEntry out;
  for (const std::string& part : entry.principal.components) out.components.emplace_back(part);
  out.realm = entry.principal.realm;
  out.name_type = entry.principal.name_type;
  out.timestamp = entry.timestamp;
  out.kvno = entry.kvno;
  out.enctype = entry.enctype;
  out.key = entry.key.bytes();
  return out;
}

Scan two_entries() {
  Scan out;
  out.entries.push_back(keytab_fixture::entry("a"));
  out.entries.push_back(keytab_fixture::entry("b"));
  out.entries[0].offset = 2;
  out.entries[1].offset = 93;
  out.size = 184;
  return out;
}

struct DifferenceCase {
  const char* name;
  void (*change)(LibraryEntry&);
  const char* reason;
};
void PrintTo(const DifferenceCase& c, std::ostream* out) { *out << c.name; }
class AgreementDifference : public testing::TestWithParam<DifferenceCase> {};

TEST_P(AgreementDifference, IsADoubtAboutThatEntry) {
  const Scan scanned = two_entries();
  Agreement agreement(scanned);
  LibraryEntry first = seen_by_library(scanned.entries[0]);
  GetParam().change(first);
  EXPECT_TRUE(agreement.take(first));
  EXPECT_TRUE(agreement.take(seen_by_library(scanned.entries[1])));
  const auto found = agreement.finish(std::nullopt);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].offset, 2u);
  EXPECT_FALSE(found[0].fatal);
  EXPECT_EQ(found[0].reason, std::string("read differently by libkrb5: ") + GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, AgreementDifference,
    testing::Values(
        DifferenceCase{"realm", [](LibraryEntry& e) { e.realm = "X"; },
                       "principal impala/a.example.com@EXAMPLE.COM, libkrb5 reads impala/a.example.com@X"},
        DifferenceCase{"component", [](LibraryEntry& e) { e.components[0] = "hdfs"; },
                       "principal impala/a.example.com@EXAMPLE.COM, libkrb5 reads hdfs/a.example.com@EXAMPLE.COM"},
        DifferenceCase{"name_type", [](LibraryEntry& e) { e.name_type = 2; }, "name type 1, libkrb5 reads 2"},
        DifferenceCase{"timestamp", [](LibraryEntry& e) { e.timestamp = 5; }, "timestamp 1700000000, libkrb5 reads 5"},
        DifferenceCase{"kvno", [](LibraryEntry& e) { e.kvno = 4; }, "kvno 3, libkrb5 reads 4"},
        DifferenceCase{"enctype", [](LibraryEntry& e) { e.enctype = 17; }, "enctype 18, libkrb5 reads 17"},
        DifferenceCase{"key", [](LibraryEntry& e) { e.key = e.key.first(31); }, "another key than libkrb5 reads"}),
    [](const auto& row) { return row.param.name; });

TEST(Agreement, NamesTheEntriesThatLibkrb5DoesNotReach) {
  const Scan scanned = two_entries();
  Agreement agreement(scanned);
  EXPECT_TRUE(agreement.take(seen_by_library(scanned.entries[0])));
  const auto found = agreement.finish(Error(Errc::krb5, "libkrb5 cannot read on: Invalid argument"));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].offset, 93u);
  EXPECT_TRUE(found[0].fatal);
  EXPECT_NE(found[0].reason.find("Invalid argument"), std::string::npos);
}

TEST(Agreement, CountsWhatLibkrb5ReadsBeyondASoundScan) {
  const Scan scanned = two_entries();
  Agreement agreement(scanned);
  EXPECT_TRUE(agreement.take(seen_by_library(scanned.entries[0])));
  EXPECT_TRUE(agreement.take(seen_by_library(scanned.entries[1])));
  EXPECT_TRUE(agreement.take(seen_by_library(scanned.entries[1])));
  const auto found = agreement.finish(std::nullopt);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].offset, 184u);
  EXPECT_EQ(found[0].reason, "libkrb5 reads 1 entry more");
}

TEST(Agreement, EndsAtTheFirstFatalDamage) {
  Scan scanned = two_entries();
  scanned.damage.push_back({80, "somewhere before the second", 1, true});
  Agreement agreement(scanned);
  EXPECT_TRUE(agreement.take(seen_by_library(scanned.entries[0])));
  LibraryEntry revived = seen_by_library(scanned.entries[1]);
  revived.kvno = 77;
  EXPECT_FALSE(agreement.take(revived));
  EXPECT_TRUE(agreement.finish(std::nullopt).empty());
}

TEST(MemoryFile, HoldsTheBytesUnderANameAndThenIsGone) {
  std::string path;
  {
    const auto file = MemoryFile::holding(Octets{5, 2, 7});
    ASSERT_TRUE(file);
    path = file->path();
    EXPECT_EQ(octets_of(path), (Octets{5, 2, 7}));
  }
  EXPECT_NE(access(path.c_str(), F_OK), 0);
}

}  // namespace
