#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "login/ticket.hpp"

/// Why a login ends at the proxy, in words: one table, read by the client's user, the log, the stats page and the `why`
/// command alike. Each text says what happened and what to do; docs/login.md explains every one.
namespace kerbgate::login {

enum class Cause {
  none,
  // what came is not a SASL login: closed, the words are for the log
  garbage,
  proxy_header,
  bad_client_hello,
  client_gave_up,
  not_kerberos,
  // the frames
  in_clear,
  no_start,
  mechanism_length,
  mechanism_name,
  mechanism_refused,
  plain_in_clear,
  plain_unproved,
  no_token_frame,
  token_too_long,
  logins_too_large,
  token_empty,
  // the token
  token_not_gss,
  token_ntlm,
  token_no_ticket,
  token_other_mechanism,
  token_damaged,
  // the ticket
  wrong_host,
  wrong_case,
  wrong_service,
  wrong_realm,
  // the ticket, once it is held against a keytab
  no_keytab,
  keytab_no_service,
  keytab_no_enctype,
  keytab_no_kvno,
  keytab_wrong_key,
  enctype_not_permitted,
  clock_skew,
  ticket_expired,
  ticket_not_yet_valid,
  realm_path,
  unverifiable,
  replay,
  replays_full,
  // the client, once it is known
  user_denied,
  user_maxconn,
  // what the proxy meets later
  login_timeout,
  queue_timeout,
  maxconn,
  login_broken,
  login_stale,
  no_server_up,
  all_failed,
};

/// A row of the table.
struct Words {
  Cause cause;
  std::string_view name;  ///< for logs and metrics: "wrong-host"; stable
  std::string_view text;  ///< with `{places}` that refusal() fills
  bool told = true;       ///< false: the client is not one that would read it; close without a word
};

/// The whole table, in the order of Cause; `none` has no row.
std::span<const Words> refusal_table();
const Words& words(Cause cause);

/// What stands in a `{place}`. It may come as it is, from the wire too: it is made plain and cut at 200 characters.
struct Value {
  std::string_view place, value;
};

/// The text of a cause, plain(). A place without a value stays as it is written, a value without a place is not used.
/// Those of the later causes: login_timeout {time}; queue_timeout {backend} {time}; maxconn {limit}; no_server_up
/// {backend}. all_failed() makes the text of its own.
std::string refusal(Cause cause, std::initializer_list<Value> values = {});

/// What one coordinator did with a login.
struct Attempt {
  enum class Outcome {
    refused,    ///< the connection
    timeout,    ///< no connection in time
    reset,      ///< of a connection that stood
    closed,     ///< in silence, after the token
    bad,        ///< frame BAD, with `text`
    error,      ///< frame ERROR, with `text`
    insecure,   ///< the TLS handshake failed; `text`: why
    no_answer,  ///< connected, nothing within `timeout login-answer`
    foreign,    ///< answered in no SASL frame
    unproved,   ///< went on otherwise than a holder of the key would; `text`: how
  };
  std::string server;   ///< its name in the configuration
  std::string address;  ///< host:port
  Outcome outcome = Outcome::refused;
  std::string text;  ///< the coordinator's own
};

struct OutcomeWords {
  Attempt::Outcome outcome;
  std::string_view name;  ///< "refused"; stable
  std::string_view text;
};
std::span<const OutcomeWords> outcome_table();

/// "closed without a word: most likely the keytab there lacks kvno 4 (aes256-cts-hmac-sha1-96) of
/// impala/lb.example.com, ...". Names no server. With a ticket, what usually stands behind a silent close or a BAD, and
/// the command that tells.
std::string describe(const Attempt& attempt, const std::optional<Ticket>& ticket);

/// The text for a client whose login no coordinator took. Servers with the same outcome stand together; the first few
/// are named, the rest counted. Without attempts it is that of `no_server_up` for an unnamed backend.
std::string all_failed(const std::vector<Attempt>& attempts, const std::optional<Ticket>& ticket);

}  // namespace kerbgate::login
