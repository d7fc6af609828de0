#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <cerrno>
#include <optional>
#include <set>

#include "kerbgate/keytab.hpp"
#include "unit/keytool/keytab_fixture.hpp"
#include "unit/keytool/private_mounts.hpp"
#include "unit/keytool/temporary_directory.hpp"
#include "unit/keytool/traced_child.hpp"

/// What happens to the target when writing it is interrupted: at every system call, and by every limit of the disk.
namespace {

using namespace kerbgate::keytab;
using keytab_fixture::entry;
using keytab_fixture::File;
using keytab_fixture::Octets;
using Do = TracedChild::Do;

enum Outcome { kWritten = 0, kRefused = 10, kInPlaceNotSynced = 11, kSkip = 77 };

std::vector<Entry> entries_of(const std::string& host, int count) {
  std::vector<Entry> out;
  for (int i = 0; i < count; ++i) out.push_back(entry(host + std::to_string(i)));
  return out;
}

class WriteFault : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(write_file(reference_.file("k"), new_entries_, {}));
    new_octets_ = octets_of(reference_.file("k"));
    File old;
    old.add(keytab_fixture::record("old"));
    old_octets_ = old.octets();
  }

  /// In the child: writes the new entries over the old file.
  [[nodiscard]] int write_new() const {
    const auto written = write_file(path_, new_entries_, {});
    if (written) return kWritten;
    return written.error().what.find("it is in place") != std::string::npos ? kInPlaceNotSynced : kRefused;
  }

  void put_old() const {
    for (const std::string& name : directory_.names()) std::filesystem::remove(directory_.file(name));
    directory_.write("out.keytab", old_octets_);
  }

  TemporaryDirectory reference_, directory_;
  const std::string path_ = directory_.file("out.keytab");
  const std::vector<Entry> new_entries_ = entries_of("new", 3);
  Octets new_octets_, old_octets_;
};

TEST_F(WriteFault, KilledAtAnyCallTheTargetIsOldOrNew) {
  std::set<bool> seen_new;
  std::size_t moments = 0;
  for (bool over = false; !over; ++moments) {
    put_old();
    const auto status =
        TracedChild::run([&] { return write_new(); },
                         [&](const TracedChild::Call& call) { return call.index == moments ? Do::kill : Do::go_on; });
    if (!status) GTEST_SKIP() << "tracing a child is not permitted here";
    over = WIFEXITED(*status);
    const Octets now = octets_of(path_);
    ASSERT_TRUE(now == old_octets_ || now == new_octets_) << "killed at call " << moments;
    seen_new.insert(now == new_octets_);
    for (const std::string& name : directory_.names()) {
      ASSERT_TRUE(name == "out.keytab" || name.starts_with(".out.keytab.kerbgate-")) << name;
    }
  }
  EXPECT_EQ(seen_new, (std::set<bool>{false, true}));
  EXPECT_GT(moments, 20u);
}

TEST_F(WriteFault, ToldToStopAtAnyCallItLeavesNoTemporaryFile) {
  bool over = false;
  for (std::size_t moment = 0; !over; ++moment) {
    put_old();
    const auto status = TracedChild::run(
        [&] { return write_new(); },
        [&](const TracedChild::Call& call) { return call.index == moment ? Do::terminate : Do::go_on; });
    if (!status) GTEST_SKIP() << "tracing a child is not permitted here";
    over = WIFEXITED(*status);
    const Octets now = octets_of(path_);
    ASSERT_TRUE(now == old_octets_ || now == new_octets_) << "stopped at call " << moment;
    ASSERT_EQ(directory_.names(), std::vector<std::string>{"out.keytab"}) << "stopped at call " << moment;
  }
}

/// Memory, signals and giving things back: their failure is no failure of the disk.
bool may_fail(long call) {
  static const std::set<long> kNever{SYS_mmap,   SYS_munmap,          SYS_brk,          SYS_mprotect, SYS_madvise,
                                     SYS_mremap, SYS_rt_sigprocmask,  SYS_rt_sigaction, SYS_futex,    SYS_exit,
                                     SYS_unlink, SYS_rt_sigtimedwait, SYS_exit_group,   SYS_close,    SYS_getpid,
                                     SYS_gettid, SYS_clock_gettime,   SYS_sigaltstack};
  return !kNever.contains(call);
}

TEST_F(WriteFault, CallThatFailsLeavesTheTargetAsItWasAndNoTemporaryFile) {
  std::size_t refusals = 0;
  bool over = false;
  for (std::size_t moment = 0; !over; ++moment) {
    put_old();
    std::optional<long> failed;
    bool reached = false;
    const auto status = TracedChild::run([&] { return write_new(); },
                                         [&](const TracedChild::Call& call) {
                                           if (call.index != moment) return Do::go_on;
                                           reached = true;
                                           if (!may_fail(call.number)) return Do::go_on;
                                           failed = call.number;
                                           return Do::fail;
                                         });
    if (!status) GTEST_SKIP() << "tracing a child is not permitted here";
    over = !reached;
    SCOPED_TRACE("call " + std::to_string(moment) + ", number " + std::to_string(failed.value_or(-1)));
    ASSERT_TRUE(WIFEXITED(*status));
    const int outcome = WEXITSTATUS(*status);
    refusals += outcome == kRefused ? 1 : 0;
    ASSERT_EQ(octets_of(path_), outcome == kRefused ? old_octets_ : new_octets_);
    ASSERT_EQ(directory_.names(), std::vector<std::string>{"out.keytab"});
  }
  EXPECT_GT(refusals, 10u);
}

TEST_F(WriteFault, FullDiskLeavesTheTargetAsItWas) {
  const auto large = entries_of("large", 3000);
  const int outcome = in_child([&] {
    if (!may_mount() || mount("tmpfs", directory_.path().c_str(), "tmpfs", 0, "size=64k") != 0) return int{kSkip};
    directory_.write("out.keytab", old_octets_);
    const auto written = write_file(path_, large, {});
    if (written || written.error().what.find("No space left on device") == std::string::npos) return 1;
    if (octets_of(path_) != old_octets_) return 2;
    return directory_.names() == std::vector<std::string>{"out.keytab"} ? 0 : 3;
  });
  if (outcome == kSkip) GTEST_SKIP() << "mounting is not permitted here";
  EXPECT_EQ(outcome, 0);
}

TEST_F(WriteFault, FileSizeLimitIsAnErrorAndNotTheEndOfTheProcess) {
  put_old();
  const auto large = entries_of("large", 1000);
  const int outcome = in_child([&] {
    const rlimit limit{4096, 4096};
    setrlimit(RLIMIT_FSIZE, &limit);
    const auto written = write_file(path_, large, {});
    return !written && written.error().what.find("File too large") != std::string::npos ? 0 : 1;
  });
  EXPECT_EQ(outcome, 0);
  EXPECT_EQ(octets_of(path_), old_octets_);
  EXPECT_EQ(directory_.names(), std::vector<std::string>{"out.keytab"});
}

TEST_F(WriteFault, ReadOnlyFileSystemIsNamed) {
  const int outcome = in_child([&] {
    if (!may_mount() || mount("tmpfs", directory_.path().c_str(), "tmpfs", MS_RDONLY, "size=64k") != 0)
      return int{kSkip};
    const auto written = write_file(path_, new_entries_, {});
    const std::string wanted = "cannot create a file in " + directory_.path() + ": Read-only file system";
    return !written && written.error().what.find(wanted) != std::string::npos ? 0 : 1;
  });
  if (outcome == kSkip) GTEST_SKIP() << "mounting is not permitted here";
  EXPECT_EQ(outcome, 0);
}

}  // namespace
