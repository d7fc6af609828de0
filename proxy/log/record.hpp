#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A finished connection as one value, and the lines that are made of it. Pure.
namespace kerbgate::log {

/// Syslog severities.
enum class Priority { emerg, alert, crit, err, warning, notice, info, debug };

/// The first character of HAProxy's termination state: who ended it.
enum class Cause : char {
  normal = '-',
  client_abort = 'C',
  server_abort = 'S',
  proxy_denied = 'P',
  resource = 'R',
  internal = 'I',
  server_down = 'D',
  killed = 'K',
  client_timeout = 'c',
  server_timeout = 's',
};
/// The second: in which phase.
enum class Phase : char {
  normal = '-',
  request = 'R',
  queue = 'Q',
  connect = 'C',
  headers = 'H',
  data = 'D',
  last = 'L'
};

struct Session {
  std::string client_address;  ///< without port; empty for a UNIX socket: "unix", and the port is its number
  std::uint16_t client_port = 0;
  std::chrono::system_clock::time_point accepted;
  std::string frontend, backend, server;                      ///< empty server: <NOSRV>
  std::int64_t queue_ms = -1, connect_ms = -1, total_ms = 0;  ///< Tw, Tc (-1: not reached), Tt
  std::uint64_t bytes_in = 0, bytes_out = 0;                  ///< from the client; to the client (HAProxy's %B)
  Cause cause = Cause::normal;
  Phase phase = Phase::normal;
  std::uint32_t active = 0, frontend_current = 0, backend_current = 0, server_current = 0;  ///< ac fc bc sc
  int retries = 0;
  bool redispatched = false;  ///< a '+' before rc
  bool tls = false;           ///< the client came by TLS: a '~' after the frontend's name
  bool unfinished = false;    ///< logasap: a '+' before Tt and the bytes, which will grow
  std::uint32_t server_queue = 0, backend_queue = 0;
  /// Written as ` key=value` after the last HAProxy field when a fqdn is set; values are quoted where they need it.
  std::vector<std::pair<std::string, std::string>> fields;

  // What a log-format alone shows.
  struct End {
    std::string address;  ///< empty: there is none
    std::uint16_t port = 0;
  };
  End destination, source, target;     ///< that the client came to; that the server was connected from; the server's
  std::int64_t handshake_ms = 0;       ///< Th
  std::uint64_t number = 0, line = 0;  ///< of the connection in the process; of the line in its listener
  std::string host;
  int pid = 0;
  std::string tls_version, tls_cipher, tls_name, tls_subject;  ///< the client's; empty: none
  std::string error;                                           ///< why it was no session
  std::vector<std::string> fetched;  ///< values of the format's LogFetch::rule pieces, in their order; empty: none
};

/// Address and port as every line writes the client's: "unix" when there is no address.
std::string peer_address(const Session& session);
/// One of `fields`, nullptr when it is not there.
const std::string* find_field(const Session& session, const std::string& key);
/// ` key=value` of each of `fields`.
void append_fields(std::string& out, const Session& session);

/// HAProxy's tcplog line (configuration manual 8.2.2), without the syslog header; local time.
std::string tcplog(const Session& session);
/// HAProxy's default line when no `option tcplog` is set: "Connect from IP:PORT to IP:PORT (FRONTEND/TCP)".
std::string default_line(const Session& session, const std::string& destination);
/// HAProxy's line for a connection that ended before it was a session (manual 8.2.5): `place` is FRONTEND/BIND.
std::string early_line(const std::string& client, std::uint16_t port, std::chrono::system_clock::time_point accepted,
                       const std::string& place, const std::string& words);
/// One JSON object in one line: the same fields by name, times not reached and a server not chosen as null. `fields`
/// are members beside the others, with the same escapes as in the text; their names are the caller's care.
std::string json(const Session& session);

/// Bytes that no one may trust, made safe for one line of a log: printable ASCII stays, everything else and `\` and `"`
/// becomes \xHH. Of longer text the first `max` bytes, then "...".
std::string printable(std::string_view text, std::size_t max = 1024);

}  // namespace kerbgate::log
