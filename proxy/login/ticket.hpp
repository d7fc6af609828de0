#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "kerbgate/acceptor.hpp"

namespace kerbgate::login {

using Bytes = std::span<const std::uint8_t>;

/// The clear part of a GSSAPI initial token that carries a Kerberos AP-REQ (RFC 4121, RFC 4120 section 5.5.1), alone or
/// inside SPNEGO's mechToken. Nothing of it is proved.
struct Ticket {
  std::string service;  ///< "impala/proxy.example.com", escaped as Principal::str()
  std::string realm;    ///< escaped likewise
  std::int32_t enctype = 0;
  std::uint32_t kvno = 0;  ///< 0: not in the ticket
  bool mutual = false;
  bool in_spnego = false;  ///< the token was inside SPNEGO's
};

/// What a GSSAPI initial token turns out to hold.
enum class Content {
  kerberos,         ///< an AP-REQ
  ntlm,             ///< NTLMSSP, bare or inside SPNEGO
  no_ticket,        ///< SPNEGO that offers Kerberos and brings no token for it
  other_mechanism,  ///< well framed (RFC 2743 section 3.1), for a mechanism that is not Kerberos
  damaged,          ///< framed as Kerberos or SPNEGO, and not readable as such
  not_gss,          ///< not framed as a GSSAPI initial token
};

struct Token {
  Content content = Content::not_gss;
  std::optional<Ticket> ticket;  ///< with `kerberos` alone
  std::string_view mechanism;    ///< with `other_mechanism`: "IAKERB", or "unknown"
  std::optional<ApReq> request;  ///< with `kerberos` alone: a view of the token, for an Acceptor
};

/// Reads the token's frame and the ticket's clear fields. The authenticator and what is encrypted are not looked at.
Token read_token(Bytes gss_token);

/// Parses one GSSAPI initial token. nullopt when it is not Kerberos or not well formed.
std::optional<Ticket> read_ticket(Bytes gss_token);

/// "aes256-cts-hmac-sha1-96" for 18, "enctype 99" for one that has no name here (IANA, Kerberos encryption types).
std::string enctype_words(std::int32_t enctype);

}  // namespace kerbgate::login
