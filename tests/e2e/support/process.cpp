#include "support/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <regex>
#include <stdexcept>
#include <system_error>
#include <thread>

extern char** environ;

namespace kerbgate::e2e {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void fail(const std::string& doing) { throw std::system_error(errno, std::generic_category(), doing); }

struct Pipe {
  int read = -1, write = -1;
  Pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe");
    read = ends[0];
    write = ends[1];
  }
};

void close_fd(int& fd) {
  if (fd >= 0) ::close(fd);
  fd = -1;
}

std::vector<std::string> merged_environment(const Environment& more) {
  std::vector<std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (!more.contains(text.substr(0, text.find('=')))) out.push_back(text);
  }
  for (const auto& [name, value] : more) out.push_back(name + "=" + value);
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (auto& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

}  // namespace

Environment operator+(Environment base, const Environment& more) {
  for (const auto& [name, value] : more) base[name] = value;
  return base;
}

struct Process::State {
  pid_t pid = -1;
  int in = -1, stop = -1;
  std::string name;
  bool reaped = false;
  int status = 0;

  struct Line {
    bool error;
    std::string text;
  };
  mutable std::mutex mutex;
  std::condition_variable changed;
  std::vector<Line> lines;
  std::size_t looked_at = 0;
  bool ended = false;  ///< both streams are at their end
  std::thread reader;

  void read_streams(int out, int err, int stopped);
  void take(bool error, std::string& partial, std::string_view bytes);
  std::string text(bool outputs, bool errors) const;
};

void Process::State::take(bool error, std::string& partial, std::string_view bytes) {
  partial += bytes;
  const std::lock_guard lock(mutex);
  for (std::size_t end; (end = partial.find('\n')) != std::string::npos; partial.erase(0, end + 1))
    lines.push_back({error, partial.substr(0, end)});
  changed.notify_all();
}

void Process::State::read_streams(int out, int err, int stopped) {
  std::array<pollfd, 3> fds{{{out, POLLIN, 0}, {err, POLLIN, 0}, {stopped, POLLIN, 0}}};
  std::array<std::string, 2> partial;
  std::array<char, 65536> buffer;
  while ((fds[0].fd >= 0 || fds[1].fd >= 0) && poll(fds.data(), fds.size(), -1) >= 0 && fds[2].revents == 0) {
    for (std::size_t i = 0; i < 2; ++i) {
      if (fds[i].fd < 0 || fds[i].revents == 0) continue;
      const ssize_t n = ::read(fds[i].fd, buffer.data(), buffer.size());
      if (n > 0)
        take(i == 1, partial[i], {buffer.data(), static_cast<std::size_t>(n)});
      else
        close_fd(fds[i].fd);
    }
  }
  for (std::size_t i = 0; i < 2; ++i) {
    if (!partial[i].empty()) take(i == 1, partial[i], "\n");
    close_fd(fds[i].fd);
  }
  close_fd(stopped);
  const std::lock_guard lock(mutex);
  ended = true;
  changed.notify_all();
}

std::string Process::State::text(bool outputs, bool errors) const {
  const std::lock_guard lock(mutex);
  std::string all;
  for (const Line& line : lines)
    if (line.error ? errors : outputs) all += line.text + "\n";
  return all;
}

Process::Process(std::vector<std::string> argv, const Environment& environment) : state_(std::make_unique<State>()) {
  state_->name = argv.at(0);
  auto variables = merged_environment(environment);
  const auto arguments = pointers(argv);
  const auto envp = pointers(variables);
  Pipe in, out, err, stop;
  const pid_t parent = getpid();
  state_->pid = fork();
  if (state_->pid < 0) fail("fork");
  if (state_->pid == 0) {  // from here to exec: async-signal-safe calls alone, the parent has threads
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    dup2(in.read, 0);
    dup2(out.write, 1);
    dup2(err.write, 2);
    ::signal(SIGPIPE, SIG_DFL);
    execvpe(arguments[0], arguments.data(), envp.data());
    constexpr std::string_view kNoExec = "cannot be executed\n";
    (void)!::write(2, kNoExec.data(), kNoExec.size());
    _exit(127);
  }
  for (int* fd : {&in.read, &out.write, &err.write}) close_fd(*fd);
  state_->in = in.write;
  state_->stop = stop.write;
  state_->reader =
      std::thread([state = state_.get(), out, err, stop] { state->read_streams(out.read, err.read, stop.read); });
}

Process::~Process() {
  if (!state_->reaped) {
    kill(state_->pid, SIGKILL);
    while (waitpid(state_->pid, nullptr, 0) < 0 && errno == EINTR) continue;
  }
  close_fd(state_->stop);
  state_->reader.join();
  close_fd(state_->in);
}

pid_t Process::pid() const noexcept { return state_->pid; }

void Process::signal(int number) {
  if (!state_->reaped && kill(state_->pid, number) != 0) fail("kill " + state_->name);
}

void Process::send_line(std::string_view line) {
  const std::string text = std::string(line) + "\n";
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t n = ::write(state_->in, text.data() + sent, text.size() - sent);
    if (n < 0) fail("write to " + state_->name);
    sent += static_cast<std::size_t>(n);
  }
}

void Process::close_input() { close_fd(state_->in); }

std::string Process::wait_for_line(const std::string& pattern) {
  const std::regex wanted(pattern);
  const auto deadline = Clock::now() + kPatience;
  std::unique_lock lock(state_->mutex);
  for (bool waiting = true;;) {
    while (state_->looked_at < state_->lines.size()) {
      const std::string& line = state_->lines[state_->looked_at++].text;
      if (std::regex_search(line, wanted)) return line;
    }
    if (state_->ended || !waiting) break;
    waiting = state_->changed.wait_until(lock, deadline) == std::cv_status::no_timeout;
  }
  const char* why = state_->ended ? " ended" : " is silent";
  lock.unlock();
  throw std::runtime_error(state_->name + why + ", no line matched /" + pattern + "/; it said:\n" + all());
}

std::size_t Process::wait_for_news(std::size_t seen, std::chrono::milliseconds limit) {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait_for(lock, limit, [&] { return state_->ended || state_->lines.size() > seen; });
  return state_->lines.size();
}

bool Process::running() {
  if (state_->reaped) return false;
  siginfo_t info{};
  return waitid(P_PID, static_cast<id_t>(state_->pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;
}

int Process::wait() {
  {
    std::unique_lock lock(state_->mutex);
    if (!state_->changed.wait_for(lock, kPatience, [&] { return state_->ended; })) {
      lock.unlock();
      throw std::runtime_error(state_->name + " does not end; it said:\n" + all());
    }
  }
  if (!state_->reaped) {
    while (waitpid(state_->pid, &state_->status, 0) < 0 && errno == EINTR) continue;
    state_->reaped = true;
  }
  return WIFEXITED(state_->status) ? WEXITSTATUS(state_->status) : 128 + WTERMSIG(state_->status);
}

std::string Process::out() const { return state_->text(true, false); }
std::string Process::err() const { return state_->text(false, true); }
std::string Process::all() const { return state_->text(true, true); }

Outcome run(std::vector<std::string> argv, const Environment& environment) {
  Process process(std::move(argv), environment);
  process.close_input();
  const int status = process.wait();
  return {status, process.out(), process.err()};
}

std::string run_ok(std::vector<std::string> argv, const Environment& environment) {
  std::string words;
  for (const auto& word : argv) words += word + " ";
  const Outcome outcome = run(std::move(argv), environment);
  if (outcome.status != 0)
    throw std::runtime_error(words + "exited " + std::to_string(outcome.status) + ":\n" + outcome.out + outcome.err);
  return outcome.out;
}

}  // namespace kerbgate::e2e
