#include "acceptor/service_ticket.hpp"

#include <gtest/gtest.h>

#include "acceptor/initiator.hpp"

/// Tickets for the measurements with many clients, before the acceptor that real ones stand before.
namespace kerbgate::e2e {
namespace {

TEST(ForgedTickets, AreLoginsOfWhomTheyName) {
  Initiator alice;
  Acceptor acceptor = alice.acceptor();
  TicketForge forge(Initiator::kService, alice.keytab());
  ServiceTicket one = forge.ticket("user1"), other = forge.ticket("user2");
  const Acceptance first = judged(acceptor, *alice.keys(), one.token());
  const Acceptance second = judged(acceptor, *alice.keys(), other.token());
  ASSERT_TRUE(first.login) << first.no.words;
  ASSERT_TRUE(second.login) << second.no.words;
  EXPECT_EQ(first.login->client.str(), "user1@EXAMPLE.TEST");
  EXPECT_EQ(second.login->client.str(), "user2@EXAMPLE.TEST");
  EXPECT_EQ(first.login->kvno, 1u);
}

TEST(ForgedTickets, OpenWithNoOtherKey) {
  Initiator alice;
  Acceptor acceptor = alice.acceptor();
  const auto keys = alice.keys();
  alice.realm().add_service("impala/other.example.test");
  const std::string other = alice.dir() / "other.keytab";
  alice.realm().export_keytab({"impala/other.example.test"}, other);
  TicketForge forge("impala/other.example.test", other);
  ServiceTicket ticket = forge.ticket("mallory");
  EXPECT_FALSE(judged(acceptor, *keys, ticket.token()).login);
}

}  // namespace
}  // namespace kerbgate::e2e
