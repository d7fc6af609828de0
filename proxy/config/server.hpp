#pragma once

#include <span>

#include "config/option.hpp"

namespace kerbgate::config {

void add_server(const Statement& line);       ///< `server NAME HOST:PORT [options]`
void change_template(const Statement& line);  ///< `default-server [options]`, for the server lines after it

std::span<const Option<Server>> server_options();

}  // namespace kerbgate::config
