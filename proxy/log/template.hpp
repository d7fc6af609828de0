#pragma once

#include <string>

#include "config/log_template.hpp"
#include "log/record.hpp"

namespace kerbgate::log {

/// The line of a `log-format`, as HAProxy writes it: what is missing is `-` (`""` when quoted), numbers are never
/// quoted. What came from the wire is escaped as in the other lines. Pure.
std::string written(const config::LogTemplate& format, const Session& session);

}  // namespace kerbgate::log
