#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kerbgate/resolver.hpp"
#include "login/frame.hpp"

/// The PROXY protocol's header, versions 1 and 2 (haproxy.org, proxy-protocol.txt): read from those who announce a
/// client, written to servers. Pure.
namespace kerbgate::login {

/// Both ends of a client's connection.
struct Ends {
  IpAddress source, destination;
  std::uint16_t source_port = 0, destination_port = 0;
};

struct ProxyHeader {
  enum class State : std::uint8_t {
    more,   ///< all bytes so far belong to it, and it is not whole
    whole,  ///< the first `length` bytes are it
    wrong,  ///< `why`
  };
  State state = State::more;
  std::size_t length = 0;
  /// Whether it announces a client. Else (UNKNOWN, LOCAL, UNIX sockets, datagrams) the connection speaks for itself.
  bool announces = false;
  Ends ends;
  const char* why = "";
};

/// Strict: v1 has single blanks, decimal ports up to 65535 and no leading zeros, dotted quads, both addresses of the
/// family it names, and ends by CR LF within 107 octets; v2's lengths, TLVs and checksum agree with each other.
/// `seen` is all that has come.
ProxyHeader read_proxy_header(Bytes seen);

/// A v1 or v2 header for these ends; addresses of two families are both written as IPv6. `local`: the connection is the
/// proxy's own (a check), which announces no one.
std::string proxy_header_v1(const Ends& ends, bool local = false);
std::string proxy_header_v2(const Ends& ends, bool local = false);

}  // namespace kerbgate::login
