#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "proxy_config.hpp"
#include "support/names.hpp"
#include "support/proxy.hpp"
#include "support/socket.hpp"

/// A proxy that has given its privileges away and still does at a reload what needs them.
namespace kerbgate::e2e {
namespace {

constexpr uid_t kNobody = 65534;

class ProxyPrivileges : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "only root has privileges to give away";
    std::filesystem::create_directory(jail_);
  }

  std::string jailed() { return globals("  user nobody\n  chroot " + jail_ + "\n"); }
  std::string section(const std::string& name, const std::string& port) {
    return "listen " + name + "\n  bind 127.0.0.1:" + port + "\n  balance leastconn\n" +
           server("s", "server.example.test:" + port_);
  }
  Proxy start(const std::string& text) { return {KERBGATE_PROXY, dir_, names_.environment(), text}; }
  static void expect_served(std::uint16_t port, Listener& by) {
    Socket client = Socket::connect("127.0.0.1", port);
    Socket served = by.accept();
    client.send("ping");
    EXPECT_EQ(served.read(4), "ping");
  }

  TempDir dir_;
  Names names_{dir_};
  const std::string jail_ = dir_ / "jail";
  Listener first_{names_.add("server.example.test")};
  const std::string port_ = std::to_string(first_.port());
};

/// The process among `parent`'s children that is not root's; 0: none.
pid_t dropped_child(pid_t parent) {
  const std::string id = std::to_string(parent);
  std::ifstream children("/proc/" + id + "/task/" + id + "/children");
  for (pid_t child; children >> child;) {
    struct stat owner {};
    if (stat(("/proc/" + std::to_string(child)).c_str(), &owner) == 0 && owner.st_uid == kNobody) return child;
  }
  return 0;
}

/// A privileged port that nobody listens on.
std::uint16_t low_port() {
  std::uint16_t port = 1023;
  while (is_listening(port)) --port;
  return port;
}

TEST_F(ProxyPrivileges, ThePartThatClientsReachHasNone) {
  Proxy proxy = start(jailed() + section("in", "@in@"));
  expect_served(proxy.port("in"), first_);
  const pid_t worker = dropped_child(proxy.process().pid());
  ASSERT_NE(worker, 0) << proxy.process().all();
  EXPECT_EQ(std::filesystem::read_symlink("/proc/" + std::to_string(worker) + "/root"), jail_);
}

TEST_F(ProxyPrivileges, HangupOpensALowPortAndSeesAChangedName) {
  Proxy proxy = start(jailed() + section("in", "@in@"));
  expect_served(proxy.port("in"), first_);
  Listener second(names_.move("server.example.test"), first_.port());
  const std::uint16_t low = low_port();
  proxy.reload(jailed() + section("in", "@in@") + section("low", std::to_string(low)));
  proxy.wait_listening(low);
  expect_served(low, second);
  expect_served(proxy.port("in"), second);
}

TEST_F(ProxyPrivileges, EndOfOnePartIsTheEndOfBoth) {
  Proxy proxy = start(jailed() + section("in", "@in@"));
  const pid_t worker = dropped_child(proxy.process().pid());
  ASSERT_NE(worker, 0);
  kill(worker, SIGKILL);
  EXPECT_NE(proxy.process().wait(), 0);
  EXPECT_FALSE(is_listening(proxy.port("in")));
}

}  // namespace
}  // namespace kerbgate::e2e
