#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "kerbgate/resolver.hpp"

namespace kerbgate {
namespace {

struct FreeAddrInfo {
  void operator()(addrinfo* list) const noexcept { freeaddrinfo(list); }
};
using AddrInfo = std::unique_ptr<addrinfo, FreeAddrInfo>;

/// The one translation of EAI_*: what says that the name is not there, and what says that nobody knows.
Error translated(int eai, int errno_value, const std::string& doing) {
  if (eai == EAI_SYSTEM) return system_error(errno_value, doing);
  const bool absent = eai == EAI_NONAME || eai == EAI_NODATA || eai == EAI_ADDRFAMILY;
  const bool unanswered = eai == EAI_AGAIN || eai == EAI_FAIL;
  const Errc code = absent ? Errc::not_found : unanswered ? Errc::dns_no_answer : Errc::io;
  return {code, doing + ": " + gai_strerror(eai)};
}

IpAddress from_sockaddr(const sockaddr& address) {
  IpAddress ip;
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &address, sizeof v6);
    ip.v6 = true;
    std::memcpy(ip.bytes.data(), &v6.sin6_addr, sizeof v6.sin6_addr);
    ip.scope = v6.sin6_scope_id;
  } else {
    sockaddr_in v4;
    std::memcpy(&v4, &address, sizeof v4);
    std::memcpy(ip.bytes.data(), &v4.sin_addr, sizeof v4.sin_addr);
  }
  return ip;
}

socklen_t to_sockaddr(const IpAddress& ip, sockaddr_storage& address) {
  address = {};
  if (ip.v6) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    std::memcpy(&v6.sin6_addr, ip.bytes.data(), sizeof v6.sin6_addr);
    v6.sin6_scope_id = ip.scope;
    std::memcpy(&address, &v6, sizeof v6);
    return sizeof v6;
  }
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  std::memcpy(&v4.sin_addr, ip.bytes.data(), sizeof v4.sin_addr);
  std::memcpy(&address, &v4, sizeof v4);
  return sizeof v4;
}

}  // namespace

Result<Resolver::Forward> SystemResolver::forward(const std::string& host) {
  addrinfo hints{};
  hints.ai_flags = AI_CANONNAME;
  addrinfo* list = nullptr;
  errno = 0;
  const int eai = getaddrinfo(host.c_str(), nullptr, &hints, &list);
  const int why = errno;
  if (eai != 0) return translated(eai, why, "look up " + host);
  const AddrInfo owner(list);
  Forward found{{}, list->ai_canonname != nullptr ? list->ai_canonname : host};
  for (const addrinfo* at = list; at != nullptr; at = at->ai_next) {
    if (at->ai_family != AF_INET && at->ai_family != AF_INET6) continue;
    const IpAddress ip = from_sockaddr(*at->ai_addr);
    // One entry a socket type: the same address comes three times.
    if (std::find(found.addresses.begin(), found.addresses.end(), ip) == found.addresses.end()) {
      found.addresses.push_back(ip);
    }
  }
  return found;
}

Result<std::optional<std::string>> SystemResolver::reverse(const IpAddress& address) {
  sockaddr_storage storage;
  const socklen_t length = to_sockaddr(address, storage);
  char name[NI_MAXHOST];
  errno = 0;
  const int eai =
      getnameinfo(reinterpret_cast<const sockaddr*>(&storage), length, name, sizeof name, nullptr, 0, NI_NAMEREQD);
  const int why = errno;
  if (eai == 0) return std::optional<std::string>(name);
  Error error = translated(eai, why, "reverse look-up of " + address.str());
  if (error.is(Errc::not_found)) return std::optional<std::string>();
  return error;
}

}  // namespace kerbgate
