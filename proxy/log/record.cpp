#include "log/record.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "log/date.hpp"

namespace kerbgate::log {
namespace {

bool plain(char c) { return c > ' ' && c < 0x7f && c != '"' && c != '\\' && c != '='; }

void append_value(std::string& out, const std::string& value) {
  if (!value.empty() && std::all_of(value.begin(), value.end(), plain)) {
    out += value;
    return;
  }
  out += '"';
  out += printable(value);
  out += '"';
}

void append_peer(std::string& out, const Session& session) {
  out += peer_address(session);
  out += ':';
  out += std::to_string(session.client_port);
}

/// A count that will still grow is announced by a plus.
void append_growing(std::string& out, const Session& session, const std::string& number) {
  if (session.unfinished) out += '+';
  out += number;
}

template <class... Numbers>
void append_slashed(std::string& out, Numbers... numbers) {
  const char* between = "";
  ((out += between, out += std::to_string(numbers), between = "/"), ...);
}

boost::json::value duration(std::int64_t ms) { return ms < 0 ? boost::json::value(nullptr) : boost::json::value(ms); }

}  // namespace

std::string printable(std::string_view text, std::size_t max) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  out.reserve(std::min(text.size(), max));
  for (const char c : text.substr(0, max)) {
    if (c >= ' ' && c < 0x7f && c != '"' && c != '\\') {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += "\\x";
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  if (text.size() > max) out += "...";
  return out;
}

std::string peer_address(const Session& session) {
  return session.client_address.empty() ? "unix" : session.client_address;
}

const std::string* find_field(const Session& session, const std::string& key) {
  for (const auto& [name, value] : session.fields)
    if (name == key) return &value;
  return nullptr;
}

void append_fields(std::string& out, const Session& session) {
  for (const auto& [key, value] : session.fields) {
    out += ' ';
    out += key;
    out += '=';
    append_value(out, value);
  }
}

std::string tcplog(const Session& s) {
  std::string out;
  out.reserve(256);
  append_peer(out, s);
  out += " [";
  append_haproxy_date(out, s.accepted);
  out += "] ";
  out += s.frontend;
  out += s.tls ? "~ " : " ";
  out += s.backend;
  out += '/';
  out += s.server.empty() ? "<NOSRV>" : s.server;
  out += ' ';
  append_slashed(out, s.queue_ms, s.connect_ms);
  out += '/';
  append_growing(out, s, std::to_string(s.total_ms));
  out += ' ';
  append_growing(out, s, std::to_string(s.bytes_out));
  out += ' ';
  out += static_cast<char>(s.cause);
  out += static_cast<char>(s.phase);
  out += ' ';
  append_slashed(out, s.active, s.frontend_current, s.backend_current, s.server_current);
  out += s.redispatched ? "/+" : "/";
  out += std::to_string(s.retries);
  out += ' ';
  append_slashed(out, s.server_queue, s.backend_queue);
  append_fields(out, s);
  return out;
}

std::string default_line(const Session& session, const std::string& destination) {
  std::string out = "Connect from ";
  append_peer(out, session);
  return out + " to " + destination + " (" + session.frontend + "/TCP)";
}

std::string early_line(const std::string& client, std::uint16_t port, std::chrono::system_clock::time_point accepted,
                       const std::string& place, const std::string& words) {
  std::string out = (client.empty() ? "unix" : client) + ':' + std::to_string(port) + " [";
  append_haproxy_date(out, accepted);
  return out + "] " + place + ": " + printable(words);
}

std::string json(const Session& s) {
  std::string accepted;
  append_iso_date(accepted, s.accepted);
  const std::string state{static_cast<char>(s.cause), static_cast<char>(s.phase)};
  boost::json::object out{
      {"accepted", accepted},
      {"client", peer_address(s)},
      {"client_port", s.client_port},
      {"frontend", s.frontend},
      {"backend", s.backend},
      {"server", s.server.empty() ? boost::json::value(nullptr) : boost::json::value(s.server)},
      {"tls", s.tls},
      {"queue_ms", duration(s.queue_ms)},
      {"connect_ms", duration(s.connect_ms)},
      {"total_ms", s.total_ms},
      {"bytes_in", s.bytes_in},
      {"bytes_out", s.bytes_out},
      {"state", state},
      {"active", s.active},
      {"frontend_current", s.frontend_current},
      {"backend_current", s.backend_current},
      {"server_current", s.server_current},
      {"retries", s.retries},
      {"redispatched", s.redispatched},
      {"server_queue", s.server_queue},
      {"backend_queue", s.backend_queue},
      {"unfinished", s.unfinished},
  };
  // In the text `client` is the user, since HAProxy's address has no name there; here that name is the address's.
  for (const auto& [key, value] : s.fields) out.emplace(key == "client" ? "principal" : key, printable(value));
  return boost::json::serialize(out);
}

}  // namespace kerbgate::log
