#pragma once

#include <string>
#include <vector>

#include "kerbgate/resolver.hpp"
#include "network/channel.hpp"
#include "probe/http_auth.hpp"

namespace kerbgate::probe {

struct HttpPlace {
  std::string host;
  std::uint16_t port = 0;
  bool tls = false;
  std::string ca_file, crt_file;
  bool must_trust = false;  ///< a password is sent, or the answer obeyed: the certificate has to prove `host`
};

struct HttpAnswer {
  unsigned status = 0;
  std::string body;
  std::vector<std::string> challenges;  ///< WWW-Authenticate
};

/// One GET over a connection of its own; `authorization` empty: none. A head of more than 64 KiB or a body of more than
/// 4 MiB is an Error, as is whatever is no HTTP.
Result<HttpAnswer> http_get(const HttpPlace& place, const std::string& uri, const std::string& authorization,
                            Resolver& resolver, network::Deadline deadline);
/// The same, and where the answer is 401 once more, the password proved as the page asks. Without a user it is asked
/// once.
Result<HttpAnswer> http_get(const HttpPlace& place, const std::string& uri, const Credentials& credentials,
                            Resolver& resolver, network::Deadline deadline);

}  // namespace kerbgate::probe
