#include "login/opening.hpp"

#include <gtest/gtest.h>

#include "unit/proxy/login_bytes.hpp"
#include "unit/proxy/login_captured.hpp"

namespace kerbgate::login {
namespace {

using fixture::Buffer;
using fixture::join;
using Next = Opening::Next;
using namespace std::string_view_literals;

Policy serving(std::vector<std::string> principals) {
  Policy policy;
  policy.principals = std::move(principals);
  return policy;
}
const Policy kLb = serving({"impala/lb.example.test"});

Policy with_mechanisms(std::vector<std::string> mechanisms, bool plain_allowed = false) {
  Policy policy = kLb;
  policy.mechanisms = std::move(mechanisms);
  policy.plain_allowed = plain_allowed;
  return policy;
}

/// What must hold between two answers to more and more bytes of one connection.
void expect_same(const Opening& a, const Opening& b) {
  EXPECT_EQ(a.next, b.next);
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.resendable, b.resendable);
  EXPECT_EQ(a.mechanism, b.mechanism);
  EXPECT_EQ(a.cause, b.cause);
  EXPECT_EQ(a.refusal, b.refusal);
}

// What is taken

struct TakenCase {
  const char* name;
  Buffer bytes;
  Kind kind;
  std::string mechanism;
  Policy policy = kLb;
};
void PrintTo(const TakenCase& c, std::ostream* out) { *out << c.name; }
class Taken : public testing::TestWithParam<TakenCase> {};

TEST_P(Taken, AtItsLastByteAndNotBefore) {
  const Bytes whole(GetParam().bytes);
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    const Opening part = classify(whole.first(cut), GetParam().policy);
    ASSERT_EQ(part.next, Next::more) << "after " << cut << " of " << whole.size() << ": " << part.reason;
    ASSERT_FALSE(part.resendable);
  }
  const Opening opening = classify(whole, GetParam().policy);
  EXPECT_EQ(opening.next, Next::dial) << opening.reason;
  EXPECT_EQ(opening.kind, GetParam().kind);
  EXPECT_EQ(opening.length, whole.size());
  EXPECT_TRUE(opening.resendable);
  EXPECT_EQ(opening.mechanism, GetParam().mechanism);
  EXPECT_EQ(opening.cause, Cause::none);
}

TEST_P(Taken, WithoutWhatIsGluedBehind) {
  const Opening alone = classify(GetParam().bytes, GetParam().policy);
  const Buffer glued = join({GetParam().bytes, fixture::bytes("\0\0\0\x10 OpenSession"sv)});
  const Opening opening = classify(glued, GetParam().policy);
  expect_same(alone, opening);
  EXPECT_EQ(opening.length, GetParam().bytes.size());
}

const Buffer kCaptured = fixture::from_hex(fixture::kCapturedKerberos);

INSTANTIATE_TEST_SUITE_P(
    All, Taken,
    testing::Values(
        TakenCase{"MitLogin", fixture::login("GSSAPI", kCaptured), Kind::sasl, "GSSAPI"},
        TakenCase{"LastTokenComplete", fixture::login("GSSAPI", kCaptured, 5), Kind::sasl, "GSSAPI"},
        TakenCase{"JavaLogin", fixture::login("GSSAPI", fixture::from_hex(fixture::kCapturedJava)), Kind::sasl,
                  "GSSAPI"},
        TakenCase{"SpnegoMechanism", fixture::login("GSS-SPNEGO", fixture::from_hex(fixture::kCapturedSpnego)),
                  Kind::sasl, "GSS-SPNEGO", with_mechanisms({"GSS-SPNEGO"})},
        TakenCase{"SpnegoLogin", fixture::login("GSSAPI", fixture::from_hex(fixture::kCapturedSpnego)), Kind::sasl,
                  "GSSAPI"},
        TakenCase{"WindowsLogin",
                  fixture::login("GSSAPI", fixture::spnego(fixture::kMicrosoftOid,
                                                           fixture::kerberos({}, fixture::kMicrosoftOid))),
                  Kind::sasl, "GSSAPI"},
        TakenCase{"RealmMatches", fixture::login("GSSAPI", fixture::kerberos()), Kind::sasl, "GSSAPI",
                  serving({"impala/lb.example.test@EXAMPLE.TEST"})},
        TakenCase{"SecondPrincipal", fixture::login("GSSAPI", fixture::kerberos()), Kind::sasl, "GSSAPI",
                  serving({"impala/old.example.test", "impala/lb.example.test"})},
        TakenCase{"EscapedPrincipal",
                  fixture::login("GSSAPI", fixture::kerberos({.components = {"a@b", "c/d"}})), Kind::sasl, "GSSAPI",
                  serving({"a\\@b/c\\/d@EXAMPLE.TEST"})},
        TakenCase{"AnyPrincipal", fixture::login("GSSAPI", fixture::kerberos({.components = {"x"}})), Kind::sasl,
                  "GSSAPI", serving({})},
        TakenCase{"PlainOverTls", fixture::login("PLAIN", fixture::bytes("\0alice\0secret"sv)), Kind::sasl, "PLAIN",
                  with_mechanisms({"GSSAPI", "PLAIN"}, true)},
        TakenCase{"AnyMechanism", fixture::login("SCRAM-SHA-256-PLUS", {}), Kind::sasl, "SCRAM-SHA-256-PLUS",
                  with_mechanisms({})},
        TakenCase{"ClientHello", fixture::tls_record(fixture::client_hello(300)), Kind::tls, ""},
        TakenCase{"ClientHelloInTwoRecords", fixture::tls_records(fixture::client_hello(700), 512), Kind::tls, ""},
        TakenCase{"ClientHelloInSmallRecords", fixture::tls_records(fixture::client_hello(100), 1), Kind::tls, ""}),
    [](const auto& param_info) { return param_info.param.name; });

TEST(Taken, ShowsTheTicket) {
  const Opening opening = classify(fixture::login("GSSAPI", kCaptured), kLb);
  ASSERT_TRUE(opening.ticket);
  EXPECT_EQ(opening.ticket->service, "impala/lb.example.test");
  EXPECT_EQ(opening.ticket->realm, "EXAMPLE.TEST");
  EXPECT_EQ(opening.ticket->enctype, 18);
  EXPECT_EQ(opening.ticket->kvno, 2u);
  EXPECT_TRUE(opening.ticket->mutual);
}

TEST(Taken, TokenOfTheLargestSize) {
  const Buffer token = fixture::kerberos({.cipher = 200'000});
  Policy policy = kLb;
  policy.max_token = token.size();
  EXPECT_EQ(classify(fixture::login("GSSAPI", token), policy).next, Next::dial);
  policy.max_token = token.size() - 1;
  EXPECT_EQ(classify(fixture::login("GSSAPI", token), policy).cause, Cause::token_too_long);
}

TEST(Taken, ClientHelloOf64KiBAndNoMore) {
  const Buffer largest = fixture::tls_records(fixture::client_hello(1u << 16), 16384);
  EXPECT_EQ(classify(largest, kLb).length, largest.size());
  EXPECT_EQ(classify(fixture::tls_record({1, 1, 0, 1}), kLb).cause, Cause::bad_client_hello);
}

TEST(Taken, EarlyDataIsNotPartOfAClientHello) {
  const Buffer hello = fixture::tls_record(fixture::client_hello(300));
  const Opening opening = classify(join({hello, fixture::tls_record(fixture::bytes("SELECT 1"), 23)}), kLb);
  EXPECT_EQ(opening.length, hello.size()) << "a request would be sent twice";
}

// What is forwarded as it is

struct ForwardedCase {
  const char* name;
  Buffer bytes;
  std::size_t known;  ///< bytes that tell
  Kind kind;
};
void PrintTo(const ForwardedCase& c, std::ostream* out) { *out << c.name; }
class Forwarded : public testing::TestWithParam<ForwardedCase> {};

TEST_P(Forwarded, FromTheByteThatTells) {
  const Bytes whole(GetParam().bytes);
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    const Opening opening = classify(whole.first(cut), kLb);
    ASSERT_EQ(opening.next, cut < GetParam().known ? Next::more : Next::dial) << "after " << cut;
    ASSERT_FALSE(opening.resendable) << "a request is never sent twice";
    if (cut < GetParam().known) continue;
    ASSERT_EQ(opening.kind, GetParam().kind);
    ASSERT_EQ(opening.length, cut);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, Forwarded,
    testing::Values(ForwardedCase{"ThriftCall", fixture::bytes("\x80\x01\0\x01\0\0\0\x0bOpenSession"sv), 2,
                                  Kind::thrift},
                    ForwardedCase{"Get", fixture::bytes("GET / HTTP/1.1\r\n"), 4, Kind::http},
                    ForwardedCase{"Post", fixture::bytes("POST /cliservice HTTP/1.1\r\n"), 5, Kind::http},
                    ForwardedCase{"Put", fixture::bytes("PUT / HTTP/1.1\r\n"), 4, Kind::http},
                    ForwardedCase{"Patch", fixture::bytes("PATCH / HTTP/1.1\r\n"), 6, Kind::http},
                    ForwardedCase{"Head", fixture::bytes("HEAD / HTTP/1.1\r\n"), 5, Kind::http},
                    ForwardedCase{"Options", fixture::bytes("OPTIONS * HTTP/1.1\r\n"), 8, Kind::http},
                    ForwardedCase{"Delete", fixture::bytes("DELETE / HTTP/1.1\r\n"), 7, Kind::http},
                    ForwardedCase{"Trace", fixture::bytes("TRACE / HTTP/1.1\r\n"), 6, Kind::http},
                    ForwardedCase{"Connect", fixture::bytes("CONNECT lb:21050 HTTP/1.1\r\n"), 8, Kind::http}),
    [](const auto& param_info) { return param_info.param.name; });

// What is refused

struct RefusedCase {
  const char* name;
  Buffer bytes;
  std::size_t decided;  ///< bytes that are enough; with fewer, more are asked for
  Cause cause;
  std::string told;  ///< to the client
  Policy policy = kLb;
};
void PrintTo(const RefusedCase& c, std::ostream* out) { *out << c.name; }
class Refused : public testing::TestWithParam<RefusedCase> {};

TEST_P(Refused, InTheSameWordsFromAnySegmentation) {
  const Bytes whole(GetParam().bytes);
  for (std::size_t cut = 0; cut < GetParam().decided; ++cut) {
    ASSERT_EQ(classify(whole.first(cut), GetParam().policy).next, Next::more) << "after " << cut;
  }
  for (std::size_t cut = GetParam().decided; cut <= whole.size(); ++cut) {
    const Opening opening = classify(whole.first(cut), GetParam().policy);
    ASSERT_EQ(opening.next, Next::refuse) << "after " << cut;
    ASSERT_EQ(words(opening.cause).name, words(GetParam().cause).name) << "after " << cut;
    ASSERT_EQ(opening.refusal, GetParam().told) << "after " << cut;
    ASSERT_EQ(opening.reason.empty(), false);
    ASSERT_FALSE(opening.resendable);
  }
}

const Buffer kStart = fixture::sasl(1, fixture::bytes("GSSAPI"));
constexpr std::size_t kToken = 16;  // where a GSSAPI login's token begins

Buffer announcing(std::uint32_t length) { return join({kStart, fixture::sasl(2, length, {})}); }

RefusedCase token_case(const char* name, const Buffer& token, Cause cause, std::string told, Policy policy = kLb) {
  return {name, fixture::login("GSSAPI", token), kToken + token.size(), cause, std::move(told), std::move(policy)};
}
RefusedCase ticket_case(const char* name, const fixture::Clear& clear, Cause cause, std::string told,
                        Policy policy = kLb) {
  return token_case(name, fixture::kerberos(clear), cause, std::move(told), std::move(policy));
}

INSTANTIATE_TEST_SUITE_P(
    FirstBytes, Refused,
    testing::Values(
        RefusedCase{"Zero", {0, 0, 0, 11}, 1, Cause::garbage, ""},
        RefusedCase{"Text", fixture::bytes("hello"), 1, Cause::garbage, ""},
        RefusedCase{"LikeHttp", fixture::bytes("GETTING"), 4, Cause::garbage, ""},
        RefusedCase{"LowerCaseHttp", fixture::bytes("get / HTTP/1.1"), 1, Cause::garbage, ""},
        RefusedCase{"Ssh", fixture::bytes("SSH-2.0-OpenSSH"), 1, Cause::garbage, ""},
        RefusedCase{"Status128", {0x80, 0x2e, 0x01}, 2, Cause::garbage, ""},
        RefusedCase{"TlsAlert", {21, 3, 3, 0, 2}, 1, Cause::garbage, ""},
        RefusedCase{"SixteenAlone", {0x16, 0x04}, 2, Cause::garbage, ""},
        RefusedCase{"TlsOfNoVersion", {0x16, 3, 9}, 3, Cause::bad_client_hello, ""},
        RefusedCase{"TlsRecordEmpty", {0x16, 3, 1, 0, 0}, 5, Cause::bad_client_hello, ""},
        RefusedCase{"TlsRecordTooLong", {0x16, 3, 1, 0x48, 0x01}, 5, Cause::bad_client_hello, ""},
        RefusedCase{"TlsServerHello", {0x16, 3, 1, 0, 4, 2}, 6, Cause::bad_client_hello, ""},
        RefusedCase{"TlsAlertInTheMiddle", join({fixture::tls_record({1, 0}), {21, 3}}), 8, Cause::bad_client_hello,
                    ""},
        RefusedCase{"TlsInTooManyRecords", fixture::tls_records(fixture::client_hello(200), 1), 128 * 6,
                    Cause::bad_client_hello, ""},
        RefusedCase{"ProxyHeader1", fixture::bytes("PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n"), 6, Cause::proxy_header, ""},
        RefusedCase{"ProxyHeader2", fixture::bytes("\r\n\r\n\0\r\nQUIT\n\x21"sv), 12, Cause::proxy_header, ""},
        RefusedCase{"OkFirst", fixture::sasl(2, {}), 1, Cause::no_start, "Expecting START status, received 2"},
        RefusedCase{"BadFirst", fixture::sasl(3, {}), 1, Cause::no_start, "Expecting START status, received 3"},
        RefusedCase{"ErrorFirst", fixture::sasl(4, {}), 1, Cause::no_start, "Expecting START status, received 4"},
        RefusedCase{"CompleteFirst", fixture::sasl(5, {}), 1, Cause::no_start, "Expecting START status, received 5"},
        RefusedCase{"StatusSixFirst", {6, 0, 0, 0, 0}, 1, Cause::garbage, ""}),
    [](const auto& param_info) { return param_info.param.name; });

std::string mechanism_length(const char* length) {
  return std::string("START announces a mechanism name of ") + length +
         " octets, 1 to 20 are possible: use a Thrift SASL client";
}
constexpr auto kPlainRefused = "mechanism PLAIN is not accepted here; use Kerberos (impala-shell -k)";
constexpr auto kPlainInClear =
    "mechanism PLAIN would send a password in clear; use TLS (impala-shell --ssl) or Kerberos (impala-shell -k)";

INSTANTIATE_TEST_SUITE_P(
    Mechanism, Refused,
    testing::Values(RefusedCase{"Length0", fixture::sasl(1, 0, {}), 5, Cause::mechanism_length, mechanism_length("0")},
                    RefusedCase{"Length21", fixture::sasl(1, 21, {}), 5, Cause::mechanism_length,
                                mechanism_length("21")},
                    RefusedCase{"Length7fffffff", fixture::sasl(1, 0x7fffffff, {}), 5, Cause::mechanism_length,
                                mechanism_length("2147483647")},
                    RefusedCase{"Length80000000", fixture::sasl(1, 0x80000000, {}), 5, Cause::mechanism_length,
                                mechanism_length("2147483648")},
                    RefusedCase{"LengthFfffffff", fixture::sasl(1, 0xffffffff, {}), 5, Cause::mechanism_length,
                                mechanism_length("4294967295")},
                    RefusedCase{"NotAName", fixture::sasl(1, fixture::bytes("GSS\n'PI")), 12, Cause::mechanism_name,
                                "START names GSS ?PI, which cannot be a SASL mechanism: use a Thrift SASL client"},
                    RefusedCase{"LowerCase", fixture::sasl(1, fixture::bytes("gssapi")), 11, Cause::mechanism_name,
                                "START names gssapi, which cannot be a SASL mechanism: use a Thrift SASL client"},
                    RefusedCase{"NotListed", fixture::login("DIGEST-MD5", {}), 15, Cause::mechanism_refused,
                                "mechanism DIGEST-MD5 is not accepted here; use Kerberos (impala-shell -k)"},
                    RefusedCase{"PlainNotListed", fixture::sasl(1, fixture::bytes("PLAIN")), 10,
                                Cause::mechanism_refused, kPlainRefused},
                    RefusedCase{"PlainNotListedOverTls", fixture::sasl(1, fixture::bytes("PLAIN")), 10,
                                Cause::mechanism_refused, kPlainRefused, with_mechanisms({"GSSAPI"}, true)},
                    RefusedCase{"PlainInClear", fixture::sasl(1, fixture::bytes("PLAIN")), 10, Cause::plain_in_clear,
                                kPlainInClear, with_mechanisms({"GSSAPI", "PLAIN"})},
                    RefusedCase{"PlainInClearWhereAnyMayCome", fixture::sasl(1, fixture::bytes("PLAIN")), 10,
                                Cause::plain_in_clear, kPlainInClear, with_mechanisms({})}),
    [](const auto& param_info) { return param_info.param.name; });

std::string too_long(const char* length) {
  return std::string("login announces a token of ") + length +
         " octets, the most is 1048576: use a Thrift SASL client, or put the user into fewer groups";
}

INSTANTIATE_TEST_SUITE_P(
    TokenFrame, Refused,
    testing::Values(
        RefusedCase{"Length0", announcing(0), kToken, Cause::token_empty,
                    "GSSAPI login is empty: the client found no credentials; for Kerberos run kinit first"},
        RefusedCase{"Length0OfPlain", fixture::login("PLAIN", {}), 15, Cause::token_empty,
                    "PLAIN login is empty: the client found no credentials; for Kerberos run kinit first",
                    with_mechanisms({"PLAIN"}, true)},
        RefusedCase{"OneOver", announcing((1u << 20) + 1), kToken, Cause::token_too_long, too_long("1048577")},
        RefusedCase{"Length7fffffff", announcing(0x7fffffff), kToken, Cause::token_too_long, too_long("2147483647")},
        RefusedCase{"Length80000000", announcing(0x80000000), kToken, Cause::token_too_long, too_long("2147483648")},
        RefusedCase{"LengthFfffffff", announcing(0xffffffff), kToken, Cause::token_too_long, too_long("4294967295")},
        RefusedCase{"StartAgain", join({kStart, kStart}), 12, Cause::no_token_frame,
                    "Expecting OK or COMPLETE status after START, received 1: use a Thrift SASL client"},
        RefusedCase{"Status96", join({kStart, {0x60}}), 12, Cause::no_token_frame,
                    "Expecting OK or COMPLETE status after START, received 96: use a Thrift SASL client"},
        RefusedCase{"ClientSaysBad", join({kStart, fixture::sasl(3, fixture::bytes("no ticket"))}), 12,
                    Cause::client_gave_up, ""},
        RefusedCase{"ClientSaysError", join({kStart, fixture::sasl(4, {})}), 12, Cause::client_gave_up, ""}),
    [](const auto& param_info) { return param_info.param.name; });

constexpr auto kConnectToLb =
    "ticket is for impala/host1.example.test@EXAMPLE.TEST, this proxy is impala/lb.example.test: "
    "connect to lb.example.test, or for impala-shell add -b lb.example.test";

INSTANTIATE_TEST_SUITE_P(
    Token, Refused,
    testing::Values(
        token_case("NotGssapi", fixture::bytes("\0alice\0secret"sv), Cause::token_not_gss,
                   "GSSAPI login holds no GSSAPI token: set the client to Kerberos (impala-shell -k, AuthMech=1, "
                   "principal=)"),
        token_case("Ntlm", fixture::bytes(fixture::kNtlmNegotiate), Cause::token_ntlm,
                   "client sent NTLM, not Kerberos: log in to the domain and connect to lb.example.test by that very "
                   "name"),
        token_case("NtlmWhereAnyIsServed", fixture::bytes(fixture::kNtlmNegotiate), Cause::token_ntlm,
                   "client sent NTLM, not Kerberos: log in to the domain and connect to the name of the proxy by that "
                   "very name",
                   serving({})),
        token_case("SpnegoWithoutToken", fixture::spnego(fixture::kKerberosOid, std::nullopt), Cause::token_no_ticket,
                   "client offers Kerberos and sent no ticket: run kinit, then connect to lb.example.test"),
        token_case("Iakerb", fixture::gss(fixture::kIakerbOid, {5, 1}), Cause::token_other_mechanism,
                   "GSSAPI token is for mechanism IAKERB, not Kerberos: run kinit, then connect to lb.example.test"),
        token_case("Damaged", fixture::gss(fixture::kKerberosOid, {1, 0, 0x6e, 0}), Cause::token_damaged,
                   "Kerberos token cannot be read: connect again; if it stays so, look at the Kerberos library of the "
                   "client"),
        ticket_case("OtherHost", {.components = {"impala", "host1.example.test"}}, Cause::wrong_host, kConnectToLb),
        token_case("OtherHostInSpnego",
                   fixture::spnego(fixture::kKerberosOid,
                                   fixture::kerberos({.components = {"impala", "host1.example.test"}})),
                   Cause::wrong_host, kConnectToLb),
        ticket_case("OtherService", {.components = {"hive", "lb.example.test"}}, Cause::wrong_service,
                    "ticket is for hive/lb.example.test@EXAMPLE.TEST, this proxy is impala/lb.example.test: set the "
                    "service name impala (impala-shell -s impala)"),
        ticket_case("OtherCase", {.components = {"impala", "LB.example.test"}}, Cause::wrong_case,
                    "ticket is for impala/LB.example.test@EXAMPLE.TEST, this proxy is impala/lb.example.test: Kerberos "
                    "tells upper from lower case; write lb.example.test just so"),
        ticket_case(
            "OtherRealm", {.realm = "OTHER.TEST"}, Cause::wrong_realm,
            "ticket is for impala/lb.example.test@OTHER.TEST, this proxy is impala/lb.example.test@EXAMPLE.TEST: "
            "name that realm in the principal that the client asks for, or map lb.example.test to it under "
            "domain_realm in its krb5.conf",
            serving({"impala/lb.example.test@EXAMPLE.TEST"})),
        ticket_case(
            "OneComponent", {.components = {"impala"}}, Cause::wrong_host,
            "ticket is for impala@EXAMPLE.TEST, this proxy is impala/lb.example.test: connect to lb.example.test, "
            "or for impala-shell add -b lb.example.test"),
        ticket_case(
            "HostWithSlash", {.components = {"impala/lb.example.test"}}, Cause::wrong_host,
            "ticket is for impala?/lb.example.test@EXAMPLE.TEST, this proxy is impala/lb.example.test: connect to "
            "lb.example.test, or for impala-shell add -b lb.example.test"),
        ticket_case(
            "NearestOfSeveral", {.components = {"hive", "b.test"}}, Cause::wrong_service,
            "ticket is for hive/b.test@EXAMPLE.TEST, this proxy is impala/a.test or impala/b.test or impala/c.test: "
            "set the service name impala (impala-shell -s impala)",
            serving({"impala/a.test", "impala/b.test", "impala/c.test", "impala/d.test"})),
        ticket_case(
            "HostileName", {.components = {"im\"pala\r\n", "\x1b[2J<script>"}}, Cause::wrong_host,
            "ticket is for im?pala ?n/?[2J<script>@EXAMPLE.TEST, this proxy is impala/lb.example.test: connect to "
            "lb.example.test, or for impala-shell add -b lb.example.test")),
    [](const auto& param_info) { return param_info.param.name; });

TEST(Refused, ShowsTheTicketToTheLog) {
  const Opening opening = classify(fixture::login("GSSAPI", fixture::kerberos({.components = {"x", "y"}})), kLb);
  ASSERT_TRUE(opening.ticket);
  EXPECT_EQ(opening.ticket->service, "x/y");
  EXPECT_EQ(opening.ticket->kvno, 4u);
}

TEST(Refused, PasswordIsNotRepeated) {
  const Opening opening =
      classify(fixture::login("PLAIN", fixture::bytes("\0alice\0secret"sv)), with_mechanisms({"GSSAPI"}));
  EXPECT_EQ(opening.reason.find("secret"), std::string::npos);
  EXPECT_EQ(opening.reason, kPlainRefused);
}

TEST(Refused, WordsFitOneFrame) {
  const Opening opening =
      classify(fixture::login("GSSAPI", fixture::kerberos({.components = {"impala", std::string(10'240, '\n')}})), kLb);
  EXPECT_EQ(opening.cause, Cause::wrong_host);
  EXPECT_LE(opening.refusal.size(), kMaxText);
  EXPECT_TRUE(opening.refusal.ends_with("add -b lb.example.test")) << opening.refusal;
}

}  // namespace
}  // namespace kerbgate::login
