#include "net/address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>

namespace kerbgate::net {
namespace {

const sockaddr_in& v4(const sockaddr_storage& raw) { return reinterpret_cast<const sockaddr_in&>(raw); }
const sockaddr_in6& v6(const sockaddr_storage& raw) { return reinterpret_cast<const sockaddr_in6&>(raw); }

}  // namespace

SocketAddress::SocketAddress(const IpAddress& address, std::uint16_t port) {
  if (address.v6) {
    auto& out = reinterpret_cast<sockaddr_in6&>(raw_);
    out.sin6_family = AF_INET6;
    out.sin6_port = htons(port);
    out.sin6_scope_id = address.scope;
    std::memcpy(&out.sin6_addr, address.bytes.data(), 16);
  } else {
    auto& out = reinterpret_cast<sockaddr_in&>(raw_);
    out.sin_family = AF_INET;
    out.sin_port = htons(port);
    std::memcpy(&out.sin_addr, address.bytes.data(), 4);
  }
}

SocketAddress SocketAddress::from(const sockaddr_storage& raw) {
  if (raw.ss_family != AF_INET && raw.ss_family != AF_INET6) return {IpAddress{}, 0};
  SocketAddress out;
  out.raw_ = raw;
  return out;
}

SocketAddress SocketAddress::local(int fd) {
  sockaddr_storage raw{};
  socklen_t size = sizeof raw;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&raw), &size);
  return from(raw);
}

SocketAddress SocketAddress::peer(int fd) {
  sockaddr_storage raw{};
  socklen_t size = sizeof raw;
  ::getpeername(fd, reinterpret_cast<sockaddr*>(&raw), &size);
  return from(raw);
}

socklen_t SocketAddress::size() const noexcept {
  return raw_.ss_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
}

IpAddress SocketAddress::ip() const {
  IpAddress out;
  if (raw_.ss_family == AF_INET6) {
    out.v6 = true;
    out.scope = v6(raw_).sin6_scope_id;
    std::memcpy(out.bytes.data(), &v6(raw_).sin6_addr, 16);
  } else if (raw_.ss_family == AF_INET) {
    std::memcpy(out.bytes.data(), &v4(raw_).sin_addr, 4);
  }
  return out;
}

std::uint16_t SocketAddress::port() const {
  return ntohs(raw_.ss_family == AF_INET6 ? v6(raw_).sin6_port : v4(raw_).sin_port);
}

std::string SocketAddress::str() const {
  const IpAddress address = ip();
  return (address.v6 ? '[' + address.str() + ']' : address.str()) + ':' + std::to_string(port());
}

}  // namespace kerbgate::net
