#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// The first bytes of a connection and of a server's answer: Thrift's SASL frames (TSaslTransport.h: status byte, big-endian
/// u32 length, payload) and what else may come to such a port. Pure; bounded; nothing here allocates before a length is
/// checked.
namespace kerbgate::login {

using Bytes = std::span<const std::uint8_t>;

enum class Status : std::uint8_t { start = 1, ok = 2, bad = 3, error = 4, complete = 5 };

/// What came, as far as its first bytes tell.
enum class Kind { unknown, sasl, tls, http, thrift, garbage };

/// The clear part of a GSSAPI initial token that carries a Kerberos AP-REQ (RFC 4121, RFC 4120 section 5.5.1), alone or
/// inside SPNEGO's mechToken. Nothing of it is proved.
struct Ticket {
  std::string service;   ///< "impala/proxy.example.com", escaped as Principal::str()
  std::string realm;
  std::int32_t enctype = 0;
  std::uint32_t kvno = 0;  ///< 0: not in the ticket
  bool mutual = false;
};

/// What is known of a connection's opening after the bytes so far.
struct Opening {
  enum class Next {
    more,     ///< not whole yet: keep reading
    dial,     ///< `length` bytes may go to a server
    refuse,   ///< answer `refusal` in a SASL ERROR frame (nothing when empty), then close
  };
  Next next = Next::more;
  Kind kind = Kind::unknown;
  std::size_t length = 0;      ///< bytes that belong to the login (or all so far, when not SASL)
  bool resendable = false;     ///< the same bytes may be sent to another server while none has answered: a login, a
                               ///< ClientHello; never a request
  std::string mechanism;       ///< "GSSAPI", printable
  std::optional<Ticket> ticket;
  std::string refusal;         ///< single line, ASCII, no quotes
};

struct Policy {
  std::vector<std::string> principals;    ///< "impala/proxy.example.com" or with "@REALM": what is served; empty: any
  std::vector<std::string> mechanisms{"GSSAPI"};  ///< empty: any
  bool plain_allowed = false;             ///< PLAIN without TLS
  std::size_t max_token = 1u << 20;       ///< octets
};

/// Classifies `seen`, all that the client has sent. Calling it after every byte costs O(1) until the login is whole.
Opening classify(Bytes seen, const Policy& policy);

/// A server's answer to a login.
struct Reply {
  enum class Next {
    more,
    accepted,   ///< OK or COMPLETE: the server goes on with this login
    rejected,   ///< BAD or ERROR
    foreign,    ///< not a SASL frame
  };
  Next next = Next::more;
  std::string text;   ///< of BAD and ERROR: printable ASCII, cut at 512 characters
};
Reply classify_reply(Bytes seen);

/// A SASL frame with a text: what impala-shell, impyla, Hue and JDBC show to the user. The text is made printable, one
/// line, ASCII, without quotes.
std::vector<std::uint8_t> frame(Status status, std::string_view text);

/// Parses one GSSAPI initial token. nullopt when it is not Kerberos or not well formed.
std::optional<Ticket> read_ticket(Bytes gss_token);

}  // namespace kerbgate::login
