#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <regex>

#include "log/record.hpp"
#include "log_fixture.hpp"

/// HAProxy itself writes a line; read into a Session and written again it must be the same, byte for byte.
namespace kerbgate::log {
namespace {

constexpr const char* kHaproxy = "/usr/sbin/haproxy";

class Socket {
 public:
  explicit Socket(int type) : fd_(socket(AF_INET, type, 0)) {
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&any), sizeof any), 0);
    if (type == SOCK_STREAM) {
      EXPECT_EQ(listen(fd_, 8), 0);
    }
  }
  ~Socket() { close(fd_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] sockaddr_in address() const {
    sockaddr_in own{};
    socklen_t length = sizeof own;
    EXPECT_EQ(getsockname(fd_, reinterpret_cast<sockaddr*>(&own), &length), 0);
    return own;
  }
  [[nodiscard]] int port() const { return ntohs(address().sin_port); }

 private:
  int fd_;
};

/// HAProxy in the foreground, ended with the test.
class Haproxy {
 public:
  explicit Haproxy(const std::string& conf) {
    char name[] = "/tmp/kerbgate-haproxy-XXXXXX";
    close(mkstemp(name));
    file_ = name;
    std::ofstream(file_) << conf;
    pid_ = fork();
    if (pid_ != 0) return;
    execl(kHaproxy, kHaproxy, "-db", "-q", "-f", file_.c_str(), nullptr);
    _exit(127);
  }
  ~Haproxy() {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
    std::filesystem::remove(file_);
  }
  Haproxy(const Haproxy&) = delete;
  Haproxy& operator=(const Haproxy&) = delete;

 private:
  std::string file_;
  pid_t pid_;
};

std::string datagram(int fd) {
  pollfd ready{fd, POLLIN, 0};
  EXPECT_EQ(poll(&ready, 1, 20'000), 1) << "HAProxy logged nothing";
  char text[2048];
  const auto size = recv(fd, text, sizeof text, MSG_DONTWAIT);
  return {text, size > 0 ? static_cast<std::size_t>(size) : 0};
}

Session read(const std::string& line) {
  static const std::regex form(
      R"(([^ ]+):(\d+) \[([^.]+)\.(\d+)\] (\S+) (\S+)/(\S+) (-?\d+)/(-?\d+)/(\d+) (\d+) (.)(.) (\d+)/(\d+)/(\d+)/(\d+)/(\+?)(\d+) (\d+)/(\d+))");
  std::smatch m;
  Session s;
  EXPECT_TRUE(std::regex_match(line, m, form)) << line;
  if (m.empty()) return s;
  const auto number = [&](std::size_t i) { return static_cast<std::uint32_t>(std::stoul(m[i])); };
  s.client_address = m[1];
  s.client_port = static_cast<std::uint16_t>(number(2));
  s.accepted = moment(m[3].str().c_str(), std::stoi(m[4]));
  s.frontend = m[5];
  s.backend = m[6];
  s.server = m[7] == "<NOSRV>" ? "" : m[7].str();
  s.queue_ms = std::stoll(m[8]);
  s.connect_ms = std::stoll(m[9]);
  s.total_ms = std::stoll(m[10]);
  s.bytes_out = number(11);
  s.cause = static_cast<Cause>(m[12].str()[0]);
  s.phase = static_cast<Phase>(m[13].str()[0]);
  s.active = number(14);
  s.frontend_current = number(15);
  s.backend_current = number(16);
  s.server_current = number(17);
  s.redispatched = m[18].length() > 0;
  s.retries = std::stoi(m[19]);
  s.server_queue = number(20);
  s.backend_queue = number(21);
  return s;
}

/// The line of one connection to a listen section with this body, which ends when HAProxy or the far end closes it.
std::string line_of(const std::string& body, Socket* server) {
  Socket log(SOCK_DGRAM), door(SOCK_STREAM);
  const Haproxy haproxy(
      "defaults\n mode tcp\n timeout connect 2s\n timeout client 9s\n timeout server 9s\nlisten door\n bind fd@" +
      std::to_string(door.fd()) + "\n option tcplog\n log 127.0.0.1:" + std::to_string(log.port()) +
      " format raw local0\n" + body);
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in to = door.address();
  EXPECT_EQ(connect(client, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  if (server) {
    const int accepted = accept(server->fd(), nullptr, nullptr);
    EXPECT_EQ(send(accepted, "hello", 5, MSG_NOSIGNAL), 5);
    close(accepted);
  }
  char text[16];
  while (recv(client, text, sizeof text, 0) > 0) {
  }
  close(client);
  std::string line = datagram(log.fd());
  if (!line.empty() && line.back() == '\n') line.pop_back();
  return line;
}

class TcplogHaproxy : public testing::Test {
 protected:
  void SetUp() override {
    if (access(kHaproxy, X_OK) != 0) GTEST_SKIP() << "SKIPPED: " << kHaproxy << " is not installed";
  }
};

TEST_F(TcplogHaproxy, WritesOneServedSessionAlike) {
  Socket server(SOCK_STREAM);
  const std::string line = line_of(" server s1 127.0.0.1:" + std::to_string(server.port()) + "\n", &server);
  const Session session = read(line);
  EXPECT_EQ(session.server, "s1");
  EXPECT_EQ(session.bytes_out, 5U);
  EXPECT_EQ(tcplog(session), line);
}

TEST_F(TcplogHaproxy, WritesARedispatchedFailureAlike) {
  const std::string line =
      line_of(" option redispatch\n retries 1\n server s1 127.0.0.1:1\n server s2 127.0.0.1:1\n", nullptr);
  const Session session = read(line);
  EXPECT_TRUE(session.redispatched) << line;
  EXPECT_EQ(session.connect_ms, -1);
  EXPECT_EQ(tcplog(session), line);
}

}  // namespace
}  // namespace kerbgate::log
