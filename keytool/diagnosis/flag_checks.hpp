#pragma once

#include <functional>
#include <string>
#include <vector>

#include "diagnosis/flagfile_form.hpp"

namespace kerbgate::diagnosis {

struct FlagNeeds {
  std::string file;             ///< the flagfile's name in results and remedies
  DaemonFlags wanted;           ///< what `keytool flags` would write
  std::string proxy_principal;  ///< empty: the proxy is not known
  std::string hostname;         ///< what the host's gethostname() gives; empty: not known
  /// Whether two paths lead to one file; empty: only when they are equal.
  std::function<bool(const std::string&, const std::string&)> same_file{};
};

/// Does a daemon with these flags log in and accept logins by the right names? Pure. A flag that the form's checks have
/// named is skipped.
std::vector<CheckResult> flag_checks(const FlagfileForm& form, const FlagNeeds& needs);

}  // namespace kerbgate::diagnosis
