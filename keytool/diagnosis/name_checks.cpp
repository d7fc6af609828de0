#include "diagnosis/name_checks.hpp"

#include <algorithm>

#include "diagnosis/cause.hpp"
#include "kerbgate/canonical.hpp"
#include "kerbgate/daemon_flags.hpp"
#include "kerbgate/name.hpp"

namespace kerbgate::diagnosis {
namespace {

/// impalad copies host names into buffers of 64 bytes.
constexpr std::size_t kLongest = 63;

CheckResult pointer_problem(const std::string& name, const std::string& address, const std::string& pointer,
                            std::span<const std::string> coordinators) {
  const bool coordinator = std::find(coordinators.begin(), coordinators.end(), pointer) != coordinators.end();
  return problem(Verdict::fail, name, "PTR", address + " reverse-resolves to " + pointer,
                 coordinator ? Cause::ptr_is_a_coordinator : Cause::ptr_other_name,
                 {{"name", name}, {"address", address}, {"found", pointer}, {"proxy", name}});
}

void check_pointer(const std::string& name, const std::string& real, const IpAddress& address,
                   std::span<const std::string> coordinators, Resolver& resolver, std::vector<CheckResult>& results) {
  const auto pointer = resolver.reverse(address);
  const std::string text = address.str();
  if (!pointer) {
    results.push_back(problem(Verdict::warn, name, "PTR", text + ": " + pointer.error().what, Cause::dns_no_answer,
                              {{"name", text}}));
  } else if (!pointer->has_value()) {
    results.push_back(problem(Verdict::warn, name, "PTR", text + " has none", Cause::ptr_missing,
                              {{"name", name}, {"address", text}}));
  } else {
    const std::string back = canonical(**pointer, {Canonicalize::no, false, ""}, resolver).host;
    if (back != name && back != real) results.push_back(pointer_problem(name, text, back, coordinators));
  }
}

}  // namespace

CheckResult spelling_check(const std::string& name) {
  if (is_ip_address(name)) {
    return problem(Verdict::fail, name, "name", "an address", Cause::fqdn_is_an_address, {{"address", name}});
  }
  const auto fqdn = literal_host(name);
  if (!fqdn) {
    const bool is_short = name.find('.') == std::string::npos && Fqdn::parse(name + ".example").ok();
    return problem(Verdict::fail, name, "name", fqdn.error().what,
                   is_short ? Cause::fqdn_is_short : Cause::name_malformed, {{"name", name}});
  }
  if (fqdn->str().size() > kLongest) {
    return problem(Verdict::fail, fqdn->str(), "name", std::to_string(fqdn->str().size()) + " characters",
                   Cause::name_too_long, {{"host", fqdn->str()}});
  }
  const bool capitals = std::any_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!capitals) return passed(fqdn->str(), "name", "lower case, fully qualified");
  return problem(Verdict::warn, fqdn->str(), "name", name, Cause::name_upper_case, {{"wanted", fqdn->str()}});
}

std::vector<CheckResult> name_checks(const std::string& name, std::span<const std::string> coordinators,
                                     Resolver& resolver) {
  const auto forward = resolver.forward(name);
  if (!forward) {
    const bool missing = forward.error().is(Errc::not_found);
    return {problem(missing ? Verdict::fail : Verdict::warn, name, "DNS", missing ? "no address" : forward.error().what,
                    missing ? Cause::name_not_found : Cause::dns_no_answer, {{"name", name}})};
  }
  std::vector<CheckResult> results;
  const std::string real = canonical(name, {Canonicalize::yes, false, ""}, resolver).host;
  if (real != name) {
    results.push_back(problem(Verdict::fail, name, "DNS", "an alias of " + real, Cause::fqdn_is_a_cname,
                              {{"name", name}, {"found", real}}));
  }
  for (const IpAddress& address : forward->addresses) {
    check_pointer(name, real, address, coordinators, resolver, results);
  }
  if (!results.empty()) return results;
  std::string addresses;
  for (const IpAddress& address : forward->addresses) addresses += (addresses.empty() ? "" : ", ") + address.str();
  return {passed(name, "DNS", addresses + ", and back")};
}

}  // namespace kerbgate::diagnosis
