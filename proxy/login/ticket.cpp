#include "login/ticket.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "kerbgate/principal.hpp"
#include "login/der.hpp"

namespace kerbgate::login {
namespace {

using namespace std::string_view_literals;

enum class Mechanism { kerberos, spnego, ntlm, other };

struct KnownMechanism {
  std::string_view oid;  ///< content octets
  Mechanism mechanism;
  std::string_view name;
};

constexpr std::array kMechanisms{
    KnownMechanism{"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"sv, Mechanism::kerberos, "Kerberos"},
    // What Windows sends: a bit of 113554 lost in an early release, kept ever since.
    KnownMechanism{"\x2a\x86\x48\x82\xf7\x12\x01\x02\x02"sv, Mechanism::kerberos, "MS-KRB5"},
    KnownMechanism{"\x2b\x06\x01\x05\x05\x02"sv, Mechanism::spnego, "SPNEGO"},
    KnownMechanism{"\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a"sv, Mechanism::ntlm, "NTLMSSP"},
    KnownMechanism{"\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x1e"sv, Mechanism::other, "NEGOEX"},
    KnownMechanism{"\x2b\x06\x01\x05\x02\x05"sv, Mechanism::other, "IAKERB"},
    KnownMechanism{"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x03"sv, Mechanism::other, "Kerberos user-to-user"},
};
constexpr KnownMechanism kUnknown{{}, Mechanism::other, "unknown"};
constexpr std::string_view kNtlmSignature = "NTLMSSP\0"sv;
constexpr std::array<std::uint8_t, 2> kApReqId{0x01, 0x00};  // RFC 4121 section 4.1
constexpr std::uint8_t kMutualRequired = 0x20;               // RFC 4120 section 5.5.1, bit 2
/// Real names have two or three components; a megabyte of empty ones would cost forty of memory.
constexpr std::size_t kMaxComponents = 32;

std::string_view text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

const KnownMechanism& known(Bytes oid) {
  const auto* found =
      std::find_if(kMechanisms.begin(), kMechanisms.end(), [&](const KnownMechanism& m) { return m.oid == text(oid); });
  return found == kMechanisms.end() ? kUnknown : *found;
}

std::optional<std::vector<std::string>> read_components(Bytes name_string) {
  std::vector<std::string> components;
  for (Der list(name_string); !list.empty();) {
    const auto component = list.take(der::kGeneralString);
    if (!component || components.size() == kMaxComponents) return std::nullopt;
    components.emplace_back(text(*component));
  }
  if (components.empty()) return std::nullopt;
  return components;
}

/// PrincipalName: name-type [0], name-string [1].
std::optional<std::vector<std::string>> read_name(Bytes principal_name) {
  const auto name_string = Der(principal_name).field(1, der::kSequence);
  return name_string ? read_components(*name_string) : std::nullopt;
}

/// As Principal::str() writes them, which sets the realm, here none, behind an `@`.
std::string escaped(std::vector<std::string> components) {
  std::string name = Principal{std::move(components), {}}.str();
  name.pop_back();
  return name;
}

/// kvno is UInt32; a read-only domain controller of AD sets its upper half and may write it as a negative number.
std::optional<std::uint32_t> read_kvno(Bytes content) {
  const auto value = der_integer(content);
  if (!value || *value < std::numeric_limits<std::int32_t>::min() ||
      *value > std::numeric_limits<std::uint32_t>::max()) {
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(*value);
}

/// EncryptedData: etype [0], kvno [1] OPTIONAL, cipher [2].
bool read_key_fields(Bytes encrypted_data, Ticket& ticket) {
  Der fields(encrypted_data);
  const auto etype = fields.field(0, der::kInteger);
  if (!etype) return false;
  const auto number = der_integer(*etype);
  if (!number || *number != static_cast<std::int32_t>(*number)) return false;
  ticket.enctype = static_cast<std::int32_t>(*number);
  if (const auto content = fields.field(1, der::kInteger)) {
    const auto kvno = read_kvno(*content);
    if (!kvno) return false;
    ticket.kvno = *kvno;
  }
  return fields.field(2, der::kOctetString).has_value();
}

/// Ticket: tkt-vno [0], realm [1], sname [2], enc-part [3].
bool read_ticket_fields(Bytes sequence, Token& token) {
  Der fields(sequence);
  const auto realm = fields.field(1, der::kGeneralString);
  const auto sname = fields.field(2, der::kSequence);
  const auto enc_part = fields.field(3, der::kSequence);
  if (!realm || !sname || !enc_part) return false;
  auto components = read_name(*sname);
  Ticket ticket;
  if (!components || !read_key_fields(*enc_part, ticket)) return false;
  ticket.service = escaped(*components);
  ticket.realm = escaped({std::string(text(*realm))});
  token.request = ApReq{{}, Principal{std::move(*components), std::string(text(*realm))}, ticket.kvno, ticket.enctype};
  token.ticket = std::move(ticket);
  return true;
}

/// AP-REQ: pvno [0], msg-type [1], ap-options [2], ticket [3], authenticator [4].
bool read_ap_req(Bytes message, Token& token) {
  Der whole(message);
  const auto application = whole.take(der::application(14));
  if (!application || !whole.empty()) return false;
  const auto sequence = Der(*application).take(der::kSequence);
  if (!sequence) return false;
  Der fields(*sequence);
  const auto options = fields.field(2, der::kBitString);
  const auto wrapped = fields.field(3, der::application(1));
  if (!options || options->size() < 2 || !wrapped) return false;
  const auto inner = Der(*wrapped).take(der::kSequence);
  if (!inner || !read_ticket_fields(*inner, token)) return false;
  token.ticket->mutual = ((*options)[1] & kMutualRequired) != 0;
  token.request->message = message;
  return true;
}

const Token kDamaged{Content::damaged, std::nullopt, {}, std::nullopt};

Token kerberos_token(Bytes inner) {
  if (inner.size() < kApReqId.size() || !std::equal(kApReqId.begin(), kApReqId.end(), inner.begin())) {
    return kDamaged;
  }
  Token token{Content::kerberos, std::nullopt, {}, std::nullopt};
  return read_ap_req(inner.subspan(kApReqId.size()), token) ? token : kDamaged;
}

Token other_token(const KnownMechanism& mechanism) {
  if (mechanism.mechanism == Mechanism::ntlm) return {Content::ntlm, std::nullopt, {}, std::nullopt};
  return {Content::other_mechanism, std::nullopt, mechanism.name, std::nullopt};
}

enum class Wrapped { no, yes };
Token read(Bytes gss_token, Wrapped inside_spnego);

/// NegTokenInit (RFC 4178 section 4.2.1): mechTypes [0], reqFlags [1] OPTIONAL, mechToken [2] OPTIONAL. The token is
/// the one that the client hopes for; it says itself which mechanism it is of.
Token spnego_token(Bytes inner) {
  const auto init = Der(inner).field(0, der::kSequence);
  if (!init) return kDamaged;
  Der fields(*init);
  const auto types = fields.field(0, der::kSequence);
  const auto first = types ? Der(*types).take(der::kOid) : std::nullopt;
  if (!first) return kDamaged;
  if (const auto token = fields.field(2, der::kOctetString)) {
    Token within = read(*token, Wrapped::yes);
    if (within.ticket) within.ticket->in_spnego = true;
    return within;
  }
  const KnownMechanism& offered = known(*first);
  if (offered.mechanism == Mechanism::kerberos) return {Content::no_ticket, std::nullopt, {}, std::nullopt};
  return other_token(offered);
}

/// SPNEGO stands at the outside only, so the two functions call each other once.
Token read(Bytes gss_token, Wrapped inside_spnego) {
  if (text(gss_token).starts_with(kNtlmSignature)) return {Content::ntlm, std::nullopt, {}, std::nullopt};
  Der whole(gss_token);
  const auto framed = whole.take(der::application(0));
  if (!framed || !whole.empty()) return {};
  Der parts(*framed);
  const auto oid = parts.take(der::kOid);
  if (!oid) return {};
  const KnownMechanism& mechanism = known(*oid);
  if (mechanism.mechanism == Mechanism::kerberos) return kerberos_token(parts.rest());
  if (mechanism.mechanism == Mechanism::spnego && inside_spnego == Wrapped::no) return spnego_token(parts.rest());
  return other_token(mechanism);
}

struct EnctypeName {
  std::int32_t number;
  std::string_view name;
};
constexpr std::array kEnctypes{
    EnctypeName{1, "des-cbc-crc"},
    EnctypeName{3, "des-cbc-md5"},
    EnctypeName{16, "des3-cbc-sha1"},
    EnctypeName{17, "aes128-cts-hmac-sha1-96"},
    EnctypeName{18, "aes256-cts-hmac-sha1-96"},
    EnctypeName{19, "aes128-cts-hmac-sha256-128"},
    EnctypeName{20, "aes256-cts-hmac-sha384-192"},
    EnctypeName{23, "arcfour-hmac"},
    EnctypeName{24, "arcfour-hmac-exp"},
    EnctypeName{25, "camellia128-cts-cmac"},
    EnctypeName{26, "camellia256-cts-cmac"},
};

}  // namespace

Token read_token(Bytes gss_token) { return read(gss_token, Wrapped::no); }

std::optional<Ticket> read_ticket(Bytes gss_token) { return read_token(gss_token).ticket; }

std::string enctype_words(std::int32_t enctype) {
  const auto* found =
      std::find_if(kEnctypes.begin(), kEnctypes.end(), [&](const EnctypeName& e) { return e.number == enctype; });
  return found == kEnctypes.end() ? "enctype " + std::to_string(enctype) : std::string(found->name);
}

}  // namespace kerbgate::login
