#pragma once

#include <sys/types.h>

#include <chrono>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kerbgate::e2e {

/// Variables that a child gets on top of (or instead of) those of this process.
using Environment = std::map<std::string, std::string>;
Environment operator+(Environment base, const Environment& more);

/// How long a wait may last before the test has failed: far beyond what any step needs, so that no result depends on
/// it.
inline constexpr std::chrono::seconds kPatience{30};

/// A child process whose lines can be waited for. It never outlives this object, nor the thread that made it
/// (PR_SET_PDEATHSIG). Lines of standard output and standard error are kept apart and in order of arrival.
class Process {
 public:
  Process(std::vector<std::string> argv, const Environment& environment);
  ~Process();  ///< SIGKILL, unless it has ended
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  [[nodiscard]] pid_t pid() const noexcept;
  void signal(int number);
  /// One line to its standard input.
  void send_line(std::string_view line);
  void close_input();

  /// The first line, of either stream, that contains a match of the regular expression (ECMAScript), not looking again
  /// at what an earlier call has passed. Throws with all the output when the process ends, or patience does, without
  /// one.
  std::string wait_for_line(const std::string& pattern);
  /// Waits until the output has changed since `seen` lines, the process has ended or `limit` is over; the count of
  /// lines now.
  std::size_t wait_for_news(std::size_t seen, std::chrono::milliseconds limit);
  /// Exit status; 128 + number when a signal ended it. All its output has been read then.
  int wait();
  [[nodiscard]] bool running();

  [[nodiscard]] std::string out() const;  ///< standard output so far
  [[nodiscard]] std::string err() const;
  [[nodiscard]] std::string all() const;  ///< both, line by line as they came

 private:
  struct State;
  std::unique_ptr<State> state_;
};

struct Outcome {
  int status = 0;
  std::string out, err;
};
/// Runs a command to its end.
Outcome run(std::vector<std::string> argv, const Environment& environment);
/// The same, and throws unless it exits 0; its standard output.
std::string run_ok(std::vector<std::string> argv, const Environment& environment);

}  // namespace kerbgate::e2e
