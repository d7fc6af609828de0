#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <sstream>

#include "commands/rows.hpp"
#include "unit/keytool/support/fake_resolver.hpp"

namespace kerbgate::commands {
namespace {

struct Ran {
  int status;
  std::string out, err;
};

Ran run(const std::string& line) {
  std::vector<std::string> arguments{"client"};
  std::istringstream words(line), in;
  for (std::string word; words >> word;) arguments.push_back(word);
  std::ostringstream out, err;
  test::FakeResolver dns;
  Environment environment{in, out, err, dns};
  const Exit status = dispatch(arguments, all_commands(), environment);
  return {static_cast<int>(status), out.str(), err.str()};
}

TEST(ClientCommand, AUrlStandsAloneAndItsNotesAreSaid) {
  const Ran ran = run("--for jdbc --proxy Proxy.example.com --realm R");
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.out, "jdbc:hive2://proxy.example.com:21050/;principal=impala/proxy.example.com@R\n");
  EXPECT_TRUE(ran.err.starts_with("keytool: note: first kinit")) << ran.err;
}

TEST(ClientCommand, ATextWithCommentsSaysNothingBesides) {
  const Ran ran = run("--for beeline --proxy proxy.example.com:25003 --realm R --service hive");
  EXPECT_EQ(ran.status, 0);
  EXPECT_TRUE(
      ran.out.ends_with("\nbeeline -u 'jdbc:hive2://proxy.example.com:25003/;principal=hive/proxy.example.com@R'\n"))
      << ran.out;
  EXPECT_EQ(ran.err, "");
}

TEST(ClientCommand, ViaHasAPortOfItsOwn) {
  const std::string line = "--for impala-shell --proxy proxy.example.com:25003 --realm R --via ";
  EXPECT_NE(run(line + "node1.example.com").out.find(" -i node1.example.com:21050 -k -b proxy.example.com\n"),
            std::string::npos);
  EXPECT_NE(run(line + "node1.example.com:21052").out.find(" -i node1.example.com:21052 -k "), std::string::npos);
}

TEST(ClientCommand, JsonHoldsTheSettingsAndTheText) {
  const Ran ran = run("--for hue --proxy proxy.example.com --realm R --ssl --json");
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.err, "");
  const auto whole = boost::json::parse(ran.out).as_object();
  EXPECT_EQ(whole.at("client").as_string(), "hue");
  EXPECT_EQ(whole.at("principal").as_string(), "impala/proxy.example.com@R");
  EXPECT_EQ(whole.at("host").as_string(), "proxy.example.com");
  EXPECT_EQ(whole.at("port").as_int64(), 21050);
  EXPECT_TRUE(whole.at("ssl").as_bool());
  const auto& settings = whole.at("settings").as_array();
  ASSERT_EQ(settings.size(), 5U);
  EXPECT_EQ(settings[0].at("name").as_string(), "server_host");
  EXPECT_FALSE(settings[0].as_object().contains("section"));
  EXPECT_EQ(settings[3].at("section").as_string(), "ssl");
  EXPECT_EQ(run("--for hue --proxy proxy.example.com --realm R --ssl").out, whole.at("text").as_string());
  const auto impyla = boost::json::parse(run("--for impyla --proxy p.example.com --realm R --json").out);
  EXPECT_EQ(impyla.at("settings").at(0).at("value").as_string(), "p.example.com");
}

TEST(ClientCommand, RefusesWithStatusAndReason) {
  const struct {
    const char* name;
    const char* line;
    const char* why;
  } table[] = {
      {"no client", "--proxy p.example.com", "option --for is missing"},
      {"no proxy", "--for hue", "option --proxy is missing"},
      {"unknown client", "--for impala-shel --proxy p.example.com", "did you mean 'impala-shell'?"},
      {"proxy is an address", "--for hue --proxy 10.0.0.1:21050", "--proxy: '10.0.0.1' is an IP address"},
      {"proxy is short", "--for hue --proxy p", "--proxy: 'p' is not fully qualified"},
      {"proxy is a macro", "--for hue --proxy _HOST", "--proxy: host name '_HOST' cannot be used"},
      {"proxy with a bad port", "--for hue --proxy p.example.com:x", "a number from 1 to 65535"},
      {"via is short", "--for odbc --proxy p.example.com --via n1", "--via: 'n1' is not fully qualified"},
      {"via is the proxy", "--for odbc --proxy p.example.com --via P.example.com", "is the proxy itself"},
      {"via for hue", "--for hue --proxy p.example.com --via n.example.com --realm R", "leave --via away"},
      {"CA without a name", "--for odbc --proxy p.example.com --ssl --ca= --realm R", "--ca"},
      {"CA without TLS", "--for odbc --proxy p.example.com --ca /ca.pem --realm R", "give --ssl too"},
  };
  for (const auto& row : table) {
    SCOPED_TRACE(row.name);
    const Ran ran = run(row.line);
    EXPECT_EQ(ran.status, 2);
    EXPECT_EQ(ran.out, "");
    EXPECT_NE(ran.err.find(row.why), std::string::npos) << ran.err;
  }
}

}  // namespace
}  // namespace kerbgate::commands
