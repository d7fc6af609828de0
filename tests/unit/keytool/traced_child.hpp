#pragma once

#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <functional>
#include <optional>
#include <utility>

/// A child that is stopped at the entry of every system call, so that "at any moment" is a loop and not a chance.
class TracedChild {
 public:
  struct Call {
    std::size_t index;  ///< since the body began
    long number;        ///< SYS_...
    pid_t pid;
  };
  enum class Do { go_on, kill, terminate, fail };

  /// Forks, runs `body` there and asks `decide` at every call. `fail` makes the call fail with EIO without being done.
  /// The wait status, or nothing where tracing is not permitted.
  static std::optional<int> run(const std::function<int()>& body, const std::function<Do(const Call&)>& decide) {
#if !defined(__x86_64__)
    return std::nullopt;
#else
    const pid_t child = fork();
    if (child == 0) {
      if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(kNotPermitted);
      raise(SIGSTOP);
      _exit(body());
    }
    int status = 0;
    if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status)) return std::nullopt;
    ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC);
    return TracedChild(child).follow(decide);
#endif
  }

 private:
  static constexpr int kNotPermitted = 77;
  explicit TracedChild(pid_t child) : child_(child) {}

#if defined(__x86_64__)
  int follow(const std::function<Do(const Call&)>& decide) {
    std::size_t index = 0;
    bool failing = false;
    for (int status = resume(0);; status = resume(pending_)) {
      pending_ = 0;
      if (!WIFSTOPPED(status)) return status;
      if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8)) continue;
      if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
        pending_ = WSTOPSIG(status);
        continue;
      }
      user_regs_struct registers{};
      ptrace(PTRACE_GETREGS, child_, nullptr, &registers);
      inside_ = !inside_;
      if (!inside_) {
        if (std::exchange(failing, false)) set_result(registers, -EIO);
        continue;
      }
      const Do what = decide({index++, static_cast<long>(registers.orig_rax), child_});
      if (what == Do::kill) ::kill(child_, SIGKILL);
      if (what == Do::terminate) ::kill(child_, SIGTERM);
      if (what == Do::fail) {
        registers.orig_rax = static_cast<unsigned long long>(-1);
        ptrace(PTRACE_SETREGS, child_, nullptr, &registers);
        failing = true;
      }
    }
  }

  int resume(int signal) {
    int status = 0;
    ptrace(PTRACE_SYSCALL, child_, nullptr, signal);
    waitpid(child_, &status, 0);
    return status;
  }

  void set_result(user_regs_struct& registers, int result) {
    registers.rax = static_cast<unsigned long long>(static_cast<long long>(result));
    ptrace(PTRACE_SETREGS, child_, nullptr, &registers);
  }
#endif

  pid_t child_;
  int pending_ = 0;
  bool inside_ = false;
};
