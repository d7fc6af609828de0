#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "expect.hpp"
#include "proxy_config.hpp"
#include "support/cluster.hpp"
#include "support/proxy.hpp"
#include "support/socket.hpp"
#include "support/tls_front.hpp"

/// `keytool doctor` on clusters that are sick in one way each: real KDC, real coordinators, real names.
namespace kerbgate::e2e {
namespace {

using Arguments = std::vector<std::string>;

class Doctor : public testing::Test {
 protected:
  explicit Doctor(int coordinators = 1) : cluster_(KERBGATE_BIN, coordinators) {}

  /// What is typed on host 1: its keytab, and the coordinator's port.
  Arguments on_host(const Arguments& more = {}) {
    Arguments line{"--proxy", at_proxy(), "--host", cluster_.address(1), "--keytab",
                   keytab(),  "--user",   user(),   "--timeout",         "5"};
    line.insert(line.end(), more.begin(), more.end());
    return line;
  }
  /// JSON on standard output.
  Outcome doctor(Arguments line, const Environment& more = {}) {
    line.insert(line.begin(), {KERBGATE_KEYTOOL, "doctor", "--json"});
    return run(std::move(line), cluster_.environment() + more);
  }
  Outcome doctor() { return doctor(on_host()); }

  void start_proxy() {
    const std::string servers = server("coordinator1", cluster_.address(1));
    proxy_ =
        std::make_unique<Proxy>(KERBGATE_PROXY, cluster_.dir(), cluster_.environment(),
                                kerberized("  kerberos dns-check off\n") +
                                    listen("shell", cluster_.names().address(Cluster::kProxy), "leastconn", servers));
  }
  std::string at_proxy() const {
    return proxy_ ? Cluster::kProxy + ":" + std::to_string(proxy_->port("shell")) : Cluster::kProxy + ":1";
  }
  std::string keytab() const { return cluster_.keytab(1); }
  static std::string user() { return run_ok({"id", "-un"}, {}).substr(0, run_ok({"id", "-un"}, {}).find('\n')); }
  Realm& realm() { return cluster_.realm(); }
  Names& names() { return cluster_.names(); }

  /// Replaces host 1's keytab by what kadmin exports of these principals now.
  void hold_only(const Arguments& principals) {
    std::filesystem::remove(keytab());
    realm().export_keytab(principals, keytab());
  }
  void write_flags(const std::string& text) { write_file(cluster_.flagfile(1), text); }
  std::string principal_flag() const { return "-principal=" + Cluster::kProxyPrincipal + "@EXAMPLE.TEST\n"; }
  std::string be_principal_flag() const { return "-be_principal=" + Cluster::principal(1) + "@EXAMPLE.TEST\n"; }
  std::string keytab_flag() const { return "-keytab_file=" + keytab() + "\n"; }

  Cluster cluster_;
  std::unique_ptr<Proxy> proxy_;
};

/// The objects of `checks` with that value, as text.
Arguments rows_with(const Outcome& outcome, const std::string& key, const std::string& value) {
  Arguments rows;
  const std::string wanted = "\"" + key + "\": \"" + value + "\"";
  for (std::size_t at = outcome.out.find(wanted); at != std::string::npos; at = outcome.out.find(wanted, at + 1)) {
    const std::size_t open = outcome.out.rfind('{', at);
    rows.push_back(outcome.out.substr(open, outcome.out.find("\n    }", at) - open));
  }
  return rows;
}

/// A check failed for `cause`, its row has `found` and its remedy `words`, and the exit status says so.
testing::AssertionResult fails_by(const Outcome& outcome, const std::string& cause, const std::string& found,
                                  const std::string& words) {
  if (outcome.status != 1)
    return testing::AssertionFailure() << "exit status " << outcome.status << "\n" << outcome.out << outcome.err;
  for (const std::string& row : rows_with(outcome, "cause", cause)) {
    const bool failed = row.find("\"verdict\": \"fail\"") != std::string::npos;
    const std::size_t remedy = row.find("\"remedy\"");
    if (failed && row.find(found) != std::string::npos && row.find(words, remedy) != std::string::npos)
      return testing::AssertionSuccess();
  }
  return testing::AssertionFailure() << "no failed check with cause " << cause << ", \"" << found << "\" and remedy \""
                                     << words << "\":\n"
                                     << outcome.out << outcome.err;
}

/// The verdict of a check of a subject; empty: there is no such row.
std::string verdict_of(const Outcome& outcome, const std::string& check, const std::string& subject = "") {
  for (const std::string& row : rows_with(outcome, "check", check)) {
    if (row.find("\"subject\": \"" + subject) == std::string::npos) continue;
    const std::string key = "\"verdict\": \"";
    const std::size_t at = row.find(key) + key.size();
    return row.substr(at, row.find('"', at) - at);
  }
  return "";
}

TEST_F(Doctor, PassesAHealthyClusterWithALoginThroughTheProxy) {
  start_proxy();
  write_flags("-principal=" + Cluster::kProxyPrincipal + "@EXAMPLE.TEST\n" + be_principal_flag() + keytab_flag());
  const Outcome outcome = doctor(on_host({"--flagfile", cluster_.flagfile(1)}));
  EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
  EXPECT_TRUE(rows_with(outcome, "verdict", "fail").empty()) << outcome.out;
  EXPECT_TRUE(rows_with(outcome, "verdict", "warn").empty()) << outcome.out;
  EXPECT_EQ(verdict_of(outcome, "login", at_proxy()), "pass") << outcome.out;
  EXPECT_EQ(verdict_of(outcome, "login", cluster_.address(1)), "pass") << outcome.out;
  EXPECT_EQ(verdict_of(outcome, "key", Cluster::kProxyPrincipal), "pass") << outcome.out;
  EXPECT_EQ(verdict_of(outcome, "clock"), "pass") << outcome.out;
  EXPECT_EQ(verdict_of(outcome, "KDC"), "pass") << outcome.out;
  EXPECT_EQ(verdict_of(outcome, "with rdns = true", Cluster::kProxy), "pass") << outcome.out;
}

TEST_F(Doctor, LeavesASessionsOfNobody) {
  start_proxy();
  doctor();
  const std::string said = cluster_.coordinator(1).all();
  EXPECT_TRUE(contains(said, "login " + Cluster::principal(1) + "@EXAMPLE.TEST")) << said;
  EXPECT_EQ(said.find("failed from"), std::string::npos) << said;
}

TEST_F(Doctor, PrintsATableWithTheCauseAndItsRemedy) {
  hold_only({Cluster::principal(1)});
  Arguments line = on_host();
  line.insert(line.begin(), {KERBGATE_KEYTOOL, "doctor"});
  const Outcome outcome = run(line, cluster_.environment());
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(contains(outcome.out, "proxy-key-not-merged"));
  EXPECT_TRUE(contains(outcome.out, "keytool merge"));
}

// ---- keys

TEST_F(Doctor, NamesAProxyKeyThatWasNotMerged) {
  hold_only({Cluster::principal(1)});
  const Outcome outcome = doctor();
  EXPECT_TRUE(fails_by(outcome, "proxy-key-not-merged", "does not hold the principal", "keytool merge"));
  EXPECT_TRUE(fails_by(outcome, "proxy-key-not-merged", "closed without a word", "keytool merge"));
}

TEST_F(Doctor, NamesAKeyOlderThanTheKdcs) {
  realm().change_key(Cluster::kProxyPrincipal);
  const Outcome outcome = doctor();
  EXPECT_TRUE(fails_by(outcome, "kvno-older", "ticket has kvno 2", "keytool merge"));
  EXPECT_TRUE(fails_by(outcome, "kvno-older", "closed without a word", "keytool merge"));
}

TEST_F(Doctor, NamesAKeyNewerThanTheKdcs) {
  realm().change_key(Cluster::kProxyPrincipal);
  cluster_.merge_keytab(1);
  // A KDC that was set up anew, or restored from before the change.
  realm().kadmin({"delprinc", "-force", Cluster::kProxyPrincipal});
  realm().add_service(Cluster::kProxyPrincipal);
  EXPECT_TRUE(fails_by(doctor(), "kvno-newer", "ticket has kvno 1", Cluster::kProxyPrincipal));
}

TEST_F(Doctor, NamesAnotherKeyOfTheSameVersion) {
  realm().kadmin({"delprinc", "-force", Cluster::kProxyPrincipal});
  realm().add_service(Cluster::kProxyPrincipal);
  EXPECT_TRUE(fails_by(doctor(), "key-differs", "ticket has kvno 1", "--prefer first"));
}

TEST_F(Doctor, NamesAMissingEnctype) {
  const std::string whole = cluster_.dir() / "whole.keytab";
  std::filesystem::rename(keytab(), whole);
  run_ok({KERBGATE_KEYTOOL, "write", whole, "--enctype", "aes128-cts-hmac-sha1-96", "-o", keytab()}, {});
  EXPECT_TRUE(fails_by(doctor(), "enctype-missing", "aes256-cts-hmac-sha1-96", "ktadd -norandkey"));
}

struct Misspelling {
  const char *name, *principal, *cause;
};
class DoctorSpelling : public Doctor, public testing::WithParamInterface<Misspelling> {};

TEST_P(DoctorSpelling, OfThePrincipalIsRecognised) {
  realm().add_service(GetParam().principal);
  hold_only({Cluster::principal(1), GetParam().principal});
  EXPECT_TRUE(fails_by(doctor(), GetParam().cause, GetParam().principal, Cluster::kProxyPrincipal));
}

INSTANTIATE_TEST_SUITE_P(All, DoctorSpelling,
                         testing::Values(Misspelling{"Slip", "impala/prozy.example.test", "principal-host-misspelt"},
                                         Misspelling{"UpperCase", "impala/Proxy.Example.Test",
                                                     "principal-host-upper-case"},
                                         Misspelling{"Short", "impala/proxy", "principal-host-short"}),
                         [](const auto& param_info) { return param_info.param.name; });

TEST_F(Doctor, NamesAServicePrincipalThatTheKdcDoesNotKnow) {
  realm().kadmin({"delprinc", "-force", Cluster::kProxyPrincipal});
  EXPECT_TRUE(fails_by(doctor(), "service-principal-unknown", "not found in Kerberos database", "addprinc"));
}

TEST_F(Doctor, NamesALoginKeyThatTheKdcRefuses) {
  realm().change_key(Cluster::principal(1));
  const Outcome outcome = doctor();
  EXPECT_TRUE(fails_by(outcome, "login-key-refused", Cluster::principal(1), "ktadd -norandkey"));
  // The proxy's own key logs in instead, so that the host's can be compared.
  EXPECT_TRUE(fails_by(outcome, "kvno-older", "ticket has kvno 2", "keytool merge"));
}

// ---- the file

TEST_F(Doctor, NamesATruncatedKeytab) {
  std::filesystem::resize_file(keytab(), std::filesystem::file_size(keytab()) - 5);
  EXPECT_TRUE(fails_by(doctor(), "keytab-truncated", "byte", "keytool read"));
}

TEST_F(Doctor, NamesAKeytabThatTheDaemonsUserCannotRead) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  std::filesystem::permissions(cluster_.dir().path(), std::filesystem::perms::others_exec,
                               std::filesystem::perm_options::add);
  EXPECT_TRUE(
      fails_by(doctor({"--proxy", at_proxy(), "--host", cluster_.address(1), "--keytab", keytab(), "--user", "nobody"}),
               "keytab-unreadable", "", "chown nobody"));
}

// ---- names

TEST_F(Doctor, NotesAMissingPtr) {
  names().remove_reverse(Cluster::kProxy);
  const Outcome outcome = doctor();
  const Arguments rows = rows_with(outcome, "cause", "ptr-missing");
  ASSERT_FALSE(rows.empty()) << outcome.out;
  EXPECT_TRUE(contains(rows[0], "create a PTR record"));
  EXPECT_TRUE(contains(rows[0], "\"verdict\": \"warn\""));
}

TEST_F(Doctor, NamesAPtrThatLeadsElsewhere) {
  names().set_reverse(Cluster::kProxy, "node7.example.test");
  const Outcome outcome = doctor();
  EXPECT_TRUE(fails_by(outcome, "ptr-other-name", "node7.example.test", "rdns = false"));
  EXPECT_EQ(verdict_of(outcome, "with rdns = true", Cluster::kProxy), "fail");
  EXPECT_EQ(verdict_of(outcome, "with rdns = false", Cluster::kProxy), "pass");
}

TEST_F(Doctor, NamesAPtrThatIsACoordinator) {
  names().set_reverse(Cluster::kProxy, Cluster::host(1));
  EXPECT_TRUE(fails_by(doctor(), "ptr-is-a-coordinator", Cluster::host(1), "of its own"));
}

TEST_F(Doctor, NamesAnAddressInPlaceOfAName) {
  const std::string address = names().address(Cluster::kProxy);
  EXPECT_TRUE(fails_by(doctor({"--proxy", address, "--host", cluster_.address(1), "--keytab", keytab()}),
                       "fqdn-is-an-address", address, "A record"));
}

TEST_F(Doctor, NamesACname) {
  names().add_cname(Cluster::kProxy, "impala.example.test");
  EXPECT_TRUE(
      fails_by(doctor({"--proxy", "impala.example.test:1", "--host", cluster_.address(1), "--keytab", keytab()}),
               "fqdn-is-a-cname", Cluster::kProxy, "dns_canonicalize_hostname = false"));
}

// ---- flags

TEST_F(Doctor, NamesABePrincipalWithoutPrincipal) {
  write_flags(be_principal_flag() + keytab_flag());
  EXPECT_TRUE(fails_by(doctor(on_host({"--flagfile", cluster_.flagfile(1)})), "be-principal-without-principal", "",
                       "--principal=" + Cluster::kProxyPrincipal));
}

TEST_F(Doctor, NamesAStatestoreWithTheProxysPrincipal) {
  write_flags(principal_flag() + keytab_flag());
  EXPECT_TRUE(fails_by(doctor(on_host({"--flagfile", cluster_.flagfile(1), "--role", "statestored"})),
                       "statestored-with-proxy-principal", Cluster::kProxyPrincipal,
                       "--principal=" + Cluster::principal(1)));
}

TEST_F(Doctor, NamesAHostTokenThatBecomesAShortName) {
  write_flags(principal_flag() + "-be_principal=impala/_HOST@EXAMPLE.TEST\n" + keytab_flag());
  EXPECT_TRUE(fails_by(doctor(on_host({"--flagfile", cluster_.flagfile(1), "--hostname-output", "host1"})),
                       "host-token-short", "host1", "--be_principal=" + Cluster::principal(1)));
}

TEST_F(Doctor, NamesCarriageReturnsInAFlagfile) {
  // One such line at the end is enough: the lines before it become one value.
  write_flags(principal_flag() + be_principal_flag() + "-keytab_file=" + keytab() + "\r\n");
  EXPECT_TRUE(fails_by(doctor(on_host({"--flagfile", cluster_.flagfile(1)})), "flagfile-crlf", "", "sed -i"));
}

TEST_F(Doctor, NamesABlankAtTheEndOfAFlag) {
  write_flags("-principal=" + Cluster::kProxyPrincipal + "@EXAMPLE.TEST \n" + be_principal_flag() + keytab_flag());
  EXPECT_TRUE(fails_by(doctor(on_host({"--flagfile", cluster_.flagfile(1)})), "flagfile-trailing-blank", "", "sed -i"));
}

// ---- the KDC

TEST_F(Doctor, NamesAClockTenMinutesOff) {
  realm().restart_kdc(Realm::shifted_clock(600));
  const Outcome outcome = doctor();
  EXPECT_TRUE(fails_by(outcome, "clock-skew", "ahead of this host", "chronyc"));
  EXPECT_TRUE(fails_by(outcome, "clock-skew", "closed without a word", "chronyc"));
}

TEST_F(Doctor, NamesAKdcThatIsDown) {
  realm().stop_kdc();
  const Outcome outcome = doctor();
  EXPECT_TRUE(fails_by(outcome, "kdc-down", "127.0.0.1:" + std::to_string(realm().kdc_port()), "krb5.conf"));
  EXPECT_TRUE(contains(outcome.out, "refused"));
  EXPECT_EQ(verdict_of(outcome, "port", cluster_.address(1)), "pass");
}

TEST_F(Doctor, GivesUpOnAKdcThatSwallowsPackets) {
  realm().stop_kdc();
  const Listener swallows("127.0.0.1", realm().kdc_port());
  EXPECT_TRUE(fails_by(
      doctor({"--proxy", at_proxy(), "--host", cluster_.address(1), "--keytab", keytab(), "--timeout", "200ms"}),
      "kdc-down", "no answer within 200 ms", "krb5.conf"));
}

TEST_F(Doctor, LogsInWithTheDefaultCacheAndLeavesItAsItIs) {
  const Environment alice = realm().login("alice");
  const std::string cache = alice.at("KRB5CCNAME").substr(5);
  const std::string before = read_file(cache);
  start_proxy();
  const Outcome outcome = doctor({"--proxy", at_proxy(), "--host", cluster_.address(1)}, alice);
  EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
  EXPECT_EQ(verdict_of(outcome, "login", cluster_.address(1)), "pass") << outcome.out;
  EXPECT_TRUE(contains(cluster_.coordinator(1).all(), "login alice@EXAMPLE.TEST"));
  EXPECT_EQ(read_file(cache), before);
}

TEST_F(Doctor, SaysWhatItCannotDoWithoutATicket) {
  start_proxy();
  const Outcome outcome = doctor({"--proxy", at_proxy(), "--host", cluster_.address(1)},
                                 {{"KRB5CCNAME", "FILE:" + (cluster_.dir() / "none")}});
  EXPECT_EQ(verdict_of(outcome, "login", cluster_.address(1)), "skip") << outcome.out;
  EXPECT_EQ(verdict_of(outcome, "port", cluster_.address(1)), "pass") << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "run kinit"));
}

// ---- connections

TEST_F(Doctor, NamesADirectConnectionWithoutB) {
  EXPECT_TRUE(fails_by(doctor(on_host({"--direct"})), "direct-connection-without-b", Cluster::principal(1),
                       "-b " + Cluster::kProxy));
}

TEST_F(Doctor, NamesACoordinatorWithItsOwnPrincipal) {
  write_flags("-principal=" + Cluster::principal(1) + "@EXAMPLE.TEST\n" + keytab_flag());
  cluster_.start(1);
  EXPECT_TRUE(
      fails_by(doctor(), "flag-value-differs", "ticket of its own name", "--principal=" + Cluster::kProxyPrincipal));
}

TEST_F(Doctor, NamesAClosedPort) {
  cluster_.stop(1);
  EXPECT_TRUE(fails_by(doctor(), "port-closed", "refused", "nc -vz " + Cluster::host(1)));
}

TEST_F(Doctor, NamesAPortThatDoesNotAnswer) {
  cluster_.start(1, {"--silent"});
  EXPECT_TRUE(
      fails_by(doctor({"--proxy", at_proxy(), "--host", cluster_.address(1), "--keytab", keytab(), "--timeout", "3"}),
               "login-stalled", "no answer in time", "ss -tnp"));
}

TEST_F(Doctor, PassesOnWhatAServerAnswers) {
  realm().change_key(Cluster::kProxyPrincipal);
  cluster_.start(1, {"--bad-frame"});
  EXPECT_TRUE(fails_by(doctor(), "kvno-older", "keytab is likely out of date", "keytool merge"));
}

TEST_F(Doctor, NamesAPortOfAnotherProtocol) {
  Listener other(names().address(Cluster::host(1)));
  std::thread peer([&] {
    for (int n = 0; n < 2; ++n) {  // the login, and the look whether it is TLS
      Socket client = other.accept();
      client.read_some();
      client.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    }
  });
  const Outcome outcome = doctor(
      {"--proxy", at_proxy(), "--host", Cluster::host(1) + ":" + std::to_string(other.port()), "--keytab", keytab()});
  peer.join();
  EXPECT_TRUE(fails_by(outcome, "port-speaks-otherwise", "no SASL frame", "21050"));
}

// ---- TLS

class DoctorTls : public Doctor {
 protected:
  Outcome behind(const TestCertificate& certificate, const Arguments& more = {}) {
    const std::string address = names().address(Cluster::host(1));
    const TlsFront front(address, certificate, address, cluster_.port(1));
    Arguments line{"--proxy",  at_proxy(), "--host", Cluster::host(1) + ":" + std::to_string(front.port()),
                   "--keytab", keytab()};
    line.insert(line.end(), more.begin(), more.end());
    return doctor(std::move(line));
  }
};

TEST_F(DoctorTls, IsRecognisedByItselfAndLoggedInThrough) {
  const auto good = make_certificate(cluster_.dir(), "good", {Cluster::host(1), Cluster::kProxy});
  const Outcome outcome = behind(good, {"--ca-cert", good.file});
  for (const char* check : {"login", "certificate names", "certificate dates", "certificate chain"})
    EXPECT_EQ(verdict_of(outcome, check, Cluster::host(1)), "pass") << check << "\n" << outcome.out;
}

TEST_F(DoctorTls, CertificateWithoutTheProxysNameFails) {
  const auto own = make_certificate(cluster_.dir(), "own", {Cluster::host(1)});
  EXPECT_TRUE(fails_by(behind(own, {"--tls", "--ca-cert", own.file}), "certificate-without-proxy-name",
                       "not " + Cluster::kProxy, "DNS:" + Cluster::kProxy));
}

TEST_F(DoctorTls, ExpiredCertificateFails) {
  const auto old = make_certificate(cluster_.dir(), "old", {Cluster::host(1), Cluster::kProxy}, -30, -2);
  EXPECT_TRUE(fails_by(behind(old, {"--ca-cert", old.file}), "certificate-expired", "ended 2 days ago", "-dates"));
}

TEST_F(DoctorTls, UntrustedChainFails) {
  const auto one = make_certificate(cluster_.dir(), "one", {Cluster::host(1), Cluster::kProxy});
  const auto another = make_certificate(cluster_.dir(), "another", {"ca.example.test"});
  EXPECT_TRUE(fails_by(behind(one, {"--ca-cert", another.file}), "certificate-not-trusted", "self", "--ca-cert"));
}

TEST_F(DoctorTls, AskedOfAPlainPortFails) {
  EXPECT_TRUE(fails_by(doctor(on_host({"--tls"})), "tls-not-spoken", "TLS handshake", "openssl s_client"));
}

// ---- many hosts

class DoctorOfThree : public Doctor {
 protected:
  DoctorOfThree() : Doctor(3) {}
};

TEST_F(DoctorOfThree, TellsTheOneStaleHostFromAnInventory) {
  realm().change_key(Cluster::kProxyPrincipal);
  cluster_.merge_keytab(1);
  cluster_.merge_keytab(3);
  std::string inventory = "[coordinators]\n";
  for (int n = 1; n <= 3; ++n) inventory += Cluster::host(n) + " port=" + std::to_string(cluster_.port(n)) + "\n";
  write_file(cluster_.dir() / "hosts.ini", inventory);
  const Outcome outcome =
      doctor({"--proxy", at_proxy(), "--inventory", cluster_.dir() / "hosts.ini"}, realm().login("alice"));
  EXPECT_TRUE(fails_by(outcome, "login-refused", "kvno 2", "keytool verify"));
  EXPECT_EQ(verdict_of(outcome, "login", cluster_.address(1)), "pass") << outcome.out;
  EXPECT_EQ(verdict_of(outcome, "login", cluster_.address(2)), "fail") << outcome.out;
  EXPECT_EQ(verdict_of(outcome, "login", cluster_.address(3)), "pass") << outcome.out;
}

}  // namespace
}  // namespace kerbgate::e2e
