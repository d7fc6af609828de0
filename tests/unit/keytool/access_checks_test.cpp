#include "diagnosis/access_checks.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "unit/keytool/temporary_directory.hpp"

using namespace kerbgate;
using diagnosis::User;

namespace {

const User kImpala{"impala", 1000, 1000, {1000, 2000}};

struct Ownership {
  const char* name;
  uid_t uid;
  gid_t gid;
  mode_t mode;
  const char *mode_verdict, *owner_verdict;
};

class KeytabOwnership : public testing::TestWithParam<Ownership> {};

TEST_P(KeytabOwnership, IsSafeOrNot) {
  struct stat status {};
  status.st_uid = GetParam().uid;
  status.st_gid = GetParam().gid;
  status.st_mode = S_IFREG | GetParam().mode;
  const auto results = diagnosis::ownership_checks("k", status, kImpala);
  ASSERT_EQ(results.size(), 2U);
  EXPECT_STREQ(verdict_word(results[0].verdict), GetParam().mode_verdict) << results[0].found;
  EXPECT_STREQ(verdict_word(results[1].verdict), GetParam().owner_verdict) << results[1].found;
}

INSTANTIATE_TEST_SUITE_P(Modes, KeytabOwnership,
                         testing::Values(Ownership{"Own0400", 1000, 1000, 0400, "pass", "pass"},
                                         Ownership{"Own0440", 1000, 1000, 0440, "pass", "pass"},
                                         Ownership{"Own0600", 1000, 1000, 0600, "pass", "pass"},
                                         Ownership{"RootsForTheUsersGroup", 0, 1000, 0440, "pass", "pass"},
                                         Ownership{"RootsAlone", 0, 0, 0400, "pass", "pass"},
                                         Ownership{"ForALargerGroup", 1000, 2000, 0440, "warn", "pass"},
                                         Ownership{"ForAStrangeGroup", 1000, 3000, 0440, "warn", "pass"},
                                         Ownership{"GroupWrites", 1000, 1000, 0460, "fail", "pass"},
                                         Ownership{"WorldReads", 1000, 1000, 0444, "fail", "pass"},
                                         Ownership{"WorldWrites", 0, 0, 0602, "fail", "pass"},
                                         Ownership{"AnotherOwner", 1001, 1000, 0440, "pass", "fail"}),
                         [](const auto& tested) { return tested.param.name; });

/// Reading as another user where this is root, as oneself elsewhere: either way by a process that is that user.
class ReadAs : public testing::Test {
 protected:
  ReadAs() {
    auto found = diagnosis::find_user(geteuid() == 0 ? "nobody" : std::to_string(geteuid()));
    if (!found) throw std::runtime_error(found.error().what);
    reader_ = *found;
    give(directory_.path(), 0755);
    make_directory("inner", 0755);
  }
  ~ReadAs() override { ::chmod(directory_.file("inner").c_str(), 0755); }

  std::string make_file(const std::string& name, mode_t mode) {
    const std::string path = directory_.write(name, {5, 2});
    give(path, mode);
    return path;
  }
  void make_directory(const std::string& name, mode_t mode) {
    ASSERT_EQ(::mkdir(directory_.file(name).c_str(), 0755), 0);
    give(directory_.file(name), mode);
  }
  void give(const std::string& path, mode_t mode) {
    if (geteuid() == 0) {
      ASSERT_EQ(::chown(path.c_str(), reader_.uid, reader_.gid), 0);
    }
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
  }

  TemporaryDirectory directory_;
  User reader_;
};

TEST_F(ReadAs, TheOwnerReadsAFileOfMode0400) {
  const auto result = diagnosis::readable_check(make_file("k", 0400), reader_);
  EXPECT_EQ(result.verdict, Verdict::pass) << result.found;
  EXPECT_EQ(result.found, "opened as uid " + std::to_string(reader_.uid));
}

TEST_F(ReadAs, AModeWithoutReadingDenies) {
  const auto result = diagnosis::readable_check(make_file("k", 0200), reader_);
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.cause, "keytab-unreadable");
  EXPECT_NE(result.found.find("mode 0200"), std::string::npos) << result.found;
}

TEST_F(ReadAs, TheDirectoryThatDeniesIsNamed) {
  const std::string file = make_file("inner/k", 0400);
  give(directory_.file("inner"), 0600);
  const auto result = diagnosis::readable_check(file, reader_);
  EXPECT_EQ(result.cause, "keytab-directory-closed");
  EXPECT_NE(result.found.find("directory " + directory_.file("inner") + ':'), std::string::npos) << result.found;
  EXPECT_EQ(result.remedy.substr(result.remedy.rfind(' ') + 1), directory_.file("inner"));
}

TEST_F(ReadAs, ADirectoryBehindALinkIsNamedToo) {
  make_file("inner/k", 0400);
  const std::string link = directory_.file("link");
  ASSERT_EQ(::symlink("inner/k", link.c_str()), 0);
  EXPECT_EQ(diagnosis::readable_check(link, reader_).verdict, Verdict::pass);
  give(directory_.file("inner"), 0600);
  const auto result = diagnosis::readable_check(link, reader_);
  // Who may not pass the directory cannot follow the link either, unless he is root.
  EXPECT_EQ(result.verdict, Verdict::fail);
  if (geteuid() == 0) {
    EXPECT_NE(result.found.find(directory_.file("inner")), std::string::npos) << result.found;
  }
}

TEST_F(ReadAs, RightsOfEverybodyAreUnsafeWhoeverTheUserIs) {
  struct stat status {};
  status.st_mode = S_IFREG | 0440;
  EXPECT_FALSE(diagnosis::world_check("k", status));
  for (const mode_t mode : {0444, 0666, 0402}) {
    status.st_mode = S_IFREG | mode;
    const auto result = diagnosis::world_check("k", status);
    ASSERT_TRUE(result) << mode;
    EXPECT_EQ(result->verdict, Verdict::fail);
    EXPECT_EQ(result->cause, "keytab-mode-unsafe");
  }
}

TEST_F(ReadAs, TheUsersGroupCounts) {
  const std::string file = make_file("k", 0040);
  if (geteuid() != 0) {
    // The owner's own bits come first: without them he is denied, whatever his group has.
    EXPECT_EQ(diagnosis::readable_check(file, reader_).verdict, Verdict::fail);
    return;
  }
  ASSERT_EQ(::chown(file.c_str(), 0, reader_.gid), 0);
  EXPECT_EQ(diagnosis::readable_check(file, reader_).verdict, Verdict::pass);
  User without_groups = reader_;
  without_groups.gid = 12345;
  without_groups.groups = {12345};
  EXPECT_EQ(diagnosis::readable_check(file, without_groups).verdict, Verdict::fail);
}

TEST_F(ReadAs, APipeWithoutAWriterDoesNotHoldItUp) {
  const std::string pipe = directory_.file("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  give(pipe, 0600);
  EXPECT_EQ(diagnosis::readable_check(pipe, reader_).verdict, Verdict::pass);
}

TEST_F(ReadAs, OnlyRootCanBecomeAnotherUser) {
  const std::string file = make_file("k", 0400);
  const auto ask_for_root = [&] {
    if (geteuid() == 0 && setresuid(reader_.uid, reader_.uid, reader_.uid) != 0) _exit(2);
    const auto result = diagnosis::readable_check(file, *diagnosis::find_user("root"));
    std::fputs(result.found.c_str(), stderr);
    _exit(result.verdict == Verdict::skip ? 0 : 1);
  };
  EXPECT_EXIT(ask_for_root(), testing::ExitedWithCode(0), "only root can become root.*run it as root");
}

TEST_F(ReadAs, ADirectoryInWhichEverybodyMayReplaceTheFileIsNamed) {
  const std::string file = make_file("inner/k", 0400);
  EXPECT_FALSE(diagnosis::open_directory_check(file));
  give(directory_.file("inner"), 01777);
  EXPECT_FALSE(diagnosis::open_directory_check(file));
  give(directory_.file("inner"), 0777);
  const auto found = diagnosis::open_directory_check(file);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->verdict, Verdict::fail);
  EXPECT_EQ(found->remedy, "chmod o-w " + directory_.file("inner"));
}

TEST(FindUser, TakesNamesAndNumbersAndRefusesTheRest) {
  ASSERT_TRUE(diagnosis::find_user("root"));
  EXPECT_EQ(diagnosis::find_user("root")->uid, 0U);
  EXPECT_EQ(diagnosis::find_user("0")->name, "root");
  EXPECT_TRUE(diagnosis::find_user("root")->in_group(0));
  for (const char* name : {"no-such-user", "", "4294967294", "99999999999999999999"}) {
    EXPECT_FALSE(diagnosis::find_user(name)) << name;
  }
}

TEST(VarTmp, MustHaveMode01777BitForBit) {
  TemporaryDirectory directory;
  const std::pair<mode_t, Verdict> rows[] = {
      {01777, Verdict::pass}, {0777, Verdict::fail}, {01775, Verdict::fail}, {03777, Verdict::fail}};
  for (const auto& [mode, verdict] : rows) {
    ASSERT_EQ(::chmod(directory.path().c_str(), mode), 0);
    EXPECT_EQ(diagnosis::var_tmp_check(directory.path()).verdict, verdict) << std::oct << mode;
  }
  EXPECT_EQ(diagnosis::var_tmp_check(directory.file("missing")).cause, "var-tmp-mode");
}

}  // namespace
