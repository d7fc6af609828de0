#include <dlfcn.h>
#include <netdb.h>

#include <mutex>

/// Preloaded before libnss-wrapper, which now and then answers "Name or service not known" when two threads ask at once
/// (1.1.12; 3 of 60 starts of the proxy): the lookups of a process come to it one by one.
namespace {

std::mutex one_at_a_time;

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
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
  const std::lock_guard lock(one_at_a_time);
  return wrapped(address, length, host, host_size, service, service_size, flags);
}
