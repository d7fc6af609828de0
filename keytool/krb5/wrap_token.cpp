#include "krb5/wrap_token.hpp"

#include <algorithm>
#include <array>

#include "krb5/error.hpp"

namespace kerbgate {
namespace {

constexpr std::size_t kHeader = 16;
constexpr std::uint8_t kByAcceptor = 1, kSealed = 2, kAcceptorSubkey = 4, kFiller = 0xff;
constexpr krb5_keyusage kAcceptorSeal = 22, kInitiatorSeal = 24;
constexpr std::array<std::uint8_t, 11> kKerberosOid{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02};
constexpr std::array<std::uint8_t, 2> kApRepId{0x02, 0x00};
constexpr std::uint8_t kInitialToken = 0x60;

Error wrong(const std::string& what) { return Error(Errc::krb5, "security layer token: " + what); }

/// The header with EC and RRC as zero, which is how it is checksummed.
std::array<std::uint8_t, kHeader> header(const WrapToken& which) {
  std::array<std::uint8_t, kHeader> out{0x05, 0x04};
  out[2] = std::uint8_t((which.by_acceptor ? kByAcceptor : 0) | (which.acceptor_subkey ? kAcceptorSubkey : 0));
  out[3] = kFiller;
  for (std::size_t i = 0; i < 8; ++i) out[8 + i] = std::uint8_t(which.sequence >> (56 - 8 * i));
  return out;
}

Result<std::vector<std::uint8_t>> checksum(krb5_context context, const krb5_keyblock& key, const WrapToken& which,
                                           TokenBytes text) {
  const auto head = header(which);
  std::vector<std::uint8_t> input(text.begin(), text.end());
  input.insert(input.end(), head.begin(), head.end());
  krb5_data data{};
  data.length = unsigned(input.size());
  data.data = reinterpret_cast<char*>(input.data());
  krb5_checksum made{};
  const krb5_keyusage usage = which.by_acceptor ? kAcceptorSeal : kInitiatorSeal;
  if (const auto code = krb5_c_make_checksum(context, 0, &key, usage, &data, &made))
    return krb5_failure(context, code, "security layer token");
  std::vector<std::uint8_t> out(made.contents, made.contents + made.length);
  krb5_free_checksum_contents(context, &made);
  return out;
}

/// In a time that does not tell where they differ.
bool same(TokenBytes a, TokenBytes b) {
  std::uint8_t difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) difference |= std::uint8_t(a[i] ^ b[i]);
  return difference == 0;
}

std::size_t two_octets(TokenBytes from) { return std::size_t(from[0]) << 8 | from[1]; }

/// Empty: the header is the one that is due.
std::string header_fault(TokenBytes token, const WrapToken& which) {
  const auto due = header(which);
  if (token.size() < kHeader || token[0] != due[0] || token[1] != due[1]) return "not of RFC 4121's form";
  if ((token[2] & kSealed) != 0) return "sealed, though only authentication was negotiated";
  if ((token[2] & kByAcceptor) != (due[2] & kByAcceptor)) return "from the wrong side";
  if (token[2] != due[2]) return "of another key";
  if (token[3] != kFiller) return "not of RFC 4121's form";
  if (!std::equal(due.begin() + 8, due.end(), token.begin() + 8)) return "out of sequence";
  return {};
}

}  // namespace

bool has_wrap_tokens(std::int32_t enctype) {
  return (enctype >= 17 && enctype <= 20) || enctype == 25 || enctype == 26;
}

Result<std::vector<std::uint8_t>> wrap(krb5_context context, const krb5_keyblock& key, const WrapToken& which,
                                       TokenBytes text) {
  const auto made = checksum(context, key, which, text);
  if (!made) return made.error();
  auto head = header(which);
  head[4] = std::uint8_t(made->size() >> 8);
  head[5] = std::uint8_t(made->size());
  std::vector<std::uint8_t> out(head.begin(), head.end());
  out.insert(out.end(), text.begin(), text.end());
  out.insert(out.end(), made->begin(), made->end());
  return out;
}

Result<std::vector<std::uint8_t>> unwrap(krb5_context context, const krb5_keyblock& key, const WrapToken& which,
                                         TokenBytes token) {
  if (const std::string fault = header_fault(token, which); !fault.empty()) return wrong(fault);
  const std::size_t extra = two_octets(token.subspan(4)), rotated = two_octets(token.subspan(6));
  std::vector<std::uint8_t> body(token.begin() + kHeader, token.end());
  if (body.empty() || extra > body.size()) return wrong("cut short");
  // Rotated to the right by as many octets (section 4.2.5): SSPI does so.
  std::rotate(body.begin(), body.begin() + std::ptrdiff_t(rotated % body.size()), body.end());
  const TokenBytes text = TokenBytes(body).first(body.size() - extra);
  const auto due = checksum(context, key, which, text);
  if (!due) return due.error();
  if (!same(*due, TokenBytes(body).last(extra))) return wrong("its checksum is wrong");
  body.resize(body.size() - extra);
  return body;
}

std::vector<std::uint8_t> frame_ap_rep(TokenBytes message) {
  const std::size_t size = kKerberosOid.size() + kApRepId.size() + message.size();
  std::vector<std::uint8_t> out{kInitialToken};
  if (size < 0x80) {
    out.push_back(std::uint8_t(size));
  } else {
    out.insert(out.end(), {0x82, std::uint8_t(size >> 8), std::uint8_t(size)});
  }
  out.insert(out.end(), kKerberosOid.begin(), kKerberosOid.end());
  out.insert(out.end(), kApRepId.begin(), kApRepId.end());
  out.insert(out.end(), message.begin(), message.end());
  return out;
}

Result<TokenBytes> ap_rep_of(TokenBytes token) {
  const Error foreign(Errc::krb5, "the server's answer holds no AP-REP: it did not prove who it is");
  if (token.size() < 2 || token[0] != kInitialToken) return foreign;
  std::size_t at = 2, length = token[1];
  if (length >= 0x80) {
    const std::size_t octets = length & 0x7f;
    if (octets == 0 || octets > 4 || token.size() < at + octets) return foreign;
    length = 0;
    for (std::size_t i = 0; i < octets; ++i) length = length << 8 | token[at++];
  }
  TokenBytes rest = token.subspan(at);
  const std::size_t before = kKerberosOid.size() + kApRepId.size();
  if (rest.size() != length || rest.size() < before) return foreign;
  if (!std::equal(kKerberosOid.begin(), kKerberosOid.end(), rest.begin())) return foreign;
  if (!std::equal(kApRepId.begin(), kApRepId.end(), rest.begin() + kKerberosOid.size())) return foreign;
  return rest.subspan(before);
}

}  // namespace kerbgate
