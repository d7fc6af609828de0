#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "kerbgate/resolver.hpp"

namespace kerbgate::keeper {

struct Resolved {
  std::map<std::string, std::vector<IpAddress>> addresses;  ///< every name asked for; empty: see failures
  std::map<std::string, Error> failures;
};

/// Many names at once, within one limit of time: a name whose answer has not come by then is a failure of its own
/// (Errc::dns_no_answer) and holds up no other. Addresses stand for themselves. `resolver` must live as long as the
/// process: a look-up that is late ends in its own time.
Resolved resolve_all(const std::vector<std::string>& names, Resolver& resolver, std::chrono::milliseconds limit);

/// SIGTERM or SIGINT waits to be dealt with: whoever waits for an answer gives up, as nobody needs it any more.
bool told_to_stop();

/// Runs `work` on a thread of its own; false when it has not ended within the limit (it then ends in its own time and
/// must own all that it touches). Without a thread to be had it works right here, however long that takes.
bool run_within(std::chrono::milliseconds limit, std::function<void()> work);

}  // namespace kerbgate::keeper
