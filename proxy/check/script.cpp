#include "check/script.hpp"

#include <strings.h>

namespace kerbgate::check {
namespace {

/// RFC 5246, 7.4.1.2, without extensions: what answers to it speaks TLS, and no handshake goes on after the answer.
std::string client_hello() {
  constexpr std::uint16_t kCiphers[] = {0xc02f, 0xc030, 0xc02b, 0xc02c, 0x009c, 0x009d, 0x002f, 0x0035};
  std::string hello("\x03\x03", 2);             // TLS 1.2
  hello += "kerbgate checks by a ClientHello";  // 32 octets of no randomness: nothing is agreed on
  hello += std::string("\0\0\x10", 3);          // no session; eight ciphers
  for (const std::uint16_t cipher : kCiphers) hello += {char(cipher >> 8), char(cipher & 0xff)};
  hello += std::string("\x01\0", 2);  // no compression
  const std::string handshake = std::string("\x01\0\0", 3) + char(hello.size()) + hello;
  return std::string("\x16\x03\x01\0", 4) + char(handshake.size()) + handshake;
}

bool same(const std::string& a, const char* b) { return ::strcasecmp(a.c_str(), b) == 0; }

}  // namespace

Script Script::plain(Kind kind) {
  Script out;
  out.kind = kind;
  out.steps.emplace_back();
  out.steps.back().connect.as_server = true;
  return out;
}

Script Script::ssl_hello() {
  Script out = plain(Kind::ssl_hello);
  Step send;
  send.kind = Step::Kind::send;
  send.bytes = client_hello();
  out.steps.push_back(send);
  Step expect;
  expect.kind = Step::Kind::expect;
  expect.expect.what = Expect::What::hex_regex;
  expect.expect.regex = *rules::Regex::compile("^1[56]");
  expect.expect.least = 5;  // a record's header
  expect.expect.when_ok = Status::l6ok;
  expect.expect.when_wrong = Status::l6rsp;
  expect.expect.when_silent = Status::l6tout;
  out.steps.push_back(expect);
  return out;
}

std::string Request::render() const {
  const std::string what = version.empty() ? "HTTP/1.0" : version;
  std::string out = (method.empty() ? "OPTIONS" : method) + ' ' + (uri.empty() ? "/" : uri) + ' ' + what + "\r\n";
  for (const auto& [name, value] : headers) {
    if (same(name, "content-length") || same(name, "connection") || same(name, "transfer-encoding")) continue;
    out += name + ": " + value + "\r\n";
  }
  if (!body.empty()) out += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  if (what != "HTTP/1.0") out += "Connection: close\r\n";
  return out + "\r\n" + body;
}

}  // namespace kerbgate::check
