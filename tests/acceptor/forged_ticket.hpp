#pragma once

#include <string>

namespace kerbgate::e2e {

/// Writes a credentials cache with a ticket to `service` (name/host@REALM) for a client of that one name, which no KDC
/// has ever heard of: made with the service's key, as whoever holds the keytab can. GSSAPI's clients use it as any
/// other.
void forge_ticket(const std::string& client, const std::string& service, const std::string& keytab,
                  const std::string& cache);

}  // namespace kerbgate::e2e
