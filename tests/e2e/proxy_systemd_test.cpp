#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <filesystem>

#include "expect.hpp"
#include "notify_socket.hpp"
#include "proxy_config.hpp"
#include "support/daemon.hpp"
#include "support/proxy.hpp"
#include "support/socket.hpp"

/// Under a service manager: what it is told, what it hands over, the unit.
namespace kerbgate::e2e {
namespace {

class ProxySystemd : public testing::Test {
 protected:
  std::string text(const std::string& more = "") {
    return globals() + listen("one", "127.0.0.1", "leastconn", server("s", backend_.local())) + more;
  }
  Environment told(const std::string& watchdog = "") const {
    Environment out{{"NOTIFY_SOCKET", manager_.path()}};
    if (!watchdog.empty()) out["WATCHDOG_USEC"] = watchdog;
    return out;
  }

  TempDir dir_;
  Listener backend_;
  const NotifySocket manager_{dir_ / "notify"};
};

TEST_F(ProxySystemd, IsToldOfStartReloadAndEnd) {
  Proxy proxy(KERBGATE_PROXY, dir_, told(), text());
  EXPECT_EQ(manager_.next(), "READY=1\nSTATUS=serving one on 127.0.0.1:" + std::to_string(proxy.port("one")) + "\n");
  proxy.reload(text("listen two\n bind 127.0.0.1:@two@\n" + server("s", backend_.local())));
  const std::string reloading = manager_.next();
  EXPECT_TRUE(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC=")) << reloading;
  EXPECT_TRUE(contains(manager_.next(), ", two on 127.0.0.1:" + std::to_string(proxy.port("two"))));
  proxy.process().signal(SIGTERM);
  EXPECT_TRUE(manager_.next().starts_with("STOPPING=1\n"));
  EXPECT_EQ(proxy.process().wait(), 0);
}

TEST_F(ProxySystemd, ABadFileEndsTheReloadWithTheReason) {
  Proxy proxy(KERBGATE_PROXY, dir_, told(), text());
  EXPECT_TRUE(manager_.next().starts_with("READY=1\n"));
  proxy.reload(text("  timout client 5s\n"));
  EXPECT_TRUE(manager_.next().starts_with("RELOADING=1\n"));
  const std::string answer = manager_.next();
  EXPECT_TRUE(answer.starts_with("READY=1\nSTATUS=reload refused, nothing has changed: ")) << answer;
  EXPECT_TRUE(contains(answer, "timout"));
}

TEST_F(ProxySystemd, ASoftStopIsSaidButIsNoEndYet) {
  Proxy proxy(KERBGATE_PROXY, dir_, told(), text());
  EXPECT_TRUE(manager_.next().starts_with("READY=1\n"));
  Socket client = Socket::connect("127.0.0.1", proxy.port("one"));
  Socket served = backend_.accept();
  proxy.process().signal(SIGUSR1);
  EXPECT_EQ(manager_.next(), "STATUS=accepts no more, ends with the last connection\n");
  client.close();
  served.close();
  EXPECT_EQ(proxy.process().wait(), 0);
}

TEST_F(ProxySystemd, AStartThatFailsIsNeverReady) {
  write_file(dir_ / "bad.cfg", globals() + "listen a\n bind " + backend_.local() + "\n" + server("s", "127.0.0.1:1"));
  EXPECT_EQ(run({KERBGATE_PROXY, "-Ws", "-f", dir_ / "bad.cfg"}, told()).status, 1);
  EXPECT_EQ(manager_.next(std::chrono::milliseconds(0)), "");
}

TEST_F(ProxySystemd, InTheBackgroundItsStarterNamesTheMainProcess) {
  write_file(dir_ / "daemon.cfg",
             globals() + "listen a\n bind unix@" + (dir_ / "a.sock") + "\n" + server("s", backend_.local()));
  const Daemon daemon({KERBGATE_PROXY, "-D", "-p", dir_ / "daemon.pid", "-f", dir_ / "daemon.cfg"}, told(),
                      dir_ / "daemon.pid");
  const std::string pid = read_file(dir_ / "daemon.pid");
  EXPECT_EQ(manager_.next(), "MAINPID=" + pid + "READY=1\n");
  daemon.signal(SIGTERM);
  daemon.wait();
  EXPECT_TRUE(manager_.next().starts_with("STOPPING=1\n"));
}

/// One thread of a process, stopped: the others go on.
class StoppedThread {
 public:
  explicit StoppedThread(pid_t thread) : thread_(thread) {
    permitted_ = ptrace(PTRACE_SEIZE, thread_, nullptr, nullptr) == 0;
    if (!permitted_) return;
    int status = 0;
    EXPECT_EQ(ptrace(PTRACE_INTERRUPT, thread_, nullptr, nullptr), 0);
    EXPECT_EQ(waitpid(thread_, &status, __WALL), thread_);
  }
  ~StoppedThread() { go_on(); }
  StoppedThread(const StoppedThread&) = delete;
  StoppedThread& operator=(const StoppedThread&) = delete;
  void go_on() {
    if (std::exchange(permitted_, false)) ptrace(PTRACE_DETACH, thread_, nullptr, nullptr);
  }
  [[nodiscard]] bool permitted() const noexcept { return permitted_; }

 private:
  pid_t thread_;
  bool permitted_ = false;
};

TEST_F(ProxySystemd, TheWatchdogIsFedOnlyWhileEveryLoopTurns) {
  Proxy proxy(KERBGATE_PROXY, dir_, told("150000"), text());
  EXPECT_TRUE(manager_.next_state().starts_with("READY=1\n"));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(manager_.next(), "WATCHDOG=1\n");
  // The first thread is the worker's loop, the keeper has one of its own.
  StoppedThread loop(proxy.process().pid());
  if (!loop.permitted()) GTEST_SKIP() << "SKIPPED: tracing is not permitted here";
  while (!manager_.next(std::chrono::milliseconds(0)).empty()) {
  }
  proxy.reload("nonsense\n");
  EXPECT_TRUE(manager_.next().starts_with("RELOADING=1\n")) << "the keeper is alive";
  EXPECT_TRUE(manager_.next().starts_with("READY=1\n"));
  EXPECT_EQ(manager_.next(std::chrono::milliseconds(600)), "") << "a loop hangs";
  loop.go_on();
  EXPECT_EQ(manager_.next(), "WATCHDOG=1\n");
}

TEST_F(ProxySystemd, AWatchdogShorterThanAReloadMayTakeIsWarnedOf) {
  Proxy proxy(KERBGATE_PROXY, dir_, told("150000"), text());
  EXPECT_TRUE(contains(proxy.process().all(), "WatchdogSec= of 150 ms is shorter than a reload may wait for DNS"));
}

/// Started by systemd's own socket activation at the first connection.
class HandedOverSockets : public ProxySystemd {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kActivate)) GTEST_SKIP() << "SKIPPED: " << kActivate << " is not installed";
  }
  static constexpr const char* kActivate = "/usr/bin/systemd-socket-activate";
  std::string file_with(const std::string& binds) {
    write_file(dir_ / "in.cfg", globals() + "listen in\n" + binds + server("s", backend_.local()));
    return dir_ / "in.cfg";
  }
  void expect_served(std::uint16_t port) {
    Socket client = Socket::connect("127.0.0.1", port);
    Socket served = backend_.accept();
    client.send("ping");
    EXPECT_EQ(served.read(4), "ping");
  }
};

TEST_F(HandedOverSockets, AreBoundByTheirNameOrNumber) {
  const std::uint16_t shell = free_port(), jdbc = free_port();
  Process proxy({kActivate, "-l", "127.0.0.1:" + std::to_string(shell), "-l", "127.0.0.1:" + std::to_string(jdbc),
                 "--fdname=shell:jdbc", KERBGATE_PROXY, "-f", file_with(" bind fd@3\n bind fd@jdbc\n")},
                {});
  proxy.wait_for_line("Listening on .* as 4");
  expect_served(jdbc);
  expect_served(shell);
  proxy.signal(SIGHUP);
  proxy.wait_for_line("configuration reloaded");
  expect_served(jdbc);
  EXPECT_FALSE(proxy.all().find("no line binds it") != std::string::npos);
}

TEST_F(HandedOverSockets, ThatNoLineBindsAreWarnedOf) {
  const std::uint16_t shell = free_port(), other = free_port();
  Process proxy({kActivate, "-l", "127.0.0.1:" + std::to_string(shell), "-l", "127.0.0.1:" + std::to_string(other),
                 "--fdname=shell:other", KERBGATE_PROXY, "-f", file_with(" bind fd@shell\n")},
                {});
  proxy.wait_for_line("Listening on .* as 4");
  expect_served(shell);
  proxy.wait_for_line("socket 'other' \\(descriptor 4\\), and no line binds it.*write 'bind fd@other'");
}

TEST_F(HandedOverSockets, ThatAreNotThereAreAnErrorThatCheckForesees) {
  const std::string file = file_with(" bind fd@jdbc\n");
  const Outcome started = run({KERBGATE_PROXY, "-f", file}, {});
  EXPECT_EQ(started.status, 1);
  EXPECT_TRUE(contains(started.err, "fd@jdbc: the service manager has handed over no socket of that name"));
  const Outcome checked = run({KERBGATE_PROXY, "-c", "-f", file}, {});
  EXPECT_EQ(checked.status, 0);
  EXPECT_TRUE(contains(checked.err, "no socket of that name was handed over"));
}

TEST(ServiceUnit, IsWhatSystemdUnderstands) {
  if (!std::filesystem::exists("/usr/bin/systemd-analyze")) GTEST_SKIP() << "SKIPPED: systemd-analyze is not installed";
  const Outcome outcome =
      run({"systemd-analyze", "verify", "--man=no", KERBGATE_BIN "/systemd/kerbgate-proxy.service"}, {});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
}

}  // namespace
}  // namespace kerbgate::e2e
