#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The bytes of logins, built field by field: frames, DER, GSSAPI tokens, TLS records.
namespace kerbgate::login::fixture {

using namespace std::string_view_literals;
using Buffer = std::vector<std::uint8_t>;

inline Buffer bytes(std::string_view text) { return {text.begin(), text.end()}; }

inline Buffer join(std::initializer_list<Buffer> parts) {
  Buffer all;
  for (const Buffer& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

/// `value` in `octets` octets, big-endian.
inline Buffer big_endian(std::uint64_t value, int octets) {
  Buffer out;
  for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(value >> shift));
  return out;
}

// Frames

inline Buffer sasl(std::uint8_t status, std::uint32_t length, const Buffer& payload) {
  return join({{status}, big_endian(length, 4), payload});
}
inline Buffer sasl(std::uint8_t status, const Buffer& payload) {
  return sasl(status, static_cast<std::uint32_t>(payload.size()), payload);
}
/// START with a mechanism, then the token in a frame of `status` (2 OK, 5 COMPLETE).
inline Buffer login(std::string_view mechanism, const Buffer& token, std::uint8_t status = 2) {
  return join({sasl(1, bytes(mechanism)), sasl(status, token)});
}

// DER

inline Buffer der(std::uint8_t tag, const Buffer& content) {
  Buffer length;
  if (content.size() < 0x80) {
    length = {static_cast<std::uint8_t>(content.size())};
  } else if (content.size() < 0x100) {
    length = {0x81, static_cast<std::uint8_t>(content.size())};
  } else if (content.size() < 0x10000) {
    length = join({{0x82}, big_endian(content.size(), 2)});
  } else {
    length = join({{0x83}, big_endian(content.size(), 3)});
  }
  return join({{tag}, length, content});
}
inline Buffer der(std::uint8_t tag, std::initializer_list<Buffer> parts) { return der(tag, join(parts)); }
inline Buffer sequence(std::initializer_list<Buffer> parts) { return der(0x30, parts); }
inline Buffer field(unsigned number, const Buffer& content) {
  return der(static_cast<std::uint8_t>(0xa0 | number), content);
}
inline Buffer small_integer(std::uint8_t value) { return der(0x02, {value}); }
inline Buffer general_string(std::string_view text) { return der(0x1b, bytes(text)); }
inline Buffer oid(std::string_view content) { return der(0x06, bytes(content)); }

// GSSAPI

constexpr std::string_view kKerberosOid = "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"sv;   // 1.2.840.113554.1.2.2
constexpr std::string_view kMicrosoftOid = "\x2a\x86\x48\x82\xf7\x12\x01\x02\x02"sv;  // 1.2.840.48018.1.2.2
constexpr std::string_view kSpnegoOid = "\x2b\x06\x01\x05\x05\x02"sv;                 // 1.3.6.1.5.5.2
constexpr std::string_view kNtlmOid = "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a"sv;   // 1.3.6.1.4.1.311.2.2.10
constexpr std::string_view kIakerbOid = "\x2b\x06\x01\x05\x02\x05"sv;                 // 1.3.6.1.5.2.5
constexpr std::string_view kNtlmNegotiate = "NTLMSSP\0\x01\0\0\0\x07\x82\x08\xa2"sv;

/// RFC 2743 section 3.1.
inline Buffer gss(std::string_view mechanism, const Buffer& inner) { return der(0x60, {oid(mechanism), inner}); }

/// What a ticket's clear part says, and how.
struct Clear {
  std::string realm = "EXAMPLE.TEST";
  std::vector<std::string> components{"impala", "lb.example.test"};
  Buffer enctype{0x12};                       ///< content of an INTEGER
  std::optional<Buffer> kvno = Buffer{0x04};  ///< likewise; none: the field is left out
  std::uint8_t options = 0x20;                ///< first octet of ap-options: mutual-required
  std::uint8_t name_type = 3;
  std::size_t cipher = 64;  ///< octets
};

inline Buffer encrypted(const Buffer& enctype, const std::optional<Buffer>& kvno, std::size_t cipher) {
  return sequence({field(0, der(0x02, enctype)), kvno ? field(1, der(0x02, *kvno)) : Buffer{},
                   field(2, der(0x04, Buffer(cipher, 0xc1)))});
}

inline Buffer name(const Clear& clear) {
  Buffer components;
  for (const std::string& component : clear.components) components = join({components, general_string(component)});
  return sequence({field(0, small_integer(clear.name_type)), field(1, der(0x30, components))});
}

inline Buffer ticket(const Clear& clear) {
  return der(0x61, sequence({field(0, small_integer(5)), field(1, general_string(clear.realm)), field(2, name(clear)),
                             field(3, encrypted(clear.enctype, clear.kvno, clear.cipher))}));
}

inline Buffer ap_req(const Clear& clear) {
  return der(0x6e, sequence({field(0, small_integer(5)), field(1, small_integer(14)),
                             field(2, der(0x03, Buffer{0x00, clear.options, 0x00, 0x00, 0x00})),
                             field(3, ticket(clear)), field(4, encrypted({0x12}, std::nullopt, 48))}));
}

inline Buffer kerberos(const Clear& clear = {}, std::string_view mechanism = kKerberosOid) {
  return gss(mechanism, join({{0x01, 0x00}, ap_req(clear)}));
}

/// NegTokenInit with an optimistic token; none: mechTypes alone.
inline Buffer spnego(std::string_view first_type, const std::optional<Buffer>& token) {
  return gss(kSpnegoOid, field(0, sequence({field(0, sequence({oid(first_type), oid(kNtlmOid)})),
                                            field(1, der(0x03, Buffer{0x01, 0x00})),
                                            token ? field(2, der(0x04, *token)) : Buffer{}})));
}

// TLS

inline Buffer tls_record(const Buffer& fragment, std::uint8_t type = 22) {
  return join({{type, 3, 1}, big_endian(fragment.size(), 2), fragment});
}
/// A ClientHello handshake message whose body holds `size` octets of no meaning.
inline Buffer client_hello(std::size_t size) { return join({{1}, big_endian(size, 3), Buffer(size, 0xa5)}); }
/// `message` in records of `fragment` octets each.
inline Buffer tls_records(const Buffer& message, std::size_t fragment) {
  Buffer out;
  for (std::size_t at = 0; at < message.size(); at += fragment) {
    const std::size_t end = at + fragment < message.size() ? at + fragment : message.size();
    out = join({out, tls_record(Buffer(message.begin() + static_cast<std::ptrdiff_t>(at),
                                       message.begin() + static_cast<std::ptrdiff_t>(end)))});
  }
  return out;
}

}  // namespace kerbgate::login::fixture
