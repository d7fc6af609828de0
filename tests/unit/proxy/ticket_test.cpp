#include "login/ticket.hpp"

#include <gtest/gtest.h>

#include "unit/proxy/login_bytes.hpp"
#include "unit/proxy/login_captured.hpp"

namespace kerbgate::login {
namespace {

using fixture::Buffer;
using fixture::Clear;
using fixture::join;
using namespace std::string_view_literals;

struct GoodCase {
  const char* name;
  Buffer token;
  Ticket want;
};
void PrintTo(const GoodCase& c, std::ostream* out) { *out << c.name; }
class GoodToken : public testing::TestWithParam<GoodCase> {};

TEST_P(GoodToken, ShowsTheClearFields) {
  const auto ticket = read_ticket(GetParam().token);
  ASSERT_TRUE(ticket);
  EXPECT_EQ(ticket->service, GetParam().want.service);
  EXPECT_EQ(ticket->realm, GetParam().want.realm);
  EXPECT_EQ(ticket->enctype, GetParam().want.enctype);
  EXPECT_EQ(ticket->kvno, GetParam().want.kvno);
  EXPECT_EQ(ticket->mutual, GetParam().want.mutual);
}

constexpr auto kLb = "impala/lb.example.test";
constexpr auto kRealm = "EXAMPLE.TEST";

INSTANTIATE_TEST_SUITE_P(
    All, GoodToken,
    testing::Values(
        GoodCase{"Captured", fixture::from_hex(fixture::kCapturedKerberos), {kLb, kRealm, 18, 2, true}},
        GoodCase{"CapturedInSpnego", fixture::from_hex(fixture::kCapturedSpnego), {kLb, kRealm, 18, 2, true}},
        GoodCase{"CapturedJava", fixture::from_hex(fixture::kCapturedJava), {kLb, kRealm, 18, 2, true}},
        GoodCase{"Built", fixture::kerberos(), {kLb, kRealm, 18, 4, true}},
        GoodCase{"MicrosoftOid", fixture::kerberos({}, fixture::kMicrosoftOid), {kLb, kRealm, 18, 4, true}},
        GoodCase{"InSpnego", fixture::spnego(fixture::kMicrosoftOid, fixture::kerberos()), {kLb, kRealm, 18, 4, true}},
        GoodCase{"InSpnegoThatPrefersNtlm",
                 fixture::spnego(fixture::kNtlmOid, fixture::kerberos()),
                 {kLb, kRealm, 18, 4, true}},
        GoodCase{"NoMutualAuthentication", fixture::kerberos({.options = 0x40}), {kLb, kRealm, 18, 4, false}},
        GoodCase{"NoKvno", fixture::kerberos({.kvno = std::nullopt}), {kLb, kRealm, 18, 0, true}},
        GoodCase{"Kvno32Bits",
                 fixture::kerberos({.kvno = Buffer{0x00, 0xff, 0xff, 0xff, 0xff}}),
                 {kLb, kRealm, 18, 0xffffffff, true}},
        GoodCase{"KvnoOfReadOnlyController",
                 fixture::kerberos({.kvno = Buffer{0xc0, 0x01, 0x00, 0x02}}),
                 {kLb, kRealm, 18, 0xc0010002, true}},
        GoodCase{"NegativeEnctype", fixture::kerberos({.enctype = {0xff, 0x7b}}), {kLb, kRealm, -133, 4, true}},
        GoodCase{"NameTypeOfJava", fixture::kerberos({.name_type = 0}), {kLb, kRealm, 18, 4, true}},
        GoodCase{"OneComponent", fixture::kerberos({.components = {"impala"}}), {"impala", kRealm, 18, 4, true}},
        GoodCase{"ThreeComponents", fixture::kerberos({.components = {"a", "", "c"}}), {"a//c", kRealm, 18, 4, true}},
        GoodCase{"EscapesInNameAndRealm",
                 fixture::kerberos({.realm = "R@\\", .components = {"im/pa@la", "h\n\\"}}),
                 {"im\\/pa\\@la/h\\n\\\\", "R\\@\\\\", 18, 4, true}},
        GoodCase{"EmptyRealm", fixture::kerberos({.realm = ""}), {kLb, "", 18, 4, true}},
        GoodCase{"PrivilegesOf200KiB", fixture::kerberos({.cipher = 200 * 1024}), {kLb, kRealm, 18, 4, true}}),
    [](const auto& param_info) { return param_info.param.name; });

struct BadCase {
  const char* name;
  Buffer token;
  Content want;
  std::string_view mechanism = {};
};
void PrintTo(const BadCase& c, std::ostream* out) { *out << c.name; }
class OtherToken : public testing::TestWithParam<BadCase> {};

TEST_P(OtherToken, IsNamedForWhatItIs) {
  const Token token = read_token(GetParam().token);
  EXPECT_EQ(token.content, GetParam().want);
  EXPECT_EQ(token.mechanism, GetParam().mechanism);
  EXPECT_FALSE(token.ticket);
}

Buffer with_token_id(std::uint8_t high, std::uint8_t low) {
  return fixture::gss(fixture::kKerberosOid, join({{high, low}, fixture::ap_req({})}));
}

/// An AP-REQ whose ticket is `ticket` as it stands.
Buffer around(const Buffer& ticket, const Buffer& options = fixture::der(0x03, Buffer{0, 0x20, 0, 0, 0})) {
  const Buffer sequence = fixture::sequence({fixture::field(2, options), fixture::field(3, ticket)});
  return fixture::gss(fixture::kKerberosOid, join({{0x01, 0x00}, fixture::der(0x6e, sequence)}));
}

const Buffer kRealmField = fixture::field(1, fixture::general_string("R"));
const Buffer kNameField = fixture::field(2, fixture::name({}));
const Buffer kKeyField = fixture::field(3, fixture::encrypted({0x12}, std::nullopt, 8));

Buffer ticket_of(std::initializer_list<Buffer> fields) { return around(fixture::der(0x61, fixture::sequence(fields))); }

/// A ticket whose sname or enc-part has this content.
Buffer named(const Buffer& content) {
  return ticket_of({kRealmField, fixture::field(2, fixture::der(0x30, content)), kKeyField});
}
Buffer keyed(const Buffer& content) {
  return ticket_of({kRealmField, kNameField, fixture::field(3, fixture::der(0x30, content))});
}

INSTANTIATE_TEST_SUITE_P(
    All, OtherToken,
    testing::Values(
        BadCase{"Empty", {}, Content::not_gss}, BadCase{"Text", fixture::bytes("alice"), Content::not_gss},
        BadCase{"NoOid", fixture::der(0x60, fixture::small_integer(1)), Content::not_gss},
        BadCase{"BytesBehind", join({fixture::kerberos(), {0}}), Content::not_gss},
        BadCase{"BareNtlm", fixture::bytes(fixture::kNtlmNegotiate), Content::ntlm},
        BadCase{"NtlmInSpnego", fixture::spnego(fixture::kNtlmOid, fixture::bytes(fixture::kNtlmNegotiate)),
                Content::ntlm},
        BadCase{"SpnegoOffersNtlm", fixture::spnego(fixture::kNtlmOid, std::nullopt), Content::ntlm},
        BadCase{"SpnegoOffersKerberos", fixture::spnego(fixture::kKerberosOid, std::nullopt), Content::no_ticket},
        BadCase{"SpnegoInSpnego",
                fixture::spnego(fixture::kSpnegoOid, fixture::spnego(fixture::kKerberosOid, fixture::kerberos())),
                Content::other_mechanism, "SPNEGO"},
        BadCase{"SpnegoOfNothing", fixture::gss(fixture::kSpnegoOid, {}), Content::damaged},
        BadCase{"SpnegoWithoutTypes", fixture::gss(fixture::kSpnegoOid, fixture::field(0, fixture::sequence({}))),
                Content::damaged},
        BadCase{"Iakerb", fixture::gss(fixture::kIakerbOid, {5, 1}), Content::other_mechanism, "IAKERB"},
        BadCase{"UnknownMechanism", fixture::gss("\x2a\x03\x04"sv, {}), Content::other_mechanism, "unknown"},
        BadCase{"TokenIdMissing", fixture::gss(fixture::kKerberosOid, {0x01}), Content::damaged},
        BadCase{"ApRepTokenId", with_token_id(0x02, 0x00), Content::damaged},
        BadCase{"ErrorTokenId", with_token_id(0x03, 0x00), Content::damaged},
        BadCase{"NoTicket", around({}), Content::damaged},
        BadCase{"TicketUnderAnotherTag", around(fixture::der(0x62, fixture::sequence({}))), Content::damaged},
        BadCase{"TicketWithoutFields", around(fixture::der(0x61, fixture::sequence({}))), Content::damaged},
        BadCase{"TicketNoSequence", around(fixture::der(0x61, fixture::small_integer(1))), Content::damaged},
        BadCase{"OptionsWithoutBits", around(fixture::ticket({}), fixture::der(0x03, Buffer{0})), Content::damaged},
        BadCase{"NoNameComponents", fixture::kerberos({.components = {}}), Content::damaged},
        BadCase{"HundredComponents", fixture::kerberos({.components = std::vector<std::string>(100)}),
                Content::damaged},
        BadCase{"ApReqUnderAnotherTag",
                fixture::gss(fixture::kKerberosOid, join({{1, 0}, fixture::der(0x6f, fixture::sequence({}))})),
                Content::damaged},
        BadCase{"ApReqNoSequence",
                fixture::gss(fixture::kKerberosOid, join({{1, 0}, fixture::der(0x6e, fixture::small_integer(1))})),
                Content::damaged},
        BadCase{"BytesBehindTheApReq", fixture::gss(fixture::kKerberosOid, join({{1, 0}, fixture::ap_req({}), {0}})),
                Content::damaged},
        BadCase{"TicketWithoutRealm", ticket_of({kNameField, kKeyField}), Content::damaged},
        BadCase{"TicketWithoutName", ticket_of({kRealmField, kKeyField}), Content::damaged},
        BadCase{"TicketWithoutKeyFields", ticket_of({kRealmField, kNameField}), Content::damaged},
        BadCase{"NameWithoutComponents", named(fixture::field(0, fixture::small_integer(3))), Content::damaged},
        BadCase{"NameOfNumbers", named(fixture::field(1, fixture::sequence({fixture::small_integer(1)}))),
                Content::damaged},
        BadCase{"NoEnctype", keyed(fixture::field(2, fixture::der(0x04, {1}))), Content::damaged},
        BadCase{"NoCipher", keyed(fixture::field(0, fixture::small_integer(18))), Content::damaged},
        BadCase{"KvnoOfNoOctets", fixture::kerberos({.kvno = Buffer{}}), Content::damaged},
        BadCase{"EnctypeOfNoOctets", fixture::kerberos({.enctype = {}}), Content::damaged},
        BadCase{"EnctypeOf40Bits", fixture::kerberos({.enctype = {1, 0, 0, 0, 0}}), Content::damaged},
        BadCase{"KvnoOf40Bits", fixture::kerberos({.kvno = Buffer{1, 0, 0, 0, 0}}), Content::damaged},
        BadCase{"KvnoBelow32Bits", fixture::kerberos({.kvno = Buffer{0xff, 0, 0, 0, 0}}), Content::damaged}),
    [](const auto& param_info) { return param_info.param.name; });

TEST(Ticket, CutAnywhereIsNoTicket) {
  for (const auto& whole :
       {fixture::from_hex(fixture::kCapturedKerberos), fixture::from_hex(fixture::kCapturedSpnego)}) {
    for (std::size_t cut = 0; cut < whole.size(); ++cut) EXPECT_FALSE(read_ticket(Bytes(whole).first(cut))) << cut;
  }
}

TEST(Ticket, AuthenticatorIsNotRead) {
  const Buffer token = around(fixture::ticket({}));
  EXPECT_TRUE(read_ticket(token));
}

TEST(Ticket, UnknownFieldsArePassedOver) {
  const Buffer ticket = fixture::der(
      0x61, fixture::sequence({fixture::field(0, fixture::small_integer(5)),
                               fixture::field(1, fixture::general_string("R")), fixture::field(2, fixture::name({})),
                               fixture::field(3, fixture::encrypted({0x11}, Buffer{1}, 8)),
                               fixture::field(9, fixture::general_string("later"))}));
  const auto read = read_ticket(around(ticket));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->realm, "R");
  EXPECT_EQ(read->enctype, 17);
}

TEST(Enctype, HasTheNameThatKlistPrints) {
  EXPECT_EQ(enctype_words(18), "aes256-cts-hmac-sha1-96");
  EXPECT_EQ(enctype_words(17), "aes128-cts-hmac-sha1-96");
  EXPECT_EQ(enctype_words(20), "aes256-cts-hmac-sha384-192");
  EXPECT_EQ(enctype_words(-133), "enctype -133");
}

}  // namespace
}  // namespace kerbgate::login
