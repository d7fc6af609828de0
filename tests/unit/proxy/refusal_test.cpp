#include "login/refusal.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

#include "login/frame.hpp"

namespace kerbgate::login {
namespace {

using Outcome = Attempt::Outcome;

TEST(Refusal, EveryTextIsShownAsItIsWritten) {
  for (const Words& row : refusal_table()) EXPECT_EQ(plain(row.text, kMaxText), row.text) << row.name;
  for (const OutcomeWords& row : outcome_table()) EXPECT_EQ(plain(row.text, kMaxText), row.text) << row.name;
}

/// "Expecting START status" is what impalad itself answers, word for word.
TEST(Refusal, EveryTextGivesARemedyButTheOneThatIsImpalas) {
  for (const Words& row : refusal_table()) {
    const bool has_remedy = row.text.find_first_of(":;") != std::string_view::npos;
    EXPECT_EQ(has_remedy, row.cause != Cause::no_start) << row.name;
  }
}

TEST(Refusal, NamesAreUnique) {
  std::set<std::string_view> names;
  for (const Words& row : refusal_table()) EXPECT_TRUE(names.insert(row.name).second) << row.name;
}

TEST(Refusal, IsFoundByItsCause) {
  for (const Words& row : refusal_table()) EXPECT_EQ(words(row.cause).name, row.name);
}

TEST(Refusal, FillsEachPlaceByItsName) {
  EXPECT_EQ(
      refusal(Cause::queue_timeout, {{"time", "30s"}, {"backend", "impala"}}),
      "every coordinator of impala is full and none came free within 30s: try again later, or raise maxconn of the "
      "servers");
  EXPECT_EQ(refusal(Cause::maxconn, {{"limit", "4000"}}),
            "proxy is full with 4000 connections: try again later, or raise its maxconn");
}

TEST(Refusal, FillsAPlaceAsOftenAsItStands) {
  EXPECT_EQ(refusal(Cause::wrong_host, {{"asked", "a/b@C"}, {"served", "a/x"}, {"host", "x"}}),
            "ticket is for a/b@C, this proxy is a/x: connect to x, or for impala-shell add -b x");
}

TEST(Refusal, PlaceWithoutAValueStaysAsItIsWritten) {
  EXPECT_EQ(refusal(Cause::login_timeout, {{"backend", "impala"}}), words(Cause::login_timeout).text);
}

TEST(Refusal, ValuesAreNotLookedIntoForPlaces) {
  EXPECT_EQ(refusal(Cause::mechanism_refused, {{"mechanism", "{mechanism}{"}}),
            "mechanism {mechanism}{ is not accepted here; use Kerberos (impala-shell -k)");
}

TEST(Refusal, ValuesFromTheWireAreMadePlainAndShort) {
  const std::string hostile = "im\"pala\r\n\x1b[2J<b>" + std::string(10 * 1024, 'x');
  const std::string text = refusal(Cause::wrong_host, {{"asked", hostile}, {"served", "impala/lb"}, {"host", "lb"}});
  EXPECT_TRUE(text.starts_with("ticket is for im?pala ?[2J<b>xxx")) << text;
  EXPECT_TRUE(text.ends_with("x..., this proxy is impala/lb: connect to lb, or for impala-shell add -b lb")) << text;
  EXPECT_LT(text.size(), 300u);
}

std::string documentation() {
  std::ifstream file(KERBGATE_SOURCE "/docs/login.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Refusal, EveryTextIsInTheDocumentation) {
  const std::string page = documentation();
  for (const Words& row : refusal_table()) {
    const std::string entry = "**" + std::string(row.name) + "** `" + std::string(row.text) + "`\n: ";
    EXPECT_NE(page.find(entry), std::string::npos) << entry;
  }
  for (const OutcomeWords& row : outcome_table()) {
    const std::string entry = "| `" + std::string(row.name) + "` | `" + std::string(row.text) + "` |";
    EXPECT_NE(page.find(entry), std::string::npos) << entry;
  }
}

const Ticket kTicket{"impala/lb.example.com", "EXAMPLE.COM", 18, 4, true};
constexpr auto kLikely =
    ": most likely the keytab there lacks kvno 4 (aes256-cts-hmac-sha1-96) of impala/lb.example.com, the ticket is "
    "older "
    "than its key, or a clock is off; run kinit, else run kerbgate-keytool doctor on h2.example.com";

Attempt attempt(const std::string& name, Outcome outcome, std::string text = {}) {
  return {name, name + ".example.com:21050", outcome, std::move(text)};
}

struct DescribeCase {
  const char* name;
  Attempt attempt;
  std::optional<Ticket> ticket;
  std::string want;
};
void PrintTo(const DescribeCase& c, std::ostream* out) { *out << c.name; }
class Describe : public testing::TestWithParam<DescribeCase> {};

TEST_P(Describe, SaysWhatACoordinatorDid) {
  EXPECT_EQ(describe(GetParam().attempt, GetParam().ticket), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    All, Describe,
    testing::Values(
        DescribeCase{"Refused", attempt("h1", Outcome::refused), kTicket, "connection refused"},
        DescribeCase{"RefusedAsTheSystemSaysIt", attempt("h1", Outcome::refused, "Connection refused"), kTicket,
                     "connection refused"},
        DescribeCase{"ResetAsTheSystemSaysIt", attempt("h1", Outcome::reset, "Connection reset by peer"), kTicket,
                     "connection reset"},
        DescribeCase{"RefusedOtherwise", attempt("h1", Outcome::refused, "No route to host"), kTicket,
                     "connection refused (No route to host)"},
        DescribeCase{"Timeout", attempt("h1", Outcome::timeout), kTicket, "no connection in time"},
        DescribeCase{"Reset", attempt("h1", Outcome::reset), kTicket, "connection reset"},
        DescribeCase{"NoAnswer", attempt("h1", Outcome::no_answer), kTicket, "no answer to the login in time"},
        DescribeCase{"Foreign", attempt("h1", Outcome::foreign), kTicket,
                     "answered in no SASL frame; is this its Kerberos port"},
        DescribeCase{"Error", attempt("h1", Outcome::error, "Expecting START status, received OK"), kTicket,
                     "answered ERROR (Expecting START status, received OK)"},
        DescribeCase{"ClosedWithoutTicket", attempt("h2", Outcome::closed), std::nullopt, "closed without a word"},
        DescribeCase{"ClosedOnATicket", attempt("h2", Outcome::closed), kTicket,
                     std::string("closed without a word") + kLikely},
        DescribeCase{"BadOnATicket", attempt("h2", Outcome::bad, "GSS initiate failed"), kTicket,
                     std::string("answered BAD (GSS initiate failed)") + kLikely},
        DescribeCase{"BadOfAPassword", attempt("h2", Outcome::bad, "Unsupported mechanism type PLAIN"), std::nullopt,
                     "answered BAD (Unsupported mechanism type PLAIN)"}),
    [](const auto& param_info) { return param_info.param.name; });

TEST(Describe, NamesTheKeyWhenTheTicketHasNoKvno) {
  Ticket ticket = kTicket;
  ticket.kvno = 0;
  EXPECT_NE(describe(attempt("h2", Outcome::closed), ticket).find("lacks the key (aes256-cts-hmac-sha1-96) of"),
            std::string::npos);
}

TEST(AllFailed, NamesEachCoordinatorWithItsReason) {
  EXPECT_EQ(all_failed({attempt("h1", Outcome::refused), attempt("h2", Outcome::closed)}, kTicket),
            std::string("no coordinator took this login: h1: connection refused; h2: closed without a word") + kLikely);
}

TEST(AllFailed, PutsThoseOfOneStoryTogether) {
  EXPECT_EQ(
      all_failed({attempt("h1", Outcome::refused), attempt("h2", Outcome::reset), attempt("h3", Outcome::refused)},
                 std::nullopt),
      "no coordinator took this login: h1, h3: connection refused; h2: connection reset");
}

TEST(AllFailed, CountsWhatItDoesNotName) {
  std::vector<Attempt> attempts;
  for (int i = 0; i < 40; ++i) attempts.push_back(attempt("h" + std::to_string(i), Outcome::refused));
  EXPECT_EQ(all_failed(attempts, std::nullopt),
            "no coordinator took this login: h0, h1, h2 and 37 more: connection refused");
}

TEST(AllFailed, StaysInOneFrameHoweverManyStoriesThereAre) {
  std::vector<Attempt> attempts;
  for (int i = 0; i < 40; ++i) {
    attempts.push_back(attempt("coordinator-" + std::to_string(i) + std::string(80, 'n'), Outcome::error,
                               std::to_string(i) + std::string(500, 't')));
  }
  const std::string text = all_failed(attempts, kTicket);
  EXPECT_TRUE(text.ends_with("; 37 more otherwise")) << text;
  EXPECT_LE(text.size(), kMaxText);
}

TEST(AllFailed, WithoutAttemptsNoneIsUp) {
  EXPECT_EQ(all_failed({}, kTicket),
            "no coordinator of this listener is up: try again later; the log of the proxy says why each is down");
}

}  // namespace
}  // namespace kerbgate::login
