#pragma once

#include <string>
#include <vector>

#include "config/config.hpp"
#include "keeper/outfit.hpp"
#include "keeper/secret_file.hpp"
#include "net/tls/context.hpp"

namespace kerbgate::keeper {

/// Of every TLS file and folder that the configuration names; empty when it has no TLS.
std::vector<FileStamp> tls_stamps(const config::Config& config);

struct TlsRead {
  net::tls::Files files;
  std::vector<Notice> notices;      ///< warnings: expiry, names that are missing, keys that all may read
  std::vector<std::string> errors;  ///< of every line that cannot be served: its place, the file, what is wrong with it

  /// All errors in one; to be asked for when there are any.
  [[nodiscard]] Error error() const;
};
/// Reads them all and makes of them what will be served, so that what cannot be is known before anything changes.
TlsRead read_tls(const config::Config& config);

}  // namespace kerbgate::keeper
