#include <editline/readline.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "commands/ktutil_console.hpp"
#include "ktutil/interpreter.hpp"

namespace kerbgate::commands {
namespace {

struct Free {
  void operator()(char* text) const noexcept { std::free(text); }
};

/// libedit asks again and again, with `state` 0 the first time, and frees what it gets.
char* next_request_name(const char* begin, int state) {
  static std::vector<std::string> left;
  if (state == 0) {
    left.clear();
    for (const ktutil::Request& request : ktutil::requests()) {
      for (const std::string_view name : request.names) {
        if (name.starts_with(begin)) left.emplace_back(name);
      }
    }
  }
  if (left.empty()) return nullptr;
  char* name = strdup(left.back().c_str());
  left.pop_back();
  return name;
}

/// The first word is a request; nullptr leaves the rest to libedit's own completion of file names.
char** complete(const char* text, int start, int /*end*/) {
  return start == 0 ? rl_completion_matches(text, next_request_name) : nullptr;
}

/// No echo and no signals while it lives: an interrupt in the middle of a password must not leave the terminal mute.
class Mute {
 public:
  Mute() {
    known_ = tcgetattr(STDIN_FILENO, &before_) == 0;
    if (!known_) return;
    termios mute = before_;
    mute.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL | ICANON | ISIG);
    mute.c_cc[VMIN] = 1;
    mute.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &mute);
  }
  Mute(const Mute&) = delete;
  Mute& operator=(const Mute&) = delete;
  ~Mute() {
    if (known_) tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
  }

 private:
  termios before_{};
  bool known_ = false;
};

/// Prompts go where a person sees them: standard output may be a file.
bool shows_output() { return isatty(STDOUT_FILENO) == 1; }

void say(std::string_view text) {
  const int fd = shows_output() ? STDOUT_FILENO : STDERR_FILENO;
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno != EINTR) return;
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
}

int octet_of_terminal() {
  std::uint8_t octet = 0;
  ssize_t got = 0;
  do {
    got = ::read(STDIN_FILENO, &octet, 1);
  } while (got < 0 && errno == EINTR);
  return got == 1 ? octet : -1;
}

}  // namespace

TerminalConsole::TerminalConsole() {
  rl_readline_name = "keytool";
  rl_outstream = shows_output() ? stdout : stderr;
  rl_attempted_completion_function = complete;
  using_history();
}

std::optional<std::string> TerminalConsole::line() {
  const std::unique_ptr<char, Free> typed(readline("ktutil:  "));
  if (!typed) {
    say("\n");
    return std::nullopt;
  }
  if (*typed != '\0') add_history(typed.get());
  return std::string(typed.get());
}

std::optional<Secret> TerminalConsole::secret(const std::string& prompt) {
  constexpr int kInterrupt = 3, kEnd = 4, kBackspace = 8, kKill = 21, kDelete = 127;
  const Mute mute;
  say(prompt);
  Secret text;
  for (;;) {
    const int c = octet_of_terminal();
    if (c == '\n' || c == '\r' || c == kInterrupt || c == kEnd || c < 0) {
      say("\n");
      if (c == '\n' || c == '\r') return text;
      return std::nullopt;
    }
    if (c == kKill) {
      text.wipe();
    } else if (c == kBackspace || c == kDelete) {
      if (!text.empty()) text = Secret(text.bytes().first(text.size() - 1));
    } else {
      const auto octet = static_cast<std::uint8_t>(c);
      text.append({&octet, 1});
    }
  }
}

}  // namespace kerbgate::commands
