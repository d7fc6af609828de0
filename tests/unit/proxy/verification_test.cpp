#include "login/verification.hpp"

#include <gtest/gtest.h>

namespace kerbgate::login {
namespace {

using std::chrono::seconds;
using Why = NoLogin::Why;

const Slots kSlots{{{{"impala", "lb.example.test"}, "X"}, 2, 18},
                   {{{"impala", "lb.example.test"}, "X"}, 3, 18},
                   {{{"impala", "lb.example.test"}, "X"}, 3, 17},
                   {{{"impala", "host1.example.test"}, "X"}, 9, 18}};
const Ticket kTicket{"impala/lb.example.test", "X", 18, 4, true};

std::string text_of(Why why, const Ticket& ticket = kTicket, seconds skew = {}) {
  NoLogin no;
  no.why = why;
  no.words = "ASN.1 structure is missing a required field";
  no.skew = skew;
  return explain(no, ticket, kSlots, seconds(300)).text;
}

TEST(Verification, NamesTheKeyVersionsOfTheKeytab) {
  EXPECT_TRUE(text_of(Why::no_kvno)
                  .starts_with("ticket for impala/lb.example.test@X needs kvno 4 "
                               "(aes256-cts-hmac-sha1-96), the keytab of the proxy holds kvno 3, 2: "))
      << text_of(Why::no_kvno);
}

TEST(Verification, NamesTheEnctypesOfTheKeytab) {
  Ticket ticket = kTicket;
  ticket.enctype = 20;
  const std::string text = text_of(Why::no_enctype, ticket);
  EXPECT_NE(text.find("encrypted with aes256-cts-hmac-sha384-192, the keytab of the proxy holds only "
                      "aes128-cts-hmac-sha1-96, aes256-cts-hmac-sha1-96: "),
            std::string::npos)
      << text;
}

TEST(Verification, SaysWhichClockIsBehind) {
  EXPECT_TRUE(text_of(Why::skew, kTicket, seconds(-372))
                  .starts_with("clock of the client is 372 s behind the clock of the proxy, 300 s are allowed"));
  EXPECT_TRUE(text_of(Why::skew, kTicket, seconds(601))
                  .starts_with("clock of the client is 601 s ahead of the clock of the proxy"));
}

TEST(Verification, LeavesNoPlaceUnfilled) {
  for (int why = 0; why <= int(Why::other); ++why) {
    const std::string text = text_of(Why(why));
    EXPECT_FALSE(text.empty());
    EXPECT_EQ(text.find('{'), std::string::npos) << text;
  }
}

TEST(Verification, TellsAStaleKeytabFromOneOfAnotherService) {
  const auto stale = [](const char* host, std::uint32_t kvno, std::int32_t enctype) {
    return seems_stale({{}, {{"impala", host}, "X"}, kvno, enctype}, kSlots);
  };
  EXPECT_FALSE(stale("lb.example.test", 3, 18));
  EXPECT_FALSE(stale("lb.example.test", 0, 18));
  EXPECT_TRUE(stale("lb.example.test", 4, 18));
  EXPECT_TRUE(stale("lb.example.test", 3, 20));
  EXPECT_FALSE(stale("other.example.test", 4, 18));
}

}  // namespace
}  // namespace kerbgate::login
