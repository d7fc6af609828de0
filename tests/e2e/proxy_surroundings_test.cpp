#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "expect.hpp"
#include "log_port.hpp"
#include "proxy_config.hpp"
#include "runtime.hpp"
#include "support/names.hpp"
#include "support/proxy.hpp"
#include "support/socket.hpp"

/// What stands around the configuration: files of sockets, pidfiles, settings that need a restart.
namespace kerbgate::e2e {
namespace {

class ProxySurroundings : public testing::Test {
 protected:
  std::string text(const std::string& more_global = "") {
    return globals("  stats socket " + path_ + " level admin\n" + more_global) +
           listen("one", "127.0.0.1", "leastconn", server("s", backend_.local()));
  }
  std::string file(const std::string& more_global, const std::string& bind = "") {
    const std::string address = bind.empty() ? "127.0.0.1:" + std::to_string(free_port()) : bind;
    write_file(dir_ / "other.cfg",
               globals(more_global) + "listen other\n  bind " + address + "\n" + server("s", backend_.local()));
    return dir_ / "other.cfg";
  }
  void come_and_go(const Proxy& proxy) {
    Socket::connect("127.0.0.1", proxy.port("one")).close();
    backend_.accept().close();
  }
  Outcome check(const std::string& path) { return run({KERBGATE_PROXY, "-c", "-f", path}, {}); }
  static bool exists(const std::string& path) {
    struct stat found {};
    return lstat(path.c_str(), &found) == 0;
  }

  TempDir dir_;
  Listener backend_;
  const std::string path_ = dir_ / "admin.sock";
};

TEST_F(ProxySurroundings, ARunningProxyKeepsItsRuntimeSocket) {
  Proxy proxy(KERBGATE_PROXY, dir_, {}, text());
  const std::string pid = std::to_string(proxy.process().pid());
  const Outcome second = run({KERBGATE_PROXY, "-f", file("  stats socket " + path_ + "\n")}, {});
  EXPECT_EQ(second.status, 1);
  EXPECT_TRUE(contains(second.err, "stats socket: cannot bind " + path_ + ": a program that runs answers there"));
  EXPECT_TRUE(contains(ask(path_, "show info"), "Pid: " + pid + "\n"));
}

TEST_F(ProxySurroundings, ARunningProxyKeepsTheUnixSocketOfAListener) {
  const std::string socket = dir_ / "listen.sock";
  Proxy proxy(KERBGATE_PROXY, dir_, {},
              text() + "listen two\n  bind unix@" + socket + "\n" + server("s", backend_.local()));
  const Outcome second = run({KERBGATE_PROXY, "-f", file("", "unix@" + socket)}, {});
  EXPECT_EQ(second.status, 1);
  EXPECT_TRUE(contains(second.err, "a program that runs answers there"));
  backend_.accept().close();  // whether somebody answers is asked by connecting
  Socket client = Socket::connect_unix(socket);
  Socket served = backend_.accept();
  client.send("ping");
  EXPECT_EQ(served.read(4), "ping");
}

TEST_F(ProxySurroundings, SocketFilesAreGoneAfterTheEnd) {
  Proxy proxy(KERBGATE_PROXY, dir_, {}, text());
  EXPECT_TRUE(exists(path_));
  proxy.process().signal(SIGTERM);
  EXPECT_EQ(proxy.process().wait(), 0);
  EXPECT_FALSE(exists(path_));
}

TEST_F(ProxySurroundings, ASocketFileOfAnotherIsLeftAlone) {
  Proxy proxy(KERBGATE_PROXY, dir_, {}, text());
  std::filesystem::remove(path_);
  write_file(path_, "another's");
  proxy.process().signal(SIGTERM);
  EXPECT_EQ(proxy.process().wait(), 0);
  EXPECT_EQ(read_file(path_), "another's");
}

TEST_F(ProxySurroundings, AReloadWithoutTheLineTakesTheFileAway) {
  Proxy proxy(KERBGATE_PROXY, dir_, {}, text());
  proxy.reload(globals() + listen("one", "127.0.0.1", "leastconn", server("s", backend_.local())) +
               listen("two", "127.0.0.1", "leastconn", server("s", backend_.local())));
  proxy.wait_listening("two");
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (exists(path_) && std::chrono::steady_clock::now() < until)
    proxy.process().wait_for_news(0, std::chrono::milliseconds(5));
  EXPECT_FALSE(exists(path_));
}

/// Stop softly and start the next: the old one makes room and still answers.
TEST_F(ProxySurroundings, ASoftStopMakesRoomForTheNextProxy) {
  Proxy old(KERBGATE_PROXY, dir_, {}, text());
  const std::string pid = std::to_string(old.process().pid());
  Socket client = Socket::connect("127.0.0.1", old.port("one"));
  Socket served = backend_.accept();
  old.process().signal(SIGUSR1);
  old.wait_listening("one", false);
  const TempDir other;
  Proxy next(KERBGATE_PROXY, other, {}, text());
  EXPECT_TRUE(contains(ask(path_, "show info"), "Pid: " + std::to_string(next.process().pid()) + "\n"));
  EXPECT_TRUE(contains(ask(path_ + "." + pid, "show info"), "Pid: " + pid + "\n"));
  client.close();
  served.close();
  EXPECT_EQ(old.process().wait(), 0);
  EXPECT_FALSE(exists(path_ + "." + pid));
  EXPECT_TRUE(exists(path_));
}

TEST_F(ProxySurroundings, AReloadNamesWhatNeedsARestart) {
  Proxy proxy(KERBGATE_PROXY, dir_, {}, text());
  proxy.reload(text("  nbthread 3\n  pidfile " + (dir_ / "new.pid") +
                    "\n  daemon\n  user nobody\n  group nogroup\n  chroot " + dir_.path().string() +
                    "\n  maxconn 77\n"));
  proxy.process().wait_for_line("configuration reloaded");
  const std::string said = proxy.process().all();
  for (const char* word :
       {"'user' stays as it was at the start \\(none\\); the file says 'nobody' now: restart the proxy",
        "'group' stays", "'chroot' stays", "'nbthread' stays as it was at the start \\('1'\\)", "'pidfile' stays",
        "'daemon' stays"}) {
    std::string plain(word);
    std::erase(plain, '\\');
    EXPECT_TRUE(contains(said, plain));
  }
  EXPECT_FALSE(exists(dir_ / "new.pid"));
  // What can change has changed, once the worker has taken it over.
  std::string info;
  for (const auto until = std::chrono::steady_clock::now() + kPatience;
       info.find("Maxconn: 77\n") == std::string::npos && std::chrono::steady_clock::now() < until;)
    info = ask(path_, "show info");
  EXPECT_TRUE(contains(info, "Maxconn: 77\n"));
}

TEST_F(ProxySurroundings, AReloadOfTheSameFileNamesNothing) {
  Proxy proxy(KERBGATE_PROXY, dir_, {}, text("  pidfile " + (dir_ / "one.pid") + "\n"));
  proxy.process().signal(SIGHUP);
  proxy.process().wait_for_line("configuration reloaded");
  EXPECT_EQ(proxy.process().all().find("restart"), std::string::npos);
}

struct BadPidfile {
  const char* name;
  const char* path;  ///< below the test's folder
  const char* reason;
};

class PidfileTrouble : public ProxySurroundings, public testing::WithParamInterface<BadPidfile> {};

TEST_P(PidfileTrouble, IsNamedAndNothingStarts) {
  const std::string full = dir_ / "full.pid";
  std::filesystem::create_symlink("/dev/full", full);
  const std::string path = dir_ / GetParam().path;
  const Outcome outcome = run({KERBGATE_PROXY, "-f", file("  pidfile " + path + "\n")}, {});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(contains(outcome.err, "write the pidfile " + path));
  EXPECT_TRUE(contains(outcome.err, GetParam().reason));
  EXPECT_TRUE(exists("/dev/full")) << "a device is not removed";
}

INSTANTIATE_TEST_SUITE_P(Files, PidfileTrouble,
                         testing::Values(BadPidfile{"MissingFolder", "missing/proxy.pid", "No such file or directory"},
                                         BadPidfile{"FullDisk", "full.pid", "No space left on device"},
                                         BadPidfile{"Folder", ".", "Is a directory"}),
                         [](const auto& tested) { return tested.param.name; });

TEST_F(ProxySurroundings, CheckForeseesWhatTheStartLacks) {
  write_file(dir_ / "precious", "text");
  const Outcome outcome = check(file("  stats socket " + (dir_ / "precious") + "\n  stats socket fd@77\n"));
  EXPECT_EQ(outcome.status, 0);
  EXPECT_TRUE(contains(outcome.err, "/precious' : it exists and is not a socket; the start will fail"));
  EXPECT_TRUE(contains(outcome.err, "'stats socket fd@77' : it is no listening socket of this process"));
  const Outcome interface = check(file("", "127.0.0.1:" + std::to_string(free_port()) + " interface nosuchnet0"));
  EXPECT_EQ(interface.status, 0);
  EXPECT_TRUE(contains(interface.err, "this host has no network interface 'nosuchnet0'"));
  const Outcome folder = check(file("", "unix@" + (dir_ / "nowhere/x.sock")));
  EXPECT_TRUE(contains(folder.err, "the folder " + (dir_ / "nowhere") + " does not exist"));
}

TEST_F(ProxySurroundings, CheckBesideARunningProxyFindsNothing) {
  Proxy proxy(KERBGATE_PROXY, dir_, {}, text());
  const Outcome outcome = check(proxy.file());
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.err, "");
}

TEST_F(ProxySurroundings, ALogServerMayBeNamed) {
  Names names(dir_);
  const std::string host = "syslog.example.test";
  const LogPort log(names.add(host));
  Proxy proxy(KERBGATE_PROXY, dir_, names.environment(), text("  log " + host + ":" + log.port() + " local0\n"));
  come_and_go(proxy);
  EXPECT_TRUE(contains(log.next(" one one/s "), " 1/1/0/0/0 "));
}

TEST_F(ProxySurroundings, ALogServerWithoutAnAddressIsLookedUpAgainByAReload) {
  Names names(dir_);
  names.add("here.example.test");
  const std::string host = "syslog.example.test";
  const auto with = [&](const std::string& port) { return text("  log " + host + ":" + port + " local0\n"); };
  Proxy proxy(KERBGATE_PROXY, dir_, names.environment(), with("514"));
  proxy.process().wait_for_line("WARNING.*log " + host + " : could not resolve the address .*; it gets no lines until");
  const LogPort log(names.add(host));
  proxy.reload(with(log.port()));
  proxy.process().wait_for_line("^configuration reloaded");
  come_and_go(proxy);
  EXPECT_TRUE(contains(log.next(" one one/s "), " 1/1/0/0/0 "));
}

}  // namespace
}  // namespace kerbgate::e2e
