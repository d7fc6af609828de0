#include <gtest/gtest.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "expect.hpp"
#include "proxy_config.hpp"
#include "support/cluster.hpp"
#include "support/proxy.hpp"
#include "support/socket.hpp"

/// With `user` or `chroot` the proxy is two processes: what needs rights or the outside still works after they are
/// gone.
namespace kerbgate::e2e {
namespace {

std::string first_line(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

/// The value of a field of /proc/PID/status.
std::string status_of(const std::string& pid, const std::string& field) {
  std::ifstream in("/proc/" + pid + "/status");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(field + ":")) return line.substr(field.size() + 1);
  return "";
}

class ProxyKeeper : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "SKIPPED: only root may change root and user";
    if (getpwnam("nobody") == nullptr) GTEST_SKIP() << "SKIPPED: no user nobody";
    std::filesystem::create_directory(jail_);
    cluster_.start(1);
    cluster_.start(2);
  }

  std::string text(const std::string& keytab, const std::string& server_address, const std::string& more = "") const {
    return kerberized("  user nobody\n  chroot " + jail_ + "\n  kerberos keytab " + keytab + "\n") +
           listen("shell", proxy_address_, "leastconn", server("only", server_address)) + more;
  }
  std::string worker_of(Process& keeper) const {
    const std::string pid = std::to_string(keeper.pid());
    std::string child = first_line("/proc/" + pid + "/task/" + pid + "/children");
    while (!child.empty() && child.back() == ' ') child.pop_back();
    return child;
  }
  std::string answer_through(const std::string& where) {
    const Outcome outcome = cluster_.shell({"--connect", where});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return outcome.out;
  }

  Cluster cluster_{KERBGATE_BIN, 2};
  std::string jail_ = cluster_.dir() / "jail";
  std::string proxy_address_ = cluster_.names().address(Cluster::kProxy);
};

TEST_F(ProxyKeeper, WorkerIsNobodyInAnEmptyRootAndTheKeeperStaysOutside) {
  Proxy proxy(KERBGATE_PROXY, cluster_.dir(), cluster_.environment(), text(cluster_.keytab(1), cluster_.address(1)));
  proxy.process().wait_for_line("ready:");  // the ports listen before the worker has given its rights up
  const std::string worker = worker_of(proxy.process());
  ASSERT_FALSE(worker.empty());
  std::istringstream uids(status_of(worker, "Uid"));
  for (uid_t uid = 0; uids >> uid;) EXPECT_EQ(uid, getpwnam("nobody")->pw_uid);
  EXPECT_EQ(std::filesystem::read_symlink("/proc/" + worker + "/root"), std::filesystem::canonical(jail_));
  EXPECT_TRUE(contains(status_of(worker, "NoNewPrivs"), "1"));
  EXPECT_EQ(status_of(worker, "Groups").find_first_not_of(" \t"), std::string::npos) << status_of(worker, "Groups");
  EXPECT_TRUE(contains(answer_through(Cluster::kProxy + ":" + std::to_string(proxy.port("shell"))), "coordinator-1"));
}

TEST_F(ProxyKeeper, ReloadBindsALowPortReadsAKeytabAndFollowsANameWithoutTheRights) {
  const std::string keytab = cluster_.dir() / "proxy-only.keytab";
  std::filesystem::copy_file(cluster_.keytab(1), keytab);
  std::filesystem::permissions(keytab, std::filesystem::perms::owner_read);
  Proxy proxy(KERBGATE_PROXY, cluster_.dir(), cluster_.environment(), text(keytab, cluster_.address(1)));
  const std::string shell_port = Cluster::kProxy + ":" + std::to_string(proxy.port("shell"));
  EXPECT_TRUE(contains(answer_through(shell_port), "coordinator-1"));

  // A new key in the KDC and in the file; the file is root's alone.
  cluster_.realm().change_key(Cluster::kProxyPrincipal);
  cluster_.merge_keytab(1);
  cluster_.merge_keytab(2);
  std::filesystem::copy_file(cluster_.keytab(1), keytab, std::filesystem::copy_options::overwrite_existing);
  // The coordinator's name now leads to host 2.
  const std::string moved = "moved.example.test:" + std::to_string(cluster_.port(2));
  cluster_.names().add_alias(Cluster::host(2), "moved.example.test");
  proxy.reload(text(keytab, moved, "  bind " + proxy_address_ + ":443\n"));
  proxy.process().wait_for_line("newest kvno 2");
  proxy.process().wait_for_line("configuration reloaded");
  EXPECT_TRUE(contains(answer_through(Cluster::kProxy + ":443"), "coordinator-2"));
  EXPECT_TRUE(contains(answer_through(shell_port), "coordinator-2"));
}

TEST_F(ProxyKeeper, AWorkerThatIsKilledEndsTheKeeperWithTheReason) {
  Proxy proxy(KERBGATE_PROXY, cluster_.dir(), cluster_.environment(), text(cluster_.keytab(1), cluster_.address(1)));
  ASSERT_EQ(::kill(std::stoi(worker_of(proxy.process())), SIGKILL), 0);
  EXPECT_EQ(proxy.process().wait(), 1);
  EXPECT_TRUE(contains(proxy.process().all(), "ended by signal 9"));
}

TEST_F(ProxyKeeper, AKeeperThatIsKilledLeavesNoWorker) {
  Proxy proxy(KERBGATE_PROXY, cluster_.dir(), cluster_.environment(), text(cluster_.keytab(1), cluster_.address(1)));
  proxy.process().signal(SIGKILL);
  proxy.process().wait();
  proxy.wait_listening("shell", false);
}

/// A log daemon's socket.
class LogDaemon {
 public:
  explicit LogDaemon(const std::string& path) : fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    path.copy(name.sun_path, sizeof name.sun_path - 1);
    unlink(path.c_str());
    EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&name), sizeof name), 0) << path;
  }
  ~LogDaemon() { close(fd_); }
  LogDaemon(const LogDaemon&) = delete;
  LogDaemon& operator=(const LogDaemon&) = delete;
  /// Whether a line comes within the time.
  bool hears(std::chrono::milliseconds within) {
    pollfd ready{fd_, POLLIN, 0};
    char line[4096];
    return poll(&ready, 1, static_cast<int>(within.count())) == 1 && recv(fd_, line, sizeof line, 0) > 0;
  }

 private:
  int fd_;
};

TEST_F(ProxyKeeper, ALogDaemonThatWasStartedAnewIsFound) {
  const std::string path = cluster_.dir() / "log.sock";
  auto daemon = std::make_unique<LogDaemon>(path);
  Listener backend;
  const std::string text = globals("  user nobody\n  chroot " + jail_ + "\n  log " + path + " format raw local0\n") +
                           listen("in", "127.0.0.1", "leastconn", server("only", backend.local()));
  Proxy proxy(KERBGATE_PROXY, cluster_.dir(), cluster_.environment(), text);
  const auto make_a_line = [&] {
    Socket::connect("127.0.0.1", proxy.port("in")).close();
    backend.accept().close();
  };
  make_a_line();
  EXPECT_TRUE(daemon->hears(kPatience));
  daemon.reset();
  daemon = std::make_unique<LogDaemon>(path);
  bool heard = false;
  // The keeper looks once a second, and so does the logger that has lost its socket.
  for (int i = 0; i < 50 && !heard; ++i) {
    make_a_line();
    heard = daemon->hears(std::chrono::milliseconds(100));
  }
  EXPECT_TRUE(heard);
}

TEST_F(ProxyKeeper, AWorkerThatHangsDoesNotOutliveItsKeeper) {
  Proxy proxy(KERBGATE_PROXY, cluster_.dir(), cluster_.environment(), text(cluster_.keytab(1), cluster_.address(1)));
  const pid_t worker = std::stoi(worker_of(proxy.process()));
  const int handle = static_cast<int>(syscall(SYS_pidfd_open, worker, 0));
  ASSERT_GE(handle, 0);
  kill(worker, SIGSTOP);
  proxy.process().signal(SIGKILL);
  pollfd ended{handle, POLLIN, 0};
  EXPECT_EQ(poll(&ended, 1, 5000), 1);
  kill(worker, SIGKILL);
  close(handle);
}

}  // namespace
}  // namespace kerbgate::e2e
