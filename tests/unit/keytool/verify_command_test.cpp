#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <filesystem>
#include <fstream>

#include "commands/check_report.hpp"
#include "unit/keytool/keytab_cli_fixture.hpp"

using namespace kerbgate;
using keytab_fixture::record;

namespace {

class VerifyCommand : public KeytabCli {
 protected:
  VerifyCommand() {
    add("lb.example.com", "10.0.0.7");
    add("host1.example.com", "10.0.0.1");
    put("k", {record("lb"), record("host1")});
    EXPECT_EQ(::chmod(path("k").c_str(), 0400), 0);
  }
  void add(const std::string& name, const char* address) {
    resolver_.names[name] = {{*IpAddress::parse(address)}, name};
    resolver_.pointers[address] = name;
  }
  Ran verify(const std::string& file, std::vector<std::string> more = {}) {
    std::vector<std::string> line{
        "verify",  file,          "--proxy", "lb.example.com",         "--host", "host1.example.com",
        "--realm", "EXAMPLE.COM", "--user",  std::to_string(geteuid())};
    line.insert(line.end(), more.begin(), more.end());
    return keytool(std::move(line));
  }
  std::string flagfile(const std::string& text) {
    std::ofstream(path("flags"), std::ios::binary) << text;
    return path("flags");
  }
  [[nodiscard]] std::string good_flags() const {
    return "--principal=impala/lb.example.com@EXAMPLE.COM\n--be_principal=impala/host1.example.com@EXAMPLE.COM\n"
           "--keytab_file=" +
           path("k") + "\n";
  }
};

TEST_F(VerifyCommand, PassesWhereAllIsRight) {
  const Ran ran = verify("./k", {"--flagfile", flagfile(good_flags())});
  EXPECT_EQ(ran.status, 0) << ran.out << ran.err;
  EXPECT_TRUE(ran.prints(", 0 failed, 0 warnings, ")) << ran.out;
  EXPECT_FALSE(ran.prints("remedy:"));
}

TEST_F(VerifyCommand, AFailureIsStatus1WithCauseAndRemedyBelowItsRow) {
  put("one", {record("host1")});
  const Ran ran = verify("./one");
  EXPECT_EQ(ran.status, 1);
  EXPECT_TRUE(ran.prints("\n    proxy-key-not-merged: the coordinator's keytab lacks the proxy's principal\n"))
      << ran.out;
  EXPECT_TRUE(ran.prints("keytool merge " + path("one") + " proxy.keytab -o " + path("one"))) << ran.out;
}

TEST_F(VerifyCommand, WhatCannotBeAHostsNameIsUsageAndAWrongNameAFailure) {
  for (const std::string option : {"--host", "--proxy"}) {
    std::vector<std::string> line{"verify", "./k", "--realm", "EXAMPLE.COM", option, "host 1.example.com"};
    const std::string other = option == "--host" ? "--proxy" : "--host";
    line.insert(line.end(), {other, "lb.example.com"});
    const Ran ran = keytool(line);
    EXPECT_EQ(ran.status, 2) << ran.out;
    EXPECT_TRUE(ran.says(option + ": 'host 1.example.com' has ' ' at character 5")) << ran.err;
    EXPECT_EQ(ran.out, "");
  }
  for (const std::string name : {"host1", "10.0.0.1"}) {
    const Ran ran = keytool({"verify", "./k", "--realm", "EXAMPLE.COM", "--proxy", "lb.example.com", "--host", name});
    EXPECT_EQ(ran.status, 1) << ran.err;
    EXPECT_TRUE(ran.prints("remedy: ")) << ran.out;
  }
}

TEST_F(VerifyCommand, NoKeyIsPrinted) {
  const Ran ran = verify("./k", {"--json"});
  EXPECT_FALSE(ran.prints("kkkk"));
  EXPECT_FALSE(ran.prints("6b6b"));
}

TEST_F(VerifyCommand, JsonCountsWhatItLists) {
  put("one", {record("host1")});
  const Ran ran = verify("./one", {"--json"});
  EXPECT_EQ(ran.status, 1);
  const auto whole = boost::json::parse(ran.out).as_object();
  const auto& checks = whole.at("checks").as_array();
  const auto& summary = whole.at("summary").as_object();
  std::size_t failed = 0;
  for (const auto& row : checks) {
    const bool fail = row.at("verdict") == "fail";
    failed += fail ? 1 : 0;
    EXPECT_EQ(row.at("cause").is_null(), !fail && row.at("verdict") != "warn");
  }
  EXPECT_EQ(summary.at("checks").to_number<std::size_t>(), checks.size());
  EXPECT_EQ(summary.at("failed").to_number<std::size_t>(), failed);
  EXPECT_GT(failed, 0U);
}

TEST_F(VerifyCommand, ACopyIsNotAskedForModeAndOwner) {
  put("copy", {record("lb"), record("host1")});
  ASSERT_EQ(::chmod(path("copy").c_str(), 0644), 0);
  const Ran ran = verify("./copy", {"--keytab-path", "/etc/impala/conf/impala.keytab"});
  EXPECT_EQ(ran.status, 0) << ran.out;
  EXPECT_TRUE(ran.prints("this is a copy of /etc/impala/conf/impala.keytab; run it on host1.example.com")) << ran.out;
  EXPECT_EQ(verify("./copy").status, 1);
}

TEST_F(VerifyCommand, AFlagThatLeadsToTheFileByALinkIsRight) {
  ASSERT_EQ(::symlink(path("k").c_str(), path("link").c_str()), 0);
  std::string flags = good_flags();
  flags.replace(flags.rfind("/k"), 2, "/link");
  EXPECT_EQ(verify("./k", {"--flagfile", flagfile(flags)}).status, 0);
}

struct Strange {
  const char* name;
  void (*make)(const std::string& path);
  const char* cause;
};

class StrangeKeytab : public VerifyCommand, public testing::WithParamInterface<Strange> {};

TEST_P(StrangeKeytab, IsAFailureAndNoHang) {
  GetParam().make(path("strange"));
  const Ran ran = verify("./strange");
  EXPECT_EQ(ran.status, 1) << ran.out << ran.err;
  EXPECT_TRUE(ran.prints(std::string("\n    ") + GetParam().cause + ": ")) << ran.out;
}

INSTANTIATE_TEST_SUITE_P(
    Files, StrangeKeytab,
    testing::Values(
        Strange{"Missing", [](const std::string&) {}, "keytab-missing"},
        Strange{"Empty", [](const std::string& path) { std::ofstream{path}; }, "not-a-keytab"},
        Strange{"Text", [](const std::string& path) { std::ofstream{path} << "principal=x\n"; }, "not-a-keytab"},
        Strange{"Directory", [](const std::string& path) { ASSERT_EQ(::mkdir(path.c_str(), 0755), 0); },
                "keytab-not-a-file"},
        Strange{"Pipe", [](const std::string& path) { ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0); },
                "keytab-not-a-file"},
        Strange{"Device", [](const std::string& path) { ASSERT_EQ(::symlink("/dev/zero", path.c_str()), 0); },
                "keytab-not-a-file"},
        Strange{"DanglingLink", [](const std::string& path) { ASSERT_EQ(::symlink("nowhere", path.c_str()), 0); },
                "keytab-missing"},
        Strange{"Huge",
                [](const std::string& path) {
                  std::ofstream{path} << "\5\2";
                  std::filesystem::resize_file(path, std::uintmax_t{1} << 40);
                },
                "not-a-keytab"}),
    [](const auto& tested) { return tested.param.name; });

TEST_F(VerifyCommand, StrangeFlagfilesAreAFailureAndNoHang) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  for (const std::string& file : {path("pipe"), path("missing"), directory_.path(), std::string("/dev/zero")}) {
    const Ran ran = verify("./k", {"--flagfile", file});
    EXPECT_EQ(ran.status, 1) << file;
    EXPECT_TRUE(ran.prints("flagfile-unreadable: ")) << ran.out;
  }
}

TEST_F(VerifyCommand, WhatAFileHoldsIsEscaped) {
  auto strange = record("lb");
  strange.components = {"impala", "\x1b[31mlb\n"};
  put("escape", {strange, record("host1")});
  const Ran ran =
      verify("./escape", {"--flagfile", flagfile("--principal=\x1b[2J\n" + good_flags() + "--hostname=\x1b\n")});
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.out.find('\x1b'), std::string::npos);
  EXPECT_TRUE(ran.prints("\\x1b"));
}

TEST_F(VerifyCommand, NamesThatCannotBeEndTheLook) {
  const Ran ran = keytool({"verify", "./k", "--proxy", "10.0.0.7", "--host", "host1", "--realm", "EXAMPLE.COM"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_TRUE(ran.prints("fqdn-is-an-address: "));
  EXPECT_TRUE(ran.prints("fqdn-is-short: "));
}

TEST_F(VerifyCommand, TheProxysNameOnACoordinatorFails) {
  const Ran ran = keytool({"verify", "./k", "--proxy", "lb.example.com", "--host", "lb.example.com", "--realm",
                           "EXAMPLE.COM", "--user", std::to_string(geteuid())});
  EXPECT_EQ(ran.status, 1);
  EXPECT_TRUE(ran.prints("proxy-is-a-coordinator: "));
}

TEST_F(VerifyCommand, AnUnknownUserIsAFailureOnlyWhenNamed) {
  EXPECT_TRUE(verify("./k", {}).status == 0);
  const Ran named = keytool({"verify", "./k", "--proxy", "lb.example.com", "--host", "host1.example.com", "--realm",
                             "EXAMPLE.COM", "--user", "no-such-user"});
  EXPECT_EQ(named.status, 1);
  EXPECT_TRUE(named.prints("user-unknown: "));
}

TEST_F(VerifyCommand, UsageIsStatus2) {
  EXPECT_EQ(keytool({"verify", "./k", "--realm", "R"}).status, 2);
  EXPECT_EQ(keytool({"verify", "--host", "a.b", "--realm", "R"}).status, 2);
  EXPECT_EQ(keytool({"verify", "./k", "--host", "a.b", "--realm", "R"}).status, 2);  // a coordinator needs the proxy
  EXPECT_EQ(verify("./k", {"--role", "cordinator"}).status, 2);
}

TEST_F(VerifyCommand, AStatestoredNeedsItsOwnKeyAlone) {
  put("own", {record("host1")});
  ASSERT_EQ(::chmod(path("own").c_str(), 0400), 0);
  const Ran ran = verify("./own", {"--role", "statestored"});
  EXPECT_EQ(ran.status, 0) << ran.out;
  EXPECT_FALSE(ran.prints("external principal"));
  EXPECT_TRUE(ran.prints("internal principal"));
}

TEST(CheckReport, ColoursOnlyTheVerdictAndKeepsTheColumns) {
  const std::vector<CheckResult> results{{"host", "a check", Verdict::fail, "x\ny", "kvno-older", "do it"},
                                         {"h", "b", Verdict::pass, "fine", "", ""}};
  const auto print = [&](bool colour) {
    std::istringstream in;
    std::ostringstream out, err;
    test::FakeResolver resolver;
    commands::Environment environment{in, out, err, resolver, colour, colour};
    commands::print_checks(results, environment);
    return out.str();
  };
  EXPECT_EQ(print(false),
            "subject  check    result  found\n"
            "host     a check  fail    x\\x0ay\n"
            "    kvno-older: the keytab's newest key version is older than the KDC's\n"
            "    remedy: do it\n"
            "h        b        pass    fine\n"
            "2 checks: 1 passed, 1 failed, 0 warnings, 0 skipped\n");
  EXPECT_NE(print(true).find("a check  \x1b[31mfail\x1b[0m    x"), std::string::npos);
}

}  // namespace
