#include <gtest/gtest.h>
#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>

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
