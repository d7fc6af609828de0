#include "keeper/ares_client.hpp"

#include <gtest/gtest.h>

#include "dns_server.hpp"

namespace kerbgate::keeper {
namespace {

using resolve::Reply;
using resolve::Verdict;
using Says = std::vector<DnsServer::Said>;

constexpr std::chrono::milliseconds kShort{200};

class Asking {
 public:
  explicit Asking(std::uint16_t port, int retries = 3, std::chrono::milliseconds retry = std::chrono::seconds(20),
                  bool tcp = false) {
    config::Resolvers section;
    section.name = "dns";
    section.retries = retries;
    section.retry = retry;
    Result<std::unique_ptr<AresClient>> made = AresClient::make({"ns1", "127.0.0.1", port, tcp}, section, "dns/ns1");
    if (!made) throw std::runtime_error(made.error().what);
    client_ = std::move(*made);
  }
  Reply ask(const std::string& name, Record record = Record::a) {
    std::optional<Reply> out;
    client_->ask(name, record, [&out](Reply reply) { out = std::move(reply); });
    while (!out) {
      std::vector<pollfd> sockets;
      client_->watch(sockets);
      const auto wait = client_->wait();
      poll(sockets.data(), sockets.size(), wait ? static_cast<int>(wait->count()) : -1);
      client_->process(sockets);
    }
    return *out;
  }
  stats::NameserverCounts& counts() { return client_->counts(); }

 private:
  std::unique_ptr<AresClient> client_;
};

IpAddress ip(const std::string& text) { return *IpAddress::parse(text); }

TEST(AresClient, ReadsAddressesOfBothFamiliesAndServices) {
  DnsServer server(answering({a_record("10.0.0.1"), a_record("10.0.0.2"), aaaa_record("2001:db8::1"),
                              srv_record("Host1.Example.test", 21050, 512)}));
  Asking asking(server.port());
  const Reply four = asking.ask("imp.example.test");
  EXPECT_EQ(four.verdict, Verdict::valid);
  EXPECT_EQ(four.addresses, (std::vector{ip("10.0.0.1"), ip("10.0.0.2")}));
  EXPECT_EQ(four.by, "dns/ns1");
  EXPECT_EQ(asking.ask("imp.example.test", Record::aaaa).addresses, std::vector{ip("2001:db8::1")});
  const Reply services = asking.ask("_imp._tcp.example.test", Record::srv);
  ASSERT_EQ(services.records.size(), 1u);
  EXPECT_EQ(services.records[0].target, "host1.example.test");
  EXPECT_EQ(services.records[0].port, 21050);
  EXPECT_EQ(services.records[0].weight, 512);
  EXPECT_EQ(asking.counts().sent, 3u);
  EXPECT_EQ(asking.counts().valid, 3u);
}

TEST(AresClient, AsksByTcpAloneWhereItIsToldTo) {
  DnsServer server([](const DnsQuestion& question) -> Says {
    return {{dns_message(question, question.tcp ? kNoError : kRefused, {a_record("10.0.0.1")})}};
  });
  EXPECT_EQ(Asking(server.port(), 3, std::chrono::seconds(20), true).ask("x.test").addresses,
            std::vector{ip("10.0.0.1")});
}

TEST(AresClient, IsToldThatAnAnswerWasCutAndAsksByTcpForAllOfIt) {
  std::vector<DnsRecord> many;
  for (int i = 0; i < 4000; ++i)
    many.push_back(a_record("10.1." + std::to_string(i / 250) + '.' + std::to_string(i % 250)));
  DnsServer server([&many](const DnsQuestion& question) -> Says {
    if (!question.tcp) return {{dns_message(question, kCut, {a_record("10.9.9.9")})}};
    return {{dns_message(question, kNoError, many)}};
  });
  const Reply reply = Asking(server.port()).ask("many.test");
  EXPECT_EQ(reply.verdict, Verdict::valid);
  EXPECT_EQ(reply.addresses.size(), 4000u);
}

struct Refusal {
  const char* name;
  std::uint16_t flags;
  Verdict verdict;
};
class BadAnswer : public testing::TestWithParam<Refusal> {};

TEST_P(BadAnswer, IsNotAskedForAgain) {
  DnsServer server([](const DnsQuestion& question) -> Says { return {{dns_message(question, GetParam().flags, {})}}; });
  EXPECT_EQ(Asking(server.port()).ask("x.test").verdict, GetParam().verdict);
  EXPECT_EQ(server.asked(), 1);
}

INSTANTIATE_TEST_SUITE_P(All, BadAnswer,
                         testing::Values(Refusal{"nxdomain", kNxdomain, Verdict::nx},
                                         Refusal{"refused", kRefused, Verdict::refused},
                                         Refusal{"servfail", kServfail, Verdict::other},
                                         Refusal{"noAddress", kNoError, Verdict::other}),
                         [](const auto& test) { return test.param.name; });

TEST(AresClient, AsksASilentNameserverAsOftenAsItIsTold) {
  DnsServer server([](const DnsQuestion&) -> Says { return {}; });
  Asking asking(server.port(), 3, std::chrono::milliseconds(20));
  EXPECT_EQ(asking.ask("x.test").verdict, Verdict::timeout);
  EXPECT_EQ(asking.counts().sent, 3u);
  EXPECT_EQ(asking.counts().timeout, 3u);
}

TEST(AresClient, TakesANameserverThatIsNotThereForSilent) {
  std::uint16_t port = 0;
  {
    DnsServer gone(answering({}));
    port = gone.port();
  }
  EXPECT_EQ(Asking(port, 2, kShort).ask("x.test").verdict, Verdict::timeout);
}

/// What comes before the answer is somebody else's.
struct Lie {
  const char* name;
  DnsServer::Said (*say)(const DnsQuestion&);
};
class Forgery : public testing::TestWithParam<Lie> {};

TEST_P(Forgery, IsPassedOver) {
  DnsServer server([](const DnsQuestion& question) -> Says {
    return {GetParam().say(question), {dns_message(question, kNoError, {a_record("10.0.0.1")})}};
  });
  EXPECT_EQ(Asking(server.port()).ask("x.test").addresses, std::vector{ip("10.0.0.1")});
}

DnsServer::Said of_another_id(const DnsQuestion& question) {
  DnsQuestion other = question;
  other.id[0] = static_cast<char>(other.id[0] ^ 1);
  return {dns_message(other, kNoError, {a_record("10.6.6.6")})};
}
DnsServer::Said from_elsewhere(const DnsQuestion& question) {
  return {dns_message(question, kNoError, {a_record("10.6.6.6")}), true};
}
DnsServer::Said to_another_question(const DnsQuestion& question) {
  DnsQuestion other = question;
  other.section = labels("y.test") + question.section.substr(question.section.size() - 4);
  return {dns_message(other, kNoError, {a_record("10.6.6.6")})};
}
DnsServer::Said too_short(const DnsQuestion& question) { return {question.id}; }
DnsServer::Said nothing_at_all(const DnsQuestion&) { return {std::string()}; }

INSTANTIATE_TEST_SUITE_P(All, Forgery,
                         testing::Values(Lie{"ofAnotherId", of_another_id}, Lie{"fromElsewhere", from_elsewhere},
                                         Lie{"toAnotherQuestion", to_another_question}, Lie{"tooShort", too_short},
                                         Lie{"empty", nothing_at_all}),
                         [](const auto& test) { return test.param.name; });

/// Answers that are the nameserver's and no good.
struct Damage {
  const char* name;
  std::string (*say)(const DnsQuestion&);
};
class Damaged : public testing::TestWithParam<Damage> {};

TEST_P(Damaged, IsNoGoodAnswerAndNoMore) {
  DnsServer server([](const DnsQuestion& question) -> Says { return {{GetParam().say(question)}}; });
  Asking asking(server.port(), 2, kShort);
  for (const Record record : {Record::a, Record::aaaa, Record::srv}) {
    const Reply reply = asking.ask("x.test", record);
    EXPECT_NE(reply.verdict, Verdict::valid);
    EXPECT_TRUE(reply.addresses.empty());
    EXPECT_TRUE(reply.records.empty());
  }
}

std::string aliases_in_a_circle(const DnsQuestion& question) {
  const std::string to_itself = number16(0xc00c);
  return dns_message(question, kNoError, {{kTypeCname, to_itself}, {kTypeCname, labels("y.test")}});
}
std::string a_name_that_points_at_itself(const DnsQuestion& question) {
  std::string out = dns_message(question, kNoError, {{question.type, number16(1) + number16(1) + number16(1)}});
  const std::size_t at = 12 + question.section.size();
  return out.replace(at, 2, number16(0xc000 | static_cast<unsigned>(at)));
}
std::string more_records_than_bytes(const DnsQuestion& question) {
  return dns_message(question, kNoError, {a_record("10.0.0.1")}).replace(6, 2, number16(65535));
}
std::string data_beyond_the_end(const DnsQuestion& question) {
  std::string out = dns_message(question, kNoError, {{question.type, "x"}});
  return out.replace(out.size() - 3, 2, number16(65535));
}
std::string data_too_short(const DnsQuestion& question) {
  return dns_message(question, kNoError, {{question.type, "x"}});
}
std::string header_alone(const DnsQuestion& question) {
  return question.id + number16(kNoError) + number16(1) + number16(1) + number16(0) + number16(0);
}

INSTANTIATE_TEST_SUITE_P(All, Damaged,
                         testing::Values(Damage{"aliasesInACircle", aliases_in_a_circle},
                                         Damage{"pointerToItself", a_name_that_points_at_itself},
                                         Damage{"moreRecordsThanBytes", more_records_than_bytes},
                                         Damage{"dataBeyondTheEnd", data_beyond_the_end},
                                         Damage{"dataTooShort", data_too_short}, Damage{"headerAlone", header_alone}),
                         [](const auto& test) { return test.param.name; });

TEST(AresClient, TakesNoServiceThatIsNone) {
  DnsServer server(answering({{kTypeSrv, number16(0) + number16(0) + number16(0) + std::string(1, '\0')}}));
  EXPECT_EQ(Asking(server.port()).ask("_x._tcp.test", Record::srv).verdict, Verdict::other);
}

TEST(AresClient, RefusesANameThatIsNone) {
  DnsServer server(answering({}));
  EXPECT_EQ(Asking(server.port()).ask("x..test").verdict, Verdict::other);
  EXPECT_EQ(Asking(server.port()).ask(std::string(70, 'x') + ".test").verdict, Verdict::other);
  EXPECT_EQ(server.asked(), 0);
}

TEST(AresClient, EndsWithQuestionsOnTheirWay) {
  DnsServer server([](const DnsQuestion&) -> Says { return {}; });
  config::Resolvers section;
  section.name = "dns";
  auto client = std::move(*AresClient::make({"ns1", "127.0.0.1", server.port(), false}, section, "dns/ns1"));
  int answers = 0;
  for (int i = 0; i < 100; ++i) client->ask("x.test", Record::a, [&answers](const Reply&) { ++answers; });
  client.reset();
  EXPECT_EQ(answers, 0);
}

}  // namespace
}  // namespace kerbgate::keeper
