#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "kerbgate/check_result.hpp"
#include "kerbgate/daemon_flags.hpp"
#include "kerbgate/principal.hpp"
#include "kerbgate/resolver.hpp"

namespace kerbgate::diagnosis {

/// A coordinator, or another daemon's host, of which only the name and the key are looked at.
struct DoctorHost {
  std::string name;  ///< as written
  std::uint16_t port = 0;
  Role role = Role::coordinator;
};

struct DoctorInput {
  std::string proxy;  ///< as written: an address is a finding, not a usage error
  std::uint16_t proxy_port = 0;
  std::vector<DoctorHost> hosts;
  std::string service = "impala";
  std::string realm;
  std::string keytab;    ///< empty: the default credentials cache logs in
  std::string flagfile;  ///< empty: none
  std::string user;      ///< who must be able to read the keytab; empty: not looked at
  std::string hostname_output;  ///< the host's gethostname(), where it is known
  std::optional<Principal> login_as;
  bool tls = false;                         ///< the ports speak TLS; recognised by itself otherwise
  bool direct = false;                      ///< also log in as a client does that connects to a coordinator without -b
  std::string ca_file;                      ///< empty: the system's
  std::chrono::milliseconds timeout{5000};  ///< for each answer that is waited for
  std::size_t jobs = 8;                     ///< hosts side by side
  std::int64_t now = 0;                     ///< seconds since 1970, for certificates
};

/// Everything that can be seen from here: names both ways, the keytab (as verify() does), the KDC, its clock, the keys
/// it encrypts tickets with, and a login to each coordinator and through the proxy. Blocks for at most a few `timeout`s
/// a host. Sends no statement and opens no session: a login, then the end of the connection.
std::vector<CheckResult> doctor(const DoctorInput& input, Resolver& resolver);

}  // namespace kerbgate::diagnosis
