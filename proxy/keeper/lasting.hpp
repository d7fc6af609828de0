#pragma once

#include <string>
#include <vector>

#include "config/config.hpp"

/// What holds from the start of the process to its end, whatever the files say later.
namespace kerbgate::keeper {

/// What the command line has said, so that the files' word does not count.
struct Settled {
  bool pidfile = false, daemon = false;
};

/// One line for each setting that `wanted` changes and that only a restart can change: it names the word, the value
/// that stays, and the one that waits.
std::vector<std::string> waiting_for_restart(const config::Global& started, const config::Global& wanted,
                                             const Settled& settled);

}  // namespace kerbgate::keeper
