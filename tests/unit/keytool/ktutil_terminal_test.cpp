#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <csignal>

#include "kerbgate/keytab.hpp"
#include "krb5/string_to_key.hpp"
#include "unit/keytool/temporary_directory.hpp"

/// `keytool ktutil` on a terminal of its own.
namespace {

class Terminal {
 public:
  explicit Terminal(const TemporaryDirectory& work) {
    child_ = forkpty(&master_, nullptr, nullptr, nullptr);
    if (child_ == 0) {
      setenv("TERM", "dumb", 1);
      std::string program = KERBGATE_KEYTOOL, command = "ktutil";
      char* words[] = {program.data(), command.data(), nullptr};
      if (chdir(work.path().c_str()) == 0) execv(words[0], words);
      _exit(127);
    }
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal() {
    if (child_ > 0) {
      kill(child_, SIGKILL);
      waitpid(child_, nullptr, 0);
    }
    close(master_);
  }

  void type(const std::string& keys) const {
    EXPECT_EQ(write(master_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
  }

  /// Reads until `text` has been shown, after what an earlier call found; false when the program or patience ends.
  bool shows(const std::string& text) {
    constexpr int kPatience = 30000;
    for (;;) {
      const std::size_t at = seen_.find(text, passed_);
      if (at != std::string::npos) {
        passed_ = at + text.size();
        return true;
      }
      pollfd wait{master_, POLLIN, 0};
      char bytes[512];
      if (poll(&wait, 1, kPatience) != 1) return false;
      const ssize_t got = read(master_, bytes, sizeof(bytes));
      if (got <= 0) return false;
      seen_.append(bytes, static_cast<std::size_t>(got));
    }
  }

  [[nodiscard]] bool echoes() const {
    termios now{};
    EXPECT_EQ(tcgetattr(master_, &now), 0);
    return (now.c_lflag & ECHO) != 0;
  }

  int wait() {
    while (shows("\n")) {
    }
    int status = 0;
    waitpid(child_, &status, 0);
    child_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  [[nodiscard]] const std::string& seen() const { return seen_; }

 private:
  pid_t child_ = -1;
  int master_ = -1;
  std::size_t passed_ = 0;
  std::string seen_;
};

constexpr const char* kPrompt = "ktutil:  ";

TEST(KtutilTerminal, APasswordIsNotShown) {
  const TemporaryDirectory work;
  Terminal terminal(work);
  ASSERT_TRUE(terminal.shows(kPrompt)) << terminal.seen();
  terminal.type("addent -password -p a@R -k 1 -e aes256-cts\r");
  ASSERT_TRUE(terminal.shows("Password for a@R: ")) << terminal.seen();
  EXPECT_FALSE(terminal.echoes());
  terminal.type("swordfisj\177h\r");
  ASSERT_TRUE(terminal.shows(kPrompt)) << terminal.seen();
  terminal.type("wkt new\r");
  ASSERT_TRUE(terminal.shows(kPrompt)) << terminal.seen();
  terminal.type("quit\r");
  EXPECT_EQ(terminal.wait(), 0) << terminal.seen();
  EXPECT_EQ(terminal.seen().find("fis"), std::string::npos) << terminal.seen();
  const auto scan = kerbgate::keytab::scan(octets_of(work.file("new")));
  ASSERT_TRUE(scan);
  ASSERT_EQ(scan->entries.size(), 1u);
  kerbgate::PasswordKeyRequest request;
  request.principal = {{"a"}, "R", 1};
  request.enctype = 18;
  const std::string password = "swordfish";
  const auto* octets = reinterpret_cast<const std::uint8_t*>(password.data());
  const auto made = kerbgate::string_to_key(request, kerbgate::Secret({octets, password.size()}));
  ASSERT_TRUE(made);
  EXPECT_TRUE(scan->entries[0].key == made->key);
}

TEST(KtutilTerminal, AnInterruptedQuestionAddsNothingAndTheTerminalEchoesAgain) {
  const TemporaryDirectory work;
  Terminal terminal(work);
  ASSERT_TRUE(terminal.shows(kPrompt)) << terminal.seen();
  terminal.type("addent -password -p a@R -k 1 -e aes256-cts\r");
  ASSERT_TRUE(terminal.shows("Password for a@R: ")) << terminal.seen();
  terminal.type("swo\003");
  EXPECT_TRUE(terminal.shows("addent: Cannot read password while adding new entry")) << terminal.seen();
  ASSERT_TRUE(terminal.shows(kPrompt)) << terminal.seen();
  terminal.type("q\r");
  EXPECT_EQ(terminal.wait(), 1);
}

TEST(KtutilTerminal, TabCompletesARequest) {
  const TemporaryDirectory work;
  Terminal terminal(work);
  ASSERT_TRUE(terminal.shows(kPrompt)) << terminal.seen();
  terminal.type("list_r\t\r");
  EXPECT_TRUE(terminal.shows("Available ktutil requests:")) << terminal.seen();
  terminal.type("q\r");
  EXPECT_EQ(terminal.wait(), 0);
}

TEST(KtutilTerminal, HistoryBringsTheLastRequestBack) {
  const TemporaryDirectory work;
  Terminal terminal(work);
  ASSERT_TRUE(terminal.shows(kPrompt)) << terminal.seen();
  terminal.type("l -t\r");
  ASSERT_TRUE(terminal.shows("slot KVNO Timestamp")) << terminal.seen();
  ASSERT_TRUE(terminal.shows(kPrompt)) << terminal.seen();
  terminal.type("\020\r");  // Ctrl-P
  EXPECT_TRUE(terminal.shows("slot KVNO Timestamp")) << terminal.seen();
  terminal.type("q\r");
  EXPECT_EQ(terminal.wait(), 0);
}

}  // namespace
