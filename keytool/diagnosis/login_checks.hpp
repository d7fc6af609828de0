#pragma once

#include <optional>
#include <string>
#include <vector>

#include "diagnosis/cause.hpp"
#include "diagnosis/login_probe.hpp"

namespace kerbgate::diagnosis {

/// What is known when a login ends, besides its end: why a coordinator that closes in silence may have done so.
struct Evidence {
  std::string proxy;               ///< the name that clients connect to
  std::string keytab;              ///< of this host, as far as is known; empty: not known
  std::string ticket;              ///< "kvno 4 aes256-cts-hmac-sha1-96"
  bool skewed = false;             ///< the clock of this host and the KDC's differ too much
  std::optional<Cause> key;        ///< the keytab of this host does not open the ticket
  std::optional<Cause> names;      ///< DNS leads clients and coordinators to another name
  bool own_name_accepted = false;  ///< the coordinator took a ticket of its own name
};

/// Pure. The row of a login with a ticket of the proxy's name.
CheckResult login_check(const LoginTarget& target, const LoginOutcome& outcome, const Evidence& evidence);

/// Pure. The row of a login with a ticket of the host's own name, as a client asks for that connects without -b.
CheckResult direct_check(const LoginTarget& target, const LoginOutcome& outcome, const Evidence& evidence);

/// Pure. The rows of a certificate: names, dates, chain. `now` in seconds since 1970.
std::vector<CheckResult> certificate_checks(const LoginTarget& target, const tls::Certificate& certificate,
                                            const std::string& proxy, std::int64_t now);

}  // namespace kerbgate::diagnosis
