#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "kerbgate/gss_login.hpp"
#include "kerbgate/resolver.hpp"
#include "tls/client.hpp"

namespace kerbgate::diagnosis {

/// A port where a login is tried, and how.
struct LoginTarget {
  std::string host;
  std::uint16_t port = 0;
  Principal server;                     ///< what the ticket is for
  bool tls = false;                     ///< do not try without it first
  std::string ca_file;                  ///< empty: the system's
  std::vector<std::string> must_cover;  ///< names that a certificate there should carry
  bool call = false;                    ///< after the login a call that no service knows: does somebody answer?
  std::string crt_file{};               ///< PEM, shown to a server that asks for a client's certificate; empty: none
  std::string preface{};                ///< sent before anything else: a PROXY header
};

/// What came of one login.
struct LoginOutcome {
  enum class End {
    accepted,
    no_address,   ///< the host's name has none
    refused,      ///< the connection
    unreachable,  ///< no connection in time, or no way there
    reset,        ///< of a connection that stood
    closed,       ///< in silence
    rejected,     ///< BAD or ERROR, with `text`
    silent,       ///< connected, and no answer in time
    foreign,      ///< the answer is no SASL
    tls_failed,   ///< the port does not complete a TLS handshake
    broken,       ///< this side cannot go on; `text` says why
    unproved,     ///< the answer is no proof of the service's key, or no offer that a client can take; `text` says why
    unserved,     ///< the login was accepted, and the call after it has no answer
  };
  End end = End::accepted;
  std::string text;  ///< the other side's, or the system's; may hold anything
  bool tls = false;  ///< the port speaks TLS
  std::optional<tls::Certificate> certificate;
  std::chrono::milliseconds took{0};  ///< of the login, from the connection's first byte
};

/// Says what was, with no ticket wanted: the connection alone, and TLS when asked for.
LoginOutcome probe_port(const LoginTarget& target, std::chrono::milliseconds limit, Resolver& resolver);

/// Logs in with the tickets of `cache`, and leaves. Where the answer to a login in the clear is that of a TLS port, it
/// is tried again through TLS. `limit` is for the connection, for a handshake and for the login each.
LoginOutcome probe_login(const LoginTarget& target, const std::string& cache, std::chrono::milliseconds limit,
                         Resolver& resolver);

}  // namespace kerbgate::diagnosis
