#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <functional>

#include "kerbgate/keytab.hpp"
#include "keytab/file.hpp"
#include "keytab/target.hpp"
#include "unit/keytool/keytab_fixture.hpp"
#include "unit/keytool/temporary_directory.hpp"

namespace {

using namespace kerbgate::keytab;
using kerbgate::Errc;
using kerbgate::Fd;
using keytab_fixture::entry;
using keytab_fixture::File;
using keytab_fixture::Octets;

std::vector<Entry> one(const std::string& host) {
  std::vector<Entry> out;
  out.push_back(entry(host));
  return out;
}

Octets file_of(const std::string& host) {
  File file;
  file.add(keytab_fixture::record(host));
  return file.octets();
}

class Umask {
 public:
  explicit Umask(mode_t mask) : before_(umask(mask)) {}
  ~Umask() { umask(before_); }

 private:
  mode_t before_;
};

class Write : public testing::Test {
 protected:
  TemporaryDirectory directory_;
  const std::string path_ = directory_.file("out.keytab");
};

TEST_F(Write, MakesAFileThatReadsBackEqually) {
  ASSERT_TRUE(write_file(path_, one("a"), {}));
  EXPECT_EQ(octets_of(path_), file_of("a"));
  EXPECT_EQ(directory_.names(), std::vector<std::string>{"out.keytab"});
}

TEST_F(Write, NewFileIsForItsOwnerAloneWhateverTheUmask) {
  for (const mode_t mask : {0000, 0077, 0777}) {
    const Umask set(mask);
    const std::string path = directory_.file("u" + std::to_string(mask));
    ASSERT_TRUE(write_file(path, one("a"), {}));
    EXPECT_EQ(mode_of(path), 0600u) << mask;
  }
}

TEST_F(Write, KeepsTheModeOfTheFileItReplaces) {
  directory_.write("out.keytab", file_of("old"));
  ASSERT_EQ(chmod(path_.c_str(), 0640), 0);
  ASSERT_TRUE(write_file(path_, one("a"), {}));
  EXPECT_EQ(octets_of(path_), file_of("a"));
  EXPECT_EQ(mode_of(path_), 0640u);
}

TEST_F(Write, SetsTheModeThatIsAskedFor) {
  WriteOptions options;
  options.mode = 0400;
  ASSERT_TRUE(write_file(path_, one("a"), options));
  EXPECT_EQ(mode_of(path_), 0400u);
  ASSERT_TRUE(write_file(path_, one("b"), {}));
  EXPECT_EQ(octets_of(path_), file_of("b"));
  EXPECT_EQ(mode_of(path_), 0400u);
}

TEST_F(Write, EmptyTargetCountsAsNew) {
  directory_.write("out.keytab", {});
  ASSERT_TRUE(write_file(path_, one("a"), {}));
  EXPECT_EQ(octets_of(path_), file_of("a"));
}

TEST_F(Write, DoesNotReplaceWhatIsNoKeytab) {
  directory_.write("out.keytab", {'r', 'o', 'o', 't'});
  const auto written = write_file(path_, one("a"), {});
  ASSERT_FALSE(written);
  EXPECT_TRUE(written.error().is(Errc::not_a_keytab));
  EXPECT_EQ(octets_of(path_), (Octets{'r', 'o', 'o', 't'}));
}

TEST_F(Write, ReplacesTheFileBehindALinkAndKeepsTheLink) {
  ASSERT_EQ(mkdir(directory_.file("real").c_str(), 0755), 0);
  directory_.write("real/k", file_of("old"));
  ASSERT_EQ(symlink("real/k", directory_.file("second").c_str()), 0);
  ASSERT_EQ(symlink(directory_.file("second").c_str(), path_.c_str()), 0);
  ASSERT_TRUE(write_file(path_, one("a"), {}));
  EXPECT_TRUE(std::filesystem::is_symlink(path_));
  EXPECT_EQ(octets_of(directory_.file("real/k")), file_of("a"));
}

TEST_F(Write, DanglingLinkIsCreatedWhereItPoints) {
  ASSERT_EQ(mkdir(directory_.file("real").c_str(), 0755), 0);
  ASSERT_EQ(symlink("real/k", path_.c_str()), 0);
  ASSERT_TRUE(write_file(path_, one("a"), {}));
  EXPECT_EQ(octets_of(directory_.file("real/k")), file_of("a"));
}

TEST_F(Write, LinksInACircleAreAnError) {
  ASSERT_EQ(symlink("out.keytab", path_.c_str()), 0);
  EXPECT_FALSE(write_file(path_, one("a"), {}));
}

TEST_F(Write, TakesALongName) {
  const std::string path = directory_.file(std::string(255, 'n'));
  ASSERT_TRUE(write_file(path, one("a"), {}));
  EXPECT_EQ(octets_of(path), file_of("a"));
}

TEST_F(Write, TakesThePrefixOfAFile) {
  ASSERT_TRUE(write_file("FILE:" + path_, one("a"), {}));
  EXPECT_EQ(octets_of(path_), file_of("a"));
}

TEST_F(Write, KeepsAttributes) {
  directory_.write("out.keytab", file_of("old"));
  if (setxattr(path_.c_str(), "user.note", "kept", 4, 0) != 0) GTEST_SKIP() << "no extended attributes here";
  ASSERT_TRUE(write_file(path_, one("a"), {}));
  std::string value(4, ' ');
  EXPECT_EQ(getxattr(path_.c_str(), "user.note", value.data(), value.size()), 4);
  EXPECT_EQ(value, "kept");
}

/// A POSIX ACL as the kernel takes it: version 2, then {tag, permissions, id}, little-endian.
std::string access_list(std::uint16_t named_user_rights) {
  std::string out;
  const auto number = [&out](std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
  };
  const auto rule = [&number](std::uint16_t tag, std::uint16_t rights, std::uint32_t id) {
    number(tag, 2);
    number(rights, 2);
    number(id, 4);
  };
  number(2, 4);
  rule(0x01, 6, UINT32_MAX);                  // owner
  rule(0x02, named_user_rights, 12345);       // a named user
  rule(0x04, 0, UINT32_MAX);                  // group
  rule(0x10, named_user_rights, UINT32_MAX);  // mask
  rule(0x20, 0, UINT32_MAX);                  // others
  return out;
}

TEST_F(Write, KeepsTheAccessList) {
  directory_.write("out.keytab", file_of("old"));
  const std::string list = access_list(4);
  if (setxattr(path_.c_str(), "system.posix_acl_access", list.data(), list.size(), 0) != 0) {
    GTEST_SKIP() << "no ACLs here";
  }
  ASSERT_TRUE(write_file(path_, one("a"), {}));
  std::string kept(list.size(), ' ');
  ASSERT_EQ(getxattr(path_.c_str(), "system.posix_acl_access", kept.data(), kept.size()),
            static_cast<ssize_t>(list.size()));
  EXPECT_EQ(kept, list);
}

TEST_F(Write, DirectorysDefaultAccessListGivesNobodyRightsOnAReplacedFile) {
  directory_.write("out.keytab", file_of("old"));
  ASSERT_EQ(chmod(path_.c_str(), 0640), 0);
  const std::string list = access_list(4);
  if (setxattr(directory_.path().c_str(), "system.posix_acl_default", list.data(), list.size(), 0) != 0) {
    GTEST_SKIP() << "no ACLs here";
  }
  ASSERT_TRUE(write_file(path_, one("a"), {}));
  EXPECT_LT(getxattr(path_.c_str(), "system.posix_acl_access", nullptr, 0), 0);
  EXPECT_EQ(mode_of(path_), 0640u);
}

struct RefusedCase {
  const char* name;
  std::string (*path)(const TemporaryDirectory&);
  const char* what;
};
void PrintTo(const RefusedCase& c, std::ostream* out) { *out << c.name; }
class WriteRefuses : public testing::TestWithParam<RefusedCase> {};

TEST_P(WriteRefuses, AndSaysWhy) {
  const TemporaryDirectory directory;
  const auto written = write_file(GetParam().path(directory), one("a"), {});
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().what.find(GetParam().what), std::string::npos) << written.error().what;
  EXPECT_TRUE(directory.names().empty());
}

INSTANTIATE_TEST_SUITE_P(
    Cases, WriteRefuses,
    testing::Values(
        RefusedCase{"directory", [](const TemporaryDirectory& d) { return d.path(); }, "is a directory; name a file"},
        RefusedCase{"no_directory", [](const TemporaryDirectory& d) { return d.file("no/k"); },
                    "No such file or directory"},
        RefusedCase{"device", [](const TemporaryDirectory&) { return std::string("/dev/null"); },
                    "not a regular file; for standard output write -"},
        RefusedCase{"other_type", [](const TemporaryDirectory&) { return std::string("MEMORY:x"); }, "type MEMORY"},
        RefusedCase{"empty_name", [](const TemporaryDirectory&) { return std::string(); }, "is empty"},
        RefusedCase{"long_name", [](const TemporaryDirectory& d) { return d.file(std::string(256, 'n')); },
                    "File name too long"}),
    [](const auto& row) { return row.param.name; });

TEST_F(Write, RefusesAnEntryThatNoKeytabHolds) {
  directory_.write("out.keytab", file_of("old"));
  auto entries = one("a");
  entries[0].principal.realm.clear();
  const auto written = write_file(path_, entries, {});
  ASSERT_FALSE(written);
  EXPECT_TRUE(written.error().is(Errc::unrepresentable));
  EXPECT_EQ(octets_of(path_), file_of("old"));
}

TEST_F(Write, WaitsForALockOnlySoLong) {
  directory_.write("out.keytab", file_of("old"));
  const Fd other(open(path_.c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_TRUE(lock_file(other.get(), Lock::exclusive, {}, path_));
  WriteOptions options;
  options.lock_wait = std::chrono::milliseconds(0);
  const auto written = write_file(path_, one("a"), options);
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().what.find("another program has held it"), std::string::npos);
  EXPECT_EQ(octets_of(path_), file_of("old"));
  EXPECT_EQ(directory_.names(), std::vector<std::string>{"out.keytab"});
}

TEST_F(Write, DoesNotReplaceAFileThatChangedSinceItWasRead) {
  directory_.write("out.keytab", file_of("old"));
  const auto before = read(path_);
  ASSERT_TRUE(before && before->state);
  WriteOptions options;
  options.unchanged_since = before->state;
  File grown;
  grown.add(keytab_fixture::record("old"));
  grown.add(keytab_fixture::record("added"));
  directory_.write("out.keytab", grown.octets());
  const auto written = write_file(path_, one("a"), options);
  ASSERT_FALSE(written);
  EXPECT_TRUE(written.error().is(Errc::conflict));
  EXPECT_EQ(octets_of(path_), grown.octets());
  options.unchanged_since = read(path_)->state;
  EXPECT_TRUE(write_file(path_, one("a"), options));
  EXPECT_FALSE(write_file(path_, one("b"), options)) << "the new file is another one";
}

TEST_F(Write, ConcurrentWritersLeaveTheFileOfOneOfThem) {
  constexpr int kWriters = 8;
  std::vector<pid_t> children;
  for (int i = 0; i < kWriters; ++i) {
    const pid_t child = fork();
    if (child == 0) _exit(write_file(path_, one("w" + std::to_string(i)), {}) ? 0 : 1);
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  const auto scanned = scan(octets_of(path_));
  ASSERT_TRUE(scanned && scanned->sound());
  EXPECT_EQ(scanned->entries.size(), 1u);
  EXPECT_EQ(directory_.names(), std::vector<std::string>{"out.keytab"});
}

class WriteAsRoot : public Write {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "only root may give files away";
    ASSERT_EQ(chmod(directory_.path().c_str(), 0777), 0);
  }

  /// The error's text when another user writes; empty when it worked.
  std::string written_by(uid_t uid, const WriteOptions& options = {}) {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
      if (setgid(uid) != 0 || setuid(uid) != 0) _exit(9);
      const auto written = write_file(path_, one("a"), options);
      const std::string what = written ? "" : written.error().what;
      _exit(write(ends[1], what.data(), what.size()) == static_cast<ssize_t>(what.size()) ? 0 : 8);
    }
    close(ends[1]);
    std::string out(4096, ' ');
    const ssize_t got = read(ends[0], out.data(), out.size());
    close(ends[0]);
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    out.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    return out;
  }

  struct stat owner() {
    struct stat status {};
    EXPECT_EQ(stat(path_.c_str(), &status), 0);
    return status;
  }
};

TEST_F(WriteAsRoot, KeepsTheOwnerOfTheFileItReplaces) {
  directory_.write("out.keytab", file_of("old"));
  ASSERT_EQ(chown(path_.c_str(), 4242, 4343), 0);
  ASSERT_TRUE(write_file(path_, one("a"), {}));
  EXPECT_EQ(owner().st_uid, 4242u);
  EXPECT_EQ(owner().st_gid, 4343u);
}

TEST_F(WriteAsRoot, GivesTheFileToTheOwnerThatIsAskedFor) {
  WriteOptions options;
  options.owner = "4242:4343";
  ASSERT_TRUE(write_file(path_, one("a"), options));
  EXPECT_EQ(owner().st_uid, 4242u);
  EXPECT_EQ(owner().st_gid, 4343u);
  EXPECT_EQ(mode_of(path_), 0600u);
}

TEST_F(WriteAsRoot, UserWhoCannotKeepTheOwnerIsRefused) {
  directory_.write("out.keytab", file_of("old"));
  ASSERT_EQ(chmod(path_.c_str(), 0644), 0);
  EXPECT_NE(written_by(65534).find("cannot keep its uid 0, gid 0"), std::string::npos);
  EXPECT_EQ(octets_of(path_), file_of("old"));
  EXPECT_EQ(directory_.names(), std::vector<std::string>{"out.keytab"});
}

TEST_F(WriteAsRoot, DirectoryThatMayNotBeWrittenIsNamedWithItsOwner) {
  ASSERT_EQ(chmod(directory_.path().c_str(), 0755), 0);
  const std::string what = written_by(65534);
  EXPECT_NE(what.find("cannot create a file in " + directory_.path()), std::string::npos) << what;
  EXPECT_NE(what.find("mode 0755, and this is uid 65534"), std::string::npos) << what;
}

TEST_F(WriteAsRoot, OwnersReadOnlyFileIsReplaced) {
  directory_.write("out.keytab", file_of("old"));
  ASSERT_EQ(chown(path_.c_str(), 65534, 65534), 0);
  ASSERT_EQ(chmod(path_.c_str(), 0400), 0);
  EXPECT_EQ(written_by(65534), "");
  EXPECT_EQ(octets_of(path_), file_of("a"));
  EXPECT_EQ(mode_of(path_), 0400u);
}

struct OwnerCase {
  const char* name;
  const char* text;
  std::optional<uid_t> user;
  std::optional<gid_t> group;
  bool good;
};
void PrintTo(const OwnerCase& c, std::ostream* out) { *out << c.name; }
class OwnerText : public testing::TestWithParam<OwnerCase> {};

TEST_P(OwnerText, IsReadAsChownReadsIt) {
  const auto owner = parse_owner(GetParam().text);
  ASSERT_EQ(owner.ok(), GetParam().good) << (owner ? "" : owner.error().what);
  if (!owner) return;
  EXPECT_EQ(owner->user, GetParam().user);
  EXPECT_EQ(owner->group, GetParam().group);
}

INSTANTIATE_TEST_SUITE_P(Cases, OwnerText,
                         testing::Values(OwnerCase{"user", "root", 0, std::nullopt, true},
                                         OwnerCase{"number", "4242", 4242, std::nullopt, true},
                                         OwnerCase{"user_and_group", "root:4", 0, 4, true},
                                         OwnerCase{"login_group", "root:", 0, 0, true},
                                         OwnerCase{"group_alone", ":4", std::nullopt, 4, true},
                                         OwnerCase{"empty", "", {}, {}, false}, OwnerCase{"colon", ":", {}, {}, false},
                                         OwnerCase{"number_without_login_group", "4242:", {}, {}, false},
                                         OwnerCase{"nobody_of_that_name", "no-such-user", {}, {}, false},
                                         OwnerCase{"no_such_group", "root:no-such-group", {}, {}, false},
                                         OwnerCase{"minus_one", "4294967295", {}, {}, false}),
                         [](const auto& row) { return row.param.name; });

}  // namespace
