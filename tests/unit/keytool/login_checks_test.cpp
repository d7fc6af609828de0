#include "diagnosis/login_checks.hpp"

#include <gtest/gtest.h>

#include "diagnosis/kdc_checks.hpp"

using namespace kerbgate;
using namespace kerbgate::diagnosis;

namespace {

using End = LoginOutcome::End;

LoginTarget target() {
  LoginTarget one;
  one.host = "host1.example.test";
  one.port = 21050;
  one.server = {{"impala", "proxy.example.test"}, "EXAMPLE.TEST", 1};
  return one;
}

LoginOutcome ended(End end, std::string text = {}) {
  LoginOutcome outcome;
  outcome.end = end;
  outcome.text = std::move(text);
  return outcome;
}

struct EndCase {
  const char* name;
  End end;
  std::string cause;
};
class LoginEnds : public testing::TestWithParam<EndCase> {};

TEST_P(LoginEnds, HaveACauseWithoutAnyOtherEvidence) {
  Evidence evidence;
  evidence.proxy = "proxy.example.test";
  const CheckResult row = login_check(target(), ended(GetParam().end, "some words"), evidence);
  EXPECT_EQ(row.cause, GetParam().cause);
  EXPECT_EQ(row.verdict, GetParam().cause.empty() ? Verdict::pass : Verdict::fail);
  EXPECT_EQ(row.subject, "host1.example.test:21050");
}

INSTANTIATE_TEST_SUITE_P(
    All, LoginEnds,
    testing::Values(
        EndCase{"Accepted", End::accepted, ""}, EndCase{"NoAddress", End::no_address, "name-not-found"},
        EndCase{"Refused", End::refused, "port-closed"}, EndCase{"Unreachable", End::unreachable, "port-closed"},
        EndCase{"Reset", End::reset, "login-refused"}, EndCase{"Closed", End::closed, "login-refused"},
        EndCase{"Rejected", End::rejected, "login-refused"}, EndCase{"Silent", End::silent, "login-stalled"},
        EndCase{"Foreign", End::foreign, "port-speaks-otherwise"}, EndCase{"NoTls", End::tls_failed, "tls-not-spoken"},
        EndCase{"Broken", End::broken, "login-refused"}, EndCase{"Unserved", End::unserved, "service-threads-busy"}),
    [](const auto& param_info) { return param_info.param.name; });

TEST(LoginCheck, BelievesWhatAnAcceptorSaysItself) {
  const std::pair<const char*, const char*> kSaid[] = {
      {"Request ticket server impala/lb@R kvno 2 not found in keytab; keytab is likely out of date", "kvno-older"},
      {"Request ticket server impala/lb@R kvno 1 enctype aes256-cts found in keytab but cannot decrypt ticket",
       "key-differs"},
      {"Request ticket server impala/lb@R kvno 1 found in keytab but not with enctype aes256-cts", "enctype-missing"},
      {"No key table entry found matching impala/lb@", "proxy-key-not-merged"},
      {"Cannot find key of appropriate type to decrypt AP-REQ - AES256", "proxy-key-not-merged"},
      {"Request ticket server impala/a found in keytab but does not match server principal impala/lb",
       "flag-value-differs"},
      {"Clock skew too great", "clock-skew"},
      {"GSS initiate failed", "login-refused"}};
  for (const auto& [words, cause] : kSaid) {
    const CheckResult row = login_check(target(), ended(End::rejected, words), {});
    EXPECT_EQ(row.cause, cause) << words;
    EXPECT_NE(row.found.find(words), std::string::npos);
  }
}

TEST(LoginCheck, TakesTheSurestReasonForASilentClose) {
  Evidence evidence;
  evidence.names = Cause::ptr_other_name;
  EXPECT_EQ(login_check(target(), ended(End::closed), evidence).cause, "ptr-other-name");
  evidence.own_name_accepted = true;
  EXPECT_EQ(login_check(target(), ended(End::closed), evidence).cause, "flag-value-differs");
  evidence.key = Cause::kvno_older;
  EXPECT_EQ(login_check(target(), ended(End::closed), evidence).cause, "kvno-older");
  evidence.skewed = true;
  EXPECT_EQ(login_check(target(), ended(End::closed), evidence).cause, "clock-skew");
  EXPECT_EQ(login_check(target(), ended(End::refused), evidence).cause, "port-closed");
}

TEST(LoginCheck, NamesTheKeyThatTheCoordinatorNeeded) {
  Evidence evidence;
  evidence.ticket = "kvno 4 aes256-cts-hmac-sha1-96";
  const CheckResult row = login_check(target(), ended(End::closed), evidence);
  EXPECT_NE(row.found.find("impala/proxy.example.test@EXAMPLE.TEST, kvno 4"), std::string::npos) << row.found;
}

TEST(ClockCheck, WarnsFromHalfAndFailsBeyondWhatIsAllowed) {
  using std::chrono::seconds;
  const auto of = [](int offset) { return clock_check("R", seconds(offset), seconds(300)); };
  EXPECT_EQ(of(0).verdict, Verdict::pass);
  EXPECT_EQ(of(150).verdict, Verdict::pass);
  EXPECT_EQ(of(-151).verdict, Verdict::warn);
  EXPECT_EQ(of(300).verdict, Verdict::warn);
  EXPECT_EQ(of(-301).verdict, Verdict::fail);
  EXPECT_NE(of(-301).found.find("301 s behind"), std::string::npos);
  EXPECT_EQ(of(600).cause, "clock-skew");
}

constexpr std::int64_t kDay = 86400, kNow = 20'000 * kDay;

std::string cause_of(const tls::Certificate& certificate, const std::string& check) {
  for (const CheckResult& row : certificate_checks(target(), certificate, "proxy.example.test", kNow)) {
    if (row.check == check) return std::string(verdict_word(row.verdict)) + " " + row.cause;
  }
  return "no row";
}

TEST(CertificateChecks, JudgeNamesDatesAndChainEach) {
  tls::Certificate good{{"proxy.example.test", "host1.example.test"}, "/CN=x", {}, kNow - kDay, kNow + 90 * kDay, ""};
  for (const char* check : {"certificate names", "certificate dates", "certificate chain"})
    EXPECT_EQ(cause_of(good, check), "pass ") << check;
  auto other = good;
  other.uncovered = {"proxy.example.test"};
  EXPECT_EQ(cause_of(other, "certificate names"), "fail certificate-without-proxy-name");
  other.uncovered = {"host1.example.test"};
  EXPECT_EQ(cause_of(other, "certificate names"), "warn certificate-without-host-name");
  other.not_after = kNow + 29 * kDay;
  EXPECT_EQ(cause_of(other, "certificate dates"), "warn certificate-expired");
  other.not_after = kNow - 1;
  EXPECT_EQ(cause_of(other, "certificate dates"), "fail certificate-expired");
  other.not_after = kNow + kDay;
  other.not_before = kNow + 1;
  EXPECT_EQ(cause_of(other, "certificate dates"), "fail certificate-expired");
  other.distrust = "self-signed certificate";
  EXPECT_EQ(cause_of(other, "certificate chain"), "warn certificate-not-trusted");
}

}  // namespace
