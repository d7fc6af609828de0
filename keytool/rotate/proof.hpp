#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "kadm5/admin.hpp"
#include "kerbgate/resolver.hpp"
#include "rotate/holders.hpp"

namespace kerbgate::rotate {

/// What a fresh ticket for the principal shows of the KDC's key.
struct Proof {
  enum class Found {
    same,   ///< it opens with the keytabs' key of that kvno
    other,  ///< it does not
    none,   ///< no ticket was to be had
  };
  Found found = Found::none;
  std::uint32_t kvno = 0;  ///< of the ticket; 0 when there is none
  std::string words;       ///< why not
};

/// Asks the KDC for a ticket, logged in with the hosts' own keys in these keytabs, or with the administrator's when
/// `access` has a keytab; and opens it as an acceptor would. No user's credential cache is touched.
Proof prove(std::span<const HostKeytab> keytabs, const Principal& principal, const kadm5::Access* access,
            Resolver& resolver);

}  // namespace kerbgate::rotate
