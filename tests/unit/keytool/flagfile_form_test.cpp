#include <gtest/gtest.h>

#include <algorithm>

#include "diagnosis/flag_checks.hpp"
#include "diagnosis/flagfile_form.hpp"

using namespace kerbgate;
using diagnosis::EffectiveFlags;

namespace {

constexpr const char* kExternal = "impala/lb.example.com@EXAMPLE.COM";
constexpr const char* kInternal = "impala/host1.example.com@EXAMPLE.COM";

DaemonFlags wanted(Role role) {
  KerberosSetup setup{*Fqdn::parse("lb.example.com"), "impala", "EXAMPLE.COM", "/etc/impala.keytab", false};
  return *daemon_flags(setup, *Fqdn::parse("host1.example.com"), role);
}

/// Every row about a flagfile, of its form and of its values.
std::vector<CheckResult> rows(const std::string& text, Role role = Role::coordinator,
                              const std::string& hostname = "") {
  const auto form = diagnosis::flagfile_form(text, {"f", wanted(role), "k", "lb.example.com", "host1.example.com"});
  std::vector<CheckResult> all = form.results;
  for (auto& row : diagnosis::flag_checks(form, {"f", wanted(role), kExternal, hostname, {}})) {
    all.push_back(std::move(row));
  }
  return all;
}

/// "check verdict cause" of every row that is neither a pass nor a skip.
std::vector<std::string> troubles(const std::vector<CheckResult>& results) {
  std::vector<std::string> out;
  for (const CheckResult& row : results) {
    if (row.verdict == Verdict::fail || row.verdict == Verdict::warn) {
      out.push_back(row.check + ' ' + verdict_word(row.verdict) + ' ' + row.cause);
    }
  }
  return out;
}

/// A flagfile that is right, but for one line in the place of another.
std::string flagfile(const std::string& principal, const std::string& be_principal, const std::string& keytab,
                     const std::string& more = "") {
  return principal + '\n' + be_principal + '\n' + keytab + '\n' + more;
}
const std::string kPrincipal = std::string("--principal=") + kExternal;
const std::string kBePrincipal = std::string("-be_principal=") + kInternal;
const std::string kKeytab = "--keytab_file=/etc/impala.keytab";

struct Case {
  const char* name;
  std::string text;
  std::vector<std::string> troubles;
};

class FlagfileOfACoordinator : public testing::TestWithParam<Case> {};

TEST_P(FlagfileOfACoordinator, IsJudgedAsGflagsReadsIt) {
  EXPECT_EQ(troubles(rows(GetParam().text)), GetParam().troubles);
}

INSTANTIATE_TEST_SUITE_P(
    Form, FlagfileOfACoordinator,
    testing::Values(
        Case{"Right", "# c\n\n  " + flagfile(kPrincipal, kBePrincipal, kKeytab, "-v=1\n"), {}},
        Case{"OneCrAheadSwallowsTheLinesBeforeIt",
             flagfile(kPrincipal, kBePrincipal, kKeytab, "-v=1\r\n"),
             {"line ends fail flagfile-crlf"}},
        Case{"CrOnEveryLineIsReadRightlyToday",
             "--x=1\r\n" + kPrincipal + "\r\n" + kBePrincipal + "\r\n" + kKeytab + "\r\n",
             {"line ends warn flagfile-crlf"}},
        Case{"CrOnTheFirstLineAlone",
             flagfile(kPrincipal + "\r", kBePrincipal, kKeytab),
             {"line ends warn flagfile-crlf"}},
        Case{"TrailingBlankInTheRealm",
             flagfile(kPrincipal + " ", kBePrincipal, kKeytab),
             {"blanks fail flagfile-trailing-blank"}},
        Case{"TrailingTabOfAnotherFlag",
             flagfile(kPrincipal, kBePrincipal, kKeytab, "--mem_limit=80%\t\n"),
             {"blanks warn flagfile-trailing-blank"}},
        Case{"Quotes",
             flagfile("--principal=\"" + std::string(kExternal) + "\"", kBePrincipal, kKeytab),
             {"quotes fail flagfile-quotes"}},
        Case{"WithoutEquals",
             flagfile(kPrincipal, std::string("--be_principal ") + kInternal, kKeytab),
             {"equals signs fail flagfile-without-equals"}},
        Case{"WithoutEqualsElsewhere",
             flagfile(kPrincipal, kBePrincipal, kKeytab, "--mem_limit 80%\n"),
             {"equals signs warn flagfile-without-equals"}},
        Case{"BlanksAroundTheEqualsSign",
             flagfile(kPrincipal, std::string("--be_principal = ") + kInternal, kKeytab),
             {"equals signs fail flagfile-without-equals"}},
        Case{"BlankBehindTheEqualsSign",
             flagfile(kPrincipal, std::string("--be_principal= ") + kInternal, kKeytab),
             {"blanks fail flagfile-trailing-blank"}},
        Case{"ABooleanNeedsNoEquals", flagfile(kPrincipal, kBePrincipal, kKeytab, "--enable_x\n"), {}},
        Case{"MisspeltName",
             flagfile("--pricipal=" + std::string(kExternal), kBePrincipal, kKeytab),
             {"flag names fail flagfile-unknown-flag"}},
        Case{"NameInCapitals",
             flagfile(kPrincipal, kBePrincipal, "--Keytab_File=/etc/impala.keytab"),
             {"flag names fail flagfile-unknown-flag"}},
        Case{"NameOfAnotherTool",
             flagfile(kPrincipal, kBePrincipal, "--keytab=/etc/impala.keytab"),
             {"flag names fail flagfile-unknown-flag"}},
        Case{"MisspeltBesideTheRightOne",
             flagfile(kPrincipal, kBePrincipal, kKeytab, "--principl=x\n"),
             {"flag names warn flagfile-unknown-flag"}},
        Case{"NeighboursOfAVitalFlagAreNoSlips",
             flagfile(kPrincipal, kBePrincipal, kKeytab, "--spnego_keytab_file=/x\n--krb5_conf=/y\n"),
             {}},
        Case{"AWrappedLineSwitchesOff",
             flagfile(kPrincipal, "be_principal=x", kKeytab),
             {"program names fail flagfile-program-line", "be_principal fail coordinator-without-be-principal"}},
        Case{"AnotherDaemonsPartIsLeftAlone",
             flagfile(kPrincipal, kBePrincipal, kKeytab, "catalogd\n--principal=other/x@R\n"),
             {}},
        Case{"LaterWins",
             flagfile(kPrincipal, kBePrincipal, kKeytab, "--keytab_file=/other\n"),
             {"repeated flags warn flagfile-repeated", "keytab_file fail keytab-path-differs"}},
        Case{"TheSameTwiceIsNoTrouble", flagfile(kPrincipal, kBePrincipal, kKeytab, kKeytab + "\n"), {}},
        Case{"Nested",
             flagfile(kPrincipal, kBePrincipal, kKeytab, "--flagfile=/etc/more\n"),
             {"nested flagfile warn flagfile-nested"}},
        Case{"NulEndsTheFile",
             kPrincipal + "\n" + kBePrincipal + "\n" + std::string(1, '\0') + "\n" + kKeytab + "\n",
             {"NUL fail flagfile-nul"}},
        Case{"Empty", "", {"principal fail principal-flag-missing", "keytab_file fail keytab-flag-missing"}}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Values, FlagfileOfACoordinator,
    testing::Values(Case{"BePrincipalWithoutPrincipal",
                         kBePrincipal + '\n' + kKeytab + '\n',
                         {"principal fail be-principal-without-principal"}},
                    Case{"ProxyWithoutBePrincipal",
                         kPrincipal + '\n' + kKeytab + '\n',
                         {"be_principal fail coordinator-without-be-principal"}},
                    Case{"OwnPrincipalOnly",
                         std::string("--principal=") + kInternal + '\n' + kKeytab + '\n',
                         {"principal fail flag-value-differs", "be_principal fail coordinator-without-be-principal"}},
                    Case{"Capitals",
                         flagfile("--principal=impala/LB.example.com@EXAMPLE.COM", kBePrincipal, kKeytab),
                         {"principal fail flag-value-differs"}},
                    Case{"WithoutRealm",
                         flagfile("--principal=impala/lb.example.com", kBePrincipal, kKeytab),
                         {"principal warn flag-value-differs"}},
                    Case{"NoHostInIt",
                         flagfile("--principal=impala@EXAMPLE.COM", kBePrincipal, kKeytab),
                         {"principal fail principal-flag-malformed"}},
                    Case{"TokenForTheProxy",
                         flagfile("--principal=impala/_HOST@EXAMPLE.COM", kBePrincipal, kKeytab),
                         {"principal fail flag-value-differs"}},
                    Case{"TokenOnAHostUnknown",
                         flagfile(kPrincipal, "--be_principal=impala/_HOST@EXAMPLE.COM", kKeytab),
                         {"be_principal warn host-token-unknown"}},
                    Case{"RelativeKeytab",
                         flagfile(kPrincipal, kBePrincipal, "--keytab_file=impala.keytab"),
                         {"keytab_file fail keytab-path-relative"}},
                    Case{"OtherKeytab",
                         flagfile(kPrincipal, kBePrincipal, "--keytab_file=/etc/other.keytab"),
                         {"keytab_file fail keytab-path-differs"}},
                    Case{"OtherHostname",
                         flagfile(kPrincipal, kBePrincipal, kKeytab, "--hostname=host2.example.com\n"),
                         {"hostname fail hostname-flag-differs"}},
                    Case{"ShortHostname",
                         flagfile(kPrincipal, kBePrincipal, kKeytab, "--hostname=host1\n"),
                         {"hostname warn hostname-flag-differs"}},
                    Case{"KerberosOff",
                         flagfile(kPrincipal, kBePrincipal, kKeytab, "--skip_external_kerberos_auth\n"),
                         {"skip_external_kerberos_auth warn kerberos-switched-off"}},
                    Case{"KerberosOffAndOnAgain",
                         flagfile(kPrincipal, kBePrincipal, kKeytab,
                                  "--skip_external_kerberos_auth\n--noskip_external_kerberos_auth\n"),
                         {}},
                    Case{"RemovedFlag",
                         flagfile(kPrincipal, kBePrincipal, kKeytab, "--kerberos_reinit_interval=60\n"),
                         {"kerberos_reinit_interval warn flag-removed"}},
                    Case{"HalfOfTls",
                         flagfile(kPrincipal, kBePrincipal, kKeytab, "--ssl_server_certificate=/c.pem\n"),
                         {"TLS flags fail tls-flags-incomplete"}}),
    [](const auto& tested) { return tested.param.name; });

TEST(FlagfileRemedy, NamesTheLineAndTheRightValue) {
  const auto all = rows(flagfile(kPrincipal, std::string("--be_principal ") + kInternal, kKeytab));
  const auto row = std::find_if(all.begin(), all.end(), [](const auto& r) { return r.verdict == Verdict::fail; });
  ASSERT_NE(row, all.end());
  EXPECT_EQ(row->remedy, std::string("write in line 2 of f: --be_principal=") + kInternal);
}

TEST(FlagfileRemedy, LeavesNoPlaceOpen) {
  for (const std::string& text : {std::string(), kBePrincipal + "\n",
                                  flagfile(kPrincipal, "--be_principal=impala/_HOST@R", "--keytab_file=x",
                                           "--hostname=x\n--flagfile=y\n--ssl_private_key=z\n")}) {
    for (const CheckResult& row : rows(text)) EXPECT_EQ(row.remedy.find('{'), std::string::npos) << row.remedy;
  }
}

TEST(FlagfileForm, OfManyLinesIsLookedAtOnceALine) {
  // A look at the rest of the file from every line would take hours.
  std::string text;
  while (text.size() < (1U << 23)) text += "-a\n--principal x\n--keytab y\n";
  const auto form = diagnosis::flagfile_form(text, {"f", wanted(Role::coordinator), "k", "", ""});
  EXPECT_EQ(form.results.size(), 2U);
}

TEST(HostToken, IsWhatTheHostnameOfThatHostMakesOfIt) {
  const std::string text = flagfile(kPrincipal, "--be_principal=impala/_HOST@EXAMPLE.COM", kKeytab);
  EXPECT_TRUE(troubles(rows(text, Role::coordinator, "host1.example.com")).empty());
  for (const char* hostname : {"host1", "HOST1.example.com", "other"}) {
    EXPECT_EQ(troubles(rows(text, Role::coordinator, hostname)),
              std::vector<std::string>{"be_principal fail host-token-short"});
  }
}

TEST(Statestored, WithTheProxysPrincipalFailsUnlessBePrincipalIsItsOwn) {
  EXPECT_EQ(troubles(rows(kPrincipal + '\n' + kKeytab + '\n', Role::statestored)),
            std::vector<std::string>{"principal fail statestored-with-proxy-principal"});
  EXPECT_EQ(troubles(rows(kPrincipal + '\n' + kBePrincipal + '\n' + kKeytab + '\n', Role::statestored)),
            std::vector<std::string>{"principal warn statestored-with-proxy-principal"});
  EXPECT_TRUE(
      troubles(rows(std::string("--principal=") + kInternal + '\n' + kKeytab + '\n', Role::statestored)).empty());
}

}  // namespace
