
#include "e2e/late_caller.hpp"
#include "e2e/proc.hpp"
#include "unit/proxy/login_bytes.hpp"
#include "unit/proxy/thrift_bytes.hpp"

/// Clients and coordinators of login late that do not keep to the protocol.
namespace kerbgate::e2e {
namespace {

using sasl::Status;

std::string text(const hs2::fixture::Buffer& bytes) { return {bytes.begin(), bytes.end()}; }
std::string open_session() {
  return text(hs2::fixture::framed(hs2::fixture::Thrift().head("OpenSession", 7).end().bytes));
}

class ProxyLateHostileParty : public ProxyLateCalls {
 protected:
  /// Of servers that this test plays.
  void start_before(const std::vector<const Listener*>& servers, const std::string& mode,
                    const std::string& more = "") {
    std::string lines = "  kerberos login " + mode + "\n" + more;
    for (const Listener* one : servers) lines += server("s" + std::to_string(one->port()), one->local());
    proxy_ =
        std::make_unique<Proxy>(KERBGATE_PROXY, cluster_.dir(), cluster_.environment(),
                                kerberized("  kerberos keytab " + keytab() + "\n") +
                                    listen("shell", cluster_.names().address(Cluster::kProxy), "roundrobin", lines));
  }
  Socket dial() { return Socket::connect(cluster_.names().address(Cluster::kProxy), proxy_->port("shell")); }
  /// START and a token, in one segment.
  static std::string opening(gss::Initiator& initiator) {
    return sasl::encode(Status::start, "GSSAPI") + sasl::encode(Status::ok, initiator.step(""));
  }
  gss::Acceptor acceptor() { return {"impala", Cluster::kProxy, cluster_.keytab(1), "none:"}; }
  /// What still comes, to its end however that is.
  static std::string rest_of(Socket& socket) {
    std::string heard;
    try {
      for (std::string more = socket.read_some(); !more.empty(); more = socket.read_some()) heard += more;
    } catch (const ConnectionReset&) {
    }
    return heard;
  }
  static void expect_login(Socket& socket) {
    EXPECT_EQ(sasl::receive(socket).payload, "GSSAPI");
    EXPECT_GT(sasl::receive(socket).payload.size(), 300u);
  }
};

class Glued : public ProxyLateHostileParty, public testing::WithParamInterface<const char*> {};

TEST_P(Glued, BehindALoginReachesNoCoordinatorThatHasNotTakenIt) {
  Listener refuses, takes;
  start_before({&refuses, &takes}, GetParam());
  gss::Initiator initiator("impala", Cluster::kProxy);
  Socket client = dial();
  client.send(opening(initiator) + "glued");
  Socket first = refuses.accept();
  expect_login(first);
  sasl::send(first, Status::bad, "no");
  EXPECT_EQ(rest_of(first), "");
  Socket second = takes.accept();
  expect_login(second);
  second.send(sasl::encode(Status::ok, "proof"));
  EXPECT_EQ(second.read(5), "glued");
  EXPECT_EQ(sasl::receive(client).payload, "proof");
}
INSTANTIATE_TEST_SUITE_P(Modes, Glued, testing::Values("inspect", "verify"),
                         [](const auto& tested) { return std::string(tested.param); });

TEST_F(ProxyLateHostileParty, ACallThatIsGluedToTheLoginWaitsForTheCoordinatorsOwn) {
  Listener served;
  start_before({&served}, "late");
  gss::Initiator initiator("impala", Cluster::kProxy);
  Socket client = dial();
  client.send(opening(initiator));
  initiator.step(sasl::receive(client).payload);
  ASSERT_TRUE(initiator.established());
  client.send(sasl::encode(Status::ok, ""));
  initiator.unwrap(sasl::receive(client).payload);
  client.send(sasl::encode(Status::ok, initiator.wrap(std::string("\1\0\0\0", 4))) + open_session());
  Socket coordinator = served.accept();
  gss::Acceptor its = acceptor();
  EXPECT_EQ(sasl::accept(coordinator, its), "alice@EXAMPLE.TEST");
  EXPECT_EQ(thrift::Connection(coordinator).receive().method, "OpenSession");
  EXPECT_EQ(sasl::receive(client).status, Status::complete);
}

TEST_F(ProxyLateHostileParty, ATokenInSpnegoIsLeftToTheCoordinator) {
  Listener takes;
  start_before({&takes}, "late");
  gss::Initiator initiator("impala", Cluster::kProxy);
  const std::string token = initiator.step("");
  const std::string wrapped =
      text(login::fixture::spnego(login::fixture::kKerberosOid, login::fixture::Buffer(token.begin(), token.end())));
  Socket client = dial();
  client.send(sasl::encode(Status::start, "GSSAPI") + sasl::encode(Status::ok, wrapped));
  Socket coordinator = takes.accept();
  EXPECT_EQ(sasl::receive(coordinator).payload, "GSSAPI");
  EXPECT_EQ(sasl::receive(coordinator).payload, wrapped);
  coordinator.send(sasl::encode(Status::ok, "answer"));
  EXPECT_EQ(sasl::receive(client).payload, "answer");
  proxy_->process().wait_for_line(
      "login of alice@EXAMPLE.TEST is left to the coordinator.*: its token stands inside SPNEGO");
}

TEST_F(ProxyLateHostileParty, CallsOfAnyLengthEndNothingButThemselves) {
  start("roundrobin");
  for (const std::string& length : {std::string("\0\0\0\0", 4), std::string("\x7f\xff\xff\xff"),
                                    std::string("\x80\0\0\0", 4), std::string("\xff\xff\xff\xff")}) {
    Socket client = dial();
    gss::Initiator initiator("impala", Cluster::kProxy);
    sasl::initiate(client, initiator);
    client.send(length + "rest of no call");
    client.shutdown_write();
    rest_of(client);
    EXPECT_NE(caller().open(), "");
  }
}

TEST_F(ProxyLateHostileParty, AnswersOfNoProtocolReachTheClientAndNobodyElse) {
  Listener hostile;
  start_before({&hostile}, "late");
  const std::string whole =
      text(hs2::fixture::framed(hs2::fixture::Thrift().head("OpenSession", 7, 2).structure(0).bytes));
  for (const std::string& says :
       {std::string("\x7f\xff\xff\xff\x80\x01", 6), std::string("\x80\0\0\0", 4), std::string("\0\0\0\0\0\0\0\0", 8),
        std::string("HTTP/1.1 200 OK\r\n\r\n"), whole, whole + std::string(70'000, '\x0c')}) {
    Socket client = dial();
    gss::Initiator initiator("impala", Cluster::kProxy);
    sasl::initiate(client, initiator);
    client.send(open_session());
    Socket coordinator = hostile.accept();
    gss::Acceptor its = acceptor();
    EXPECT_EQ(sasl::accept(coordinator, its), "alice@EXAMPLE.TEST");
    EXPECT_EQ(thrift::Connection(coordinator).receive().method, "OpenSession");
    coordinator.send(says);
    coordinator.close();
    const std::string heard = rest_of(client);
    EXPECT_TRUE(says.starts_with(heard.substr(0, says.size()))) << heard.size();
    EXPECT_TRUE(proxy_->process().running());
  }
}

TEST_F(ProxyLateHostileParty, HalfLoginsHoldNobodyUpAndEnd) {
  constexpr int kHalf = 500;
  start("roundrobin", "  timeout login 5s\n");
  const auto resident = [&] { return status_of(proxy_->process().pid(), "VmRSS"); };
  EXPECT_NE(caller().open(), "");
  const long before = resident();
  std::vector<Socket> half;
  for (int i = 0; i < kHalf; ++i) {
    gss::Initiator initiator("impala", Cluster::kProxy);
    half.push_back(dial());
    half.back().send(opening(initiator));
    EXPECT_EQ(sasl::receive(half.back()).status, Status::ok);
  }
  EXPECT_NE(caller().open(), "");
  EXPECT_LT(resident() - before, kHalf * 64) << "KiB";
  for (Socket& one : half) {
    const sasl::Frame last = sasl::receive(one);
    EXPECT_EQ(last.status, Status::error);
    EXPECT_TRUE(contains(last.payload, "no whole login came within")) << last.payload;
  }
}

}  // namespace
}  // namespace kerbgate::e2e
