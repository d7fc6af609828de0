#include "rules/fetch.hpp"

namespace kerbgate::rules {
namespace {

using Argument = FetchRow::Argument;

constexpr std::string_view kNumbers = "[eq|ge|gt|le|lt] N[:M]...";
constexpr std::string_view kAddresses = "ADDRESS[/LENGTH]...";

constexpr FetchRow kRows[] = {
    {"src", Fetch::src, Kind::address, false, Argument::none, kAddresses,
     "the client's address; after a PROXY header the announced one"},
    {"src_port", Fetch::src_port, Kind::number, false, Argument::none, kNumbers, "its port"},
    {"dst", Fetch::dst, Kind::address, false, Argument::none, kAddresses, "the address that the client came to"},
    {"dst_port", Fetch::dst_port, Kind::number, false, Argument::none, kNumbers, "the port that the client came to"},
    {"req.len", Fetch::req_len, Kind::number, true, Argument::none, kNumbers, "how many bytes the client has sent"},
    {"req.ssl_sni", Fetch::ssl_sni, Kind::text, true, Argument::none, "[-m METHOD] NAME...",
     "the name that a TLS client asks for"},
    {"req.ssl_hello_type", Fetch::ssl_hello_type, Kind::number, true, Argument::none, kNumbers,
     "1: the client begins a TLS handshake"},
    {"sc0_conn_cur", Fetch::tracked_current, Kind::number, false, Argument::none, kNumbers,
     "connections of the tracked client now"},
    {"sc0_conn_rate", Fetch::tracked_rate, Kind::number, false, Argument::none, kNumbers,
     "its new connections in the table's period"},
    {"sc0_conn_cnt", Fetch::tracked_total, Kind::number, false, Argument::none, kNumbers,
     "its connections since the table knows it"},
    {"src_conn_cur", Fetch::source_current, Kind::number, false, Argument::table, kNumbers,
     "the same of the client's address in a table, tracked or not"},
    {"src_conn_rate", Fetch::source_rate, Kind::number, false, Argument::table, kNumbers, "likewise"},
    {"src_conn_cnt", Fetch::source_total, Kind::number, false, Argument::table, kNumbers, "likewise"},
    {"nbsrv", Fetch::servers_up, Kind::number, false, Argument::backend, kNumbers,
     "servers of a backend that take connections"},
    {"wait_end", Fetch::wait_end, Kind::boolean, true, Argument::none, "", "the inspect-delay is over"},
    {"always_true", Fetch::always_true, Kind::boolean, false, Argument::none, "", "yes"},
    {"always_false", Fetch::always_false, Kind::boolean, false, Argument::none, "", "no"},
};

struct Alias {
  std::string_view alias, name;
};
/// HAProxy's older and other words for the same.
constexpr Alias kAliases[] = {{"req_len", "req.len"},
                              {"req_ssl_sni", "req.ssl_sni"},
                              {"req_ssl_hello_type", "req.ssl_hello_type"},
                              {"sc_conn_cur(0)", "sc0_conn_cur"},
                              {"sc_conn_rate(0)", "sc0_conn_rate"},
                              {"sc_conn_cnt(0)", "sc0_conn_cnt"}};

constexpr Predefined kPredefined[] = {{"TRUE", "always_true"},
                                      {"FALSE", "always_false"},
                                      {"WAIT_END", "wait_end"},
                                      {"LOCALHOST", "src 127.0.0.0/8 ::1"},
                                      {"REQ_CONTENT", "req.len gt 0"}};

}  // namespace

std::span<const FetchRow> fetch_rows() { return kRows; }

const FetchRow* find_fetch(std::string_view name) {
  for (const Alias& row : kAliases)
    if (row.alias == name) name = row.name;
  for (const FetchRow& row : kRows)
    if (row.name == name) return &row;
  return nullptr;
}

std::span<const Predefined> predefined_acls() { return kPredefined; }

}  // namespace kerbgate::rules
