#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rotate/holders.hpp"

/// A principal that also logs in as a client (kinit -k) takes the highest kvno of its keytab: with a staged key in it,
/// every such login fails until the commit. Pure.
namespace kerbgate::rotate {

/// A flagfile beside a keytab.
struct Flagfile {
  std::string path;
  std::string program;  ///< impalad, from the file's name
  std::string text;
};

/// Why a daemon with this keytab would log in as `principal`; nullopt when nothing says so. Impala logs in as
/// be_principal, or as principal where that is alone.
std::optional<std::string> initiates(const HostKeytab& keytab, const std::vector<Flagfile>& flagfiles,
                                     const Principal& principal);

}  // namespace kerbgate::rotate
