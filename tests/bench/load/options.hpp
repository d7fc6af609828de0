#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <string>

#include "meter.hpp"

namespace kerbgate::bench {

enum class Mode {
  bulk,   ///< each connection carries one endless stream
  ask,    ///< each connection asks and is answered, again and again
  churn,  ///< connect, ask, be answered, close, and anew
  idle,   ///< each connection asks once and stays
  login,  ///< connect, log in by Kerberos, open a session, close, and anew
};
/// Whether a client that has been served connects again.
constexpr bool connects_again(Mode mode) { return mode == Mode::churn || mode == Mode::login; }

/// Mode login.
struct KerberosOptions {
  std::string service = "impala/lb.example.test", keytab;
  unsigned principals = 0;  ///< whose tickets are made with the key of `keytab`; 0: the environment's cache has one
  unsigned logins = 0;  ///< made before the clock starts; the run ends with the last one; 0: as many as time may want
};

/// One run. README's words for it are in options.cpp.
struct Options {
  sockaddr_in connect{}, backend{};
  Mode mode = Mode::ask;
  unsigned connections = 1;
  std::uint64_t request = 64, answer = 64;  ///< octets; a request is at least kHeader
  double rate = 0;                          ///< asks a second over all connections, on time; 0: as fast as answered
  unsigned greedy = 0;                      ///< of the connections: they carry endless streams beside those that ask
  bool up = false;                          ///< bulk: from client to backend
  double warm = 0.5, seconds = 2, hold = 1;
  unsigned sources = 1;  ///< addresses 127.0.2.1 and on to connect from
  unsigned ports = 1;    ///< of the proxy, from that of `connect` on, in turn
  KerberosOptions kerberos;
  bool tls = false, backend_tls = false;
  std::string certificate;  ///< PEM of the backend, with its key
  Processes processes;      ///< the proxy's
  std::string label;
  bool wait = false;  ///< for a line of standard input, which names `processes`
};

/// Ends the program when the arguments are wrong or ask for help.
Options read_options(int argc, char** argv);
const char* name(Mode mode);

}  // namespace kerbgate::bench
