#pragma once

#include <cstdint>
#include <string>

#include "kerbgate/principal.hpp"
#include "kerbgate/result.hpp"

namespace kerbgate {

/// A fresh ticket of the KDC, and whether an acceptor with a certain keytab could take it.
struct ServiceTicket {
  std::uint32_t kvno = 0;
  std::int32_t enctype = 0;
  bool opened = false;
  std::string why_not;  ///< libkrb5's words; empty when opened
};

/// Logs in at the KDC as `client` with its key in the file `client_keytab`, asks for a ticket for `service`, and opens
/// it with the keys in the file `service_keytab`. No credential cache of the user is touched. Errc::krb5 when no ticket
/// is to be had.
Result<ServiceTicket> ask_for_ticket(const Principal& client, const std::string& client_keytab,
                                     const Principal& service, const std::string& service_keytab);

}  // namespace kerbgate
