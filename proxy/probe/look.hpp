#pragma once

#include "probe/target.hpp"
#include "probe/tickets.hpp"

namespace kerbgate::probe {

/// What one look came to.
struct Seen {
  check::Look look = check::Look::unknown;
  std::string found, cause, remedy;  ///< as stats::CoordinatorCheck
  std::string ticket;
  std::chrono::milliseconds took{0};
  std::optional<std::uint32_t> queries;
};

/// A whole login with a ticket as clients have it, one call that no service knows, and the end at once, so that none of
/// the coordinator's login threads is held. Without a ticket of its own nothing is said of the coordinator.
/// `resolver`: for the name of a host of which the address alone is known.
Seen look_by_login(const Target& target, Tickets& tickets, Resolver& resolver);

/// The daemon's web page: /healthz, whether it is being shut down, and how many queries it runs where those are wanted.
Seen look_at_web_page(const Target& target);

}  // namespace kerbgate::probe
