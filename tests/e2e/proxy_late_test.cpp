#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "proxy_late.hpp"
#include "proxy_tls.hpp"
#include "runtime.hpp"

/// Logins that the proxy completes itself, and the coordinators that get the same ticket afterwards.
namespace kerbgate::e2e {
namespace {

int count_of(const std::string& text, const std::string& pattern) {
  const std::regex what(pattern);
  return int(std::distance(std::sregex_iterator(text.begin(), text.end(), what), std::sregex_iterator()));
}

TEST_F(ProxyLate, TheCoordinatorAuthenticatesTheUserItself) {
  start("roundrobin");
  const Outcome outcome = shell({"--query", "select 7"});
  EXPECT_EQ(outcome.status, 0) << outcome.err << proxy_->process().all();
  EXPECT_TRUE(outcome.out.starts_with("alice@EXAMPLE.TEST\t")) << outcome.out;
  EXPECT_TRUE(outcome.out.ends_with("\tselect 7\n")) << outcome.out;
}

TEST_F(ProxyLate, ALoginInOneByteSegmentsIsTheSame) {
  start("roundrobin");
  const Outcome outcome = shell({"--one-byte-segments"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
}

TEST_F(ProxyLate, ManyQueriesGoOverOneConnection) {
  start("leastconn");
  auto shell = cluster_.open_shell({"--connect", at()});
  for (int i = 0; i < 20; ++i) {
    const std::string text = "select " + std::to_string(i) + std::string(std::size_t(i) * 10'000, ' ') + "end";
    shell->send_line(text);
    EXPECT_TRUE(shell->wait_for_line("^alice@EXAMPLE.TEST\t").ends_with("end")) << i;
  }
}

TEST_F(ProxyLate, AStaleKeytabCostsNoClientAnError) {
  cluster_.realm().change_key(Cluster::kProxyPrincipal);
  cluster_.realm().export_keytab({Cluster::kProxyPrincipal}, keytab());
  cluster_.merge_keytab(1);
  cluster_.merge_keytab(2);
  start("roundrobin");
  std::set<std::string> seen;
  for (int i = 0; i < 6; ++i) seen.insert(coordinator_of());
  EXPECT_EQ(seen, (std::set<std::string>{"coordinator-1", "coordinator-2"}));
  cluster_.coordinator(3).wait_for_line("^failed .* kvno 2 not found in keytab");
  proxy_->process().wait_for_line("Server shell/coordinator3 .* passed over: closed without a word: .*kvno 2");
}

// Having no connections, it would be the first choice of leastconn for ever.
TEST_F(ProxyLate, ACoordinatorThatFailsWhatOthersAcceptIsAvoided) {
  cluster_.start(1, {"--accept-then-close"});
  start("leastconn");
  const auto failures = [this] { return count_of(proxy_->process().all(), "coordinator1 .* passed over"); };
  for (int i = 0; i < 12 && !contains(proxy_->process().all(), "is avoided"); ++i) coordinator_of();
  EXPECT_TRUE(contains(proxy_->process().all(), "Server shell/coordinator1 is avoided for 5 s"));
  EXPECT_EQ(failures(), 3);
  // However long these take: each time that it gets a login to prove itself is told, and lasts twice as long.
  for (int i = 0; i < 6; ++i) EXPECT_NE(coordinator_of(), "coordinator-1");
  EXPECT_EQ(failures(), 2 + count_of(proxy_->process().all(), "coordinator1 is avoided for"));
}

TEST_F(ProxyLate, WhoeverAllOthersFailIsAskedThoughAvoided) {
  cluster_.start(1, {"--accept-then-close"});
  start("leastconn");
  for (int i = 0; i < 12 && !contains(proxy_->process().all(), "is avoided"); ++i) coordinator_of();
  cluster_.stop(2);
  cluster_.stop(3);
  cluster_.start(1);
  EXPECT_EQ(coordinator_of(), "coordinator-1");
}

TEST_F(ProxyLate, ALoginThatFailsIsLoggedWithItsUser) {
  for (int n = 1; n <= 3; ++n) cluster_.start(n, {"--accept-then-close"});
  start("roundrobin");
  EXPECT_NE(shell().status, 0);
  proxy_->process().wait_for_line(" shell shell/.* client=alice@EXAMPLE.TEST service=impala/proxy.* reason=");
  EXPECT_FALSE(contains(proxy_->process().all(), "is avoided")) << "a login that nobody accepts blames nobody";
}

struct Fault {
  const char* name;
  std::vector<std::string> options;
};
class ProxyLateFault : public ProxyLate, public testing::WithParamInterface<Fault> {};

TEST_P(ProxyLateFault, CostsNoClientAnError) {
  cluster_.start(1, GetParam().options);
  cluster_.start(2, GetParam().options);
  start("roundrobin", "  timeout login-answer 1s\n");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(coordinator_of(), "coordinator-3");
}

INSTANTIATE_TEST_SUITE_P(Faults, ProxyLateFault,
                         testing::Values(Fault{"ClosesBeforeAnAnswer", {"--accept-then-close"}},
                                         Fault{"ResetsBeforeAnAnswer", {"--accept-then-reset"}},
                                         Fault{"SaysNothing", {"--silent"}}),
                         [](const auto& tested) { return tested.param.name; });

TEST_F(ProxyLate, ACoordinatorThatAnswersBadIsPassedOver) {
  cluster_.start(1, {"--bad-frame"});
  cluster_.realm().change_key(Cluster::kProxyPrincipal);
  cluster_.realm().export_keytab({Cluster::kProxyPrincipal}, keytab());
  cluster_.merge_keytab(2);
  cluster_.merge_keytab(3);
  start("roundrobin");
  for (int i = 0; i < 3; ++i) EXPECT_NE(coordinator_of(), "coordinator-1");
  proxy_->process().wait_for_line("coordinator1 .* passed over: answered BAD .*kvno 2");
}

// The client has been told that it is logged in: what fails now is told as the answer to its call.
TEST_F(ProxyLate, WhenAllFailTheReasonIsTheAnswerToOpenSession) {
  for (const int n : {1, 2, 3}) cluster_.stop(n);
  start("leastconn");
  const Outcome outcome = shell();
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(contains(outcome.err,
                       "OpenSession: no coordinator took this login: coordinator1, coordinator2, "
                       "coordinator3: connection refused"))
      << outcome.err << proxy_->process().all();
}

TEST_F(ProxyLate, CtrlCCancelsOnTheCoordinatorThatRunsTheQuery) {
  start("leastconn");
  for (int i = 0; i < 3; ++i) {
    const Outcome outcome = shell({"--interrupt", "--query", "wait"});
    EXPECT_EQ(outcome.status, 0) << outcome.err << proxy_->process().all();
    EXPECT_TRUE(outcome.out.starts_with("3\tcoordinator ")) << outcome.out;
    const auto first = outcome.out.find('\t') + 1, second = outcome.out.find('\t', first);
    EXPECT_NE(outcome.out.substr(first, second - first), outcome.out.substr(second + 1, second - first))
        << "the second connection came to the same coordinator: nothing is shown";
  }
  proxy_->process().wait_for_line("second login, at coordinator[123], for CancelOperation");
}

TEST_F(ProxyLate, ADrainedCoordinatorStillGetsWhatIsAboutItsOwnQueries) {
  start("leastconn");
  auto held = cluster_.open_shell({"--connect", at()});
  held->send_line("select 1");
  const std::string row = held->wait_for_line("^alice@EXAMPLE.TEST\t");
  const std::string number = row.substr(row.find("coordinator-") + 12, 1);
  EXPECT_EQ(ask(socket(), "set server shell/coordinator" + number + " state drain"), "\n");
  held->send_line("select 2");
  EXPECT_TRUE(contains(held->wait_for_line("^alice@EXAMPLE.TEST\t"), "coordinator-" + number));
}

TEST_F(ProxyLate, RestartingEveryCoordinatorCostsNoClientAnError) {
  start("leastconn");
  std::vector<std::unique_ptr<Process>> shells;
  for (int i = 0; i < 4; ++i)
    shells.push_back(cluster_.open_shell({"--connect", at(), "--query", "select 1", "--repeat", "1000000"}));
  for (int n = 1; n <= 3; ++n) {
    const std::string name = "shell/coordinator" + std::to_string(n);
    for (const auto& one : shells) one->wait_for_line("^alice@EXAMPLE.TEST\t");
    EXPECT_TRUE(contains(ask(socket(), "drain " + name + " wait"), "nothing runs there"));
    cluster_.stop(n);
    cluster_.start(n);
    EXPECT_EQ(ask(socket(), "set server " + name + " state ready"), "\n");
  }
  for (const auto& one : shells) {
    one->wait_for_line("^alice@EXAMPLE.TEST\t");
    EXPECT_TRUE(one->running());
    EXPECT_EQ(one->err(), "");
  }
}

class ProxyLateOverTls : public ProxyTls {};

TEST_F(ProxyLateOverTls, BothSidesMayBeTls) {
  secure_coordinators();
  const std::string keytab = file("proxy.keytab");
  cluster_.realm().export_keytab({Cluster::kProxyPrincipal}, keytab);
  std::string servers = "  kerberos login late\n  balance leastconn\n";
  for (int n = 1; n <= count_; ++n)
    servers += "  server coordinator" + std::to_string(n) + " " + cluster_.address(n) +
               " ssl verify required ca-file " + file("ca.pem") + " verifyhost " + Cluster::host(n) + "\n";
  Proxy proxy = ProxyTls::start(kerberized("  kerberos keytab " + keytab + "\n") + tls_bind() + servers);
  const Outcome outcome = query(proxy, {"--interrupt", "--query", "wait"});
  EXPECT_EQ(outcome.status, 0) << outcome.err << proxy.process().all();
  EXPECT_TRUE(outcome.out.starts_with("3\t")) << outcome.out;
  proxy.process().wait_for_line("second login, at coordinator[12], for CancelOperation");
}

}  // namespace
}  // namespace kerbgate::e2e
