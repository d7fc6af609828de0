#include "log/logger.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <filesystem>

#include "log/sink.hpp"
#include "logger_fixture.hpp"

namespace kerbgate::log {
namespace {

using config::LogFormat;
using config::LogTarget;

/// The next datagram; empty when there is none at once (what was sent over loopback is there already).
std::string next(int fd) {
  char text[4096];
  const auto size = recv(fd, text, sizeof text, MSG_DONTWAIT);
  return {text, size > 0 ? static_cast<std::size_t>(size) : 0};
}

/// A syslog server on loopback.
struct Udp4 {
  Descriptor fd{socket(AF_INET, SOCK_DGRAM, 0)};
  sockaddr_in address{};
  Udp4() {
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    socklen_t length = sizeof address;
    EXPECT_EQ(getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &length), 0);
  }
  [[nodiscard]] LogTarget target(LogFormat format = LogFormat::raw) const {
    LogTarget t;
    t.address = "127.0.0.1";
    t.port = ntohs(address.sin_port);
    t.format = format;
    return t;
  }
};

/// A syslog server on a path of its own.
struct UnixServer {
  std::string path;
  Descriptor fd;
  UnixServer() {
    char name[] = "/tmp/kerbgate-log-XXXXXX";
    path = std::string(mkdtemp(name)) + "/log";
    start();
  }
  ~UnixServer() { std::filesystem::remove_all(std::filesystem::path(path).parent_path()); }
  UnixServer(const UnixServer&) = delete;
  UnixServer& operator=(const UnixServer&) = delete;
  [[nodiscard]] sockaddr_un address() const {
    sockaddr_un a{};
    a.sun_family = AF_UNIX;
    path.copy(a.sun_path, sizeof a.sun_path - 1);
    return a;
  }
  void start() {
    std::filesystem::remove(path);
    fd.reset(socket(AF_UNIX, SOCK_DGRAM, 0));
    const sockaddr_un own = address();
    ASSERT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own), 0);
  }
  [[nodiscard]] int open() const {
    const int client = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const sockaddr_un to = address();
    if (connect(client, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) return client;
    close(client);
    return -1;
  }
};

TEST(Logger, GivesAnObjectAloneToEveryTarget) {
  const Udp4 server;
  auto log = logger({server.target(), server.target(LogFormat::json)});
  log.send(Priority::info, "", R"({"state":"--"})");
  EXPECT_EQ(next(server.fd.get()), R"({"state":"--"})");
  EXPECT_EQ(boost::json::parse(next(server.fd.get())).at("state"), "--");
}

TEST(Logger, SendsOverUdp) {
  const Udp4 server;
  auto log = logger({server.target(), server.target(LogFormat::short_)});
  log.send(Priority::notice, "hello");
  EXPECT_EQ(next(server.fd.get()), "hello");
  EXPECT_EQ(next(server.fd.get()), "<5>hello");
  EXPECT_EQ(log.dropped(), 0U);
}

TEST(Logger, SendsOverUdpOnIpv6) {
  Descriptor fd(socket(AF_INET6, SOCK_DGRAM, 0));
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  if (fd.get() < 0 || bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    GTEST_SKIP() << "SKIPPED: no IPv6 loopback here";
  socklen_t length = sizeof address;
  getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &length);
  LogTarget target;
  target.address = "::1";
  target.port = ntohs(address.sin6_port);
  target.format = LogFormat::raw;
  auto log = logger({target});
  log.send(Priority::info, "six");
  EXPECT_EQ(next(fd.get()), "six");
}

TEST(Logger, SendsToATargetOnlyItsLevelAndGraver) {
  const Udp4 server;
  LogTarget notice = server.target();
  notice.level = static_cast<int>(Priority::notice);
  auto log = logger({notice});
  log.send(Priority::info, "too little");
  log.send(Priority::notice, "enough");
  log.send(Priority::emerg, "grave");
  EXPECT_EQ(next(server.fd.get()), "enough");
  EXPECT_EQ(next(server.fd.get()), "grave");
  EXPECT_EQ(log.dropped(), 0U);
}

TEST(Logger, GivesJsonTargetsTheObject) {
  const Udp4 server;
  auto log = logger({server.target(), server.target(LogFormat::json)});
  EXPECT_TRUE(log.wants_json());
  EXPECT_FALSE(logger({server.target()}).wants_json());
  log.send(Priority::info, "text", R"({"state":"--"})");
  EXPECT_EQ(next(server.fd.get()), "text");
  EXPECT_EQ(boost::json::parse(next(server.fd.get())).at("state"), "--");
  log.send(Priority::info, "text");
  next(server.fd.get());
  EXPECT_EQ(boost::json::parse(next(server.fd.get())).at("message"), "text");
}

TEST(Logger, CountsWhatAnUnusableTargetDoesNotGet) {
  LogTarget wrong;
  wrong.address = "no address";
  const Udp4 server;
  auto log = logger({wrong, server.target()});
  EXPECT_FALSE(log.empty());
  log.send(Priority::info, "m");
  EXPECT_EQ(log.dropped(), 1U);
  EXPECT_EQ(next(server.fd.get()), "m");
}

TEST(Logger, WithoutTargetsIsEmpty) {
  auto log = logger({});
  EXPECT_TRUE(log.empty());
  log.send(Priority::info, "m");
  EXPECT_EQ(log.dropped(), 0U);
}

TEST(Logger, SendsToAUnixSocket) {
  const UnixServer server;
  LogTarget target;
  target.kind = LogTarget::Kind::unix_socket;
  target.address = server.path;
  target.format = LogFormat::raw;
  Logger log({target}, "kerbgate", [&](const std::string& path) { return path == server.path ? server.open() : -1; });
  log.send(Priority::info, "local");
  EXPECT_EQ(next(server.fd.get()), "local");
}

TEST(Logger, FullUnixSocketDropsAndTellsLater) {
  const UnixServer server;
  LogTarget target;
  target.kind = LogTarget::Kind::unix_socket;
  target.address = server.path;
  target.format = LogFormat::raw;
  Logger log({target}, "kerbgate", [&](const std::string&) { return server.open(); });
  std::uint64_t sent = 0;
  while (log.dropped() < 3) {
    log.send(Priority::info, "x");
    ++sent;
  }
  for (std::uint64_t i = 0; i < sent - 3; ++i) ASSERT_EQ(next(server.fd.get()), "x");
  log.send(Priority::info, "again");
  EXPECT_EQ(next(server.fd.get()), "kerbgate: 3 messages dropped");
  EXPECT_EQ(next(server.fd.get()), "again");
  EXPECT_EQ(next(server.fd.get()), "");
}

TEST(UnixSink, ReconnectsAtMostOnceASecond) {
  UnixServer server;
  int opened = 0;
  SteadyTime now{};
  const auto sink = make_unix_sink(
      server.path,
      [&](const std::string&) {
        ++opened;
        return server.open();
      },
      [&] { return now; });
  const auto put = [&](std::string line) { return sink->put(line); };
  EXPECT_TRUE(put("one"));
  server.fd.reset();  // syslogd ends
  EXPECT_FALSE(put("two"));
  EXPECT_EQ(opened, 1);
  now += std::chrono::seconds(1);
  EXPECT_FALSE(put("three"));
  EXPECT_EQ(opened, 2);
  server.start();
  now += std::chrono::milliseconds(999);
  EXPECT_FALSE(put("four"));
  EXPECT_EQ(opened, 2);
  now += std::chrono::milliseconds(1);
  EXPECT_TRUE(put("five"));
  EXPECT_EQ(opened, 3);
  EXPECT_EQ(next(server.fd.get()), "five");
}

}  // namespace
}  // namespace kerbgate::log
