#pragma once

#include <string>
#include <vector>

#include "kerbgate/keytab.hpp"
#include "kerbgate/name.hpp"
#include "kerbgate/result.hpp"

/// A folder of keytabs: which of its files hold whose keys.
namespace kerbgate::plan {

/// FOLDER/NAME.keytab and FOLDER/NAME/*.keytab, sorted. Empty when there is none; Errc::io for one that is not a
/// regular file: a pipe would be waited for.
Result<std::vector<std::string>> keytabs_of(const std::string& folder, const std::string& name);

/// A host's files: its own name's, else FOLDER/SHORT.keytab where `short_name` is not empty. Errc::not_found names
/// every place that was looked at.
Result<std::vector<std::string>> host_keytabs(const std::string& folder, const Fqdn& host,
                                              const std::string& short_name);

/// The proxy's files: its own name's, else FOLDER/proxy.keytab.
Result<std::vector<std::string>> proxy_keytabs(const std::string& folder, const Fqdn& proxy);

/// The entries of each file. Damage of any kind is Errc::damaged: half of what a host needs is not planned.
Result<std::vector<std::vector<keytab::Entry>>> read_keytabs(const std::vector<std::string>& files);

/// node1 of node1.example.com.
std::string first_label(const Fqdn& name);

}  // namespace kerbgate::plan
