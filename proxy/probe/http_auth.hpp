#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kerbgate/result.hpp"

/// HTTP authentication as a client (RFC 7617, RFC 7616). Pure but for the client's random number, which is given.
namespace kerbgate::probe {

struct Credentials {
  std::string user, password;
};

/// A file with one line `user:password` that nobody but its owner (and root) may read. Errc::invalid says what is wrong
/// with it, and what to do.
Result<Credentials> read_credentials(const std::string& file);

/// Authorization's value for a GET of `uri`, by the best of the WWW-Authenticate values: Digest (SHA-256, MD5) before
/// Basic. Errc::unsupported names what is asked for instead (Negotiate).
Result<std::string> authorization(const std::vector<std::string>& challenges, const Credentials& credentials,
                                  const std::string& uri, const std::string& random);

}  // namespace kerbgate::probe
