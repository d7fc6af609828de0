#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "diagnosis/cause.hpp"
#include "diagnosis/doctor.hpp"
#include "kerbgate/kdc.hpp"
#include "kerbgate/keytab.hpp"

namespace kerbgate::diagnosis {

/// What the KDC said, and how the keytab compares with it.
struct KdcChecks {
  std::vector<CheckResult> rows;
  std::optional<kdc::Session> session;         ///< with the tickets that were granted
  std::string no_login;                        ///< why there are no tickets at all; empty: there are
  std::map<std::string, std::string> refused;  ///< principals without a ticket, and why
  std::map<std::string, Cause> wrong_keys;     ///< principals whose ticket the keytab does not open
  std::map<std::string, std::string> granted;  ///< principals with a ticket: "kvno 4 aes256-cts-hmac-sha1-96"
  bool skewed = false;                         ///< this host's clock is too far from the KDC's
};

/// `service/host@realm` of a cluster's host.
Principal service_principal(const DoctorInput& input, const std::string& host);

/// Logs in, measures the clock, gets a ticket for the proxy and for every host, and tries `entries` (nullptr: no
/// keytab) on them.
KdcChecks kdc_checks(const DoctorInput& input, const std::vector<keytab::Entry>* entries, Resolver& resolver);

/// A clock's row. Pure. Half of what is allowed is a warning.
CheckResult clock_check(const std::string& realm, std::chrono::seconds offset, std::chrono::seconds allowed);

}  // namespace kerbgate::diagnosis
