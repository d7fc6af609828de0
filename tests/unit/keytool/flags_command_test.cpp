#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "commands/rows.hpp"
#include "text_file.hpp"
#include "unit/keytool/support/fake_resolver.hpp"
#include "unit/keytool/temporary_directory.hpp"

namespace kerbgate::commands {
namespace {

class FlagsCommand : public testing::Test {
 protected:
  struct Ran {
    int status;
    std::string out, err;
  };

  void SetUp() override {
    const IpAddress address = IpAddress::parse("10.0.0.7").value();
    dns_.names["proxy.example.com"] = dns_.names["node1.example.com"] = {{address}, "node1.example.com"};
    dns_.pointers["10.0.0.7"] = "node1.example.com";
  }

  Ran run(const std::string& line, const std::string& input = "") {
    std::vector<std::string> arguments{"flags"};
    std::istringstream words(line);
    for (std::string word; words >> word;) arguments.push_back(word);
    std::istringstream in(input);
    std::ostringstream out, err;
    Environment environment{in, out, err, dns_};
    const Exit status = dispatch(arguments, all_commands(), environment);
    return {static_cast<int>(status), out.str(), err.str()};
  }

  TemporaryDirectory directory_;
  test::FakeResolver dns_;
};

TEST_F(FlagsCommand, OneHostIsItsFlagfileAlone) {
  const Ran ran = run("--proxy Proxy.example.com --host node1.example.com --realm R");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "-principal=impala/proxy.example.com@R\n"
            "-be_principal=impala/node1.example.com@R\n"
            "-keytab_file=/etc/impala/conf/impala.keytab\n");
  EXPECT_EQ(ran.err, "");
}

TEST_F(FlagsCommand, EveryFormatAnswersForOneCoordinator) {
  for (const std::string format :
       {"flags", "flagfile", "shell", "env", "json", "cloudera-manager", "helm", "hive-site"}) {
    const Ran ran = run("--proxy proxy.example.com --host node1.example.com --realm R --format " + format);
    EXPECT_EQ(ran.status, 0) << format << ": " << ran.err;
    EXPECT_NE(ran.out.find("proxy.example.com"), std::string::npos) << format;
    EXPECT_EQ(ran.out.find("_HOST"), std::string::npos) << format;
    EXPECT_EQ(ran.out.find("kerberos_reinit_interval"), std::string::npos) << format;
  }
}

TEST_F(FlagsCommand, RefusesWithStatusAndReason) {
  const struct {
    const char* name;
    const char* line;
    int status;
    const char* why;
  } table[] = {
      {"no host", "--proxy p.example.com --realm R", 2, "keytool: which host? give --host FQDN"},
      {"two ways to say it", "--host a.example.com --inventory f --realm R", 2, "exclude each other"},
      {"no proxy", "--host a.example.com --realm R", 2, "coordinator a.example.com needs the proxy's name"},
      {"proxy is an address", "--proxy 10.0.0.1 --host a.example.com", 2, "--proxy: '10.0.0.1' is an IP address"},
      {"proxy is short", "--proxy p:21050 --host a.example.com", 2, "--proxy: 'p' is not fully qualified"},
      {"proxy with a bad port", "--proxy p.example.com:0 --host a.example.com", 2, "a number from 1 to 65535"},
      {"host is a macro", "--proxy p.example.com --host _HOST", 2, "--host: host name '_HOST' cannot be used"},
      {"unknown role", "--host a.example.com --role executer", 2, "did you mean 'executor'?"},
      {"unknown format", "--host a.example.com --format flagfiles", 2, "did you mean 'flagfile'?"},
      {"no such inventory", "--inventory /nonexistent/hosts.ini --realm R", 3,
       "keytool: open /nonexistent/hosts.ini: "},
      {"files of another format", "--host a.example.com --role catalogd --realm R --out x --format shell", 2,
       "--out writes"},
      {"the proxy's own host", "--proxy a.example.com --host a.example.com --realm R", 2, "--allow-proxy-host"},
      {"the same, but asked for with another daemon's flag",
       "--host a.example.com --role admissiond --realm R --format env", 2, "has no variable for admissiond"},
  };
  for (const auto& row : table) {
    SCOPED_TRACE(row.name);
    const Ran ran = run(row.line);
    EXPECT_EQ(ran.status, row.status);
    EXPECT_EQ(ran.out, "");
    EXPECT_NE(ran.err.find(row.why), std::string::npos) << ran.err;
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
  }
}

TEST_F(FlagsCommand, AnInventoryOnStandardInputHeadsEachDaemon) {
  const std::string hosts =
      "[coordinators]\na.example.com keytab=/k\n[executors]\na.example.com\n[catalogd]\nb.example.com\n[catalog]\nx\n";
  const Ran ran = run("--proxy p.example.com --realm R --inventory - --keytab /common", hosts);
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "# a.example.com: coordinator\n"
            "-principal=impala/p.example.com@R\n"
            "-be_principal=impala/a.example.com@R\n"
            "-keytab_file=/k\n"
            "\n"
            "# b.example.com: catalogd\n"
            "-principal=impala/b.example.com@R\n"
            "-keytab_file=/common\n");
  EXPECT_EQ(ran.err, "keytool: warning: (standard input):7: group [catalog] is left aside; did you mean 'catalogd'?\n");
  const Ran one = run("--realm R --inventory - --role catalogd --format flags", hosts);
  EXPECT_EQ(one.out, "-principal=impala/b.example.com@R -keytab_file=/etc/impala/conf/impala.keytab\n");
  EXPECT_EQ(run("--realm R --inventory - --role statestored", hosts).status, 2);
}

TEST_F(FlagsCommand, JsonHoldsEveryDaemon) {
  const Ran ran = run("--realm R --inventory - --role executor --format json", "[executors]\nn[1:2].example.com\n");
  ASSERT_EQ(ran.status, 0) << ran.err;
  const auto whole = boost::json::parse(ran.out).as_object();
  EXPECT_TRUE(whole.at("proxy").is_null());
  const auto& daemons = whole.at("daemons").as_array();
  ASSERT_EQ(daemons.size(), 2U);
  EXPECT_EQ(daemons[1].at("host").as_string(), "n2.example.com");
  EXPECT_EQ(daemons[1].at("daemon").as_string(), "impalad");
  EXPECT_EQ(daemons[1].at("flags").at("principal").as_string(), "impala/n2.example.com@R");
}

TEST_F(FlagsCommand, OutWritesAFileForEachDaemon) {
  const std::string out = directory_.file("flags");
  const Ran ran = run("--proxy p.example.com --realm R --inventory - --out " + out,
                      "[coordinators]\na.example.com\n[statestored]\na.example.com\n");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.out, out + "/a.example.com/impalad_flags\n" + out + "/a.example.com/statestored_flags\n");
  EXPECT_EQ(read_text(out + "/a.example.com/statestored_flags").value(),
            "-principal=impala/a.example.com@R\n-keytab_file=/etc/impala/conf/impala.keytab\n");
}

TEST_F(FlagsCommand, OutWritesNothingWhenOneDaemonIsRefused) {
  const std::string out = directory_.file("flags");
  const Ran ran = run("--proxy p.example.com --realm R --inventory - --out " + out, "a.example.com\np.example.com\n");
  EXPECT_EQ(ran.status, 2);
  EXPECT_FALSE(std::filesystem::exists(out));
}

TEST_F(FlagsCommand, CheckNamesStopsAtANameThatClientsCannotUse) {
  const Ran bad = run("--proxy proxy.example.com --host node1.example.com --realm R --check-names");
  EXPECT_EQ(bad.status, 1);
  EXPECT_EQ(bad.out, "");
  EXPECT_TRUE(bad.err.starts_with("keytool: proxy.example.com: the name is an alias")) << bad.err;
  EXPECT_EQ(run("--host node1.example.com --role catalogd --realm R --check-names").status, 0);
  dns_.pointers.clear();
  const Ran warned = run("--host node1.example.com --role catalogd --realm R --check-names");
  EXPECT_EQ(warned.status, 0);
  EXPECT_TRUE(warned.err.starts_with("keytool: warning: node1.example.com: 10.0.0.7 has no PTR")) << warned.err;
}

TEST_F(FlagsCommand, TheRealmComesFromKrb5Conf) {
  const char* before = getenv("KRB5_CONFIG");
  const std::string kept = before != nullptr ? before : "";
  const std::string file = directory_.file("krb5.conf");
  setenv("KRB5_CONFIG", file.c_str(), 1);
  std::ofstream(file) << "[libdefaults]\n  default_realm = FROM.CONF\n";
  EXPECT_NE(run("--host a.example.com --role catalogd").out.find("@FROM.CONF\n"), std::string::npos);
  std::ofstream(file) << "[libdefaults]\n";
  const Ran none = run("--host a.example.com --role catalogd");
  EXPECT_EQ(none.status, 3);
  EXPECT_TRUE(none.err.starts_with("keytool: no --realm was given; find default_realm in krb5.conf: ")) << none.err;
  before != nullptr ? setenv("KRB5_CONFIG", kept.c_str(), 1) : unsetenv("KRB5_CONFIG");
}

}  // namespace
}  // namespace kerbgate::commands
