#include "admin/remedy.hpp"

#include <gtest/gtest.h>

#include "diagnosis/cause.hpp"

namespace kerbgate::admin {
namespace {

stats::NameStates names() {
  stats::NameStates out;
  stats::NameState& one = out.names.emplace_back();
  one.service = "impala";
  one.report.fqdn = "lb.example.com";
  one.keytab = "/etc/kerbgate/proxy.keytab";
  return out;
}

stats::Refusal refused(login::Cause cause) {
  stats::Refusal out;
  out.client = "10.0.0.7";
  out.asked = "impala/lb.example.com@EXAMPLE.COM";
  out.cause = cause;
  return out;
}

TEST(Remedy, IsThatOfDoctorsTableWithTheProxysOwnNames) {
  const auto remedy = remedy_of(refused(login::Cause::keytab_no_kvno), names());
  ASSERT_TRUE(remedy);
  EXPECT_EQ(remedy->cause, "kvno-older");
  EXPECT_EQ(remedy->text,
            diagnosis::remedy(diagnosis::Cause::kvno_older, {{"principal", "impala/lb.example.com@EXAMPLE.COM"},
                                                             {"keytab", "/etc/kerbgate/proxy.keytab"}}));
}

TEST(Remedy, IsNoneWhereTheClientAloneCanMendIt) {
  for (const auto cause : {login::Cause::none, login::Cause::ticket_expired, login::Cause::user_denied})
    EXPECT_FALSE(remedy_of(refused(cause), names()));
}

TEST(Remedy, EveryOutcomeOfAServerHasOne) {
  for (const login::OutcomeWords& row : login::outcome_table()) {
    const auto remedy = remedy_of({{}, std::string(row.name), ""}, "host3.example.com", names());
    ASSERT_TRUE(remedy) << row.name;
    EXPECT_NE(diagnosis::find_cause(remedy->cause), nullptr);
  }
  EXPECT_EQ(
      remedy_of({{}, "closed", ""}, "host3.example.com", names())->text,
      diagnosis::remedy(diagnosis::Cause::login_refused, {{"host", "host3.example.com"}, {"proxy", "lb.example.com"}}));
}

}  // namespace
}  // namespace kerbgate::admin
