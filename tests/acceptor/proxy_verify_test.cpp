#include <pwd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <map>
#include <set>

#include "acceptor/verify_fixture.hpp"
#include "e2e/proc.hpp"
#include "e2e/runtime.hpp"

/// `kerberos login verify`: tickets are opened at the proxy, with real keys.
namespace kerbgate::e2e {
namespace {

class ProxyVerify : public Verifying {};

class ProxyVerifyOfThree : public Verifying {
 protected:
  ProxyVerifyOfThree() : Verifying(3) {}
};

TEST_F(ProxyVerify, KnowsTheClient) {
  Proxy proxy = start("");
  expect_served(proxy);
  proxy.process().wait_for_line(
      " shell/coordinator1 .* client=alice@EXAMPLE.TEST service=impala/proxy.example.test@EXAMPLE.TEST enctype=18 "
      "kvno=1 mechanism=GSSAPI ");
}

TEST_F(ProxyVerify, TellsOfAKeyVersionThatTheKeytabLacks) {
  cluster_.stop(1);  // whoever came to it would be told of that
  Proxy proxy = start("");
  cluster_.realm().change_key(Cluster::kProxyPrincipal);
  expect_refused(proxy, "needs kvno 2 (aes256-cts-hmac-sha1-96), the keytab of the proxy holds kvno 1:");
  proxy.process().wait_for_line(" shell/<NOSRV> .* PR .* reason=");
  const std::string told = ask(socket(), "why " + Cluster::kProxyPrincipal);
  EXPECT_TRUE(contains(told, "keytab-no-kvno")) << told;
}

TEST_F(ProxyVerify, TellsOfAnotherKeyOfTheSameVersion) {
  Proxy proxy = start("");
  cluster_.realm().kadmin({"delprinc", "-force", Cluster::kProxyPrincipal});
  cluster_.realm().add_service(Cluster::kProxyPrincipal);
  expect_refused(proxy, "does not open with kvno 1 (aes256-cts-hmac-sha1-96) in the keytab of the proxy");
}

TEST_F(ProxyVerify, TellsOfAnEnctypeThatTheKeytabLacks) {
  cluster_.realm().kadmin({"cpw", "-randkey", "-e", "aes128-cts-hmac-sha1-96:normal", Cluster::kProxyPrincipal});
  std::filesystem::remove(keytab());
  export_key();
  Proxy proxy = start("");
  cluster_.realm().kadmin({"cpw", "-randkey", "-e", "aes256-cts-hmac-sha1-96:normal", Cluster::kProxyPrincipal});
  expect_refused(proxy,
                 "encrypted with aes256-cts-hmac-sha1-96, the keytab of the proxy holds only "
                 "aes128-cts-hmac-sha1-96:");
}

TEST_F(ProxyVerify, TellsOfAPrincipalThatTheKeytabLacks) {
  std::filesystem::remove(keytab());
  cluster_.realm().export_keytab({Cluster::principal(1)}, keytab());
  Proxy proxy = start_text(kerberized("  kerberos dns-check warn\n  kerberos keytab " + keytab() + "\n") +
                           section("shell", "  kerberos login verify\n"));
  expect_refused(proxy, "keytab of the proxy holds no key of impala/proxy.example.test@EXAMPLE.TEST:");
}

TEST_F(ProxyVerify, TellsByHowMuchAClockIsOff) {
  Proxy proxy = start("");
  Environment ahead = cluster_.environment() + cluster_.realm().login("alice");
  run_ok({"kvno", Cluster::kProxyPrincipal}, ahead);  // the KDC would tell it, too
  const std::string names = ahead["LD_PRELOAD"];
  ahead = ahead + Realm::shifted_clock(400);
  ahead["LD_PRELOAD"] += ":" + names;
  const Outcome outcome = run({std::string(KERBGATE_BIN) + "/shell", "--connect", at(proxy)}, ahead);
  EXPECT_TRUE(contains(outcome.err, "ahead of the clock of the proxy, 300 s are allowed")) << outcome.err;
}

TEST_F(ProxyVerify, TakesBothKeysDuringARotation) {
  Proxy proxy = start("");
  expect_served(proxy);
  auto held = cluster_.open_shell({"--connect", at(proxy)});
  cluster_.realm().change_key(Cluster::kProxyPrincipal);
  export_key();
  cluster_.merge_keytab(1);
  proxy.process().wait_for_line("kerberos keytab .*proxy.keytab read again");
  expect_served(proxy);
  proxy.process().wait_for_line("client=alice@EXAMPLE.TEST .* kvno=2 ");
}

TEST_F(ProxyVerify, KeepsTheOldKeysWhenTheNewFileIsNotRight) {
  Proxy proxy = start("");
  const std::string right = read_file(keytab());
  write_file(keytab(), right.substr(0, right.size() - 5));
  proxy.process().wait_for_line("kerberos keytab is not taken, the old keys stay: .*damaged at byte");
  expect_served(proxy);
  std::filesystem::remove(keytab());
  proxy.process().wait_for_line("kerberos keytab is not taken, the old keys stay: .*No such file");
  expect_served(proxy);
  proxy.reload(global() + section("shell", "  kerberos login verify\n"));
  proxy.process().wait_for_line("configuration reloaded");
  expect_served(proxy);
  write_file(keytab(), right);
  proxy.process().wait_for_line("kerberos keytab .*proxy.keytab read again");
  expect_served(proxy);
}

TEST_F(ProxyVerify, DoesNotStartWithoutItsKeytab) {
  std::filesystem::remove(keytab());
  const std::string file = cluster_.dir() / "alone.cfg";
  write_file(file, kerberized("  kerberos keytab " + keytab() + "\n") +
                       "listen shell\n  bind 127.0.0.1:" + std::to_string(free_port()) + "\n  kerberos login verify\n" +
                       server("one", cluster_.address(1)));
  const Outcome outcome = run({KERBGATE_PROXY, "-f", file}, cluster_.environment());
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(contains(outcome.err, "'shell' verifies logins (kerberos login) and has no keytab to do it with"))
      << outcome.err;
}

TEST_F(ProxyVerify, LetsInByPrincipal) {
  cluster_.realm().add_user("bob");
  cluster_.realm().add_user("carol");
  Proxy proxy = start("  kerberos deny bob@*\n  kerberos allow alice@EXAMPLE.TEST bob@EXAMPLE.TEST\n");
  expect_served(proxy);
  expect_refused(proxy, "bob@EXAMPLE.TEST may not log in here:", "bob");
  expect_refused(proxy, "carol@EXAMPLE.TEST may not log in here:", "carol");
  proxy.process().wait_for_line(" shell/<NOSRV> .* PR .* client=bob@EXAMPLE.TEST .* reason=");
  const std::string told = ask(socket(), "why bob@EXAMPLE.TEST");
  EXPECT_TRUE(contains(told, "user-denied\n  user bob@EXAMPLE.TEST\n")) << told;
  EXPECT_FALSE(contains(told, "carol")) << told;
}

TEST_F(ProxyVerify, LimitsTheConnectionsOfEachPrincipal) {
  cluster_.realm().add_user("bob");
  Proxy proxy = start("  kerberos maxconn-per-principal 2\n");
  std::vector<std::unique_ptr<Process>> held;
  for (int i = 0; i < 2; ++i) {
    held.push_back(cluster_.open_shell({"--connect", at(proxy)}));
    held.back()->send_line("select 1");
    held.back()->wait_for_line("^alice@EXAMPLE.TEST\t");
  }
  expect_refused(proxy, "alice@EXAMPLE.TEST has 2 connections already:");
  expect_served(proxy, "bob");
  held.pop_back();
  proxy.process().wait_for_line(" shell/coordinator1 .* client=alice@EXAMPLE.TEST");
  expect_served(proxy);
}

TEST_F(ProxyVerifyOfThree, BalancesByPrincipalTheSameAfterARestart) {
  const std::vector<std::string> users{"u1", "u2", "u3", "u4", "u5", "u6"};
  for (const std::string& user : users) cluster_.realm().add_user(user);
  std::map<std::string, std::string> home;
  std::set<std::string> used;
  for (const bool again : {false, true}) {
    Proxy proxy = start("", "principal");
    int source = 1;
    for (const std::string& user : users) {
      const Outcome outcome = query(proxy, user, {"--source-address", "127.0.8." + std::to_string(++source + again)});
      ASSERT_EQ(outcome.status, 0) << outcome.err;
      const std::string row = outcome.out.substr(outcome.out.find('\t'));
      if (again) {
        EXPECT_EQ(home[user], row) << user;
      }
      home[user] = row;
      used.insert(row);
    }
  }
  EXPECT_GT(used.size(), 1u);
}

TEST_F(ProxyVerifyOfThree, SticksByPrincipal) {
  cluster_.realm().add_user("bob");
  Proxy proxy = start("  stick-table type string len 100 size 10k expire 10m\n  stick on principal\n");
  const auto where = [&](const std::string& user) {
    const std::string out = query(proxy, user).out;
    return out.substr(out.find('\t') + 1);
  };
  const std::string alice = where("alice"), bob = where("bob");
  EXPECT_NE(alice, bob);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(where("alice"), alice);
    EXPECT_EQ(where("bob"), bob);
  }
}

TEST_F(ProxyVerify, RefusesALoginThatHasBeenHere) {
  Proxy proxy = start("");
  const std::string bytes = login_bytes();
  Socket first = dial(proxy);
  first.send(bytes);
  EXPECT_EQ(sasl::receive(first).status, sasl::Status::ok);
  for (int i = 0; i < 2; ++i) {
    const std::string answer = answer_to(proxy, bytes);
    EXPECT_EQ(answer.substr(0, 1), "\x04") << answer;
    EXPECT_TRUE(contains(answer, "this very login has been here before")) << answer;
  }
  // A reload forgets none.
  proxy.reload(global() + section("shell", "  kerberos login verify\n"));
  proxy.process().wait_for_line("configuration reloaded");
  EXPECT_TRUE(contains(answer_to(proxy, bytes), "this very login has been here before"));
}

TEST_F(ProxyVerify, LetsInNothingButLogins) {
  Proxy proxy = start("");
  EXPECT_EQ(answer_to(proxy, "GET /healthz HTTP/1.1\r\n\r\n"), "");
  proxy.process().wait_for_line("reason=.*HTTP came where only Kerberos logins are let in");
  EXPECT_EQ(answer_to(proxy, std::string("\x80\x01\x00\x01\x00\x00\x00\x0bOpenSession\x00\x00\x00\x01", 23)), "");
  proxy.process().wait_for_line("reason=.*a Thrift call without a login came where only");
  expect_served(proxy);
}

TEST_F(ProxyVerify, LeavesPlainToTheCoordinatorOnlyWithoutRules) {
  const std::string plain =
      sasl::encode(sasl::Status::start, "PLAIN") + sasl::encode(sasl::Status::ok, std::string("\0alice\0secret", 13));
  const std::string lines = "  kerberos mechanisms GSSAPI PLAIN plain-in-clear\n";
  {
    Proxy proxy = start(lines + "  kerberos deny eve@*\n");
    EXPECT_TRUE(contains(answer_to(proxy, plain), "mechanism PLAIN proves no principal"));
    EXPECT_FALSE(contains(proxy.process().all(), "secret"));
  }
  Proxy proxy = start(lines);
  EXPECT_FALSE(contains(answer_to(proxy, plain), "proves no principal"));
  EXPECT_FALSE(contains(proxy.process().all(), "secret"));
}

TEST_F(ProxyVerify, OutlivesHostileLengths) {
  Proxy proxy = start("");
  const std::string start_frame = sasl::encode(sasl::Status::start, "GSSAPI");
  for (const std::string& length : {std::string("\0\0\0\0", 4), std::string("\x7f\xff\xff\xff"),
                                    std::string("\x80\0\0\0", 4), std::string("\xff\xff\xff\xff")})
    for (const std::string& before : {std::string(), start_frame}) {
      const std::string answer = answer_to(proxy, before + (before.empty() ? "\x01" : "\x02") + length + "rest");
      EXPECT_EQ(answer.substr(0, 1), "\x04") << answer;
    }
  const std::string bytes = login_bytes();
  // Of what is changed, all is refused but the few clear octets that prove nothing: those are let in once.
  int taken = 0;
  for (std::size_t i = start_frame.size() + 5; i < bytes.size(); i += 7) {
    std::string changed = bytes;
    changed[i] = char(changed[i] ^ 0x40);
    Socket client = dial(proxy);
    client.send(changed);
    const sasl::Frame answer = sasl::receive(client);
    if (answer.status == sasl::Status::ok) ++taken;
    EXPECT_TRUE(answer.status == sasl::Status::ok || answer.status == sasl::Status::error) << i;
  }
  EXPECT_LE(taken, 1);
  expect_served(proxy);
}

TEST_F(ProxyVerify, WritesAHostileNameInOneLine) {
  const std::string name = "eve<b>\"%s=x y";
  cluster_.realm().kadmin({"addprinc", "-requires_preauth", "-randkey", name});
  cluster_.realm().export_keytab({name}, cluster_.dir() / "eve.keytab");
  const Environment eve = cluster_.environment() + Environment{{"KRB5CCNAME", "FILE:" + (cluster_.dir() / "eve.cc")}};
  run_ok({"kinit", "-k", "-t", cluster_.dir() / "eve.keytab", name}, eve);
  Proxy proxy = start("");
  const Outcome outcome = run({std::string(KERBGATE_BIN) + "/shell", "--connect", at(proxy)}, eve);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const std::string line = proxy.process().wait_for_line("client=.?eve");
  EXPECT_TRUE(contains(line, "eve<b>")) << line;
  EXPECT_TRUE(contains(line, " shell/coordinator1 ")) << line;
}

TEST_F(ProxyVerify, HoldsThousandsOfHalfLogins) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  const rlim_t half = std::min<rlim_t>(10'000, files.rlim_max / 4);  // the proxy keeps a server's for each of them
  Proxy proxy = start("");
  const auto resident = [&] { return status_of(proxy.process().pid(), "VmRSS"); };
  expect_served(proxy);
  const long before = resident();
  const std::string bytes = login_bytes();
  std::vector<Socket> clients;
  for (rlim_t i = 0; i < half; ++i) {
    clients.push_back(dial(proxy));
    clients.back().send(std::string_view(bytes).substr(0, bytes.size() - 1));
  }
  expect_served(proxy);
  EXPECT_LT(resident() - before, long(half) * 32) << "KiB";
}

TEST_F(ProxyVerify, InspectToo) {
  cluster_.stop(1);
  Proxy proxy = start_text(global() + section("shell", ""));
  cluster_.realm().change_key(Cluster::kProxyPrincipal);
  expect_refused(proxy, "needs kvno 2 (aes256-cts-hmac-sha1-96), the keytab of the proxy holds kvno 1:");
  export_key();
  proxy.process().wait_for_line("kerberos keytab .*proxy.keytab read again");
  expect_refused(proxy, "no coordinator took this login");
}

TEST_F(ProxyVerify, WorksAsNobodyInAnEmptyRoot) {
  if (geteuid() != 0) GTEST_SKIP() << "SKIPPED: only root may change root and user";
  if (getpwnam("nobody") == nullptr) GTEST_SKIP() << "SKIPPED: no user nobody";
  const std::string jail = cluster_.dir() / "jail";
  std::filesystem::create_directory(jail);
  Proxy proxy =
      start_text(global("  user nobody\n  chroot " + jail + "\n") + section("shell", "  kerberos login verify\n"));
  expect_served(proxy);
  cluster_.realm().change_key(Cluster::kProxyPrincipal);
  cluster_.merge_keytab(1);
  expect_refused(proxy, "needs kvno 2");
  export_key();
  proxy.process().wait_for_line("kerberos keytab .*proxy.keytab read again");
  expect_served(proxy);
}

TEST_F(ProxyVerify, CountsByPrincipal) {
  cluster_.realm().add_user("bob");
  Proxy proxy = start("  kerberos deny bob@*\n");
  expect_served(proxy);
  expect_refused(proxy, "may not log in", "bob");
  proxy.process().wait_for_line("client=alice@EXAMPLE.TEST");
  const std::string shown = ask(socket(), "show kerberos");
  EXPECT_TRUE(contains(shown, "principal alice@EXAMPLE.TEST: 1 login, 0 refused")) << shown;
  EXPECT_TRUE(contains(shown, "principal bob@EXAMPLE.TEST: 0 logins, 1 refused")) << shown;
}

}  // namespace
}  // namespace kerbgate::e2e
