#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "expect.hpp"
#include "proxy_config.hpp"
#include "support/daemon.hpp"
#include "support/proxy.hpp"
#include "support/socket.hpp"

/// Files, options and signals.
namespace kerbgate::e2e {
namespace {

struct BadFile {
  const char* name;
  const char* text;
  const char* line;  ///< of the file, where the error is
  const char* reason;
};

class RefusedFile : public testing::TestWithParam<BadFile> {
 protected:
  TempDir dir_;
  const std::string file_ = dir_ / "bad.cfg";
};

TEST_P(RefusedFile, IsNamedByLineWithStatusOne) {
  write_file(file_, GetParam().text);
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{KERBGATE_PROXY, "-c", "-f", file_}, {KERBGATE_PROXY, "-f", file_}}) {
    const Outcome outcome = run(command, {});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_TRUE(contains(outcome.err, "[" + file_ + ":" + GetParam().line + "]"));
    EXPECT_TRUE(contains(outcome.err, GetParam().reason));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Files, RefusedFile,
    testing::Values(BadFile{"UnknownWordInASection", "listen a\n  mode tcp\n  timout client 5s\n", "3",
                            "unknown keyword 'timout' in 'listen' section; did you mean 'timeout' maybe ?"},
                    BadFile{"UnknownWordOfAServer", "listen a\n  mode tcp\n  server s 127.0.0.1:1 chek\n", "3",
                            "unknown keyword 'chek'; did you mean 'check' maybe ?"},
                    BadFile{"BadTime", "defaults\n  timeout client 5parsecs\n", "2", "timeout client"},
                    BadFile{"BadBalance", "listen a\n  balance sideways\n", "2", "balance"}),
    [](const auto& tested) { return tested.param.name; });

TEST(ProxyFiles, MissingFileIsNamed) {
  const Outcome outcome = run({KERBGATE_PROXY, "-f", "/nonexistent/proxy.cfg"}, {});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(contains(outcome.err, "/nonexistent/proxy.cfg"));
}

TEST(ProxyFiles, AllErrorsOfAFileComeInOneRun) {
  const TempDir dir;
  write_file(dir / "bad.cfg", "global\n  maxcon 10\nlisten a\n  timout client 5s\n");
  const Outcome outcome = run({KERBGATE_PROXY, "-c", "-f", dir / "bad.cfg"}, {});
  EXPECT_TRUE(contains(outcome.err, "bad.cfg:2]"));
  EXPECT_TRUE(contains(outcome.err, "bad.cfg:4]"));
}

class ProxyControl : public testing::Test {
 protected:
  std::string section(const std::string& name) { return listen(name, "127.0.0.1", "leastconn", server("s", at_)); }
  void expect_served(const Proxy& proxy, const std::string& name) {
    Socket client = Socket::connect("127.0.0.1", proxy.port(name));
    Socket served = backend_.accept();
    expect_alive(client, served);
  }
  /// Who comes to a socket in its last moment is not served, and comes again.
  void wait_until_served(const std::string& host, std::uint16_t port) {
    for (const auto until = std::chrono::steady_clock::now() + kPatience;;) try {
        Socket client = Socket::connect(host, port);
        Socket served = backend_.accept(std::chrono::milliseconds(500));
        return expect_alive(client, served);
      } catch (const std::runtime_error&) {
        if (std::chrono::steady_clock::now() > until) throw;
      }
  }
  static void expect_alive(Socket& client, Socket& served) {
    client.send("ping");
    EXPECT_EQ(served.read(4), "ping");
    served.send("pong");
    EXPECT_EQ(client.read(4), "pong");
  }

  TempDir dir_;
  Listener backend_;
  const std::string at_ = backend_.local();
};

TEST_F(ProxyControl, TakenPortIsAnErrorAtTheStart) {
  Listener holder;
  write_file(dir_ / "taken.cfg",
             globals() + "listen a\n  bind " + holder.local() + "\n  balance leastconn\n" + server("s", at_));
  const Outcome outcome = run({KERBGATE_PROXY, "-f", dir_ / "taken.cfg"}, {});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(contains(outcome.err, holder.local()));
  EXPECT_TRUE(contains(outcome.err, "ddress already in use"));
}

TEST_F(ProxyControl, PortWithoutPermissionIsAnErrorAtTheStart) {
  write_file(dir_ / "low.cfg", globals() + "listen a\n  bind 127.0.0.1:1\n" + server("s", at_));
  // Root is root by what it may do: without this one right it is refused as anybody is.
  std::vector<std::string> command{KERBGATE_PROXY, "-f", dir_ / "low.cfg"};
  if (geteuid() == 0) command.insert(command.begin(), {"setpriv", "--bounding-set", "-net_bind_service"});
  const Outcome outcome = run(command, {});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(contains(outcome.err, "127.0.0.1:1"));
  EXPECT_TRUE(contains(outcome.err, "ermission denied"));
}

TEST_F(ProxyControl, HangupAddsAListenerWhileAConnectionLivesOn) {
  Proxy proxy(KERBGATE_PROXY, dir_, {}, globals() + section("one"));
  Socket client = Socket::connect("127.0.0.1", proxy.port("one"));
  Socket served = backend_.accept();
  expect_alive(client, served);
  proxy.reload(globals() + section("one") + section("two"));
  proxy.wait_listening("two");
  expect_served(proxy, "two");
  expect_served(proxy, "one");
  expect_alive(client, served);
}

TEST_F(ProxyControl, HangupTakesAwayAListenerButNotItsConnections) {
  Proxy proxy(KERBGATE_PROXY, dir_, {}, globals() + section("one") + section("two"));
  Socket client = Socket::connect("127.0.0.1", proxy.port("two"));
  Socket served = backend_.accept();
  proxy.reload(globals() + section("one"));
  proxy.wait_listening("two", false);
  expect_alive(client, served);
  expect_served(proxy, "one");
}

TEST_F(ProxyControl, HangupMovesAListenerFromOneAddressToAllAndBack) {
  Proxy proxy(KERBGATE_PROXY, dir_, {}, globals() + section("one"));
  Socket client = Socket::connect("127.0.0.1", proxy.port("one"));
  Socket served = backend_.accept();
  const std::string everywhere = listen("one", "", "leastconn", server("s", at_));
  proxy.reload(globals() + everywhere);
  wait_until_served("127.0.0.2", proxy.port("one"));
  expect_alive(client, served);
  proxy.reload(globals() + section("one") + section("two"));
  proxy.wait_listening("two");
  wait_until_served("127.0.0.1", proxy.port("one"));
  expect_alive(client, served);
}

TEST_F(ProxyControl, HangupWithAHigherMaxconnServesWhoWaited) {
  Proxy proxy(KERBGATE_PROXY, dir_, {}, globals() + section("one") + "  maxconn 1\n");
  Socket client = Socket::connect("127.0.0.1", proxy.port("one"));
  Socket served = backend_.accept();
  expect_alive(client, served);
  Socket waiting = Socket::connect("127.0.0.1", proxy.port("one"));
  proxy.reload(globals() + section("one") + "  maxconn 2\n");
  Socket waiting_served = backend_.accept();
  expect_alive(waiting, waiting_served);
}

TEST_F(ProxyControl, ConnectionsOfEarlierReloadsCountTowardsMaxconn) {
  Proxy proxy(KERBGATE_PROXY, dir_, {}, globals() + section("one") + "  maxconn 1\n");
  Socket client = Socket::connect("127.0.0.1", proxy.port("one"));
  Socket served = backend_.accept();
  expect_alive(client, served);
  proxy.reload(globals() + section("one") + "  maxconn 1\n" + section("two"));
  proxy.wait_listening("two");
  Socket waiting = Socket::connect("127.0.0.1", proxy.port("one"));
  expect_served(proxy, "two");  // whoever was to be accepted before has been
  EXPECT_FALSE(backend_.pending());
  client.close();
  served.close();
  Socket waiting_served = backend_.accept();
  expect_alive(waiting, waiting_served);
}

TEST_F(ProxyControl, AStormOfHangupsWhileServersAreCheckedHarmsNobody) {
  std::string servers;
  for (int i = 0; i < 50; ++i) servers += "  server s" + std::to_string(i) + " " + at_ + " check inter 10ms\n";
  const std::string text = globals() + listen("one", "127.0.0.1", "leastconn", servers);
  Proxy proxy(KERBGATE_PROXY, dir_, {}, text);
  Socket client = Socket::connect("127.0.0.1", proxy.port("one"));
  Socket served = backend_.accept();
  for (int i = 0; i < 100; ++i) {
    proxy.process().signal(SIGHUP);
    expect_alive(client, served);
  }
  proxy.reload(text + section("two"));
  proxy.wait_listening("two");
  expect_served(proxy, "two");
}

TEST_F(ProxyControl, HangupWithABadFileChangesNothingAndSaysWhy) {
  Proxy proxy(KERBGATE_PROXY, dir_, {}, globals() + section("one"));
  proxy.reload(globals() + section("one") + "  timout client 5s\n");
  proxy.process().wait_for_line("did you mean 'timeout' maybe");
  expect_served(proxy, "one");
}

TEST_F(ProxyControl, Usr1StopsAcceptingAndEndsWithTheLastConnection) {
  Proxy proxy(KERBGATE_PROXY, dir_, {}, globals() + section("one"));
  Socket client = Socket::connect("127.0.0.1", proxy.port("one"));
  Socket served = backend_.accept();
  proxy.process().signal(SIGUSR1);
  proxy.wait_listening("one", false);
  expect_alive(client, served);
  EXPECT_TRUE(proxy.process().running());
  client.close();
  served.close();
  EXPECT_EQ(proxy.process().wait(), 0);
}

TEST_F(ProxyControl, HangupAfterUsr1OpensNoPortAgain) {
  Proxy proxy(KERBGATE_PROXY, dir_, {}, globals() + section("one"));
  Socket client = Socket::connect("127.0.0.1", proxy.port("one"));
  Socket served = backend_.accept();
  proxy.process().signal(SIGUSR1);
  proxy.wait_listening("one", false);
  proxy.process().signal(SIGHUP);
  proxy.process().wait_for_line("reload refused");
  EXPECT_FALSE(is_listening(proxy.port("one")));
  expect_alive(client, served);
  client.close();
  served.close();
  EXPECT_EQ(proxy.process().wait(), 0);
}

class StopSignal : public ProxyControl, public testing::WithParamInterface<int> {};

TEST_P(StopSignal, EndsAllAtOnce) {
  Proxy proxy(KERBGATE_PROXY, dir_, {}, globals() + section("one"));
  Socket client = Socket::connect("127.0.0.1", proxy.port("one"));
  Socket served = backend_.accept();
  expect_alive(client, served);
  proxy.process().signal(GetParam());
  const int status = proxy.process().wait();
  EXPECT_TRUE(status == 0 || status == 128 + GetParam()) << status << "\n" << proxy.process().all();
  EXPECT_FALSE(is_listening(proxy.port("one")));
}

INSTANTIATE_TEST_SUITE_P(Signals, StopSignal, testing::Values(SIGTERM, SIGINT),
                         [](const auto& tested) { return tested.param == SIGTERM ? "Term" : "Int"; });

/// A proxy in the background on a port that was free; on another one when somebody was faster.
std::unique_ptr<Daemon> start_daemon(const TempDir& dir, const std::string& server_address, std::uint16_t& port) {
  constexpr int kAttempts = 5;
  for (int attempt = 1;; ++attempt) try {
      port = free_port();
      write_file(dir / "daemon.cfg", globals() + "listen a\n  bind 127.0.0.1:" + std::to_string(port) +
                                         "\n  balance leastconn\n" + server("s", server_address));
      return std::make_unique<Daemon>(
          std::vector<std::string>{KERBGATE_PROXY, "-D", "-p", dir / "daemon.pid", "-f", dir / "daemon.cfg"},
          Environment{}, dir / "daemon.pid");
    } catch (const std::runtime_error& error) {
      if (attempt == kAttempts || !contains(error.what(), "already in use")) throw;
    }
}

TEST_F(ProxyControl, DaemonServesWhenItsStarterReturnsAndLeavesItsPid) {
  std::uint16_t port = 0;
  const auto daemon = start_daemon(dir_, at_, port);
  Socket client = Socket::connect("127.0.0.1", port);
  Socket served = backend_.accept();
  expect_alive(client, served);
  daemon->signal(SIGTERM);
  daemon->wait();
}

TEST_F(ProxyControl, EverySessionIsOneTcplogLine) {
  Proxy proxy(KERBGATE_PROXY, dir_, {}, globals() + section("one"));
  expect_served(proxy, "one");
  proxy.process().wait_for_line(R"(127\.0\.0\.1:\d+ \[.*\] one one/s \d+/\d+/\d+ 4 -- )");
}

}  // namespace
}  // namespace kerbgate::e2e
