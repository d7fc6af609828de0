#pragma once

#include <span>

#include "config/option.hpp"

namespace kerbgate::config {

/// `stats socket PATH|fd@N|ADDRESS:PORT [options]`, in global.
void add_runtime_socket(const Statement& line);

std::span<const Option<RuntimeSocket>> runtime_socket_options();

}  // namespace kerbgate::config
