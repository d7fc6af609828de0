#pragma once

#include <span>

#include "config/option.hpp"

namespace kerbgate::config {

void add_server(const Statement& line);       ///< `server NAME HOST:PORT [options]`
void change_template(const Statement& line);  ///< `default-server [options]`, for the server lines after it

/// `ADDRESS[:PORT]`, numeric; 0.0.0.0 and `*` leave the address to the system. nullopt after saying what is wrong.
std::optional<SourceAddress> read_source(const Place& place, const Word& word);

std::span<const Option<Server>> server_options();

}  // namespace kerbgate::config
