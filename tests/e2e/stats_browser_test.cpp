#include <gtest/gtest.h>
#include <unistd.h>

#include "../unit/proxy/login_bytes.hpp"
#include "expect.hpp"
#include "stats_page.hpp"

/// The stats page in a real Chromium.
namespace kerbgate::e2e {
namespace {

constexpr const char* kDriver = "/usr/bin/chromedriver";

/// A login with a ticket for impala/`host`, which is not the proxy's.
void log_in_for(std::uint16_t port, const std::string& host) {
  namespace bytes = kerbgate::login::fixture;
  bytes::Clear clear;
  clear.components = {"impala", host};
  const bytes::Buffer login_bytes = bytes::login("GSSAPI", bytes::kerberos(clear));
  Socket client = Socket::connect("127.0.0.1", port);
  client.send(std::string(login_bytes.begin(), login_bytes.end()));
  client.read_all();  // the refusal
}

TEST(StatsBrowser, ShowsDrainsSortsAndIsNotHarmed) {
  if (::access(kDriver, X_OK) != 0) GTEST_SKIP() << "no " << kDriver;
  const std::string evil = "<script>window.harmed=1";  // what follows is shown too: a principal's slash as "\\/"
  PagedProxy paged(" stats auth admin:secret\n stats admin if TRUE\n", "  server t 127.0.0.1:1\n",
                   "  kerberos fqdn proxy.example.test\n  kerberos dns-check off\n");
  log_in_for(paged.proxy().port("one"), evil + "</script>\"'><img src=x onerror=window.harmed=2>");
  ASSERT_TRUE(paged.comes_true([&] { return contains(paged.get("/").body, "<polyline class=l4"); }));
  const Outcome outcome = run({"python3", "-B", std::string(KERBGATE_SOURCE) + "/tests/e2e/browser/stats_page.py",
                               kDriver, std::to_string(paged.port()), evil},
                              {});
  EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
}

}  // namespace
}  // namespace kerbgate::e2e
