#include <gtest/gtest.h>
#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "expect.hpp"
#include "http.hpp"
#include "support/daemon.hpp"
#include "support/names.hpp"
#include "support/proxy.hpp"
#include "support/socket.hpp"

/// The file that the Impala documentation prints, as written.
namespace kerbgate::e2e {
namespace {

const std::string kSample = std::string(KERBGATE_SOURCE) + "/tests/e2e/files/impala-documentation.cfg";
constexpr std::uint16_t kPorts[] = {25003, 21051, 25002};

TEST(Sample, IsRightAndItsUnresolvableNamesAreWarnings) {
  const TempDir dir;
  const Names nothing(dir);
  write_file(dir / "hosts", "127.0.0.1 localhost\n");
  const Outcome outcome = run({KERBGATE_PROXY, "-c", "-f", kSample}, nothing.environment());
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "[WARNING]"));
  EXPECT_TRUE(contains(outcome.err, "impala-host-1.example.com"));
}

/// The lines that docs/explain.md shows, without their indent.
std::string documented() {
  std::string out;
  std::ifstream file(std::string(KERBGATE_SOURCE) + "/docs/explain.md");
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (!inside) inside = line == "    process";
    if (inside && !line.empty() && !line.starts_with("    ")) break;
    if (inside) out += (line.empty() ? line : line.substr(4)) + '\n';
  }
  return out;
}

TEST(Sample, IsExplainedAsTheDocumentationShows) {
  const TempDir dir;
  const Names names(dir);
  std::string hosts;
  for (const char* n : {"1", "2", "3", "4"})
    hosts += std::string("10.0.0.") + n + " impala-host-" + n + ".example.com\n";
  write_file(dir / "hosts", hosts);
  const std::string folder = std::string(KERBGATE_SOURCE) + "/tests/e2e/files";
  const Outcome outcome =
      run({KERBGATE_PROXY, "--explain", "-q", "-C", folder, "-f", "impala-documentation.cfg"}, names.environment());
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.out + '\n', documented());
}

TEST(Sample, WrongFileIsNotExplained) {
  const TempDir dir;
  write_file(dir / "wrong.cfg", "listen a\n  bind :1\n  server s h:1 chek\n");
  const Outcome outcome = run({KERBGATE_PROXY, "--explain", "-f", dir / "wrong.cfg"}, {});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.out, "");
  EXPECT_TRUE(contains(outcome.err, "did you mean 'check' maybe ?"));
}

/// Why the sample cannot run here as written; empty when it can. Nothing is made on the system for it.
std::string obstacle() {
  if (geteuid() != 0) return "only root may drop to the sample's user";
  if (getpwnam("haproxy") == nullptr) return "no user haproxy";
  if (!std::filesystem::is_directory("/var/lib/haproxy")) return "no /var/lib/haproxy to change root to";
  if (std::filesystem::exists("/var/run/haproxy.pid")) return "/var/run/haproxy.pid is somebody's";
  for (const std::uint16_t port : kPorts)
    if (is_listening(port)) return "port " + std::to_string(port) + " is taken";
  return "";
}

/// Whether `bytes` come to one of the listeners; connections of health checks come and go meanwhile.
bool arrives(const std::vector<std::unique_ptr<Listener>>& listeners, const std::string& bytes) {
  constexpr std::chrono::milliseconds kLook{5};
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < deadline)
    for (const auto& listener : listeners) try {
        if (listener->accept(kLook).read_some() == bytes) return true;
      } catch (const std::runtime_error&) {
      }
  return false;
}

TEST(Sample, ServesAsADaemonUnderChrootOnceItsNamesResolve) {
  if (const std::string why = obstacle(); !why.empty()) GTEST_SKIP() << why;
  const TempDir dir;
  Names names(dir);
  std::vector<std::unique_ptr<Listener>> coordinators;
  for (int n = 1; n <= 4; ++n) {
    const std::string address = names.add("impala-host-" + std::to_string(n) + ".example.com");
    coordinators.push_back(std::make_unique<Listener>(address, 21050));
  }
  const Daemon daemon({KERBGATE_PROXY, "-f", kSample}, names.environment(), "/var/run/haproxy.pid");
  for (const std::uint16_t port : kPorts) EXPECT_TRUE(is_listening(port)) << port;
  Socket client = Socket::connect("127.0.0.1", 21051);
  client.send("hello");
  EXPECT_TRUE(arrives(coordinators, "hello"));
  // username:password
  const HttpAnswer page = http(25002, "/haproxy?stats", "Authorization: Basic dXNlcm5hbWU6cGFzc3dvcmQ=\r\n");
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page.body, "symbolic_name_5"));
  EXPECT_EQ(http(25002, "/haproxy?stats", "").status, 401);
  daemon.signal(SIGTERM);
  daemon.wait();
  for (const std::uint16_t port : kPorts) EXPECT_FALSE(is_listening(port)) << port;
}

}  // namespace
}  // namespace kerbgate::e2e
