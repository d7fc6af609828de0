#include <gtest/gtest.h>
#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "expect.hpp"
#include "proxy_config.hpp"
#include "runtime.hpp"
#include "support/proxy.hpp"

/// What an operator does through the runtime socket, and what hostile users of it cannot do.
namespace kerbgate::e2e {
namespace {

class Runtime : public testing::Test {
 protected:
  std::string text(const std::string& more_global = "", const std::string& more = "") {
    return globals("  stats socket " + path_ + " level admin\n  stats socket " + (dir_ / "user.sock") +
                   " level user\n" + more_global) +
           listen("in", "127.0.0.1", "leastconn", server("a", a_.local()) + server("b", b_.local())) + more;
  }
  void start(const std::string& more_global = "", const std::string& more = "") {
    proxy_ = std::make_unique<Proxy>(KERBGATE_PROXY, dir_, Environment{}, text(more_global, more));
  }
  std::string tell(const std::string& line) const { return ask(path_, line); }
  Socket client() const { return Socket::connect("127.0.0.1", proxy_->port("in")); }
  static void expect_alive(Socket& client, Socket& served) {
    client.send("ping");
    EXPECT_EQ(served.read(4), "ping");
    served.send("pong");
    EXPECT_EQ(client.read(4), "pong");
  }
  /// Asks until the cell says so.
  void wait_for(const std::string& row, const std::string& column, const std::string& value) const {
    std::string now;
    for (const auto until = std::chrono::steady_clock::now() + kPatience; std::chrono::steady_clock::now() < until;) {
      now = show_stat(path_).at(row).at(column);
      if (now == value) return;
    }
    FAIL() << row << ' ' << column << " stays " << now;
  }

  TempDir dir_;
  Listener a_, b_;
  const std::string path_ = dir_ / "admin.sock";
  std::unique_ptr<Proxy> proxy_;
};

TEST_F(Runtime, DrainMovesNewConnectionsAwayAndTheOldGoOn) {
  start();
  Socket first = client();
  Socket on_a = a_.accept();
  EXPECT_EQ(tell("set server in/a state drain"), "\n");
  for (int i = 0; i < 3; ++i) {
    Socket next = client();
    Socket on_b = b_.accept();
    expect_alive(next, on_b);
  }
  expect_alive(first, on_a);
  EXPECT_FALSE(a_.pending());
  EXPECT_EQ(show_stat(path_).at("in/a").at("status"), "DRAIN");
  proxy_->process().wait_for_line("Server in/a enters drain state");
  EXPECT_EQ(tell("set server in/a state ready"), "\n");
  Socket back = client();
  Socket served = a_.pending() ? a_.accept() : b_.accept();
  expect_alive(back, served);
}

TEST_F(Runtime, WeightZeroTakesNoNewConnections) {
  start();
  EXPECT_EQ(tell("set weight in/b 0"), "\n");
  for (int i = 0; i < 3; ++i) {
    Socket next = client();
    Socket on_a = a_.accept();
    expect_alive(next, on_a);
  }
  EXPECT_EQ(tell("get weight in/b"), "0 (initial 1)\n\n");
}

TEST_F(Runtime, AServersAddressCanBeChanged) {
  Listener elsewhere;
  start();
  const std::string address = elsewhere.local();
  tell("set server in/b state maint");
  const std::string answer = tell("set server in/a addr 127.0.0.1 port " + std::to_string(elsewhere.port()));
  EXPECT_TRUE(contains(answer, "port changed from '" + std::to_string(a_.port()) + "' to"));
  Socket one = client();
  Socket served = elsewhere.accept();
  expect_alive(one, served);
  EXPECT_EQ(show_stat(path_).at("in/a").at("addr"), address);
}

TEST_F(Runtime, ADisabledFrontendRefusesAndAnEnabledOneServes) {
  start();
  Socket held = client();
  Socket on_a = a_.accept();
  EXPECT_EQ(tell("disable frontend in"), "\n");
  proxy_->wait_listening("in", false);
  EXPECT_THROW(client(), std::system_error);
  expect_alive(held, on_a);
  EXPECT_EQ(show_stat(path_).at("in/FRONTEND").at("status"), "STOP");
  EXPECT_EQ(tell("enable frontend in"), "\n");
  proxy_->wait_listening("in");
  Socket next = client();
  Socket on_b = b_.accept();
  expect_alive(next, on_b);
}

TEST_F(Runtime, AFrontendThatIsShutDownStaysSo) {
  start();
  EXPECT_EQ(tell("shutdown frontend in"), "\n");
  proxy_->wait_listening("in", false);
  EXPECT_TRUE(contains(tell("enable frontend in"), "cannot enable"));
  proxy_->reload(text());
  proxy_->process().wait_for_line("configuration reloaded");
  EXPECT_EQ(show_stat(path_).at("in/FRONTEND").at("status"), "STOP");
  EXPECT_FALSE(is_listening(proxy_->port("in")));
}

TEST_F(Runtime, AnEndedSessionIsResetAndLoggedAsKilled) {
  start();
  Socket one = client();
  Socket on_a = a_.accept();
  expect_alive(one, on_a);
  const std::string sessions = tell("show sess");
  EXPECT_TRUE(contains(sessions, "fe=in be=in srv=a"));
  EXPECT_TRUE(contains(sessions, "in=4 out=4"));
  const std::string id = sessions.substr(0, sessions.find(':'));
  EXPECT_TRUE(contains(tell("show sess " + id), "server a at " + a_.local()));
  EXPECT_EQ(tell("shutdown session " + id), "\n");
  EXPECT_THROW(one.read_all(), ConnectionReset);
  EXPECT_THROW(on_a.read_all(), ConnectionReset);
  proxy_->process().wait_for_line(" in in/a .* K- ");
}

TEST_F(Runtime, AllSessionsOfAServerEndAndNoOthers) {
  start();
  Socket first = client();
  Socket on_a = a_.accept();
  Socket second = client();
  Socket on_b = b_.accept();
  EXPECT_EQ(tell("shutdown sessions server in/a"), "\n");
  EXPECT_THROW(first.read_all(), ConnectionReset);
  expect_alive(second, on_b);
}

TEST_F(Runtime, DrainWaitsUntilNothingRunsThere) {
  start();
  Socket one = client();
  Socket on_a = a_.accept();
  Socket operator_ = Socket::connect_unix(path_);
  operator_.send("drain in/a wait\n");
  std::string said;
  while (said.find("silent for") == std::string::npos) said += operator_.read_some();
  EXPECT_TRUE(contains(said, "in/a: 1 session, the oldest for 0 s\n"));
  EXPECT_TRUE(contains(said, one.local() + " at in, data"));
  one.close();
  on_a.close();
  EXPECT_TRUE(contains(operator_.read_all(), "in/a: nothing runs there\n"));
  EXPECT_EQ(show_stat(path_).at("in/a").at("status"), "DRAIN");
}

TEST_F(Runtime, ReloadKeepsCountersAndWhatWasDrained) {
  start();
  Socket one = client();
  Socket on_a = a_.accept();
  expect_alive(one, on_a);
  tell("set server in/b state drain");
  proxy_->reload(text());
  proxy_->process().wait_for_line("configuration reloaded");
  StatRows rows = show_stat(path_);
  EXPECT_EQ(rows.at("in/b").at("status"), "DRAIN");
  EXPECT_EQ(rows.at("in/FRONTEND").at("stot"), "1");
  EXPECT_EQ(rows.at("in/FRONTEND").at("scur"), "1");
  EXPECT_EQ(rows.at("in/a").at("bin"), "4");
  EXPECT_EQ(rows.at("in/a").at("bout"), "4");
  EXPECT_EQ(rows.at("in/a").at("scur"), "1");
  EXPECT_EQ(rows.at("in/BACKEND").at("scur"), "1");
  one.close();
  on_a.close();
  wait_for("in/FRONTEND", "scur", "0");
  wait_for("in/BACKEND", "scur", "0");
}

TEST_F(Runtime, LevelsAreKept) {
  start();
  const std::string user = dir_ / "user.sock";
  EXPECT_EQ(ask(user, "set server in/a state drain"), "Permission denied\n\n");
  EXPECT_EQ(ask(user, "drain in/a"), "Permission denied\n\n");
  EXPECT_EQ(ask(user, "why"), "Permission denied\n\n");
  EXPECT_EQ(ask(user, "operator;show cli level"), "Permission denied\n\nuser\n\n");
  EXPECT_TRUE(contains(ask(user, "help"), "show stat"));
  EXPECT_FALSE(contains(ask(user, "help"), "set server"));
  EXPECT_EQ(show_stat(path_).at("in/a").at("status"), "no check");
}

TEST_F(Runtime, TheSocketHasTheModeThatTheFileSays) {
  proxy_ = std::make_unique<Proxy>(KERBGATE_PROXY, dir_, Environment{},
                                   globals("  stats socket " + path_ + " mode 640 uid " + std::to_string(geteuid()) +
                                           " gid " + std::to_string(getegid()) + "\n") +
                                       listen("in", "127.0.0.1", "leastconn", server("a", a_.local())));
  struct stat found {};
  ASSERT_EQ(::stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0640u);
}

TEST_F(Runtime, AServerInMaintenanceIsNotChecked) {
  start("", listen("checked", "127.0.0.1", "leastconn", "  server a " + a_.local() + " check inter 20ms\n"));
  wait_for("checked/a", "check_status", "L4OK");
  EXPECT_EQ(tell("set server checked/a state maint"), "\n");
  const StatRows rows = show_stat(path_);
  EXPECT_EQ(rows.at("checked/a").at("status"), "MAINT");
  EXPECT_EQ(rows.at("checked/BACKEND").at("status"), "DOWN");
  EXPECT_EQ(tell("set server checked/a state ready"), "\n");
  wait_for("checked/a", "check_status", "L4OK");
  wait_for("checked/a", "status", "UP");
}

TEST_F(Runtime, HealthByHandHoldsUntilACheckSaysOtherwise) {
  start("", listen("checked", "127.0.0.1", "leastconn", "  server a " + a_.local() + " check inter 20ms rise 2\n"));
  wait_for("checked/a", "check_status", "L4OK");
  EXPECT_EQ(tell("set server checked/a health down"), "\n");
  proxy_->process().wait_for_line("Server checked/a is DOWN, changed from CLI");
  proxy_->process().wait_for_line("Server checked/a is UP");
  wait_for("checked/a", "status", "UP");
}

TEST_F(Runtime, CountersOfRunningConnectionsAreNow) {
  start();
  Socket one = client();
  Socket on_a = a_.accept();
  const std::string much(300'000, 'x');
  one.send(much);
  EXPECT_EQ(on_a.read(much.size()).size(), much.size());
  on_a.send("answer");
  EXPECT_EQ(one.read(6), "answer");
  const StatRows rows = show_stat(path_);
  for (const char* row : {"in/FRONTEND", "in/a", "in/BACKEND"}) {
    EXPECT_EQ(rows.at(row).at("bin"), "300000") << row;
    EXPECT_EQ(rows.at(row).at("bout"), "6") << row;
  }
}

TEST_F(Runtime, ClearedCountersBeginAnew) {
  start();
  for (int i = 0; i < 2; ++i) {
    Socket one = client();
    Socket served = (i == 0 ? a_ : b_).accept();
    expect_alive(one, served);
  }
  wait_for("in/FRONTEND", "scur", "0");
  EXPECT_EQ(tell("clear counters"), "\n");
  StatRows rows = show_stat(path_);
  EXPECT_EQ(rows.at("in/FRONTEND").at("smax"), "0");
  EXPECT_EQ(rows.at("in/FRONTEND").at("stot"), "2");
  EXPECT_EQ(tell("clear counters all"), "\n");
  rows = show_stat(path_);
  EXPECT_EQ(rows.at("in/FRONTEND").at("stot"), "0");
  EXPECT_EQ(rows.at("in/BACKEND").at("bin"), "0");
}

TEST_F(Runtime, ALineWithoutEndIsCutOffAndTrafficGoesOn) {
  start();
  Socket hostile = Socket::connect_unix(path_);
  try {
    for (int i = 0; i < 16; ++i) hostile.send(std::string(65536, 'x'));
    EXPECT_EQ(hostile.read_all(), "");
  } catch (const ConnectionReset&) {
  }
  Socket one = client();
  Socket served = a_.accept();
  expect_alive(one, served);
}

TEST_F(Runtime, ALineThatIsTooLongIsToldSo) {
  start();
  EXPECT_EQ(ask(path_, std::string(20'000, 'x')), "The line is too long: a line has at most 16384 bytes.\n");
}

TEST_F(Runtime, WhatCannotBeMeantChangesNothing) {
  start();
  EXPECT_TRUE(contains(ask(path_, "clear counters everything"), "'clear counters' expects 'all' or nothing more."));
  EXPECT_TRUE(contains(ask(path_, "set server in/a addr 127.0.0.9 port 99999"), "The port must be from 1 to 65535"));
  EXPECT_EQ(show_stat(path_).at("in/a").at("addr"), a_.local());
}

TEST_F(Runtime, BytesThatAreNoTextAreAnUnknownCommand) {
  start();
  std::string bytes;
  for (int i = 0; i < 256; ++i)
    if (i != '\n' && i != ';' && i != '\\') bytes += char(i);
  EXPECT_TRUE(contains(tell(bytes), "Unknown command"));
}

TEST_F(Runtime, OneWhoReadsNothingStopsNobody) {
  start();
  Socket deaf = Socket::connect_unix(path_);
  std::string many = "prompt\n";
  for (int i = 0; i < 2000; ++i) many += "show stat\n";
  deaf.send(many.substr(0, 20'000));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(contains(tell("show version"), "."));
  Socket one = client();
  Socket served = a_.accept();
  expect_alive(one, served);
}

TEST_F(Runtime, MoreUsersThanThereIsRoomForWait) {
  start("  stats maxconn 2\n");
  Socket first = Socket::connect_unix(path_), second = Socket::connect_unix(path_);
  first.send("prompt\n");
  second.send("prompt\n");
  EXPECT_EQ(first.read(3), "\n> ");
  EXPECT_EQ(second.read(3), "\n> ");
  Socket third = Socket::connect_unix(path_);
  third.send("show cli level\n");
  first.send("quit\n");
  EXPECT_EQ(first.read_all(), "");
  EXPECT_EQ(third.read_all(), "admin\n\n");
}

TEST_F(Runtime, ASilentUserIsLetGo) {
  start("  stats timeout 100ms\n");
  Socket silent = Socket::connect_unix(path_);
  EXPECT_EQ(silent.read_all(), "");
}

TEST_F(Runtime, HalfACommandIsNotRun) {
  start();
  Socket half = Socket::connect_unix(path_);
  half.send("set server in/a state drain");
  half.shutdown_write();
  EXPECT_EQ(half.read_all(), "");
  EXPECT_EQ(show_stat(path_).at("in/a").at("status"), "no check");
}

TEST_F(Runtime, ATcpSocketServesToo) {
  start("  stats socket 127.0.0.1:@cli@ level operator\n");
  Socket user = Socket::connect("127.0.0.1", proxy_->port("cli"));
  user.send("show cli level\n");
  EXPECT_EQ(user.read_all(), "operator\n\n");
}

TEST_F(Runtime, AnOldSocketFileIsReplacedAndAnotherFileIsNot) {
  start();
  proxy_->process().signal(SIGKILL);
  proxy_->process().wait();
  start();
  EXPECT_TRUE(contains(tell("show version"), "."));
  write_file(dir_ / "precious", "text");
  const std::string file = dir_ / "bad.cfg";
  write_file(file, "global\n  stats socket " + (dir_ / "precious") +
                       "\nlisten x\n  bind 127.0.0.1:" + std::to_string(free_port()) + "\n  server s 127.0.0.1:1\n");
  const Outcome outcome = run({KERBGATE_PROXY, "-f", file}, {});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(contains(outcome.err, "it exists and is not a socket"));
}

TEST_F(Runtime, ServesFromAChrootWithoutRights) {
  if (geteuid() != 0) GTEST_SKIP() << "SKIPPED: only root may change root and user";
  if (getpwnam("nobody") == nullptr) GTEST_SKIP() << "SKIPPED: no user nobody";
  const std::string jail = dir_ / "jail";
  ASSERT_EQ(::mkdir(jail.c_str(), 0755), 0);
  start("  user nobody\n  chroot " + jail + "\n");
  Socket one = client();
  Socket on_a = a_.accept();
  EXPECT_EQ(tell("set server in/b state maint"), "\n");
  EXPECT_EQ(show_stat(path_).at("in/b").at("status"), "MAINT");
  EXPECT_EQ(show_stat(path_).at("in/a").at("scur"), "1");
  proxy_->reload(text("  user nobody\n  chroot " + jail + "\n"));
  proxy_->process().wait_for_line("configuration reloaded");
  EXPECT_EQ(show_stat(path_).at("in/b").at("status"), "MAINT");
}

TEST(RuntimeKerberos, TellsWhyAndShowsTheNames) {
  Cluster cluster(KERBGATE_BIN, 1);
  cluster.start(1);
  const std::string path = cluster.dir() / "admin.sock";
  Proxy proxy(KERBGATE_PROXY, cluster.dir(), cluster.environment(),
              kerberized("  stats socket " + path + " level operator\n") +
                  listen("in", "127.0.0.1", "leastconn", server("one", cluster.address(1))));
  EXPECT_EQ(ask(path, "why"), "Nobody was refused since the proxy started.\n\n");
  const std::string at = "127.0.0.1:" + std::to_string(proxy.port("in"));
  const Outcome good = cluster.shell({"--connect", at, "--sasl-host", Cluster::kProxy});
  EXPECT_EQ(good.status, 0) << good.err;
  EXPECT_NE(cluster.shell({"--connect", at, "--sasl-host", Cluster::host(1)}).status, 0);
  const std::string about = Cluster::principal(1);
  const std::string answer = ask(path, "why " + about);
  EXPECT_TRUE(contains(answer, "wrong-host"));
  EXPECT_TRUE(contains(answer, "with a ticket for " + about));
  EXPECT_TRUE(contains(answer, Cluster::kProxyPrincipal));
  EXPECT_EQ(ask(path, "why 127.0.0.1"), answer);
  EXPECT_TRUE(contains(ask(path, "why 10.1.2.3"), "10.1.2.3 was not refused since the proxy started.\n"));
  const std::string kerberos = ask(path, "show kerberos");
  EXPECT_TRUE(contains(kerberos, "clients with rdns = true"));
  EXPECT_TRUE(contains(kerberos, Cluster::kProxyPrincipal));
  EXPECT_TRUE(contains(kerberos, "frontend in: 1 logins taken, 1 clients refused (wrong-host 1)"));
  EXPECT_TRUE(contains(ask(path, "show errors"), "Total events captured on"));
  EXPECT_EQ(show_stat(path).at("in/FRONTEND").at("dreq"), "1");
}

}  // namespace
}  // namespace kerbgate::e2e
