#pragma once

#include <cstdint>
#include <string>

#include "support/tls.hpp"

namespace kerbgate::e2e {

/// What the coordinator does to a connection.
enum class Manner {
  serve,
  reset_at_once,  ///< accepts, then RST
  close_at_once,  ///< accepts, then FIN
  silent,         ///< accepts and never says a word
};

struct CoordinatorOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::string name = "coordinator";
  std::string flagfile;
  Manner manner = Manner::serve;
  bool bad_frame = false;  ///< a failed login is answered with BAD and the reason, as Java's servers do
  bool busy = false;       ///< logins are accepted, and no call is answered: all service threads are in use
  TlsOptions tls;          ///< with a certificate: connections speak TLS
  int delay_ms = 0;        ///< before a login is read
};

/// Throws std::runtime_error with the reason. `--help` prints the usage and ends the process.
CoordinatorOptions parse_options(int argc, char** argv);

}  // namespace kerbgate::e2e
