#pragma once

#include <set>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "keeper/outfit.hpp"
#include "keeper/secret_file.hpp"

namespace kerbgate::keeper {

/// The keytabs that listeners look at tickets with: those of all that read logins.
std::set<std::string> keytabs_of(const config::Config& config);

struct KeytabsRead {
  std::map<std::string, Secret> files;
  std::vector<Notice> notices;  ///< those that cannot be used, and why
  /// Of lines that must not be served without theirs: the place, the file, what is wrong with it.
  std::vector<std::string> errors;
};
/// Reads them and makes of them what the worker will make. `known`: keytabs whose keys the worker has from before; a
/// file that is not right is then no error, the old keys stay.
KeytabsRead read_keytabs(const config::Config& config, const std::set<std::string>& known);

}  // namespace kerbgate::keeper
