#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/syscall.h>

#include <csignal>

#include "commands/progress.hpp"
#include "keytab/file.hpp"
#include "unit/keytool/plan_fixture.hpp"
#include "unit/keytool/process_memory.hpp"
#include "unit/keytool/traced_child.hpp"

/// `keytool plan` and `merge` as processes: interrupted, on a terminal, and in what they leave in memory.
namespace {

namespace fs = std::filesystem;

class PlanProcess : public PlanCli {
 protected:
  [[nodiscard]] std::vector<std::string> line(const std::vector<std::string>& more) const {
    std::vector<std::string> out{KERBGATE_KEYTOOL, "plan",           "--inventory", path("inventory"),
                                 "--proxy",        "lb.example.com", "--keytabs",   path("keys"),
                                 "--out",          path("out"),      "--realm",     "EXAMPLE.COM"};
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }

  [[noreturn]] static void become(std::vector<std::string> words) {
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    execv(arguments[0], arguments.data());
    _exit(127);
  }

  /// Everything that the child writes to the terminal until it ends or `until` is shown.
  static std::string read_terminal(int master, const std::string& until) {
    constexpr int kPatience = 30000;
    std::string seen;
    for (pollfd wait{master, POLLIN, 0}; until.empty() || seen.find(until) == std::string::npos;) {
      char bytes[512];
      if (poll(&wait, 1, kPatience) != 1) return seen + "(nothing more came)";
      const ssize_t got = read(master, bytes, sizeof bytes);
      if (got <= 0) return seen;
      seen.append(bytes, static_cast<std::size_t>(got));
    }
    return seen;
  }
};

/// One job, and the second host's file locked by this test: the first host is done, the second waits, the third has not
/// begun. A signal that comes then lets the second finish.
TEST_F(PlanProcess, AnInterruptOnATerminalEndsAfterTheHostAtWorkAndLeavesWholeFiles) {
  const int held = ::open(path("keys/c2.example.com.keytab").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_TRUE(kerbgate::keytab::lock_file(held, kerbgate::keytab::Lock::exclusive, std::chrono::seconds(5), "c2"));
  int master = -1;
  winsize size{24, 80, 0, 0};
  const pid_t child = forkpty(&master, nullptr, nullptr, &size);
  if (child == 0) become(line({"--jobs", "1"}));
  std::string seen = read_terminal(master, "33% 1/3 hosts");
  EXPECT_NE(seen.find("[####"), std::string::npos) << seen;
  kill(child, SIGINT);
  ::close(held);
  seen += read_terminal(master, "");
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ::close(master);
  ASSERT_TRUE(WIFSIGNALED(status)) << seen;
  EXPECT_EQ(WTERMSIG(status), SIGINT);
  EXPECT_NE(seen.find("interrupted: 2 of 3 hosts are planned, each in whole; run it again for the rest"),
            std::string::npos)
      << seen;
  // The bar is gone before the answer begins.
  const std::size_t answer = seen.find("proxy lb.example.com");
  EXPECT_EQ(seen.substr(answer - 4, 4), "\r\033[J") << seen;
  EXPECT_EQ(seen.find("/3 hosts", answer), std::string::npos) << seen;
  EXPECT_EQ(planned("c2"), "c3c l3l");
  EXPECT_FALSE(fs::exists(path("out/e1.example.com")));
  EXPECT_EQ(state_of_out().size(), 4u);
  const Ran again = plan();
  EXPECT_TRUE(again.prints("3 hosts: 1 new, 2 unchanged")) << again.out;
}

TEST(Progress, FitsTheWidthThatThereIs) {
  using kerbgate::commands::progress_line;
  EXPECT_EQ(progress_line(5, 10, "hosts", 30), "[######.......] 50% 5/10 hosts");
  EXPECT_EQ(progress_line(10, 10, "hosts", 31), "[############] 100% 10/10 hosts");
  EXPECT_EQ(progress_line(5, 10, "hosts", 16), "50% 5/10 hosts");
  EXPECT_EQ(progress_line(5, 10, "hosts", 3), "50%");
  EXPECT_EQ(progress_line(0, 0, "hosts", 0), "");
}

/// Scans the process's writable memory when it is about to end, for the keys of every file.
class KeysInMemory : public PlanProcess {
 protected:
  /// Keys of random octets: no other bytes of a process are the same.
  KeysInMemory() {
    for (const char* host : {"c1", "c2", "e1", "lb"}) {
      auto one = record(host);
      std::ifstream("/dev/urandom", std::ios::binary)
          .read(one.key.data(), static_cast<std::streamsize>(one.key.size()));
      secrets_.push_back(one.key);
      keys(std::string(host) == "lb" ? "proxy.keytab" : std::string(host) + ".example.com.keytab", {one});
    }
  }

  /// How many of the keys stand there, in whole or in half; nothing where tracing is not permitted.
  std::optional<std::size_t> left_by(const std::vector<std::string>& words, long at = SYS_exit_group) {
    std::optional<std::size_t> left;
    const auto status = TracedChild::run(
        [&]() -> int {
          const int null = ::open("/dev/null", O_RDWR);
          dup2(null, 1);
          become(words);
        },
        [&](const TracedChild::Call& call) {
          if (call.number != at) return TracedChild::Do::go_on;
          std::size_t found = 0;
          for (const std::string& secret : secrets_) {
            found += occurrences(call.pid, secret.substr(0, 16)) + occurrences(call.pid, secret.substr(16));
          }
          left = std::max(left.value_or(0), found);
          return TracedChild::Do::go_on;
        });
    if (!status) return std::nullopt;
    EXPECT_TRUE(WIFEXITED(*status) && WEXITSTATUS(*status) == 0);
    return left;
  }

  std::vector<std::string> files() const {
    return {path("keys/c1.example.com.keytab"), path("keys/c2.example.com.keytab"), path("keys/e1.example.com.keytab"),
            path("keys/proxy.keytab")};
  }

  std::vector<std::string> secrets_;
};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SKIP_UNDER_SANITIZERS() GTEST_SKIP() << "SKIPPED: a sanitizer keeps freed memory and stacks of its own"
#else
#define SKIP_UNDER_SANITIZERS() static_cast<void>(0)
#endif

TEST_F(KeysInMemory, NoneAfterMerge) {
  SKIP_UNDER_SANITIZERS();
  std::vector<std::string> words{KERBGATE_KEYTOOL, "merge", "-o", path("merged")};
  for (const std::string& file : files()) words.push_back(file);
  // That the scan sees keys at all: while the new file takes its place they are there.
  const auto during = left_by(words, SYS_rename);
  if (!during) GTEST_SKIP() << "SKIPPED: tracing a child is not permitted here";
  EXPECT_GE(*during, 8u);
  EXPECT_EQ(left_by(words), 0u);
}

TEST_F(KeysInMemory, NoneAfterMergeToStandardOutput) {
  SKIP_UNDER_SANITIZERS();
  std::vector<std::string> words{KERBGATE_KEYTOOL, "merge", "-o", "-"};
  for (const std::string& file : files()) words.push_back(file);
  const auto left = left_by(words);
  if (!left) GTEST_SKIP() << "SKIPPED: tracing a child is not permitted here";
  EXPECT_EQ(left, 0u);
}

TEST_F(KeysInMemory, NoneAfterListWriteAndRead) {
  SKIP_UNDER_SANITIZERS();
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"list"}, {"list", "--json"}, {"read"}, {"write", "-o", path("written")}}) {
    std::vector<std::string> words{KERBGATE_KEYTOOL};
    words.insert(words.end(), command.begin(), command.end());
    for (const std::string& file : files()) words.push_back(file);
    const auto left = left_by(words);
    if (!left) GTEST_SKIP() << "SKIPPED: tracing a child is not permitted here";
    EXPECT_EQ(left, 0u) << command.front();
  }
}

TEST_F(KeysInMemory, NoneAfterPlan) {
  SKIP_UNDER_SANITIZERS();
  for (int run = 1; run <= 2; ++run) {
    const auto left = left_by(line({}));
    if (!left) GTEST_SKIP() << "SKIPPED: tracing a child is not permitted here";
    EXPECT_EQ(left, 0u) << "run " << run;
  }
  EXPECT_EQ(state_of_out().size(), 6u);
}

}  // namespace
