#pragma once

#include <krb5.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kerbgate/result.hpp"

/// RFC 4121's per-message tokens without confidentiality (section 4.2.6.2), and the frame of context tokens.
namespace kerbgate {

using TokenBytes = std::span<const std::uint8_t>;

/// One end's next token, or what the other end's next one has to be.
struct WrapToken {
  bool by_acceptor = false, acceptor_subkey = false;
  std::uint64_t sequence = 0;
};

/// Whether tokens of this enctype are of RFC 4121's form.
bool has_wrap_tokens(std::int32_t enctype);

Result<std::vector<std::uint8_t>> wrap(krb5_context context, const krb5_keyblock& key, const WrapToken& which,
                                       TokenBytes text);
/// What stands in a token that must be exactly that one. Errc::krb5 names what is not as it should be.
Result<std::vector<std::uint8_t>> unwrap(krb5_context context, const krb5_keyblock& key, const WrapToken& which,
                                         TokenBytes token);

/// An AP-REP in GSSAPI's frame (RFC 4121 section 4.1), and out of it.
std::vector<std::uint8_t> frame_ap_rep(TokenBytes message);
Result<TokenBytes> ap_rep_of(TokenBytes token);

}  // namespace kerbgate
