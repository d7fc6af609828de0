#include <arpa/inet.h>
#include <net/if.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "kerbgate/quoted.hpp"
#include "kerbgate/resolver.hpp"

namespace kerbgate {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/// An interface's name or number; 0: neither.
std::uint32_t scope_number(const std::string& text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return number;
  return if_nametoindex(text.c_str());
}

}  // namespace

Result<IpAddress> IpAddress::parse(std::string_view text) {
  const auto not_one = [&](const char* why) {
    return Error(Errc::invalid, quoted(text) + " is not an IP address" + why);
  };
  if (text.find('\0') != std::string_view::npos) return not_one(": it holds a NUL byte");
  IpAddress ip;
  std::string plain(text);
  if (inet_pton(AF_INET, plain.c_str(), ip.bytes.data()) == 1) return ip;
  ip.v6 = true;
  if (const auto percent = plain.find('%'); percent != std::string::npos) {
    ip.scope = scope_number(plain.substr(percent + 1));
    if (ip.scope == 0) return not_one(": what follows % is no network interface of this host");
    plain.resize(percent);
  }
  if (inet_pton(AF_INET6, plain.c_str(), ip.bytes.data()) != 1) return not_one("");
  return ip;
}

std::string IpAddress::str() const {
  char text[INET6_ADDRSTRLEN];
  inet_ntop(v6 ? AF_INET6 : AF_INET, bytes.data(), text, sizeof text);
  return scope == 0 ? text : std::string(text) + "%" + std::to_string(scope);
}

IpAddress IpAddress::unmapped() const {
  if (!v6 || !std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes.begin())) return *this;
  IpAddress v4;
  std::copy(bytes.begin() + 12, bytes.end(), v4.bytes.begin());
  return v4;
}

}  // namespace kerbgate
