#pragma once

#include <span>
#include <string>
#include <vector>

#include "kerbgate/check_result.hpp"
#include "kerbgate/resolver.hpp"

namespace kerbgate::diagnosis {

/// Is `name` as it is written one that principals are made of: fully qualified, lower case, no address? One row; a fail
/// when nothing can be made of it, a warning for capitals.
CheckResult spelling_check(const std::string& name);

/// Is `name` (a good one) what a Kerberos client makes of it, by canonical(), and do its addresses lead back to it?
/// `coordinators`: hosts whose name a proxy's address must not have. A row each for what is wrong, or one that passes.
std::vector<CheckResult> name_checks(const std::string& name, std::span<const std::string> coordinators,
                                     Resolver& resolver);

}  // namespace kerbgate::diagnosis
