#pragma once

#include <span>

#include "config/option.hpp"

namespace kerbgate::config {

void add_server(const Statement& line);       ///< `server NAME HOST:PORT [options]`
void add_template(const Statement& line);     ///< `server-template PREFIX N|A-B HOST[:PORT] [options]`
void change_template(const Statement& line);  ///< `default-server [options]`, for the server lines after it

/// A server as default-server lines and `words` (`HOST:PORT [options]`) say; `place` names it in messages. nullopt when
/// its name is none; what else is wrong has been said.
std::optional<Server> read_server(const Statement& line, const Place& place, const Word& name,
                                  std::span<const Word> words);

/// `ADDRESS[:PORT]`, numeric; 0.0.0.0 and `*` leave the address to the system. nullopt after saying what is wrong.
std::optional<SourceAddress> read_source(const Place& place, const Word& word);

std::span<const Option<Server>> server_options();

}  // namespace kerbgate::config
