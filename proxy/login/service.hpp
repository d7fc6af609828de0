#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "login/refusal.hpp"

namespace kerbgate::login {

/// "impala/proxy.example.com" parted at its first unescaped `/`. Without one the host is the whole name.
struct ServiceName {
  std::string_view service, host;
};
ServiceName split_service(std::string_view name);

/// Whether a ticket is for one of the principals that are served, and the words if not. A realm is compared only where
/// a principal has one; the rest is compared octet by octet, as Kerberos does. Without principals every ticket is.
struct ServiceVerdict {
  Cause cause = Cause::none;  ///< wrong_host, wrong_case, wrong_service or wrong_realm: the nearest
  std::string text;
};
ServiceVerdict judge_service(const Ticket& ticket, const std::vector<std::string>& principals);

/// The host to connect to, for people: that of the first principal, "the name of the proxy" when there is none.
std::string served_host(const std::vector<std::string>& principals);

}  // namespace kerbgate::login
