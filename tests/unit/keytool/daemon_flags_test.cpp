#include "kerbgate/daemon_flags.hpp"

#include <gtest/gtest.h>

#include "settings/flagfile.hpp"
#include "settings/flags_format.hpp"

namespace kerbgate {
namespace {

Fqdn fqdn(const std::string& name) { return Fqdn::parse(name).value(); }

KerberosSetup example() { return {fqdn("proxy.example.com"), "impala", "EXAMPLE.COM", "/etc/impala/i.keytab"}; }

const FormatExtras kExtras{"proxy.example.com:21050", "impala-keytab", "krb5-conf"};

std::string joined(const DaemonFlags& daemon) {
  std::string text;
  for (const auto& [name, value] : daemon.flags) text += name + "=" + value + " ";
  return text;
}

TEST(DaemonFlags, OnlyACoordinatorSpeaksForTheProxy) {
  const std::string own = "principal=impala/node1.example.com@EXAMPLE.COM keytab_file=/etc/impala/i.keytab ";
  const std::string both =
      "principal=impala/proxy.example.com@EXAMPLE.COM be_principal=impala/node1.example.com@EXAMPLE.COM "
      "keytab_file=/etc/impala/i.keytab ";
  for (const Role role : kRoles) {
    const auto flags = daemon_flags(example(), fqdn("Node1.Example.com."), role);
    ASSERT_TRUE(flags) << flags.error().what;
    EXPECT_EQ(joined(*flags), role == Role::coordinator ? both : own) << role_name(role);
    EXPECT_TRUE(flags->warnings.empty());
  }
}

TEST(DaemonFlags, SaysWhyItRefuses) {
  struct Case {
    const char* name;
    void (*change)(KerberosSetup&);
    const char* why;
  };
  const Case table[] = {
      {"no proxy", [](KerberosSetup& s) { s.proxy.reset(); }, "coordinator node1.example.com needs the proxy's name"},
      {"proxy is the host", [](KerberosSetup& s) { s.proxy = fqdn("node1.example.com"); },
       "coordinator node1.example.com carries the proxy's own name"},
      {"no realm", [](KerberosSetup& s) { s.realm = ""; }, "the realm is empty"},
      {"realm with a blank", [](KerberosSetup& s) { s.realm = "EXAMPLE .COM"; },
       "realm 'EXAMPLE .COM': it may hold letters"},
      {"realm with a macro", [](KerberosSetup& s) { s.realm = "A_HOST"; },
       "realm 'A_HOST' cannot be used: impalad replaces"},
      {"service with a slash", [](KerberosSetup& s) { s.service = "impala/x"; },
       "service 'impala/x': it may hold letters"},
      {"service with a macro", [](KerberosSetup& s) { s.service = "_HOST"; }, "service '_HOST' cannot be used"},
      {"relative keytab", [](KerberosSetup& s) { s.keytab = "i.keytab"; }, "keytab path 'i.keytab' is not absolute"},
      {"keytab with a line end", [](KerberosSetup& s) { s.keytab = "/a\n-b=c"; }, "holds a control character"},
      {"keytab with CR", [](KerberosSetup& s) { s.keytab = "/a\r"; }, "holds a control character"},
  };
  for (const Case& row : table) {
    SCOPED_TRACE(row.name);
    KerberosSetup setup = example();
    row.change(setup);
    const auto flags = daemon_flags(setup, fqdn("node1.example.com"), Role::coordinator);
    ASSERT_FALSE(flags);
    EXPECT_TRUE(flags.error().is(Errc::invalid));
    EXPECT_NE(flags.error().what.find(row.why), std::string::npos) << flags.error().what;
  }
}

TEST(DaemonFlags, TheProxysOwnHostIsAllowedWhenAsked) {
  KerberosSetup setup = example();
  setup.proxy_on_coordinator = true;
  const auto flags = daemon_flags(setup, fqdn("proxy.example.com"), Role::coordinator);
  ASSERT_TRUE(flags);
  EXPECT_EQ(flags->value("principal"), flags->value("be_principal"));
  ASSERT_EQ(flags->warnings.size(), 1U);
  EXPECT_NE(flags->warnings[0].find("the proxy has the same name"), std::string::npos);
}

TEST(DaemonFlags, WarnsOfLongHostsAndSmallRealms) {
  const std::string longest = std::string(51, 'a') + ".example.com", longer = "a" + longest;
  EXPECT_TRUE(daemon_flags(example(), fqdn(longest), Role::executor)->warnings.empty());
  const auto flags = daemon_flags(example(), fqdn(longer), Role::executor);
  ASSERT_EQ(flags->warnings.size(), 1U);
  EXPECT_NE(flags->warnings[0].find("has 64 characters and impalad cuts host names at 63 (KUDU-2989)"),
            std::string::npos);
  KerberosSetup setup = example();
  setup.realm = "example.COM";
  EXPECT_EQ(daemon_flags(setup, fqdn("a.example.com"), Role::executor)->warnings.size(), 1U);
}

TEST(DaemonFlags, AMacroOrAShortNameIsNoHost) {
  for (const char* name : {"_HOST", "x._HOST.com", "node1", "10.0.0.7"}) EXPECT_FALSE(literal_host(name)) << name;
  EXPECT_NE(literal_host("_HOST").error().what.find("impalad replaces _HOST with gethostname()"), std::string::npos);
  EXPECT_EQ(literal_host("MY_host.example.com")->str(), "my_host.example.com");
}

TEST(DaemonFlags, CoordinatorAndExecutorAreOneImpalad) {
  using enum Role;
  EXPECT_EQ(daemons({executor, coordinator, executor}), (std::vector{coordinator}));
  EXPECT_EQ(daemons({catalogd, executor, statestored}), (std::vector{executor, statestored, catalogd}));
}

TEST(DaemonFlags, RolesComeBackFromTheirNames) {
  for (const Role role : kRoles) EXPECT_EQ(parse_role(role_name(role)).value(), role);
  EXPECT_EQ(parse_role("statestore").error().what, "unknown role 'statestore'; did you mean 'statestored'?");
  EXPECT_EQ(daemon_name(Role::executor), "impalad");
}

TEST(FlagsFormat, WritesEachFormWhole) {
  const struct {
    const char* format;
    Role role;
    const char* text;
  } table[] = {
      {"flags", Role::coordinator,
       "-principal=impala/proxy.example.com@EXAMPLE.COM -be_principal=impala/node1.example.com@EXAMPLE.COM "
       "-keytab_file=/etc/impala/i.keytab\n"},
      {"flagfile", Role::coordinator,
       "-principal=impala/proxy.example.com@EXAMPLE.COM\n"
       "-be_principal=impala/node1.example.com@EXAMPLE.COM\n"
       "-keytab_file=/etc/impala/i.keytab\n"},
      {"shell", Role::executor,
       "IMPALA_SERVER_ARGS=\"${IMPALA_SERVER_ARGS:-} \\\n"
       "    -principal=impala/node1.example.com@EXAMPLE.COM \\\n"
       "    -keytab_file=/etc/impala/i.keytab\"\n"},
      {"shell", Role::statestored,
       "IMPALA_STATE_STORE_ARGS=\"${IMPALA_STATE_STORE_ARGS:-} \\\n"
       "    -principal=impala/node1.example.com@EXAMPLE.COM \\\n"
       "    -keytab_file=/etc/impala/i.keytab\"\n"},
      {"env", Role::catalogd,
       "IMPALA_CATALOG_ARGS=-principal=impala/node1.example.com@EXAMPLE.COM -keytab_file=/etc/impala/i.keytab\n"},
      {"cloudera-manager", Role::executor,
       "# Only where the keytabs are made elsewhere: impalad Command Line Argument Advanced Configuration\n"
       "# Snippet (Safety Valve) of the role instance on node1.example.com:\n"
       "-principal=impala/node1.example.com@EXAMPLE.COM\n"
       "-keytab_file=/etc/impala/i.keytab\n"},
      {"hive-site", Role::coordinator,
       "<property>\n  <name>hive.server2.authentication</name>\n  <value>KERBEROS</value>\n</property>\n"
       "<property>\n  <name>hive.server2.authentication.kerberos.principal</name>\n"
       "  <value>impala/proxy.example.com@EXAMPLE.COM</value>\n</property>\n"
       "<property>\n  <name>hive.server2.authentication.kerberos.keytab</name>\n"
       "  <value>/etc/impala/i.keytab</value>\n</property>\n"},
  };
  for (const auto& row : table) {
    SCOPED_TRACE(row.format);
    const auto daemon = daemon_flags(example(), fqdn("node1.example.com"), row.role);
    const auto text = render(*daemon, parse_flags_format(row.format).value(), kExtras);
    ASSERT_TRUE(text) << text.error().what;
    EXPECT_EQ(*text, row.text);
  }
}

TEST(FlagsFormat, NamesTheLoadBalancerAndTheCharts) {
  const auto daemon = daemon_flags(example(), fqdn("node1.example.com"), Role::coordinator);
  const std::string cm = render(*daemon, FlagsFormat::cloudera_manager, kExtras).value();
  EXPECT_NE(cm.find("\nimpalad_load_balancer=proxy.example.com:21050\n"), std::string::npos) << cm;
  const std::string helm = render(*daemon, FlagsFormat::helm, kExtras).value();
  EXPECT_NE(helm.find("IMPALA-15017"), std::string::npos);
  EXPECT_TRUE(
      helm.ends_with("security:\n  kerberos:\n"
                     "    principal: \"impala/proxy.example.com@EXAMPLE.COM\"\n"
                     "    bePrincipal: \"impala/node1.example.com@EXAMPLE.COM\"\n"
                     "    keytabSecretName: \"impala-keytab\"\n"
                     "    krb5ConfigMapName: \"krb5-conf\"\n"))
      << helm;
}

TEST(FlagsFormat, RefusesWhatAFormCannotHold) {
  const struct {
    const char* name;
    const char* keytab;
    Role role;
    std::vector<const char*> refused;
  } table[] = {
      {"a blank", "/a b", Role::catalogd, {"flags", "shell", "env"}},
      {"a quote", "/a'b", Role::catalogd, {"flags", "shell", "env"}},
      {"an expansion", "/a$b", Role::catalogd, {"flags", "shell", "env"}},
      {"a blank at the end", "/a ", Role::catalogd, {"flags", "shell", "env", "flagfile", "cloudera-manager"}},
      {"a daemon without a variable", "/a", Role::admissiond, {"shell", "env"}},
  };
  for (const auto& row : table) {
    KerberosSetup setup = example();
    setup.keytab = row.keytab;
    const auto daemon = daemon_flags(setup, fqdn("node1.example.com"), row.role);
    ASSERT_TRUE(daemon) << daemon.error().what;
    for (const auto format : {"flags", "shell", "env", "flagfile", "cloudera-manager", "helm"}) {
      SCOPED_TRACE(std::string(row.name) + " in " + format);
      const auto text = render(*daemon, parse_flags_format(format).value(), kExtras);
      const bool refused = std::count_if(row.refused.begin(), row.refused.end(),
                                         [&](const char* name) { return std::string_view(name) == format; }) > 0;
      EXPECT_EQ(text.ok(), !refused);
      if (!text) {
        EXPECT_TRUE(text.error().is(Errc::invalid));
        EXPECT_NE(text.error().what.find("on node1.example.com: --format " + std::string(format)), std::string::npos);
      }
    }
  }
  EXPECT_FALSE(
      render(*daemon_flags(example(), fqdn("a.example.com"), Role::executor), FlagsFormat::hive_site, kExtras));
}

TEST(FlagsFormat, XmlIsEscaped) {
  KerberosSetup setup = example();
  setup.keytab = "/a<b>&\"c'";
  const auto daemon = daemon_flags(setup, fqdn("node1.example.com"), Role::coordinator);
  const std::string text = render(*daemon, FlagsFormat::hive_site, kExtras).value();
  EXPECT_NE(text.find("<value>/a&lt;b&gt;&amp;&quot;c&apos;</value>"), std::string::npos) << text;
}

TEST(FlagsFormat, AnUnknownOneNamesTheNearest) {
  EXPECT_EQ(parse_flags_format("flagfiel").error().what, "unknown format 'flagfiel'; did you mean 'flagfile'?");
  EXPECT_NE(parse_flags_format("toml").error().what.find("it is one of flags, flagfile, shell"), std::string::npos);
}

TEST(Flagfile, WhatIsWrittenReadsBackAsTheSameValues) {
  for (const Role role : kRoles) {
    for (const std::string keytab : {"/etc/impala/i.keytab", "/a b/#c=d\"e'.keytab"}) {
      KerberosSetup setup = example();
      setup.keytab = keytab;
      const auto daemon = daemon_flags(setup, fqdn("node1.example.com"), role);
      const std::string text =
          heading(*daemon, FlagsFormat::flagfile) + render(*daemon, FlagsFormat::flagfile, kExtras).value();
      std::vector<std::pair<std::string, std::string>> read;
      for (const FileFlag& flag : read_flagfile(text, "/opt/impala/sbin/impalad")) {
        read.emplace_back(flag.name, flag.value.value_or("(none)"));
      }
      EXPECT_EQ(read, daemon->flags);
    }
  }
}

TEST(Flagfile, FollowsGflagsToTheLetter) {
  using Flags = std::vector<FileFlag>;
  const struct {
    const char* name;
    std::string text;
    Flags flags;
  } table[] = {
      {"empty", "", {}},
      {"one and two dashes", "-a=1\n--b=2", {{"a", "1", 1}, {"b", "2", 2}}},
      {"blanks in front, none cut behind", "  \t-a=1 \n\n\n -b= 2", {{"a", "1 ", 1}, {"b", " 2", 4}}},
      {"no quoting", "-a=\"x y\"\n", {{"a", "\"x y\"", 1}}},
      {"comment only as first character", "# -a=1\n-b=2 # c\n", {{"b", "2 # c", 2}}},
      {"a value without an equals sign is none", "-a 1\n-c\n", {{"a 1", std::nullopt, 1}, {"c", std::nullopt, 2}}},
      {"later ones are kept in order", "-a=1\n-a=2", {{"a", "1", 1}, {"a", "2", 2}}},
      {"empty value", "-a=\n", {{"a", "", 1}}},
      {"dashes in a name", "-keytab-file=/x", {{"keytab_file", "/x", 1}}},
      {"another program's part", "catalogd\n-a=1\nimpalad\n-b=2", {{"b", "2", 4}}},
      {"name lines in a row are one list", "impalad\ncatalogd\n-a=1\nstatestored\n-b=2", {{"a", "1", 3}}},
      {"several names and a pattern on a line", "catalogd impal*\n-a=1", {{"a", "1", 2}}},
      {"a stray word switches the rest off", "-a=1\nprincipal=x\n-b=2\n", {{"a", "1", 1}}},
      {"one CR swallows the lines before it", "-a=1\n-b=2\r\n-c=3\n", {{"a", "1\n-b=2", 1}, {"c", "3", 3}}},
      {"all CRLF", "-a=1\r\n-b=2\r\n", {{"a", "1", 1}, {"b", "2", 2}}},
      {"NUL ends the file", std::string("-a=1\n\0-b=2", 10), {{"a", "1", 1}}},
  };
  for (const auto& row : table) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(read_flagfile(row.text, "/opt/impala/sbin/impalad"), row.flags);
  }
}

}  // namespace
}  // namespace kerbgate
