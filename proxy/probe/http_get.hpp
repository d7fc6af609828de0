#pragma once

#include <string>
#include <vector>

#include "kerbgate/resolver.hpp"
#include "network/channel.hpp"

namespace kerbgate::probe {

struct HttpPlace {
  std::string host;
  std::uint16_t port = 0;
  bool tls = false;
  std::string ca_file, crt_file;
  bool must_trust = false;  ///< what is sent is a secret: only to whom the certificate proves to be `host`
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

}  // namespace kerbgate::probe
