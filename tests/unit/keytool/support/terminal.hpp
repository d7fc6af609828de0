#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include "unit/keytool/temporary_directory.hpp"

/// keytool on a terminal of its own.
class Terminal {
 public:
  /// `keytool ARGUMENTS...` in that folder, with what `setting` adds to its environment ("NAME=value").
  Terminal(const TemporaryDirectory& work, std::vector<std::string> arguments, std::string setting = "TERM=dumb") {
    child_ = forkpty(&master_, nullptr, nullptr, nullptr);
    if (child_ == 0) {
      setenv("TERM", "dumb", 1);
      unsetenv("NO_COLOR");
      putenv(setting.data());
      std::string program = KERBGATE_KEYTOOL;
      std::vector<char*> words{program.data()};
      for (std::string& argument : arguments) words.push_back(argument.data());
      words.push_back(nullptr);
      if (chdir(work.path().c_str()) == 0) execv(words[0], words.data());
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
