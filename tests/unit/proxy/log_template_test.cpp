#include "log/template.hpp"

#include "config_fixture.hpp"
#include "log_fixture.hpp"

namespace kerbgate::log {
namespace {

Session full() {
  Session s = example();
  s.tls = true;
  s.bytes_in = 77;
  s.destination = {"10.0.0.1", 21050};
  s.source = {"10.0.0.1", 40000};
  s.target = {"10.0.2.1", 21051};
  s.handshake_ms = 4;
  s.number = 17;
  s.line = 18;
  s.host = "lb1";
  s.pid = 99;
  s.tls_version = "TLSv1.3";
  s.tls_cipher = "TLS_AES_128_GCM_SHA256";
  s.tls_name = "lb.example.com";
  s.fields = {{"service", "impala/lb@R"}, {"reason", "a \"b\"\n]"}};
  s.fetched = {"10.9.9.9"};
  return s;
}

std::string line(const std::string& format, const Session& session) {
  const auto read = config::parse_log_template(format);
  EXPECT_TRUE(read) << format << ": " << (read ? "" : read.error().what);
  return read ? written(*read, session) : "";
}

TEST(LogTemplate, WritesWhatHaproxyWrites) {
  const Zone zone("CET-1");
  const std::pair<const char*, const char*> kLines[] = {
      {"%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq",
       "10.0.1.2:33313 [06/Feb/2009:12:12:51.443] fnt~ bck/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0"},
      {"%Tl|%T|%Ts|%ms", "06/Feb/2009:12:12:51 +0100|06/Feb/2009:11:12:51 +0000|1233918771|443"},
      {"%fi:%fp %bi:%bp %si:%sp", "10.0.0.1:21050 10.0.0.1:40000 10.0.2.1:21051"},
      {"%U %Th %Td %Tu %tsc %H %pid %rt %lc %ST %ID", "77 4 5007 5007 ---- lb1 99 17 18 0 -"},
      {"%sslv %sslc %f", "TLSv1.3 TLS_AES_128_GCM_SHA256 fnt"},
      {"%{+X}ci:%{+X}cp %{+X}pid %{+X}rt %{+X}ms %{+Q,+X}si", "0A000102:8221 0063 0011 1BB 0A000201"},
      {"%{+Q}o %s %{-Q}b %Tt \"%b\"", "\"srv1\" bck 5007 \"\"bck\"\""},
      {"100%% a%%b  c", "100% a%b c"},
      {"  %s   x ", "srv1 x "},
      {"%[src] %{+Q}[ssl_fc] %[ssl_fc_sni]", "10.9.9.9 \"1\" lb.example.com"},
      {"%[fe_name]/%[be_name]/%[srv_name]", "fnt/bck/srv1"},
      {"%[kerbgate.service] %[kerbgate.kvno] %{+Q}[kerbgate.enctype]", "impala/lb@R - \"\""},
      {"%[kerbgate.fields]", "service=impala/lb@R reason=\"a \\x22b\\x22\\x0a]\""},
      {"%{+E,+Q}[kerbgate.reason]", "\"a \\\\x22b\\\\x22\\\\x0a\\]\""},
  };
  for (const auto& [format, expected] : kLines) EXPECT_EQ(line(format, full()), expected) << format;
}

TEST(LogTemplate, SaysWhatIsMissingAndWhatWillGrow) {
  Session session = example();
  session.server.clear();
  session.connect_ms = -1;
  session.unfinished = true;
  session.redispatched = true;
  session.client_address.clear();
  EXPECT_EQ(line("%ci %s %si:%sp %{+Q}sp %bi %Td %Tt %B %U %rc %sslv %[src]", session),
            "unix <NOSRV> -:- \"\" - -1 +5007 +212 0 +3 - -");
}

TEST(LogTemplate, JsonIsTheObject) {
  const auto read = config::parse_log_template("json");
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->json);
  EXPECT_EQ(written(*read, full()), json(full()));
}

TEST(LogTemplate, RefusesWhatItDoesNotKnowAndSaysSo) {
  const std::pair<const char*, const char*> kWrong[] = {
      {"%ci %cix", "no such variable '%cix'; did you mean 'ci' maybe ?"},
      {"%HM", "HTTP alone"},
      {"100% of", "no variable after % at character"},
      {"%ci%", "ends in a single %"},
      {"%{+Q", "missing '}'"},
      {"%{+Z}ci", "unknown flag '+Z'"},
      {"%[src", "missing ']'"},
      {"%[src,ipmask(24)]", "converters"},
      {"%[sorce]", "unknown fetch 'sorce'"},
      {"%[kerbgate.kvn]", "did you mean 'kerbgate.kvno'"},
      {"%[req.ssl_sni]", "'ssl_fc_sni'"},
      {"%[src(x)]", "has no argument"},
  };
  for (const auto& [format, expected] : kWrong) {
    const auto read = config::parse_log_template(format);
    ASSERT_FALSE(read) << format;
    EXPECT_NE(read.error().what.find(expected), std::string::npos) << read.error().what;
  }
}

TEST(LogTemplate, LaterOfLogFormatAndTcplogWins) {
  const auto format_of = [](const std::string& lines) {
    const config::Parsed parsed = config::parse_listen_with(lines);
    EXPECT_TRUE(parsed.ok()) << config::printed(parsed);
    return parsed.config.frontends.at(0).log_format != nullptr;
  };
  EXPECT_TRUE(format_of(" option tcplog\n log-format %ci\n"));
  EXPECT_FALSE(format_of(" log-format %ci\n option tcplog\n"));
  EXPECT_FALSE(format_of(" log-format %ci\n option httplog\n"));
}

TEST(LogTemplate, MeansATableAndABackendThatExist) {
  using config::Level;
  EXPECT_TRUE(config::says(config::parse_listen_with(" log-format %[nbsrv(b)]\n"), Level::alert, 8, "backend 'b'"));
  EXPECT_TRUE(config::says(config::parse_listen_with(" log-format %[src_conn_cur]\n"), Level::alert, 8, "table 'a'"));
  EXPECT_TRUE(config::parse_listen_with(" log-format %[nbsrv(a)]%[nbsrv]\n").ok());
  EXPECT_TRUE(
      config::parse_listen_with(" stick-table type ip size 1k store conn_cur\n log-format %[src_conn_cur]\n").ok());
}

TEST(LogTemplate, IsReadWhereItIsUsed) {
  const config::Parsed http = config::parse_text(
      "defaults\n mode http\n log-format \"%HM %ci\"\n timeout client 1s\nlisten page\n bind :9\n stats enable\n");
  EXPECT_TRUE(http.ok()) << config::printed(http);
  EXPECT_EQ(http.config.frontends.at(0).log_format, nullptr);
}

TEST(LogTemplate, TagOfASectionIsItsOwn) {
  const config::Parsed parsed = config::parse_listen_with(" log-tag impala\n");
  EXPECT_EQ(parsed.config.frontends.at(0).log_tag, "impala");
  EXPECT_EQ(parsed.config.backends.at(0).log_tag, "impala");
}

}  // namespace
}  // namespace kerbgate::log
