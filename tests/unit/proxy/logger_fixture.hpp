#pragma once

#include "log/logger.hpp"
#include "log_fixture.hpp"

namespace kerbgate::log {

/// One whose UNIX targets lead nowhere.
inline Logger logger(std::vector<config::LogTarget> targets) {
  return Logger(std::move(targets), "kerbgate", [](const std::string&) { return -1; });
}

}  // namespace kerbgate::log
