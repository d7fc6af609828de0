#include "settings/client_settings.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "settings/client_text.hpp"

namespace kerbgate {
namespace {

constexpr Client kAll[] = {Client::impala_shell, Client::impyla, Client::hue,    Client::hive_jdbc,
                           Client::simba_jdbc,   Client::odbc,   Client::beeline};

ClientSetup setup() {
  const Fqdn proxy = Fqdn::parse("proxy.example.com").value();
  return {proxy, proxy, 21051, "impala", "R.TEST", false, ""};
}

ClientSetup with_tls(const std::string& ca) {
  ClientSetup tls = setup();
  tls.ssl = true;
  tls.ca = ca;
  return tls;
}

ClientSetup direct() {
  ClientSetup past = setup();
  past.host = Fqdn::parse("node1.example.com").value();
  past.port = 21050;
  return past;
}

/// The text without comments and the blank lines around them.
std::string bare(Client client, const ClientSetup& of) {
  const auto settings = client_settings(client, of);
  if (!settings) return settings.error().what;
  const std::string text = client_text(client, of, *settings);
  std::string kept;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = text.find('\n', start);
    std::string line = text.substr(start, end - start);
    line.erase(std::min(line.find('#'), line.size()));
    line.erase(line.find_last_not_of(' ') + 1);
    if (!line.empty()) kept += line + "\n";
    start = end + 1;
  }
  return kept;
}

bool any_has(const std::vector<std::string>& lines, const std::string& part) {
  return std::any_of(lines.begin(), lines.end(), [&](const auto& line) { return line.find(part) != line.npos; });
}

TEST(ClientSettings, ThroughTheProxyEachClientAsksForItsName) {
  const struct {
    Client client;
    const char* text;
  } table[] = {
      {Client::impala_shell, "impala-shell --protocol=hs2 -i proxy.example.com:21051 -k\n"},
      {Client::impyla,
       "from impala.dbapi import connect\nconnection = connect(\n    host=\"proxy.example.com\",\n    port=21051,\n"
       "    auth_mechanism=\"GSSAPI\",\n    kerberos_service_name=\"impala\",\n)\n"},
      {Client::hue,
       "[impala]\nserver_host=proxy.example.com\nserver_port=21051\n"
       "impala_principal=impala/proxy.example.com@R.TEST\n"},
      {Client::hive_jdbc, "jdbc:hive2://proxy.example.com:21051/;principal=impala/proxy.example.com@R.TEST\n"},
      {Client::simba_jdbc,
       "jdbc:impala://proxy.example.com:21051;AuthMech=1;KrbRealm=R.TEST;KrbHostFQDN=proxy.example.com;"
       "KrbServiceName=impala\n"},
      {Client::odbc,
       "[Impala]\nDriver=Cloudera ODBC Driver for Impala\nHost=proxy.example.com\nPort=21051\nAuthMech=1\n"
       "KrbRealm=R.TEST\nKrbFQDN=proxy.example.com\nKrbServiceName=impala\nServicePrincipalCanonicalization=0\n"},
      {Client::beeline,
       "beeline -u 'jdbc:hive2://proxy.example.com:21051/;principal=impala/proxy.example.com@R.TEST'\n"},
  };
  ASSERT_EQ(std::size(table), client_names().size());
  for (const auto& row : table) EXPECT_EQ(bare(row.client, setup()), row.text) << client_name(row.client);
}

TEST(ClientSettings, PastTheProxyTheTicketIsStillForItsName) {
  const struct {
    Client client;
    const char* text;
  } table[] = {
      {Client::impala_shell, "impala-shell --protocol=hs2 -i node1.example.com:21050 -k -b proxy.example.com\n"},
      {Client::impyla,
       "from impala.dbapi import connect\nconnection = connect(\n    host=\"node1.example.com\",\n    port=21050,\n"
       "    auth_mechanism=\"GSSAPI\",\n    kerberos_service_name=\"impala\",\n    "
       "krb_host=\"proxy.example.com\",\n)\n"},
      {Client::hive_jdbc, "jdbc:hive2://node1.example.com:21050/;principal=impala/proxy.example.com@R.TEST\n"},
      {Client::simba_jdbc,
       "jdbc:impala://node1.example.com:21050;AuthMech=1;KrbRealm=R.TEST;KrbHostFQDN=proxy.example.com;"
       "KrbServiceName=impala\n"},
      {Client::odbc,
       "[Impala]\nDriver=Cloudera ODBC Driver for Impala\nHost=node1.example.com\nPort=21050\nAuthMech=1\n"
       "KrbRealm=R.TEST\nKrbFQDN=proxy.example.com\nKrbServiceName=impala\nServicePrincipalCanonicalization=0\n"},
  };
  for (const auto& row : table) EXPECT_EQ(bare(row.client, direct()), row.text) << client_name(row.client);
}

TEST(ClientSettings, TlsNamesTheAuthorityInTheClientsOwnForm) {
  const struct {
    Client client;
    const char* ca;
    const char* part;
  } table[] = {
      {Client::impala_shell, "/etc/ca.pem", " -k --ssl --ca_cert=/etc/ca.pem\n"},
      {Client::impyla, "/etc/ca.pem", "    use_ssl=True,\n    ca_cert=\"/etc/ca.pem\",\n)\n"},
      {Client::hue, "/etc/ca.pem", "  [[ssl]]\n    enabled=true\n    cacerts=/etc/ca.pem\n    validate=true\n"},
      {Client::hue, "", "  [[ssl]]\n    enabled=true\n    validate=true\n"},
      {Client::hive_jdbc, "/etc/ca.pem", ";ssl=true;sslTrustStore=/etc/ca.p12;trustStorePassword=changeit\n"},
      {Client::hive_jdbc, "/etc/ca.jks", ";ssl=true;sslTrustStore=/etc/ca.jks;trustStorePassword=changeit\n"},
      {Client::hive_jdbc, "", "@R.TEST;ssl=true\n"},
      {Client::simba_jdbc, "/etc/ca", ";SSL=1;SSLTrustStore=/etc/ca.p12;SSLTrustStorePwd=changeit\n"},
      {Client::odbc, "C:/certs/ca.pem", "\nSSL=1\nTrustedCerts=C:/certs/ca.pem\n"},
      {Client::beeline, "/etc/ca.p12", ";ssl=true;sslTrustStore=/etc/ca.p12;trustStorePassword=changeit'\n"},
  };
  for (const auto& row : table) {
    const std::string text = bare(row.client, with_tls(row.ca));
    EXPECT_TRUE(text.ends_with(row.part)) << client_name(row.client) << ": " << text;
  }
}

TEST(ClientSettings, ATrustStoreIsMadeOnlyFromPem) {
  const std::string made = "-file /etc/ca.pem -keystore /etc/ca.p12 -storetype PKCS12";
  EXPECT_TRUE(any_has(client_settings(Client::hive_jdbc, with_tls("/etc/ca.pem"))->notes, made));
  EXPECT_FALSE(any_has(client_settings(Client::hive_jdbc, with_tls("/etc/ca.p12"))->notes, "-importcert"));
  EXPECT_FALSE(any_has(client_settings(Client::odbc, with_tls("/etc/ca.pem"))->notes, "-importcert"));
}

TEST(ClientSettings, TheCertificateIsForTheNameConnectedTo) {
  ClientSetup past = direct();
  past.ssl = true;
  EXPECT_TRUE(any_has(client_settings(Client::odbc, past)->notes, "must hold the name node1.example.com"));
  EXPECT_TRUE(any_has(client_settings(Client::odbc, with_tls(""))->notes, "must hold the name proxy.example.com"));
  EXPECT_FALSE(any_has(client_settings(Client::odbc, setup())->notes, "certificate"));
}

TEST(ClientSettings, AnotherServiceReachesEveryClient) {
  ClientSetup other = setup();
  other.service = "hive";
  for (const Client client : kAll) {
    const std::string text = bare(client, other);
    EXPECT_NE(text.find("hive"), std::string::npos) << text;
    EXPECT_EQ(text.find("impala/"), std::string::npos) << text;
  }
  EXPECT_TRUE(bare(Client::impala_shell, other).ends_with(" -k -s hive\n"));
}

TEST(ClientSettings, EverySettingHasAReasonAndTheTextShowsItWhereItCan) {
  ClientSetup full = with_tls("/etc/ca.pem");
  for (const Client client : kAll) {
    const auto settings = client_settings(client, full);
    ASSERT_TRUE(settings) << client_name(client);
    const std::string text = client_text(client, full, *settings);
    for (const Setting& one : settings->settings) {
      EXPECT_FALSE(one.why.empty()) << client_name(client) << " " << one.name;
      EXPECT_EQ(text.find(one.why) != std::string::npos, has_comments(client)) << client_name(client) << one.name;
    }
    EXPECT_TRUE(has_comments(client) || std::count(text.begin(), text.end(), '\n') == 1) << text;
  }
}

TEST(ClientSettings, WarnsOfWhatIsUnwise) {
  const auto at_port = [](std::uint16_t port) {
    ClientSetup other = setup();
    other.port = port;
    return other;
  };
  ClientSetup small = setup();
  small.realm = "r.test";
  const struct {
    const char* name;
    Client client;
    ClientSetup setup;
    const char* part;  // nullptr: no warning
  } table[] = {
      {"beeswax's port", Client::impyla, at_port(21000), "port 21000 is Impala's usual one for beeswax"},
      {"hs2-http's port", Client::odbc, at_port(28000), "port 28000 is Impala's usual one for hs2-http"},
      {"a port of one's own", Client::odbc, at_port(25003), nullptr},
      {"shell, TLS without CA", Client::impala_shell, with_tls(""), "impala-shell takes any certificate"},
      {"impyla, TLS without CA", Client::impyla, with_tls(""), "impyla takes any certificate"},
      {"shell, TLS with CA", Client::impala_shell, with_tls("/ca"), nullptr},
      {"Java trusts its own", Client::hive_jdbc, with_tls(""), nullptr},
      {"realm in small letters", Client::hue, small, "realm r.test is not in capitals"},
  };
  for (const auto& row : table) {
    const auto settings = client_settings(row.client, row.setup);
    ASSERT_TRUE(settings) << row.name;
    if (row.part == nullptr) {
      EXPECT_TRUE(settings->warnings.empty()) << row.name << ": " << settings->warnings[0];
    } else {
      EXPECT_TRUE(any_has(settings->warnings, row.part)) << row.name;
    }
  }
}

TEST(ClientSettings, RefusesWhatAClientCannotUse) {
  ClientSetup no_tls = setup(), service = setup(), realm = setup();
  no_tls.ca = "/etc/ca.pem";
  service.service = "impala/x";
  realm.realm = "R;ssl=false";
  const struct {
    const char* name;
    Client client;
    ClientSetup setup;
    const char* why;
  } table[] = {
      {"hue past the proxy", Client::hue, direct(), "hue cannot go to node1.example.com directly"},
      {"CA without TLS", Client::odbc, no_tls, "give --ssl too"},
      {"CA is relative", Client::odbc, with_tls("ca.pem"), "--ca ca.pem is not absolute"},
      {"CA with a quote", Client::impala_shell, with_tls("/etc/it's.pem"), "a quote or another character"},
      {"CA ends a URL's part", Client::hive_jdbc, with_tls("/etc/a;ssl=false"), "another character"},
      {"CA with a line end", Client::hue, with_tls("/etc/a\nx=y"), "another character"},
      {"trust store for Python", Client::impyla, with_tls("/etc/ca.jks"),
       "is a Java trust store, and impyla reads PEM"},
      {"service with a slash", Client::odbc, service, "service 'impala/x': it may hold"},
      {"realm with a semicolon", Client::hive_jdbc, realm, "realm 'R;ssl=false': it may hold"},
  };
  for (const auto& row : table) {
    const auto settings = client_settings(row.client, row.setup);
    ASSERT_FALSE(settings) << row.name;
    EXPECT_TRUE(settings.error().is(Errc::invalid)) << row.name;
    EXPECT_NE(settings.error().what.find(row.why), std::string::npos) << row.name << ": " << settings.error().what;
  }
}

TEST(ClientSettings, NamesAreReadBackAndSlipsAreGuessed) {
  for (const auto name : client_names()) EXPECT_EQ(client_name(parse_client(name).value()), name);
  EXPECT_EQ(parse_client("bee-line").error().what, "unknown client 'bee-line'; did you mean 'beeline'?");
  EXPECT_EQ(parse_client("psql12").error().what,
            "unknown client 'psql12': it is one of impala-shell, impyla, hue, jdbc, simba-jdbc, odbc, beeline");
}

}  // namespace
}  // namespace kerbgate
