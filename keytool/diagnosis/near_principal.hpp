#pragma once

#include <functional>
#include <optional>
#include <span>

#include "diagnosis/cause.hpp"
#include "diagnosis/keytab_contents.hpp"

namespace kerbgate::diagnosis {

/// A principal of the keytab that was meant to be another one.
struct NearPrincipal {
  Cause cause;  ///< upper case, other realm, short, other service, misspelt
  const Held* held;
};

/// The one of `all` that was most likely meant to be `wanted` (service/host@REALM), which is not among them. A name
/// that differs only in its digits, that is one of `others`, or that exists as a host is that other host's and no slip.
std::optional<NearPrincipal> near_principal(const Principal& wanted, const std::vector<Held>& all,
                                            std::span<const std::string> others,
                                            const std::function<bool(const std::string&)>& host_exists);

}  // namespace kerbgate::diagnosis
