#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "kerbgate/acceptor.hpp"
#include "login/refusal.hpp"
#include "login/ticket.hpp"

/// Why a ticket that an Acceptor has looked at is no login, in the words of the table. Pure.
namespace kerbgate::login {

using Slots = std::vector<AcceptorKeys::Slot>;

struct Unverified {
  Cause cause = Cause::none;
  std::string text;
};

/// `ticket` is the one that the Acceptor judged, `slots` its keys, `allowed` its skew.
Unverified explain(const NoLogin& no, const Ticket& ticket, const Slots& slots, std::chrono::seconds allowed);

/// Whether the keytab is about the ticket's service and has nothing of its enctype or kvno: most likely no key of it
/// opens the ticket, which an Acceptor can tell.
bool seems_stale(const ApReq& request, const Slots& slots);

}  // namespace kerbgate::login
