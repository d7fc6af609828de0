#pragma once

#include <map>
#include <string>

namespace kerbgate::e2e {

/// Who a coordinator is, by its flags.
struct Identity {
  std::string service, host;  ///< of -principal: what clients' tickets must be for
  std::string external, internal;
  std::string keytab;
};

/// Throws std::runtime_error in impalad's words where it would refuse to start.
Identity identity_of(const std::map<std::string, std::string>& flags);

}  // namespace kerbgate::e2e
