#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "support/gss.hpp"
#include "support/socket.hpp"

/// Thrift's SASL negotiation (TSaslTransport) with GSSAPI (RFC 4752), no security layer: both ends, as Impala's clients
/// and impalad do it.
namespace kerbgate::e2e::sasl {

enum class Status : std::uint8_t { start = 1, ok = 2, bad = 3, error = 4, complete = 5 };

struct Frame {
  Status status;
  std::string payload;
};

std::string encode(Status status, std::string_view payload);
void send(Socket& socket, Status status, std::string_view payload);
Frame receive(Socket& socket);

/// The server answered BAD or ERROR: "Bad status: 4 (text)".
struct Refused : std::runtime_error {
  using runtime_error::runtime_error;
};
/// The client does not keep to the protocol.
struct Violation : std::runtime_error {
  using runtime_error::runtime_error;
};

/// The client's side, from START to COMPLETE.
void initiate(Socket& socket, gss::Initiator& initiator);

/// The server's side; the client's principal. gss::Failure and Violation leave without a frame, except for the two that
/// impalad answers: a first frame that is not START, and an unknown mechanism.
std::string accept(Socket& socket, gss::Acceptor& acceptor);

}  // namespace kerbgate::e2e::sasl
