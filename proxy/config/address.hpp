#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kerbgate/result.hpp"

/// Addresses as HAProxy writes them. The last colon divides host and port, so `:::80` and `::1:80` are IPv6.
/// No name is resolved. Errc::invalid or Errc::unsupported, with what is wrong.
namespace kerbgate::config {

/// One place to listen on.
struct ListenAddress {
  std::string host;       ///< numeric in its canonical form, or a name in lower case; empty: any IPv4 address
  bool ipv6_any = false;  ///< `:::port`, `[::]:port`, `ipv6@:port`
  std::uint16_t port = 0;
  std::string path;            ///< UNIX socket
  int inherited_fd = -1;       ///< fd@N
  std::string inherited_name;  ///< fd@NAME
};

/// `[ipv4@|ipv6@][HOST|*]:PORT[-PORT]`, `[unix@]/path`, `fd@N`, `fd@NAME`, several with commas between. A range of
/// ports is as many addresses, at most 1,024 for one text.
Result<std::vector<ListenAddress>> parse_listen(std::string_view text);

struct PeerAddress {
  std::string host;  ///< numeric in its canonical form, or a name in lower case
  std::uint16_t port = 0;
};

/// `[ipv4@|ipv6@]HOST:PORT`: where a server is.
Result<PeerAddress> parse_peer(std::string_view text);

/// A host alone: numeric in its canonical form (no brackets), or a name in lower case.
Result<std::string> parse_host(std::string_view text);

}  // namespace kerbgate::config
