#include <algorithm>
#include <boost/json.hpp>
#include <regex>
#include <sstream>

#include "acceptor/forged_ticket.hpp"
#include "acceptor/verify_fixture.hpp"
#include "e2e/http.hpp"
#include "e2e/runtime.hpp"
#include "unit/proxy/login_bytes.hpp"

/// Principals that no page, line or frame may be broken by.
namespace kerbgate::e2e {
namespace {

/// Ends lines and fields, closes quotes and elements, moves a terminal's cursor, looks like another line's beginning.
const std::string kBreaking = "eve\r\n[ALERT] x\t\"'<b>&,;{}\\\\%s\x1b[31m\x7f\xc3\xa9";
const std::string kLong = "eve<" + std::string(10 * 1024, 'n');

struct Case {
  const char* name;
  const char* mode;
  std::string principal;
};

class HostileName : public Verifying, public testing::WithParamInterface<Case> {
 protected:
  /// A user of that name who is logged in. No KDC takes such names whole; whoever has the key can write them.
  Environment user() {
    const std::string cache = "FILE:" + (cluster_.dir() / "eve.cc");
    forge_ticket(GetParam().principal, Cluster::kProxyPrincipal + "@EXAMPLE.TEST", keytab(), cache);
    return cluster_.environment() + Environment{{"KRB5CCNAME", cache}};
  }
  Proxy proxy(const std::string& lines) {
    return start_text(global() + section("shell", std::string("  kerberos login ") + GetParam().mode + "\n" + lines) +
                      "listen stats\n  mode http\n  bind 127.0.0.1:@stats@\n  stats enable\n");
  }
  Outcome log_in(const Proxy& at_proxy, const Environment& as) {
    return run({std::string(KERBGATE_BIN) + "/shell", "--connect", at(at_proxy)}, as);
  }

  /// Printable ASCII and ends of lines, and no line longer than a log's.
  static void expect_plain(const std::string& text, const std::string& of, std::size_t longest) {
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
      EXPECT_LE(line.size(), longest) << of << ": " << line.substr(0, 300);
      EXPECT_TRUE(std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c < 0x7f; }))
          << of << ": " << line.substr(0, 300);
      EXPECT_FALSE(line.starts_with("[ALERT] x")) << of;
    }
  }

  void expect_unbroken(Proxy& shown) {
    constexpr std::size_t kLine = 2000;
    expect_plain(shown.process().all(), "log", 1024 + 100);  // `len` of a log line, and the head that it has not
    for (const char* command : {"show kerberos", "why", "show sess", "show errors", "show stat"})
      expect_plain(ask(socket(), command), command, kLine);
    const std::uint16_t port = shown.port("stats");
    const std::string page = http(port, "/").body;
    EXPECT_FALSE(contains(page, "<b>&")) << "an element of the client's own";
    EXPECT_FALSE(contains(page, "eve<")) << "an element of the client's own";
    EXPECT_FALSE(contains(page, "\x1b")) << page;
    EXPECT_LT(page.size(), 200'000u);
    expect_plain(http(port, "/;csv").body, "csv", kLine);
    const std::string json = http(port, "/stats.json").body;
    boost::system::error_code wrong;
    boost::json::parse(json, wrong);
    EXPECT_FALSE(wrong) << json;
    EXPECT_FALSE(contains(json, "\x1b"));
    static const std::regex kSample(R"(#.*|[a-z_:]+(\{([a-z_]+="([^"\\]|\\.)*",?)*\})? \S+)");
    std::istringstream metrics(http(port, "/metrics").body);
    for (std::string line; std::getline(metrics, line);) {
      EXPECT_LE(line.size(), kLine) << line.substr(0, 300);
      if (line.size() <= kLine) {
        EXPECT_TRUE(std::regex_match(line, kSample)) << line;
      }
    }
  }
};

TEST_P(HostileName, OfAClientBreaksNothing) {
  const Environment eve = user();
  {
    Proxy served = proxy("");
    const Outcome outcome = log_in(served, eve);
    EXPECT_EQ(outcome.status, 0) << outcome.err.substr(0, 1000) << served.process().all().substr(0, 4000);
    served.process().wait_for_line(" shell/coordinator1 .*mechanism=GSSAPI");
    expect_unbroken(served);
  }
  if (std::string(GetParam().mode) == "inspect") return;
  Proxy refusing = proxy("  kerberos deny *\n");
  const Outcome outcome = log_in(refusing, eve);
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(contains(outcome.err, "may not log in here")) << outcome.err;
  expect_plain(outcome.err, "the client's error", 1200);
  refusing.process().wait_for_line(" shell/<NOSRV> .*reason=");
  EXPECT_TRUE(contains(ask(socket(), "why"), "user-denied"));
  expect_unbroken(refusing);
}

TEST_P(HostileName, OfAServiceBreaksNothing) {
  using namespace login::fixture;
  Proxy refusing = proxy("");
  Clear clear;
  clear.components = {"impala", GetParam().principal};
  clear.realm = GetParam().principal;
  const Buffer bytes = login::fixture::login("GSSAPI", kerberos(clear));
  const std::string answer = answer_to(refusing, {bytes.begin(), bytes.end()});
  ASSERT_GT(answer.size(), 5u);
  EXPECT_EQ(answer[0], '\4');
  expect_plain(answer.substr(5), "the client's error", 1000);
  refusing.process().wait_for_line(" shell/<NOSRV> .*reason=");
  EXPECT_TRUE(contains(ask(socket(), "why"), "wrong-"));
  expect_unbroken(refusing);
}

INSTANTIATE_TEST_SUITE_P(Modes, HostileName,
                         testing::Values(Case{"BreakingInspect", "inspect", kBreaking},
                                         Case{"BreakingVerify", "verify", kBreaking},
                                         Case{"BreakingLate", "late", kBreaking}, Case{"LongInspect", "inspect", kLong},
                                         Case{"LongVerify", "verify", kLong}, Case{"LongLate", "late", kLong}),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace kerbgate::e2e
