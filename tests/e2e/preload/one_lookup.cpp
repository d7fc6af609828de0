#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>

#include <cstdlib>
#include <mutex>
#include <string>

/// Preloaded before libnss-wrapper, which now and then answers "Name or service not known" when two threads ask at once
/// (1.1.12; 3 of 60 starts of the proxy): the lookups of a process come to it one by one.
namespace {

std::mutex one_at_a_time;

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

/// A hosts file has no forward entry without a reverse one: KERBGATE_WITHOUT_REVERSE lists the addresses that lack it.
bool without_reverse(const sockaddr* address) {
  const char* list = std::getenv("KERBGATE_WITHOUT_REVERSE");
  if (list == nullptr || address->sa_family != AF_INET) return false;
  char text[INET_ADDRSTRLEN] = "";
  inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, text, sizeof text);
  return ("," + std::string(list)).find("," + std::string(text) + ",") != std::string::npos;
}

}  // namespace

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** result) {
  static const auto wrapped = next<decltype(&getaddrinfo)>("getaddrinfo");
  const std::lock_guard lock(one_at_a_time);
  return wrapped(node, service, hints, result);
}

extern "C" int getnameinfo(const sockaddr* address, socklen_t length, char* host, socklen_t host_size, char* service,
                           socklen_t service_size, int flags) {
  static const auto wrapped = next<decltype(&getnameinfo)>("getnameinfo");
  if ((flags & NI_NAMEREQD) != 0 && without_reverse(address)) return EAI_NONAME;
  const std::lock_guard lock(one_at_a_time);
  return wrapped(address, length, host, host_size, service, service_size, flags);
}
