#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
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

/// Waits for `done`, which `changed` announces, until the limit or the word to stop; whether it came.
template <class Done>
bool wait_within(std::condition_variable& changed, std::unique_lock<std::mutex>& lock, std::chrono::milliseconds limit,
                 Done done) {
  constexpr std::chrono::milliseconds kLook{50};
  const auto until = std::chrono::steady_clock::now() + limit;
  while (!done() && !told_to_stop() && std::chrono::steady_clock::now() < until)
    changed.wait_until(lock, std::min(until, std::chrono::steady_clock::now() + kLook), done);
  return done();
}

/// Runs `work` on a thread of its own; false when it has not ended within the limit (it then ends in its own time and
/// must own all that it touches). Without a thread to be had it works right here, however long that takes.
bool run_within(std::chrono::milliseconds limit, std::function<void()> work);

}  // namespace kerbgate::keeper
