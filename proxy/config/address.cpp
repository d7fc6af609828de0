#include "config/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "config/source.hpp"
#include "config/value.hpp"

namespace kerbgate::config {
namespace {

constexpr std::size_t kMostAddresses = 1024;

Error invalid(std::string_view text, const std::string& why) { return {Errc::invalid, quoted(text) + " " + why}; }

/// The canonical form of a numeric address of this family, empty when it is none.
std::string canonical_numeric(int family, const std::string& text) {
  std::array<unsigned char, 16> bytes{};
  std::array<char, INET6_ADDRSTRLEN> out{};
  if (text.find('\0') != std::string::npos || inet_pton(family, text.c_str(), bytes.data()) != 1) return {};
  return inet_ntop(family, bytes.data(), out.data(), out.size());
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

std::string without_brackets(std::string_view host) {
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return std::string(host);
}

struct HostAndPort {
  std::string_view host, port;
};

/// At the last colon that is outside brackets; an empty port when there is none.
HostAndPort split_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const std::size_t bracket = text.rfind(']');
  if (colon == std::string_view::npos || (bracket != std::string_view::npos && bracket > colon)) return {text, {}};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return false;
  text.remove_prefix(prefix.size());
  return true;
}

enum class Family { either, v4, v6 };

Family take_family(std::string_view& text) {
  if (take_prefix(text, "ipv4@")) return Family::v4;
  if (take_prefix(text, "ipv6@")) return Family::v6;
  return Family::either;
}

/// A numeric host must be of the family that was written before it; a name is resolved later, in whatever family.
Result<void> check_family(std::string_view text, Family family, const std::string& host) {
  const bool v6 = host.find(':') != std::string::npos;
  if (family == Family::v4 && v6) return invalid(text, "says ipv4@ before an IPv6 address");
  if (family == Family::v6 && !canonical_numeric(AF_INET, host).empty())
    return invalid(text, "says ipv6@ before an IPv4 address");
  return {};
}

struct PortRange {
  std::uint16_t first = 0, last = 0;
};

Result<PortRange> parse_port_range(std::string_view text, std::string_view port) {
  if (port.empty()) return invalid(text, "has no port: write HOST:PORT");
  const std::size_t dash = port.find('-', 1);
  const auto first = parse_number(port.substr(0, dash), 1, 65535);
  if (!first) return Error(Errc::invalid, "port " + first.error().what);
  const auto last = dash == std::string_view::npos ? first : parse_number(port.substr(dash + 1), 1, 65535);
  if (!last) return Error(Errc::invalid, "port " + last.error().what);
  if (*last < *first) return invalid(text, "has a range of ports whose end is before its beginning");
  return PortRange{static_cast<std::uint16_t>(*first), static_cast<std::uint16_t>(*last)};
}

Result<std::vector<ListenAddress>> parse_inet(std::string_view whole) {
  std::string_view text = whole;
  const Family family = take_family(text);
  const HostAndPort split = split_port(text);
  const auto ports = parse_port_range(whole, split.port);
  if (!ports) return ports.error();
  ListenAddress address;
  if (split.host == "::" || split.host == "[::]" ||
      (family == Family::v6 && (split.host.empty() || split.host == "*"))) {
    address.ipv6_any = true;
  } else if (!split.host.empty() && split.host != "*") {
    const auto host = parse_host(split.host);
    if (!host) return host.error();
    if (const auto fits = check_family(whole, family, *host); !fits) return fits.error();
    address.ipv6_any = *host == "::";
    if (*host != "::" && *host != "0.0.0.0") address.host = *host;
  }
  if (address.ipv6_any && family == Family::v4) return invalid(whole, "says ipv4@ before an IPv6 address");
  std::vector<ListenAddress> out;
  for (unsigned port = ports->first; port <= ports->last && out.size() <= kMostAddresses; ++port) {
    address.port = static_cast<std::uint16_t>(port);
    out.push_back(address);
  }
  return out;
}

/// What systemd takes as FileDescriptorName=, but for blanks and commas: those end the word.
Result<std::vector<ListenAddress>> parse_inherited_name(std::string_view text, std::string_view name) {
  constexpr std::size_t kLongest = 255;
  const bool visible = std::all_of(name.begin(), name.end(), [](char c) { return c > 0x20 && c < 0x7F && c != ':'; });
  if (name.size() > kLongest || !visible)
    return invalid(text, "is no name of a socket: at most 255 visible characters, and no ':'");
  ListenAddress address;
  address.inherited_name = name;
  return std::vector{address};
}

Result<std::vector<ListenAddress>> parse_one(std::string_view text) {
  std::string_view rest = text;
  if (take_prefix(rest, "fd@")) {
    if (!rest.empty() && (rest[0] < '0' || rest[0] > '9')) return parse_inherited_name(text, rest);
    const auto fd = parse_number(rest, 0, 1'048'576);
    if (!fd) return Error(Errc::invalid, "descriptor " + fd.error().what);
    ListenAddress address;
    address.inherited_fd = static_cast<int>(*fd);
    return std::vector{address};
  }
  if (take_prefix(rest, "unix@") || rest.substr(0, 1) == "/") {
    constexpr std::size_t kLongestPath = 107;  // sockaddr_un
    if (rest.empty() || rest[0] != '/') return invalid(text, "is no UNIX socket: write its absolute path");
    if (rest.size() > kLongestPath) return invalid(text, "is too long a path for a UNIX socket: at most 107 octets");
    ListenAddress address;
    address.path = rest;
    return std::vector{address};
  }
  for (const std::string_view kind : {"abns@", "sockpair@", "udp@", "udp4@", "udp6@", "quic4@", "quic6@", "uxst@"}) {
    if (text.substr(0, kind.size()) == kind)
      return Error(Errc::unsupported, quoted(text) +
                                          " is a kind of address that is not supported; there are HOST:PORT, "
                                          "ipv4@, ipv6@, unix@PATH, fd@N and fd@NAME");
  }
  return parse_inet(text);
}

}  // namespace

Result<std::vector<ListenAddress>> parse_listen(std::string_view text) {
  std::vector<ListenAddress> out;
  for (std::string_view rest = text;;) {
    const std::size_t comma = rest.find(',');
    auto some = parse_one(rest.substr(0, comma));
    if (!some) return some.error();
    std::move(some->begin(), some->end(), std::back_inserter(out));
    if (out.size() > kMostAddresses) return invalid(text, "is more than 1024 addresses: use several bind lines");
    if (comma == std::string_view::npos) return out;
    rest.remove_prefix(comma + 1);
  }
}

Result<PeerAddress> parse_peer(std::string_view text) {
  std::string_view rest = text;
  if (rest.substr(0, 1) == "/" || rest.substr(0, 5) == "unix@" || rest.substr(0, 5) == "abns@")
    return Error(Errc::unsupported, quoted(text) + ": servers on UNIX sockets are not supported; write HOST:PORT");
  const Family family = take_family(rest);
  const HostAndPort split = split_port(rest);
  if (split.port.empty())
    return Error(Errc::unsupported,
                 quoted(text) + " has no port: \"the port that the client came to\" is not supported; write HOST:PORT");
  if (split.port[0] == '+' || split.port[0] == '-')
    return Error(Errc::unsupported,
                 quoted(text) + ": ports relative to the client's are not supported; write HOST:PORT");
  const auto port = parse_number(split.port, 1, 65535);
  if (!port) return Error(Errc::invalid, "port " + port.error().what);
  auto host = parse_host(split.host);
  if (!host) return host.error();
  if (const auto fits = check_family(text, family, *host); !fits) return fits.error();
  return PeerAddress{std::move(*host), static_cast<std::uint16_t>(*port)};
}

Result<std::string> parse_host(std::string_view text) {
  std::string host = without_brackets(text);
  for (const int family : {AF_INET, AF_INET6}) {
    if (std::string numeric = canonical_numeric(family, host); !numeric.empty()) return numeric;
  }
  std::transform(host.begin(), host.end(), host.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (host.empty() || host.size() > 255) return invalid(text, "is no host: write a name or an address");
  if (!std::all_of(host.begin(), host.end(), is_name_character))
    return invalid(text, "is neither an address nor a host name");
  if (std::all_of(host.begin(), host.end(), [](char c) { return (c >= '0' && c <= '9') || c == '.'; }))
    return invalid(text, "is no IPv4 address: four numbers from 0 to 255");
  return host;
}

}  // namespace kerbgate::config
