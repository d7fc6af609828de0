#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "login/frame.hpp"
#include "login/refusal.hpp"
#include "login/ticket.hpp"

/// The first bytes of a connection and of a server's answer: Thrift's SASL frames and what else may come to such a
/// port. Pure; bounded; nothing here allocates before a length is checked.
namespace kerbgate::login {

/// What came, as far as its first bytes tell.
enum class Kind { unknown, sasl, tls, http, thrift, garbage };

/// What is known of a connection's opening after the bytes so far.
struct Opening {
  enum class Next {
    more,    ///< not whole yet: keep reading
    dial,    ///< `length` bytes may go to a server
    refuse,  ///< answer `refusal` in a SASL ERROR frame (nothing when empty), then close
  };
  Next next = Next::more;
  Kind kind = Kind::unknown;
  /// With `dial`: the bytes that belong to the login or to the ClientHello; of HTTP and plain Thrift, all so far. What
  /// came glued behind them stays with the caller until a server has answered.
  std::size_t length = 0;
  bool resendable = false;  ///< the same bytes may be sent to another server while none has answered: a login, a
                            ///< ClientHello; never a request
  std::string mechanism;    ///< "GSSAPI", printable
  std::optional<Ticket> ticket;
  std::size_t token_at = 0;  ///< with a ticket: where the GSSAPI token begins; it ends at `token_end`
  std::size_t token_end = 0;
  Cause cause = Cause::none;  ///< with `refuse`: for counters
  std::string refusal;        ///< single line, ASCII, no quotes
  std::string reason;         ///< with `refuse`: the words for the log; `refusal` when the client is told
};

struct Policy {
  std::vector<std::string> principals;  ///< "impala/proxy.example.com" or with "@REALM", escaped as Principal::str():
                                        ///< what is served; empty: any. A realm is compared only where one stands here.
  std::vector<std::string> mechanisms{"GSSAPI"};  ///< empty: any
  bool plain_allowed = false;                     ///< PLAIN may come here: TLS ends at this listener, or plain-in-clear
  std::size_t max_token = 1u << 20;               ///< octets
};

/// Classifies `seen`, all that the client has sent. Calling it after every byte costs O(1) until the login is whole.
/// Once it says `dial` or `refuse` more bytes do not change that, nor `length` (but of HTTP and plain Thrift, see
/// there).
///
/// `refuse` may come while the client still sends (a mechanism is judged before its token is there): who answers must
/// stop writing and read on to the client's end, or the answer is lost in a reset.
Opening classify(Bytes seen, const Policy& policy);

}  // namespace kerbgate::login
