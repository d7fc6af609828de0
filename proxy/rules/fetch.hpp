#pragma once

#include <cstdint>
#include <span>
#include <string_view>

/// What a condition can look at. One row a word of the language.
namespace kerbgate::rules {

enum class Fetch : std::uint8_t {
  always_true,
  always_false,
  wait_end,  ///< the inspect-delay is over
  src,
  src_port,
  dst,
  dst_port,
  req_len,
  ssl_hello_type,
  ssl_sni,
  tracked_current,  ///< sc0_conn_cur and its like: of the entry that track-sc0 took
  tracked_rate,
  tracked_total,
  source_current,  ///< src_conn_cur and its like: of the address's entry in a table
  source_rate,
  source_total,
  servers_up,  ///< nbsrv(BACKEND)
};

enum class Kind : std::uint8_t { boolean, address, number, text };

struct FetchRow {
  std::string_view name;
  Fetch fetch;
  Kind kind;
  bool reads;  ///< looks at bytes: means something in content rules and use_backend alone
  enum class Argument : std::uint8_t { none, table, backend } argument;
  std::string_view syntax;   ///< its values, for the documentation
  std::string_view summary;  ///< likewise
};

std::span<const FetchRow> fetch_rows();
/// nullptr: there is no such word.
const FetchRow* find_fetch(std::string_view name);

/// HAProxy's acls that stand without a definition: name, and the words of the acl. WAIT_END: "wait_end".
struct Predefined {
  std::string_view name, words;
};
std::span<const Predefined> predefined_acls();

}  // namespace kerbgate::rules
