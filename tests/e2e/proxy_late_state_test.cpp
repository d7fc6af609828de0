#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <set>

#include "late_caller.hpp"

/// `kerberos state-file`: who made which session, from one proxy to the next.
namespace kerbgate::e2e {
namespace {

class ProxyLateState : public ProxyLateCalls {
 protected:
  [[nodiscard]] std::string state() const { return cluster_.dir() / "state"; }
  void keep_state() { global_ = "  kerberos state-file " + state() + "\n"; }
  struct Made {
    std::string session, coordinator;
  };
  /// A session at the second coordinator, whose client has gone.
  Made make_session() {
    Caller first = caller(), second = caller();
    first.open();
    Made made{second.open(), ""};
    made.coordinator = second.coordinator_of(made.session);
    EXPECT_NE(first.coordinator_of(made.session), "");
    return made;
  }
  void end_proxy() {
    proxy_->process().signal(SIGTERM);
    EXPECT_EQ(proxy_->process().wait(), 0) << proxy_->process().all();
  }
  /// Who answers three new connections that ask for the session.
  std::set<std::string> answering(const Made& made) {
    std::set<std::string> out;
    for (int i = 0; i < 3; ++i) out.insert(caller().coordinator_of(made.session));
    return out;
  }
};

TEST_F(ProxyLateState, ARestartKeepsWhoMadeASession) {
  keep_state();
  start("roundrobin");
  const Made made = make_session();
  end_proxy();
  struct stat about {};
  ASSERT_EQ(::stat(state().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777u, 0600u);
  EXPECT_FALSE(contains(read_file(state()), "0123456789abcdef")) << "the secret half of a handle";
  start("roundrobin");
  EXPECT_TRUE(contains(proxy_->process().all(), "2 handles of sessions and operations read"));
  EXPECT_EQ(answering(made), std::set{made.coordinator});
}

TEST_F(ProxyLateState, WithoutAFileARestartForgetsIt) {
  start("roundrobin");
  const Made made = make_session();
  end_proxy();
  start("roundrobin");
  EXPECT_EQ(answering(made).size(), 3u);
}

TEST_F(ProxyLateState, ADamagedFileIsSaidAndNothingInItBelieved) {
  keep_state();
  start("roundrobin");
  const Made made = make_session();
  end_proxy();
  const std::string whole = read_file(state());
  write_file(state(), whole.substr(0, whole.size() - 1));
  start("roundrobin");
  proxy_->process().wait_for_line("kerberos state-file .*state is not used: it is damaged: .*written anew");
  EXPECT_EQ(answering(made).size(), 3u);
  end_proxy();
  start("roundrobin");
  EXPECT_FALSE(contains(proxy_->process().all(), "is not used"));
}

TEST_F(ProxyLateState, WhatADrainingProxyLearnsIsKnownToTheNextOne) {
  keep_state();
  start("roundrobin");
  Caller other = caller(), held = caller();
  const std::string coordinator = held.coordinator_of(held.open());
  proxy_->process().signal(SIGUSR1);
  proxy_->wait_listening("shell", false);
  const std::unique_ptr<Proxy> draining = std::move(proxy_);
  start("roundrobin");
  const Made late{held.open(), coordinator};
  proxy_->process().wait_for_line("2 handles of sessions and operations read");
  EXPECT_EQ(answering(late), std::set{coordinator});
}

TEST_F(ProxyLateState, AReloadMayNameAnotherFile) {
  keep_state();
  start("roundrobin");
  const Made made = make_session();
  const std::string text = read_file(proxy_->file());
  const std::size_t at = text.find(state());
  proxy_->reload(std::string(text).replace(at, state().size(), state() + "2"));
  proxy_->process().wait_for_line("configuration reloaded");
  EXPECT_EQ(answering(made), std::set{made.coordinator});
  end_proxy();
  EXPECT_TRUE(std::filesystem::exists(state() + "2"));
}

TEST_F(ProxyLateState, WorksAsNobodyInAnEmptyRoot) {
  if (geteuid() != 0) GTEST_SKIP() << "SKIPPED: only root may change root and user";
  if (getpwnam("nobody") == nullptr) GTEST_SKIP() << "SKIPPED: no user nobody";
  keep_state();
  const std::string jail = cluster_.dir() / "jail";
  std::filesystem::create_directory(jail);
  global_ += "  user nobody\n  chroot " + jail + "\n";
  start("roundrobin");
  const Made made = make_session();
  end_proxy();
  start("roundrobin");
  EXPECT_EQ(answering(made), std::set{made.coordinator});
}

TEST_F(ProxyLateState, AFileThatCannotBeIsSaidBeforeAndAtTheStart) {
  global_ = "  kerberos state-file " + (cluster_.dir() / "none/state") + "\n";
  start("roundrobin");
  const std::string words =
      "kerberos state-file .*none/state cannot be written: no file can be made in .*none: No such";
  proxy_->process().wait_for_line(words);
  EXPECT_EQ(shell().status, 0);
  const Outcome checked = run({KERBGATE_PROXY, "-c", "-f", proxy_->file()}, cluster_.environment());
  EXPECT_EQ(checked.status, 0);
  EXPECT_TRUE(contains(checked.err, "none/state cannot be written")) << checked.err;
}

}  // namespace
}  // namespace kerbgate::e2e
