#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kerbgate/result.hpp"
#include "rules/fetch.hpp"

/// HAProxy's `log-format` (configuration manual 8.2.6) as a value: the part of it that TCP has.
namespace kerbgate::config {

/// What a `%name` stands for. Named by HAProxy's letters, which are in the table of the rows.
enum class LogField : std::uint8_t {
  client_address,
  client_port,
  frontend_address,
  frontend_port,
  frontend,
  frontend_transport,
  backend,
  backend_address,
  backend_port,
  server,
  server_address,
  server_port,
  date_local_ms,
  date_local,
  date_gmt,
  seconds,
  milliseconds,
  handshake_time,
  queue_time,
  connect_time,
  total_time,
  data_time,
  bytes_out,
  bytes_in,
  termination,
  termination_cookie,
  active,
  frontend_current,
  backend_current,
  server_current,
  retries,
  server_queue,
  backend_queue,
  host,
  pid,
  number,
  log_number,
  tls_cipher,
  tls_version,
  http_status,
  nothing,
  unique_id,
};

struct LogFieldRow {
  std::string_view name;
  LogField field;
  std::string_view summary;
};
std::span<const LogFieldRow> log_field_rows();

/// What a `%[name]` stands for.
enum class LogFetch : std::uint8_t {
  rule,  ///< what conditions look at, too: rules::Fetch
  frontend,
  backend,
  server,
  tls,
  tls_name,
  tls_version,
  tls_cipher,
  tls_subject,
  error,
  own,      ///< %[kerbgate.NAME]: one of kerbgate's fields
  own_all,  ///< %[kerbgate.fields]: all of them, as ` key=value`s of tcplog
};

struct LogFetchRow {
  std::string_view name;
  LogFetch fetch;
  std::string_view summary;
};
/// Beside those of rules::fetch_rows() that do not read bytes.
std::span<const LogFetchRow> log_fetch_rows();

struct LogPiece {
  enum class Kind : std::uint8_t { text, blank, field, fetch };
  Kind kind = Kind::text;
  /// Of a text; of a fetch: the key of `own`, or the table or backend of a rule's (empty: the section's own table, the
  /// connection's backend).
  std::string text;
  LogField field = LogField::nothing;
  LogFetch fetch = LogFetch::own;
  rules::Fetch rule = rules::Fetch::always_false;
  bool quoted = false, escaped = false, hex = false;
};

struct LogTemplate {
  bool json = false;  ///< `log-format json`: the object instead of pieces
  std::vector<LogPiece> pieces;

  [[nodiscard]] bool has(LogField field) const;
};

/// Errc::invalid says what is wrong, and with which word of the text.
Result<LogTemplate> parse_log_template(std::string_view text);

}  // namespace kerbgate::config
