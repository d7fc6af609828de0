#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "expect.hpp"
#include "support/names.hpp"
#include "support/realm.hpp"

/// `keytool verify` on the keytabs of a real KDC, with each of its failures made.
namespace kerbgate::e2e {
namespace {

constexpr const char* kProxy = "proxy.example.test";
constexpr const char* kHost = "host1.example.test";

/// A host of a cluster whose daemon runs as nobody where this is root, else as the one who tests.
class Verify : public testing::Test {
 protected:
  Verify() : names_(dir_), realm_(dir_) {
    std::filesystem::permissions(dir_.path(), std::filesystem::perms{0755});
    for (const char* name : {kProxy, kHost, "host2.example.test"}) {
      names_.add(name);
      realm_.add_service(std::string("impala/") + name);
    }
    const passwd* row = geteuid() == 0 ? getpwnam("nobody") : getpwuid(geteuid());
    if (row == nullptr) throw std::runtime_error("this user has no name");
    user_ = row->pw_name;
    uid_ = row->pw_uid;
    gid_ = row->pw_gid;
  }

  /// The daemon's keytab anew, with these principals, owned and readable by its user alone.
  void export_keytab(const std::vector<std::string>& principals) {
    std::filesystem::remove(keytab_);
    realm_.export_keytab(principals, keytab_);
    own(keytab_, 0400);
  }
  void own(const std::string& path, mode_t mode) const {
    if (geteuid() == 0) {
      ASSERT_EQ(::chown(path.c_str(), uid_, gid_), 0);
    }
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
  }
  void good_keytab() { export_keytab({std::string("impala/") + kProxy, std::string("impala/") + kHost}); }

  Outcome keytool(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), KERBGATE_KEYTOOL);
    return run(std::move(arguments), names_.environment() + realm_.environment());
  }
  std::string flags(const std::string& role = "coordinator") {
    const Outcome made = keytool({"flags", "--proxy", kProxy, "--host", kHost, "--keytab", keytab_, "--role", role});
    if (made.status != 0) throw std::runtime_error(made.err);
    return made.out;
  }
  Outcome verify(std::vector<std::string> more = {}) {
    std::vector<std::string> line{"verify", keytab_, "--proxy", kProxy, "--host", kHost, "--user", user_};
    if (std::filesystem::exists(flagfile_)) line.insert(line.end(), {"--flagfile", flagfile_});
    line.insert(line.end(), more.begin(), more.end());
    return keytool(std::move(line));
  }

  TempDir dir_;
  Names names_;
  Realm realm_;
  std::string user_;
  uid_t uid_ = 0;
  gid_t gid_ = 0;
  const std::string keytab_ = dir_ / "impala.keytab", flagfile_ = dir_ / "impalad_flags";
};

TEST_F(Verify, PassesAHostWhoseKeytabAndFlagsAreRight) {
  good_keytab();
  write_file(flagfile_, flags());
  const Outcome looked = verify();
  EXPECT_EQ(looked.status, 0) << looked.out << looked.err;
  EXPECT_TRUE(contains(looked.out, " 0 failed, 0 warnings, "));
  EXPECT_TRUE(contains(looked.out, "opened as uid " + std::to_string(uid_)));
  EXPECT_TRUE(contains(looked.out, "impala/proxy.example.test@EXAMPLE.TEST kvno 1: "));
}

TEST_F(Verify, ShowsTheNewestOfTwoKeyVersions) {
  good_keytab();
  realm_.change_key(std::string("impala/") + kProxy);
  own(keytab_, 0600);
  realm_.export_keytab({std::string("impala/") + kProxy}, keytab_);
  const Outcome looked = verify();
  EXPECT_EQ(looked.status, 0) << looked.out;
  EXPECT_TRUE(contains(looked.out, "impala/proxy.example.test@EXAMPLE.TEST kvno 2: "));
}

TEST_F(Verify, KeytabsOfEveryRoleAsKeytoolFlagsThemPass) {
  export_keytab({std::string("impala/") + kHost});
  for (const char* role : {"executor", "statestored", "catalogd", "admissiond"}) {
    write_file(flagfile_, flags(role));
    const Outcome looked = verify({"--role", role});
    EXPECT_EQ(looked.status, 0) << looked.out;
  }
}

/// Each fault on a host that is right but for it.
class VerifyFault : public Verify {
 public:
  using Verify::export_keytab;
  using Verify::flagfile_;
  using Verify::flags;
  using Verify::gid_;
  using Verify::keytab_;
  using Verify::names_;
  using Verify::own;
  using Verify::realm_;
};

struct FaultCase {
  const char* name;
  const char* cause;
  void (*make)(VerifyFault& host);
  int status;
};

class VerifyFaults : public VerifyFault, public testing::WithParamInterface<FaultCase> {};

TEST_P(VerifyFaults, IsNamedWithARemedy) {
  good_keytab();
  write_file(flagfile_, flags());
  GetParam().make(*this);
  const Outcome looked = verify();
  EXPECT_EQ(looked.status, GetParam().status) << looked.out << looked.err;
  EXPECT_TRUE(contains(looked.out, std::string("\n    ") + GetParam().cause + ": "));
  EXPECT_TRUE(contains(looked.out, "\n    remedy: "));
  // What was made wrong is the only thing that is.
  const bool single = contains(looked.out, " 1 failed, 0 warnings") || contains(looked.out, " 0 failed, 1 warning,");
  EXPECT_TRUE(single) << looked.out;
}

/// The host's keytab with another principal in the place of one of the two.
void instead(VerifyFault& host, const std::string& principal, const std::string& other) {
  host.realm_.add_service(principal);
  host.export_keytab({principal, other});
}
void replace(const VerifyFault& host, const std::string& what, const std::string& by) {
  std::string text = read_file(host.flagfile_);
  const std::size_t at = text.find(what);
  ASSERT_NE(at, std::string::npos) << text;
  write_file(host.flagfile_, text.replace(at, what.size(), by));
}

const std::string kProxyPrincipal = "impala/proxy.example.test", kHostPrincipal = "impala/host1.example.test";

INSTANTIATE_TEST_SUITE_P(
    Made, VerifyFaults,
    testing::Values(
        FaultCase{"ProxyKeyNotMerged", "proxy-key-not-merged", [](auto& h) { h.export_keytab({kHostPrincipal}); }, 1},
        FaultCase{"OwnKeyMissing", "own-key-missing",
                  [](auto& h) {
                    h.export_keytab({kProxyPrincipal, "impala/host2.example.test"});
                  },
                  1},
        FaultCase{"Misspelt", "principal-host-misspelt",
                  [](auto& h) { instead(h, "impala/porxy.example.test", kHostPrincipal); }, 1},
        FaultCase{"UpperCase", "principal-host-upper-case",
                  [](auto& h) { instead(h, "impala/PROXY.example.test", kHostPrincipal); }, 1},
        FaultCase{"Short", "principal-host-short", [](auto& h) { instead(h, "impala/host1", kProxyPrincipal); }, 1},
        FaultCase{"OtherService", "principal-service-differs",
                  [](auto& h) { instead(h, "hive/proxy.example.test", kHostPrincipal); }, 1},
        FaultCase{"KeytabMissing", "keytab-missing", [](auto& h) { std::filesystem::remove(h.keytab_); }, 1},
        FaultCase{"Truncated", "keytab-truncated",
                  [](auto& h) {
                    h.own(h.keytab_, 0600);
                    const auto size = std::filesystem::file_size(h.keytab_);
                    std::filesystem::resize_file(h.keytab_, size - 3);
                  },
                  1},
        FaultCase{"Unreadable", "keytab-unreadable", [](auto& h) { h.own(h.keytab_, 0200); }, 1},
        FaultCase{"WorldReadable", "keytab-mode-unsafe", [](auto& h) { h.own(h.keytab_, 0444); }, 1},
        FaultCase{"DirectoryForEverybody", "keytab-mode-unsafe",
                  [](auto& h) { ASSERT_EQ(::chmod(std::filesystem::path(h.keytab_).parent_path().c_str(), 0777), 0); },
                  1},
        FaultCase{"PtrIsAnotherName", "ptr-other-name",
                  [](auto& h) { h.names_.set_reverse("proxy.example.test", "vip.example.test"); }, 1},
        FaultCase{"PtrIsTheCoordinator", "ptr-is-a-coordinator",
                  [](auto& h) { h.names_.set_reverse("proxy.example.test", "host1.example.test"); }, 1},
        FaultCase{"BePrincipalWithoutPrincipal", "be-principal-without-principal",
                  [](auto& h) { replace(h, "-principal=", "#"); }, 1},
        FaultCase{"CrAtTheEnd", "flagfile-crlf",
                  [](auto& h) { write_file(h.flagfile_, read_file(h.flagfile_) + "-v=1\r\n"); }, 1},
        FaultCase{"TrailingBlank", "flagfile-trailing-blank",
                  [](auto& h) { replace(h, "@EXAMPLE.TEST\n", "@EXAMPLE.TEST \n"); }, 1},
        FaultCase{"HostTokenOnAnotherHost", "host-token-unknown",
                  [](auto& h) { replace(h, "be_principal=impala/host1.example.test", "be_principal=impala/_HOST"); },
                  0},
        FaultCase{"AnotherKeytabInTheFlags", "keytab-path-differs",
                  [](auto& h) { replace(h, "impala.keytab", "other.keytab"); }, 1}),
    [](const auto& tested) { return tested.param.name; });

TEST_F(Verify, AHostTokenOnAShortHostnameIsNamed) {
  good_keytab();
  std::string text = flags();
  const std::string literal = "be_principal=impala/host1.example.test";
  text.replace(text.find(literal), literal.size(), "be_principal=impala/_HOST");
  write_file(flagfile_, text);
  const Outcome is_short = verify({"--hostname-output", "host1"});
  EXPECT_EQ(is_short.status, 1);
  EXPECT_TRUE(contains(is_short.out, "host-token-short: "));
  EXPECT_TRUE(contains(is_short.out, "becomes impala/host1@EXAMPLE.TEST"));
  EXPECT_EQ(verify({"--hostname-output", kHost}).status, 0);
}

TEST_F(Verify, AStatestoredWithTheProxysPrincipalIsNamed) {
  good_keytab();
  write_file(flagfile_, "--principal=impala/proxy.example.test@EXAMPLE.TEST\n--keytab_file=" + keytab_ + "\n");
  const Outcome looked = verify({"--role", "statestored"});
  EXPECT_EQ(looked.status, 1);
  EXPECT_TRUE(contains(looked.out, "statestored-with-proxy-principal: "));
}

TEST_F(Verify, ADirectoryThatTheUserMayNotPassIsNamed) {
  good_keytab();
  const std::string closed = dir_ / "closed", inside = closed + "/impala.keytab";
  std::filesystem::create_directory(closed);
  std::filesystem::rename(keytab_, inside);
  // The tester himself could not look at the file either: then it is a skip and status 3.
  ASSERT_EQ(::chmod(closed.c_str(), geteuid() == 0 ? 0700 : 0600), 0);
  const Outcome looked = keytool({"verify", inside, "--proxy", kProxy, "--host", kHost, "--user", user_});
  ASSERT_EQ(::chmod(closed.c_str(), 0755), 0);
  EXPECT_EQ(looked.status, geteuid() == 0 ? 1 : 3) << looked.out;
  if (geteuid() == 0) {
    EXPECT_TRUE(contains(looked.out, "keytab-directory-closed: "));
    EXPECT_TRUE(contains(looked.out, "may not pass directory " + closed));
  }
}

TEST_F(Verify, StandardInputIsLookedAtLikeAFile) {
  good_keytab();
  const std::string command = std::string(KERBGATE_KEYTOOL) + " verify - --proxy " + kProxy + " --host " + kHost +
                              " --keytab-path " + keytab_ + " < " + keytab_;
  const Outcome looked = run({"sh", "-c", command}, names_.environment() + realm_.environment());
  EXPECT_EQ(looked.status, 0) << looked.out << looked.err;
  EXPECT_TRUE(contains(looked.out, "standard input of " + keytab_));
}

}  // namespace
}  // namespace kerbgate::e2e
