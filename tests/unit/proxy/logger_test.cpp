#include "log/logger.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <filesystem>
#include <thread>

#include "log/sink.hpp"
#include "log_fixture.hpp"

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

/// Standard output is a pipe for the length of a test.
class OutIsPipe {
 public:
  OutIsPipe() : saved_(dup(STDOUT_FILENO)) {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    EXPECT_EQ(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
    close(ends[1]);
    in_.reset(ends[0]);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
  }
  ~OutIsPipe() {
    dup2(saved_, STDOUT_FILENO);
    close(saved_);
  }
  OutIsPipe(const OutIsPipe&) = delete;
  OutIsPipe& operator=(const OutIsPipe&) = delete;
  std::string read_all() {
    std::string all;
    char text[65536];
    for (ssize_t size; (size = read(in_.get(), text, sizeof text)) > 0;)
      all.append(text, static_cast<std::size_t>(size));
    return all;
  }
  void close_reader() { in_.reset(); }

 private:
  int saved_;
  Descriptor in_;
};

LogTarget out_target() {
  LogTarget t;
  t.kind = LogTarget::Kind::out;
  t.format = LogFormat::raw;
  return t;
}

Logger logger(std::vector<LogTarget> targets) {
  return Logger(std::move(targets), "kerbgate", [](const std::string&) { return -1; });
}

struct Rendering {
  const char* name;
  LogFormat format;
  int min_level;
  const char* expected;
};

class Render : public testing::TestWithParam<Rendering> {};

TEST_P(Render, WritesTheHeaderOfItsFormat) {
  const Zone zone("XYZ-5:30");
  LogTarget target;
  target.format = GetParam().format;
  target.min_level = GetParam().min_level;
  EXPECT_EQ(
      render(target, Priority::info, "up\nnow", moment("02/Nov/2026:08:05:09", 42), "lb.example.com", "kerbgate", 7),
      GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Formats, Render,
    testing::Values(Rendering{"rfc3164", LogFormat::rfc3164, 0, "<134>Nov  2 08:05:09 kerbgate[7]: up now"},
                    Rendering{"rfc5424", LogFormat::rfc5424, 0,
                              "<134>1 2026-11-02T08:05:09.042000+05:30 lb.example.com kerbgate 7 - - up now"},
                    Rendering{"raw", LogFormat::raw, 0, "up now"},
                    Rendering{"brief", LogFormat::short_, 0, "<6>up now"},
                    Rendering{"json", LogFormat::json, 0,
                              R"({"time":"2026-11-02T08:05:09.042000+05:30","level":"info","host":"lb.example.com",)"
                              R"("program":"kerbgate","pid":7,"message":"up\\x0anow"})"},
                    Rendering{"GraverThanMinLevel", LogFormat::short_, 7, "<7>up now"},
                    Rendering{"NotGraverThanMinLevel", LogFormat::short_, 4, "<6>up now"}),
    [](const auto& rendering) { return std::string(rendering.param.name); });

TEST(Render, FacilityMakesThePriority) {
  LogTarget target;
  target.facility = 3;
  EXPECT_TRUE(render(target, Priority::alert, "m", {}, "", "t", 1).starts_with("<25>"));
}

TEST(Render, EmptyHostIsAHyphenInRfc5424) {
  LogTarget target;
  target.format = LogFormat::rfc5424;
  EXPECT_TRUE(render(target, Priority::info, "m", {}, "", "my tag", 1).ends_with("+00:00 - my_tag 1 - - m"));
}

TEST(Render, CutsAtMaxLengthButNotWithinACharacter) {
  LogTarget target;
  target.format = LogFormat::raw;
  target.max_length = 5;
  EXPECT_EQ(render(target, Priority::info, "abcdefg", {}, "", "t", 1), "abcde");
  EXPECT_EQ(render(target, Priority::info, "abcd\xc3\xa9", {}, "", "t", 1), "abcd");
  EXPECT_EQ(render(target, Priority::info, "abc\xc3\xa9", {}, "", "t", 1), "abc\xc3\xa9");
}

TEST(Render, JsonStaysWholeWhenCut) {
  LogTarget target;
  target.format = LogFormat::json;
  target.max_length = 200;
  const std::string line = render(target, Priority::info, std::string(500, '"'), {}, "h", "t", 1);
  EXPECT_LE(line.size(), 200U);
  const auto value = boost::json::parse(line);
  EXPECT_GT(value.at("message").as_string().size(), 20U);
}

TEST(RenderObject, PutsMembersBesideTheHeaders) {
  LogTarget target;
  target.format = LogFormat::json;
  const auto value = boost::json::parse(render_object(target, Priority::err, R"({"a":1,"b":[2]})", {}, "h", "t", 5));
  EXPECT_EQ(value.at("level"), "err");
  EXPECT_EQ(value.at("pid"), 5);
  EXPECT_EQ(value.at("a"), 1);
  EXPECT_EQ(value.at("b").at(0), 2);
  EXPECT_FALSE(value.as_object().contains("truncated"));
  EXPECT_EQ(boost::json::parse(render_object(target, Priority::err, "{}", {}, "h", "t", 5)).as_object().size(), 5U);
}

TEST(RenderObject, LosesWholeMembersWhenCut) {
  LogTarget target;
  target.format = LogFormat::json;
  target.max_length = 200;
  const std::string object = R"({"a":1,"long":")" + std::string(300, 'x') + R"(","z":26})";
  const std::string line = render_object(target, Priority::err, object, {}, "h", "t", 5);
  EXPECT_LE(line.size(), 200U);
  const auto value = boost::json::parse(line);
  EXPECT_EQ(value.at("truncated"), true);
  EXPECT_EQ(value.at("a"), 1);
  EXPECT_EQ(value.at("z"), 26);
  EXPECT_FALSE(value.as_object().contains("long"));
}

TEST(RenderObject, IsTheMessageInOtherFrames) {
  LogTarget target;
  const std::string object = R"({"a":1,"long":")" + std::string(300, 'x') + R"("})";
  const std::string whole = render_object(target, Priority::info, object, {}, "h", "t", 5);
  EXPECT_EQ(whole, render(target, Priority::info, object, {}, "h", "t", 5));
  target.format = LogFormat::raw;
  target.max_length = 200;
  EXPECT_EQ(render_object(target, Priority::info, object, {}, "h", "t", 5), R"({"truncated":true,"a":1})");
}

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

TEST(Logger, WritesWholeLinesToStandardOutput) {
  OutIsPipe out;
  auto log = logger({out_target()});
  log.send(Priority::info, "one");
  log.send(Priority::info, "two\nthree");
  EXPECT_EQ(out.read_all(), "one\ntwo three\n");
}

TEST(Logger, FullPipeDropsAndDoesNotBlock) {
  OutIsPipe out;
  auto log = logger({out_target()});
  const std::string line(1000, 'x');
  while (log.dropped() < 12) log.send(Priority::info, line);
  EXPECT_EQ(fcntl(STDOUT_FILENO, F_GETFL) & O_NONBLOCK, 0);
  std::string all = out.read_all();
  EXPECT_EQ(all.size() % 1001, 0U);
  log.send(Priority::info, "again");
  EXPECT_EQ(out.read_all(), "kerbgate: 12 messages dropped\nagain\n");
}

TEST(Logger, OneLostMessageIsOne) {
  OutIsPipe out;
  auto log = logger({out_target()});
  while (log.dropped() < 1) log.send(Priority::info, std::string(1000, 'x'));
  out.read_all();
  log.send(Priority::info, "again");
  EXPECT_EQ(out.read_all(), "kerbgate: 1 message dropped\nagain\n");
}

TEST(Logger, ReportsLossesAtTheTargetsOwnLevel) {
  OutIsPipe out;
  LogTarget target = out_target();
  target.level = static_cast<int>(Priority::err);
  target.format = LogFormat::short_;
  auto log = logger({target});
  while (log.dropped() < 1) log.send(Priority::err, std::string(1000, 'x'));
  out.read_all();
  log.send(Priority::crit, "again");
  EXPECT_EQ(out.read_all(), "<3>kerbgate: 1 message dropped\n<2>again\n");
}

TEST(Logger, PipeWithoutReaderDrops) {
  OutIsPipe out;
  out.close_reader();
  auto log = logger({out_target()});
  log.send(Priority::info, "m");
  EXPECT_EQ(log.dropped(), 1U);
}

TEST(Logger, LinesToAPipeAreAtomic) {
  OutIsPipe out;
  LogTarget target = out_target();
  target.max_length = 65535;
  auto log = logger({target});
  log.send(Priority::info, std::string(10'000, 'x'));
  EXPECT_EQ(out.read_all(), std::string(4095, 'x') + "\n");
}

TEST(Logger, LinesOfManyThreadsStayWhole) {
  OutIsPipe out;
  auto log = logger({out_target()});
  constexpr int kThreads = 8, kLines = 500;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&log, t] {
      for (int i = 0; i < kLines; ++i) log.send(Priority::info, std::string(50, static_cast<char>('a' + t)));
    });
  for (auto& thread : threads) thread.join();
  const std::string all = out.read_all();
  std::size_t lines = 0;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = all.find('\n', at);
    ASSERT_NE(end, std::string::npos);
    const std::string line = all.substr(at, end - at);
    at = end + 1;
    if (line.starts_with("kerbgate: ")) continue;
    ++lines;
    ASSERT_EQ(line, std::string(50, line[0]));
  }
  EXPECT_EQ(lines + log.dropped(), static_cast<std::uint64_t>(kThreads * kLines));
}

TEST(Logger, WritesToStandardErrorToo) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const int saved = dup(STDERR_FILENO);
  dup2(ends[1], STDERR_FILENO);
  LogTarget target = out_target();
  target.kind = LogTarget::Kind::err;
  {
    auto log = logger({target});
    log.send(Priority::warning, "to err");
  }
  dup2(saved, STDERR_FILENO);
  close(saved);
  close(ends[1]);
  char text[64];
  const auto size = read(ends[0], text, sizeof text);
  close(ends[0]);
  EXPECT_EQ(std::string(text, static_cast<std::size_t>(std::max<ssize_t>(size, 0))), "to err\n");
}

}  // namespace
}  // namespace kerbgate::log
