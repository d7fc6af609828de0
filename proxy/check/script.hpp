#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "check/status.hpp"
#include "rules/regex.hpp"

/// What a check does, step by step, as the configuration says it.
namespace kerbgate::check {

struct Connect {
  std::uint16_t port = 0;  ///< 0: where the server is checked
  std::string address;     ///< numeric; empty: likewise
  bool as_server = false;  ///< TLS and PROXY header as the server's line says
  bool ssl = false, send_proxy = false;
  bool linger = false;  ///< leave by FIN, not by RST
  std::string sni;
  std::vector<std::string> alpn;
  friend bool operator==(const Connect&, const Connect&) = default;
};

struct Expect {
  enum class What {
    text,         ///< octets anywhere in the answer; over HTTP in its body
    regex,        ///< likewise
    hex_regex,    ///< on the answer written in hexadecimal digits
    status,       ///< HTTP's, one of `codes`
    status_regex  ///< HTTP's three digits
  };
  What what = What::text;
  bool binary = false;   ///< `text` was written in hexadecimal
  bool inverse = false;  ///< `!`: the check fails where it is found
  std::string text;
  std::optional<rules::Regex> regex;
  std::vector<std::pair<int, int>> codes;  ///< from, to
  int least = -1;                          ///< min-recv: wait for so many octets, then decide; -1: wait for a match
  std::optional<Status> when_ok, when_wrong, when_silent;  ///< instead of L7OK, L7RSP or L7STS, L7TOUT
  std::string says_when_ok, says_when_wrong;               ///< instead of the usual words
};

struct Step {
  enum class Kind { connect, send, expect };
  Kind kind = Kind::connect;
  int number = 0;       ///< of its line, from 1; 0: it goes without saying
  std::string comment;  ///< its own, or that of the comment line before it
  Connect connect;
  std::string bytes;  ///< send
  Expect expect;
};

/// The first step is always a connect.
struct Script {
  enum class Kind { plain, tcp, http, ssl_hello };
  Kind kind = Kind::plain;
  std::vector<Step> steps;

  /// TCP, or TLS where the server has it, and nothing said: what is left at once.
  static Script plain(Kind kind = Kind::plain);
  /// A ClientHello, and a TLS record of any kind for an answer; without a certificate, a version or a cipher agreed on.
  static Script ssl_hello();
};

/// An HTTP request of a check.
struct Request {
  std::string method, uri, version;  ///< empty: OPTIONS, /, HTTP/1.0
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  /// The bytes. Content-Length and Connection are what they must be, whatever `headers` says.
  [[nodiscard]] std::string render() const;
};

}  // namespace kerbgate::check
