#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "diagnosis/cause.hpp"
#include "kerbgate/keytab.hpp"

namespace kerbgate::diagnosis {

/// A service ticket's clear part: which key the service needs.
struct WantedKey {
  Principal principal;
  std::uint32_t kvno = 0;
  std::int32_t enctype = 0;
};

/// Whether a keytab opens a ticket, and if not, why.
struct KeyMatch {
  std::optional<Cause> cause;  ///< none: it opens it
  std::string found;           ///< "ticket kvno 4 aes256-..., keytab kvno 3 aes256-..."
};

/// Pure. `opens` says whether one entry's key opens the ticket. As an acceptor does: every key of the principal and the
/// enctype counts, whatever kvno its label gives. `absent` is the cause when the principal is not in the keytab at all.
KeyMatch match_key(const WantedKey& wanted, const std::vector<keytab::Entry>& entries,
                   const std::function<bool(const keytab::Entry&)>& opens, Cause absent);

}  // namespace kerbgate::diagnosis
