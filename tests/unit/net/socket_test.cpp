#include "net/socket.hpp"

#include <sys/epoll.h>

#include "proxied_fixture.hpp"

namespace kerbgate::net {
namespace {

int option(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  EXPECT_EQ(::getsockopt(fd, level, name, &value, &size), 0);
  return value;
}

TEST(Sockets, HaveTheBacklogOfTheirLine) {
  const Result<Fd> fd = listen_on(loopback(), {}, 7, false);
  ASSERT_TRUE(fd.ok());
  tcp_info info{};
  socklen_t size = sizeof info;
  ASSERT_EQ(::getsockopt(fd->get(), IPPROTO_TCP, TCP_INFO, &info, &size), 0);
  EXPECT_EQ(info.tcpi_sacked, 7u);  // of a listening socket: how many may wait
}

TEST(Sockets, OfAnInterfaceThatIsNotThereAreAnError) {
  config::Bind bind;
  bind.interface = "nowhere0";
  const Result<Fd> fd = listen_on(loopback(), bind, 1, false);
  ASSERT_FALSE(fd.ok());
  EXPECT_NE(fd.error().what.find("nowhere0"), std::string::npos) << fd.error().what;
}

TEST(Sockets, HaveKeepalivesNumbers) {
  config::Keepalive keepalive;
  keepalive.idle = 60s;
  keepalive.interval = 10s;
  keepalive.count = 4;
  const Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  tune_stream(fd.get(), keepalive);
  EXPECT_EQ(option(fd.get(), SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(option(fd.get(), IPPROTO_TCP, TCP_KEEPIDLE), 60);
  EXPECT_EQ(option(fd.get(), IPPROTO_TCP, TCP_KEEPINTVL), 10);
  EXPECT_EQ(option(fd.get(), IPPROTO_TCP, TCP_KEEPCNT), 4);
}

TEST(Sockets, AcceptedOnesHaveWhatTheirListenerHas) {
  config::Keepalive keepalive;
  keepalive.idle = 60s;
  keepalive.interval = 10s;
  keepalive.count = 4;
  const Result<Fd> listening = listen_on(loopback(), {}, 4, false);
  ASSERT_TRUE(listening.ok()) << listening.error().what;
  const auto accepted = [&] {
    tune_accepted(listening->get(), keepalive);
    const Result<Fd> client = dial(SocketAddress::local(listening->get()), {}, {});
    return Fd(::accept(listening->get(), nullptr, nullptr));
  };
  const Fd first = accepted();
  EXPECT_EQ(option(first.get(), IPPROTO_TCP, TCP_NODELAY), 1);
  EXPECT_EQ(option(first.get(), SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(option(first.get(), IPPROTO_TCP, TCP_KEEPIDLE), 60);
  EXPECT_EQ(option(first.get(), IPPROTO_TCP, TCP_KEEPINTVL), 10);
  EXPECT_EQ(option(first.get(), IPPROTO_TCP, TCP_KEEPCNT), 4);
  // Another configuration, which leaves two to the system.
  keepalive.interval = 0s;
  keepalive.count = 0;
  const Fd second = accepted(), fresh(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(option(second.get(), IPPROTO_TCP, TCP_KEEPINTVL), option(fresh.get(), IPPROTO_TCP, TCP_KEEPINTVL));
  EXPECT_EQ(option(second.get(), IPPROTO_TCP, TCP_KEEPCNT), option(fresh.get(), IPPROTO_TCP, TCP_KEEPCNT));
  keepalive.on = false;
  EXPECT_EQ(option(accepted().get(), SOL_SOCKET, SO_KEEPALIVE), 0);
}

TEST(Sockets, LeaveFromTheirSourceAndPort) {
  Port server;
  Port reserved;  // its port is free again in a moment
  const std::uint16_t port = reserved.address().port();
  reserved = Port();
  const SocketAddress source(*IpAddress::parse("127.0.0.9"), port);
  const Result<Fd> fd = dial(server.address(), {}, source);
  ASSERT_TRUE(fd.ok()) << fd.error().what;
  EXPECT_EQ(SocketAddress::local(fd->get()).str(), source.str());
}

TEST(Sockets, ASourceThatIsNotHereIsNamed) {
  Port server;
  const Result<Fd> fd = dial(server.address(), {}, SocketAddress(*IpAddress::parse("192.0.2.1"), 0));
  ASSERT_FALSE(fd.ok());
  EXPECT_NE(fd.error().what.find("leave from 192.0.2.1:0"), std::string::npos) << fd.error().what;
}

TEST(Sockets, ASourceOfAnotherFamilyIsLeftToTheSystem) {
  Port server;
  EXPECT_TRUE(dial(server.address(), {}, SocketAddress(*IpAddress::parse("::1"), 0)).ok());
}

/// A server whose queue is full does not answer: the kernel drops what comes.
TEST_F(Proxied, AServerThatDoesNotAnswerInTimeoutConnectIsPassedOver) {
  const Fd silent(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const SocketAddress any = loopback();
  ASSERT_EQ(::bind(silent.get(), any.data(), any.size()), 0);
  ASSERT_EQ(::listen(silent.get(), 0), 0);
  const SocketAddress where = SocketAddress::local(silent.get());
  const Peer filler = Peer::to(where);
  Port next;
  add_server(where);
  add_server(next.address());
  back_->conf.connect_timeout = 50ms;
  serve();
  Peer client = this->client();
  client.say("x");
  EXPECT_EQ(next.accept().hear(1), "x");
}

}  // namespace
}  // namespace kerbgate::net
