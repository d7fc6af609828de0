#include "log/template.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "log/date.hpp"

namespace kerbgate::log {
namespace {

using config::LogFetch;
using config::LogField;
using config::LogPiece;

std::string hexadecimal(std::uint64_t number, int width) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "%0*llX", width, static_cast<unsigned long long>(number));
  return text.data();
}

/// The octets of an address; what is none stays as it is.
std::string hexadecimal(const std::string& address) {
  std::array<unsigned char, 16> bytes{};
  std::size_t size = 0;
  if (inet_pton(AF_INET, address.c_str(), bytes.data()) == 1)
    size = 4;
  else if (inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1)
    size = 16;
  if (size == 0) return address;
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out += hexadecimal(bytes[i], 2);
  return out;
}

class Writer {
 public:
  Writer(const config::LogTemplate& format, const Session& session) : format_(format), session_(session) {}

  std::string write() {
    for (const LogPiece& piece : format_.pieces) {
      switch (piece.kind) {
        case LogPiece::Kind::text:
          out_ += piece.text;
          break;
        case LogPiece::Kind::blank:
          if (!out_.empty() && out_.back() != ' ') out_ += ' ';
          break;
        case LogPiece::Kind::field:
          field(piece);
          break;
        case LogPiece::Kind::fetch:
          fetch(piece);
      }
    }
    return std::move(out_);
  }

 private:
  void text(const LogPiece& piece, const std::string& value) {
    if (piece.quoted) out_ += '"';
    if (value.empty() && !piece.quoted) out_ += '-';
    for (const char c : value) {
      if (piece.escaped && (c == '"' || c == '\\' || c == ']')) out_ += '\\';
      out_ += c;
    }
    if (piece.quoted) out_ += '"';
  }
  void number(std::int64_t value) { out_ += std::to_string(value); }
  void number(const LogPiece& piece, std::uint64_t value) {
    out_ += piece.hex ? hexadecimal(value, 4) : std::to_string(value);
  }
  void address(const LogPiece& piece, const std::string& value) {
    // As HAProxy, which quotes no number.
    if (const std::string octets = hexadecimal(value); piece.hex && octets != value)
      out_ += octets;
    else
      text(piece, value);
  }
  /// The port of an address that may be missing.
  void port(const LogPiece& piece, const Session::End& end) {
    end.address.empty() ? text(piece, "") : number(piece, end.port);
  }
  /// What will still grow when the line is written early.
  void growing(std::uint64_t value) {
    if (session_.unfinished) out_ += '+';
    out_ += std::to_string(value);
  }
  void date(void (*append)(std::string&, WallTime)) { append(out_, session_.accepted); }

  void field(const LogPiece& piece);
  void place(const LogPiece& piece);
  void count(const LogPiece& piece);
  void fetch(const LogPiece& piece);

  const config::LogTemplate& format_;
  const Session& session_;
  std::string out_;
  std::size_t fetched_ = 0;
};

/// Who, where and when.
void Writer::place(const LogPiece& piece) {
  const Session& s = session_;
  const std::int64_t micros =
      std::chrono::duration_cast<std::chrono::microseconds>(s.accepted.time_since_epoch()).count();
  switch (piece.field) {
    case LogField::client_address:
      return address(piece, peer_address(s));
    case LogField::client_port:
      return number(piece, s.client_port);
    case LogField::frontend_address:
      return address(piece, s.destination.address);
    case LogField::frontend_port:
      return port(piece, s.destination);
    case LogField::frontend:
      return text(piece, s.frontend);
    case LogField::frontend_transport:
      return text(piece, s.frontend + (s.tls ? "~" : ""));
    case LogField::backend:
      return text(piece, s.backend);
    case LogField::backend_address:
      return address(piece, s.source.address);
    case LogField::backend_port:
      return port(piece, s.source);
    case LogField::server:
      return text(piece, s.server.empty() ? "<NOSRV>" : s.server);
    case LogField::server_address:
      return address(piece, s.target.address);
    case LogField::server_port:
      return port(piece, s.target);
    case LogField::date_local_ms:
      return date(append_haproxy_date);
    case LogField::date_local:
      return date(append_haproxy_seconds);
    case LogField::date_gmt:
      return date(append_haproxy_gmt);
    case LogField::seconds:
      return number(piece, std::uint64_t(micros / 1'000'000));
    case LogField::milliseconds: {
      const auto ms = std::uint64_t(micros / 1000 % 1000);
      const std::string digits = std::to_string(ms);
      out_ += piece.hex ? hexadecimal(ms, 2) : std::string(3 - digits.size(), '0') + digits;
      return;
    }
    case LogField::host:
      return text(piece, s.host);
    case LogField::tls_cipher:
      return text(piece, s.tls_cipher);
    case LogField::tls_version:
      return text(piece, s.tls_version);
    case LogField::unique_id:
      return text(piece, "");
    default:
      return count(piece);
  }
}

/// How long, how much and how many.
void Writer::count(const LogPiece& piece) {
  const Session& s = session_;
  switch (piece.field) {
    case LogField::handshake_time:
      return number(s.handshake_ms);
    case LogField::queue_time:
      return number(s.queue_ms);
    case LogField::connect_time:
      return number(s.connect_ms);
    case LogField::total_time:
      return growing(std::uint64_t(s.total_ms));
    case LogField::data_time:
      if (s.connect_ms < 0) return number(std::int64_t{-1});
      return growing(std::uint64_t(s.total_ms - std::max<std::int64_t>(s.queue_ms, 0) - s.connect_ms));
    case LogField::bytes_out:
      return growing(s.bytes_out);
    case LogField::bytes_in:
      return number(std::int64_t(s.bytes_in));
    case LogField::active:
      return number(s.active);
    case LogField::frontend_current:
      return number(s.frontend_current);
    case LogField::backend_current:
      return number(s.backend_current);
    case LogField::server_current:
      return number(s.server_current);
    case LogField::server_queue:
      return number(s.server_queue);
    case LogField::backend_queue:
      return number(s.backend_queue);
    case LogField::pid:
      return number(piece, std::uint64_t(s.pid));
    case LogField::number:
      return number(piece, s.number);
    case LogField::log_number:
      return number(piece, s.line);
    case LogField::http_status:
      return number(0);
    default:
      return;
  }
}

void Writer::field(const LogPiece& piece) {
  switch (piece.field) {
    case LogField::termination:
    case LogField::termination_cookie:
      out_ += static_cast<char>(session_.cause);
      out_ += static_cast<char>(session_.phase);
      if (piece.field == LogField::termination_cookie) out_ += "--";
      return;
    case LogField::retries:
      if (session_.redispatched) out_ += '+';
      return number(session_.retries);
    case LogField::nothing:
      return;
    default:
      return place(piece);
  }
}

void Writer::fetch(const LogPiece& piece) {
  const Session& s = session_;
  switch (piece.fetch) {
    case LogFetch::rule:
      return text(piece, fetched_ < s.fetched.size() ? s.fetched[fetched_++] : "");
    case LogFetch::frontend:
      return text(piece, s.frontend);
    case LogFetch::backend:
      return text(piece, s.backend);
    case LogFetch::server:
      return text(piece, s.server);
    case LogFetch::tls:
      return text(piece, s.tls ? "1" : "0");
    case LogFetch::tls_name:
      return text(piece, printable(s.tls_name));
    case LogFetch::tls_version:
      return text(piece, s.tls_version);
    case LogFetch::tls_cipher:
      return text(piece, s.tls_cipher);
    case LogFetch::tls_subject:
      return text(piece, printable(s.tls_subject));
    case LogFetch::error:
      return text(piece, printable(s.error));
    case LogFetch::own: {
      const std::string* value = find_field(s, piece.text);
      return text(piece, value != nullptr ? printable(*value) : "");
    }
    case LogFetch::own_all: {
      std::string all;
      append_fields(all, s);
      out_ += all.empty() ? "-" : all.substr(1);
      return;
    }
  }
}

}  // namespace

std::string written(const config::LogTemplate& format, const Session& session) {
  return format.json ? json(session) : Writer(format, session).write();
}

}  // namespace kerbgate::log
