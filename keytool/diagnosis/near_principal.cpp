#include "diagnosis/near_principal.hpp"

#include <algorithm>

#include "kerbgate/nearest.hpp"
#include "lower.hpp"

namespace kerbgate::diagnosis {
namespace {

constexpr std::size_t kMostSlips = 2;
/// No host's name is longer: what is, is not compared letter by letter.
constexpr std::size_t kLongestName = 255;

std::string without_digits(std::string text) {
  std::erase_if(text, [](char c) { return c >= '0' && c <= '9'; });
  return text;
}

/// A principal's parts, compared one by one.
struct Parts {
  bool service, realm;
  std::string host;  ///< lower case
  std::string wanted;
};

bool misspelt(const Parts& parts, std::span<const std::string> others,
              const std::function<bool(const std::string&)>& host_exists) {
  if (!parts.service || !parts.realm || parts.host.size() > kLongestName) return false;
  if (slips(parts.host, parts.wanted) > kMostSlips || without_digits(parts.host) == without_digits(parts.wanted)) {
    return false;
  }
  return std::find(others.begin(), others.end(), parts.host) == others.end() && !host_exists(parts.host);
}

std::optional<Cause> slip_between(const Held& held, const Principal& wanted, std::span<const std::string> others,
                                  const std::function<bool(const std::string&)>& host_exists) {
  if (held.principal.components.size() != 2) return std::nullopt;
  const std::string& written = held.principal.components[1];
  const Parts parts{held.principal.components[0] == wanted.components[0], held.principal.realm == wanted.realm,
                    lower(written), wanted.components[1]};
  const bool host = parts.host == parts.wanted;
  const bool is_short = parts.host == parts.wanted.substr(0, parts.wanted.find('.'));
  if (host && written != parts.host && parts.service) return Cause::principal_host_upper_case;
  if (host && parts.service) return Cause::principal_realm_differs;
  if (is_short && parts.service) return Cause::principal_host_short;
  if (host && parts.realm) return Cause::principal_service_differs;
  if (misspelt(parts, others, host_exists)) return Cause::principal_host_misspelt;
  return std::nullopt;
}

}  // namespace

std::optional<NearPrincipal> near_principal(const Principal& wanted, const std::vector<Held>& all,
                                            std::span<const std::string> others,
                                            const std::function<bool(const std::string&)>& host_exists) {
  std::optional<NearPrincipal> best;
  const auto order = [](Cause cause) { return cause == Cause::principal_service_differs ? 1 : 0; };
  for (const Held& held : all) {
    const auto slip = slip_between(held, wanted, others, host_exists);
    // HTTP/host stands in many a keytab by right: any other explanation comes first.
    if (slip && (!best || order(*slip) < order(best->cause))) best = NearPrincipal{*slip, &held};
  }
  return best;
}

}  // namespace kerbgate::diagnosis
