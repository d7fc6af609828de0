#pragma once

#include "config/draft.hpp"
#include "config/report.hpp"

namespace kerbgate::config {

/// What `option tcp-check` and its kin, and the lines that belong to them, come to. Says what is wrong with their
/// order.
check::Script make_script(const Proxy& proxy, Report& report);

}  // namespace kerbgate::config
