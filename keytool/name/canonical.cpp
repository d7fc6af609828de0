#include "kerbgate/canonical.hpp"

#include "lower.hpp"

namespace kerbgate {
namespace {

/// "host:port" as libkrb5 splits it: one colon, with something behind it.
std::size_t trailer_start(const std::string& host) {
  const std::size_t colon = host.find(':');
  const bool one = colon != std::string::npos && host.find(':', colon + 1) == std::string::npos;
  return one && colon + 1 < host.size() ? colon : host.size();
}

std::string folded(std::string name) {
  name = lower(std::move(name));
  if (name.ends_with('.')) name.pop_back();
  return name;
}

/// What DNS makes of the name; the name itself when it has no address.
Canonical by_dns(const std::string& host, bool rdns, Resolver& resolver, bool& found) {
  const auto forward = resolver.forward(host);
  found = forward.ok();
  if (!forward) {
    const bool absent = forward.error().is(Errc::not_found);
    return {host, host + (absent ? " has no address" : " got no answer from DNS") + ": it stays as written"};
  }
  const bool alias = folded(forward->canonical) != folded(host);
  Canonical by_name{forward->canonical,
                    alias ? host + " is an alias of " + forward->canonical : host + " is the name of its address"};
  if (!rdns || forward->addresses.empty()) return by_name;
  const IpAddress& address = forward->addresses.front();
  const auto pointer = resolver.reverse(address);
  if (!pointer) {
    by_name.reason += ", and the reverse look-up of " + address.str() + " got no answer";
  } else if (!pointer->has_value()) {
    by_name.reason += ", and " + address.str() + " has no PTR";
  } else {
    return {**pointer, "address " + address.str() + " reverse-resolves to " + **pointer};
  }
  return by_name;
}

}  // namespace

Canonical canonical(const std::string& host, const CanonicalRules& rules, Resolver& resolver) {
  const std::size_t end = trailer_start(host);
  const std::string name = host.substr(0, end);
  Canonical result{name, "the name as written: no look-up is made"};
  bool found = false;
  if (rules.dns == Canonicalize::yes) result = by_dns(name, rules.rdns, resolver, found);
  if (!found && name.find('.') == std::string::npos && !rules.domain.empty()) {
    result = {name + "." + rules.domain, name + " has no dot: " + rules.domain + " is appended"};
  }
  result.host = folded(std::move(result.host)) + host.substr(end);
  return result;
}

}  // namespace kerbgate
